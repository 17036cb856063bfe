import { z } from 'zod'
import { cursorQuery, cursors } from '../../cursors.ts'
import { ago } from '../../html/ago.ts'
import { html, type Html } from '../../html/html.ts'
import { pager } from '../../html/pager.ts'
import { person } from '../../html/person.ts'
import { press } from '../../html/press.ts'
import { reportForm } from '../../html/report-form.ts'
import { page } from '../../page.ts'
import type { Viewer } from '../../viewer.ts'
import { isVisible } from '../../visible-chains.ts'
import { comment, commentForm, commentList, commentsOn } from '../comments.ts'
import { LIVE_POSTS, shownPost } from './posts.ts'

const shown = shownPost.extend({ user_has_upvoted: z.boolean(), user_has_downvoted: z.boolean() })
type Post = z.infer<typeof shown>

/** Post $2 of chain $1 with the vote of user $3, an administrator by $4: by keys, as its chain is found. */
const POST = `
  select d.*, coalesce(v.is_upvote, false) as user_has_upvoted, coalesce(not v.is_upvote, false) as user_has_downvoted
  from (
    select ${Object.keys(shownPost.shape).join(', ')} from mv_chain_posts where id = $2
    union all
    ${LIVE_POSTS} and t.id = $2 and ${isVisible({ viewer: 3, isAdmin: 4 })}
  ) d
  left join chain_post_votes v on v.post_id = d.id and v.user_id = $3
  where d.chain_id = $1`

export const forumPost = page({
  path: '/chains/:id/forum/:post',
  feature: 'Chain forums',
  summary: 'A post of a forum, and what is said of it, twenty comments at a time',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({ id: z.uuid(), post: z.uuid() }),
  query: z.object(cursorQuery),
  data: z.object({ post: shown, comments: z.array(comment), ...cursors }),
  models: ['mv_chain_posts'],
  read: async ({ store, params: { id, post }, query, viewer }) => {
    const values = [id, post, viewer?.id ?? null, viewer?.isAdmin ?? false]
    const [found] = await store.rows<Post>(POST, values)
    if (found === undefined) return null
    const { rows, ...ends } = await commentsOn(store, { kind: 'post', id: post }, query)
    return { post: found, comments: rows, ...ends }
  },
  title: ({ post }) => post.title,
  view: ({ post: it, comments, ...ends }, { viewer, url }) => {
    const here = `/chains/${it.chain_id}/forum/${it.id}`
    return html`<article class="page">
        <div class="head">
          <div>
            <h1>${it.title}</h1>
            <p class="facts">
              ${person(it.author_username, it.author_is_verified)} · ${it.post_type} · ${ago(it.created_at)} ·
              <b>${it.upvote_count}</b> votes up · <b>${it.comment_count}</b> comments
            </p>
            <p><a href="/chains/${it.chain_id}/forum">To the forum</a></p>
          </div>
        </div>
        <p class="said">${it.content}</p>
        ${votes(it, viewer, here)}
        ${viewer === null || viewer.id === it.author_id ? '' : reportForm('post', it.id, here)}
      </article>
      <section aria-labelledby="comments">
        <h2 id="comments">Comments</h2>
        ${viewer === null ? '' : commentForm(`${here}/comments`)}
        ${commentList(comments, { action: `${here}/comments`, viewer, back: here, canDelete: false })}
        ${pager(url, ends)}
      </section>`
  },
})

function votes(it: Post, viewer: Viewer | null, here: string): Html {
  if (viewer === null)
    return html`<p><a href="/sign-in?to=${encodeURIComponent(here)}">Sign in to vote</a></p>`
  const vote = (text: string, up: boolean, isGiven: boolean) =>
    isGiven
      ? press({ action: `${here}/vote/back`, text: `${text}: take the vote back`, back: here })
      : press({ action: `${here}/vote`, text, back: here, fields: { up: String(up) } })
  return html`<div class="row">
    ${vote('▲ Vote up', true, it.user_has_upvoted)} ${vote('▼ Vote down', false, it.user_has_downvoted)}
  </div>`
}
