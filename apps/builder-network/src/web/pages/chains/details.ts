import { z } from 'zod'
import { cursorQuery, cursors } from '../../cursors.ts'
import { ago } from '../../html/ago.ts'
import { followButton } from '../../html/chain-card.ts'
import { empty } from '../../html/empty.ts'
import { counted, figure } from '../../html/figure.ts'
import { html, type Html } from '../../html/html.ts'
import { livePart, liveRow } from '../../html/live.ts'
import { pager } from '../../html/pager.ts'
import { person } from '../../html/person.ts'
import { press } from '../../html/press.ts'
import { reportForm } from '../../html/report-form.ts'
import { listRows } from '../../keyset.ts'
import { page } from '../../page.ts'
import { findChain } from './find-chain.ts'
import { livePosts, postList, postsOf, shownPost } from './posts.ts'
import { shownChain } from './row.ts'

const PROJECTS = 12
const POSTS = 5

const member = z.object({
  id: z.uuid(),
  title: z.string(),
  description: z.string(),
  category: z.string(),
  proof_score: z.number(),
  username: z.string(),
  is_verified: z.boolean(),
  added_at: z.iso.datetime(),
})
type Member = z.infer<typeof member>

/**
 * What a chain holds, as the tables have it: an open page asks for it when the count of the chain has moved, and the feed may not have moved by
 * then. What it shows of each follows the feed.
 */
const MEMBERS = `
  select p.id, p.title, p.description, p.category, p.proof_score, u.username, u.is_verified, l.created_at as added_at
  from chain_projects l
  join projects p on p.id = l.project_id
  join users u on u.id = p.user_id
  where l.chain_id = $1 and not p.is_deleted`

export const chainDetails = page({
  path: '/chains/:id',
  feature: 'Chain details',
  summary: 'A chain, its projects, twelve at a time, and what its forum has on top',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({ id: z.uuid() }),
  query: z.object(cursorQuery),
  data: z.object({ chain: shownChain, projects: z.array(member), posts: z.array(shownPost), ...cursors }),
  models: ['mv_chains_discovery', 'mv_chain_posts'],
  read: async ({ store, params: { id }, query, viewer }) => {
    const chain = await findChain(store, id, viewer)
    if (chain === null) return null
    const list = {
      select: MEMBERS,
      values: [id],
      order: [
        ['added_at', 'desc'],
        ['id', 'asc'],
      ],
      n: PROJECTS,
    } as const
    const [{ rows, ...ends }, { rows: posts }] = await Promise.all([
      listRows<Member>(store, list, query),
      postsOf(store, chain, { sort: 'trending', n: POSTS }),
    ])
    return { chain, projects: rows, posts, ...ends }
  },
  title: ({ chain }) => chain.name,
  view: ({ chain: it, projects, posts, ...ends }, { viewer, url }) => {
    const back = `/chains/${it.id}`
    return html`<div class="head" ${liveRow('mv_chains_discovery', it.id)}>
        <div>
          <h1 data-field="name">${it.name}</h1>
          <p class="facts">
            ${person(it.creator_username)} ·
            <a href="/chains?category=${encodeURIComponent(it.category)}">${it.category}</a> ·
            ${ago(it.created_at)} · ${counted('follower_count', it.follower_count, 'follower')} ·
            ${counted('project_count', it.project_count, 'project')} ·
            ${counted('post_count', it.post_count, 'post')}
            ${it.is_public ? '' : html`· <span class="tag">private</span>`}
          </p>
        </div>
        ${followButton(it, viewer, back)}
      </div>
      <p class="said">${it.description}</p>
      <section aria-labelledby="posts">
        <h2 id="posts">In the forum</h2>
        ${posts.length === 0 ? html`<p class="muted none">Nobody has written anything yet.</p>` : ''}
        ${postList(posts, livePosts(it, 'trending', POSTS, new URL(back, url)))}
        <p><a href="/chains/${it.id}/forum">To the forum</a></p>
      </section>
      <section aria-labelledby="projects">
        <h2 id="projects">Projects</h2>
        ${livePart(
          'members',
          url,
          html`${projects.length === 0 ? empty('No projects yet', 'Open a project to add it to this chain.') : ''}
            <ol class="cards grid">
              ${projects.map((one) => memberCard(one, viewer?.id === it.creator_id ? it.id : null))}
            </ol>
            ${pager(url, ends)}`,
          {
            shows: { project_count: it.project_count },
            attributes: liveRow('mv_chains_discovery', it.id),
          },
        )}
      </section>
      ${viewer === null || viewer.id === it.creator_id ? '' : reportForm('chain', it.id, back)}`
  },
})

/** `ownChain`: the chain that the viewer leads and may take it out of. */
function memberCard(it: Member, ownChain: string | null): Html {
  return html`<li class="card" ${liveRow('mv_feed_projects', it.id)}>
    <h3><a href="/projects/${it.id}" data-field="title">${it.title}</a></h3>
    <p class="said cut-3" data-field="description">${it.description}</p>
    <p class="facts">
      ${person(it.username, it.is_verified)} · ${it.category} ·
      <span class="figure">score ${figure('proof_score', it.proof_score)}</span>
    </p>
    ${
      ownChain === null
        ? ''
        : press({
            action: `/chains/${ownChain}/projects/${it.id}/back`,
            text: 'Take out',
            label: `Take ${it.title} out of the chain`,
            back: `/chains/${ownChain}`,
          })
    }
  </li>`
}
