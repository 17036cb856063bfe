import { z } from 'zod'
import { cursorQuery, cursors } from '../../cursors.ts'
import { ago } from '../../html/ago.ts'
import { counted } from '../../html/figure.ts'
import { html } from '../../html/html.ts'
import { person } from '../../html/person.ts'
import { liveRow } from '../../html/live.ts'
import { reportForm } from '../../html/report-form.ts'
import { votes } from '../../html/votes.ts'
import { page } from '../../page.ts'
import type { Store } from '../../store.ts'
import type { Viewer } from '../../viewer.ts'
import { isVisible } from '../../visible-chains.ts'
import { comment, commentSection, commentsOn } from '../comments.ts'
import { LIVE_POSTS, postEntry, shownPost } from './posts.ts'

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

async function findPost(
  store: Pick<Store, 'rows'>,
  id: string,
  post: string,
  viewer: Viewer | null,
): Promise<Post | null> {
  const values = [id, post, viewer?.id ?? null, viewer?.isAdmin ?? false]
  const [found = null] = await store.rows<Post>(POST, values)
  return found
}

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
    const found = await findPost(store, id, post, viewer)
    if (found === null) return null
    const { rows, ...ends } = await commentsOn(store, { kind: 'post', id: post }, query)
    return { post: found, comments: rows, ...ends }
  },
  title: ({ post }) => post.title,
  view: ({ post: it, comments, ...ends }, { viewer, url }) => {
    const here = `/chains/${it.chain_id}/forum/${it.id}`
    return html`<article class="page" ${liveRow('mv_chain_posts', it.id)}>
        <div class="head">
          <div>
            <h1 data-field="title">${it.title}</h1>
            <p class="facts">
              ${person(it.author_username, it.author_is_verified)} · ${it.post_type} · ${ago(it.created_at)} ·
              ${counted('upvote_count', it.upvote_count, 'vote', ' up')} ·
              ${counted('comment_count', it.comment_count, 'comment')}
            </p>
            <p><a href="/chains/${it.chain_id}/forum">To the forum</a></p>
          </div>
        </div>
        <p class="said" data-field="content">${it.content}</p>
        ${votes({ ...it, action: here, back: here }, viewer)}
        ${viewer === null || viewer.id === it.author_id ? '' : reportForm('post', it.id, here)}
      </article>
      ${commentSection({
        ...{ url, comments, ends, viewer, back: here, action: `${here}/comments`, canDelete: false },
        follows: { row: liveRow('mv_chain_posts', it.id), shows: { comment_count: it.comment_count } },
      })}`
  },
})

/** One row of a forum: what a list that is live shows of a post that comes in. */
export const forumPostRow = page({
  path: '/chains/:id/forum/:post/row',
  feature: 'Chain forums',
  summary: 'A post as the forum has it',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({ id: z.uuid(), post: z.uuid() }),
  query: z.object({}),
  data: shown,
  models: ['mv_chain_posts'],
  isFragment: true,
  read: async ({ store, params: { id, post }, viewer }) => await findPost(store, id, post, viewer),
  title: ({ title }) => title,
  view: postEntry,
})
