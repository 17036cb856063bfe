import { z } from 'zod'
import { cursorQuery, cursors } from '../../cursors.ts'
import { choice } from '../../html/choice.ts'
import { empty } from '../../html/empty.ts'
import { html, type Html } from '../../html/html.ts'
import { pager } from '../../html/pager.ts'
import { tabs } from '../../html/tabs.ts'
import { page } from '../../page.ts'
import { POST_TYPES } from '../../post-types.ts'
import { findChain } from './find-chain.ts'
import { livePosts, postList, postsOf, shownPost } from './posts.ts'
import { shownChain } from './row.ts'

const ROWS = 20

export const forum = page({
  path: '/chains/:id/forum',
  feature: 'Chain forums',
  summary:
    'What is written in the forum of a chain, twenty at a time: pinned and trending first, or the newest',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({ id: z.uuid() }),
  query: z.object({ sort: z.enum(['trending', 'newest']).default('trending'), ...cursorQuery }),
  data: z.object({
    sort: z.enum(['trending', 'newest']),
    chain: shownChain,
    posts: z.array(shownPost),
    ...cursors,
  }),
  models: ['mv_chain_posts', 'mv_chains_discovery'],
  read: async ({ store, params: { id }, query: { sort, ...ends }, viewer }) => {
    const chain = await findChain(store, id, viewer)
    if (chain === null) return null
    const { rows, next, previous } = await postsOf(store, chain, { sort, n: ROWS, ...ends })
    return { sort, chain, posts: rows, next, previous }
  },
  title: ({ chain }) => `Forum of ${chain.name}`,
  view: ({ chain, posts, sort, ...ends }, { viewer, url }) =>
    html`<div class="head">
        <div>
          <h1>Forum of ${chain.name}</h1>
          <p><a href="/chains/${chain.id}">To the chain</a></p>
        </div>
      </div>
      ${tabs('Order', [
        { href: url.pathname, text: 'Trending', isHere: sort === 'trending' },
        { href: `${url.pathname}?sort=newest`, text: 'Newest', isHere: sort === 'newest' },
      ])}
      ${posts.length === 0 ? empty('Nothing here yet', 'Be the first to write something.') : ''}
      ${postList(posts, livePosts(chain, sort, ROWS, url))} ${pager(url, ends)}
      ${viewer === null ? html`<p><a href="/sign-in?to=${encodeURIComponent(url.pathname)}">Sign in</a> to write.</p>` : postForm(chain.id, viewer.id === chain.creator_id)}`,
})

function postForm(chainId: string, mayPin: boolean): Html {
  return html`<form class="card form" action="/chains/${chainId}/forum" method="post">
    <h2>Write something</h2>
    <label>Title <input name="title" maxlength="200" required /></label>
    <label>Text <textarea name="content" rows="5" maxlength="10000" required></textarea></label>
    ${choice('post_type', { label: 'Kind', words: POST_TYPES })}
    ${mayPin ? html`<label><input type="checkbox" name="is_pinned" /> Keep it on top</label>` : ''}
    <button>Post it</button>
  </form>`
}
