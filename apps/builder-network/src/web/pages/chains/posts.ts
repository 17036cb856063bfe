import type { z } from 'zod'
import { postRow } from '../../../../models/chains.ts'
import { ago } from '../../html/ago.ts'
import { counted } from '../../html/figure.ts'
import { html, type Html } from '../../html/html.ts'
import { live } from '../../html/live.ts'
import { person } from '../../html/person.ts'
import { listRows, type Listed } from '../../keyset.ts'
import type { Store } from '../../store.ts'
import type { ShownChain } from './row.ts'

/** A post as pages show it: of those in private chains there is no score. */
export const shownPost = postRow.omit({ trending_score: true })
export type ShownPost = z.infer<typeof shownPost>

const COLUMNS = Object.keys(shownPost.shape).join(', ')

/** The columns of the read model, live: a private chain's posts are in none. */
export const LIVE_POSTS = `
  select t.id, t.chain_id, t.title, t.content, t.post_type, t.created_at, t.updated_at, t.is_pinned, t.author_id,
         u.username as author_username, u.profile_image as author_profile_image, u.is_verified as author_is_verified,
         (select count(*) from chain_post_votes v where v.post_id = t.id and v.is_upvote) as upvote_count,
         (select count(*) from chain_post_comments m where m.post_id = t.id) as comment_count
  from chain_posts t
  join chains c on c.id = t.chain_id
  join users u on u.id = t.author_id
  where not t.is_deleted and c.is_active and not c.is_public`

export type PostSort = 'trending' | 'newest'

interface Asked {
  readonly sort: PostSort
  readonly n: number
  readonly after?: string | undefined
  readonly before?: string | undefined
}

/** The posts of a chain that its reader may see, pinned ones first unless they are asked for by age. */
export async function postsOf(
  store: Store,
  chain: Pick<ShownChain, 'id' | 'is_public'>,
  { sort, n, ...ends }: Asked,
): Promise<Listed<ShownPost>> {
  const age = ['created_at', 'desc'] as const
  const score = chain.is_public ? (['trending_score', 'desc'] as const) : age
  const list = {
    select: chain.is_public
      ? `select ${COLUMNS}, trending_score from mv_chain_posts where chain_id = $1`
      : `${LIVE_POSTS} and t.chain_id = $1`,
    values: [chain.id],
    order: [...(sort === 'newest' ? [age] : [['is_pinned', 'desc'] as const, score]), ['id', 'asc'] as const],
    n,
  }
  const { rows, next, previous } = await listRows<ShownPost>(store, list, ends)
  return { rows: rows.map((it) => shownPost.parse(it)), next, previous }
}

/** `following`: attributes of a list that is live. */
export function postList(posts: readonly ShownPost[], following: Html): Html {
  return html`<ol class="entries" ${following}>
    ${posts.map(postEntry)}
  </ol>`
}

export function postEntry(it: ShownPost): Html {
  return html`<li data-key="${it.id}" id="post-${it.id}">
    <div class="what">
      <p class="title">
        <a href="/chains/${it.chain_id}/forum/${it.id}" data-field="title">${it.title}</a>
      </p>
      <p class="facts">
        ${it.is_pinned ? html`<span class="tag">pinned</span> ` : ''}${person(it.author_username, it.author_is_verified)}
        · ${it.post_type} · ${ago(it.created_at)} · ${counted('upvote_count', it.upvote_count, 'vote', ' up')}
        · ${counted('comment_count', it.comment_count, 'comment')}
      </p>
    </div>
  </li>`
}

/** Attributes of a list of posts that follows a chain's forum. */
export function livePosts(
  chain: Pick<ShownChain, 'id' | 'is_public'>,
  sort: PostSort,
  n: number,
  url: URL,
): Html {
  // Of a private chain nothing is in the read model.
  if (!chain.is_public) return html``
  const orderBy = sort === 'newest' ? ['created_at desc'] : ['is_pinned desc', 'trending_score desc']
  const card = `/chains/${chain.id}/forum/{key}/row`
  return live({ model: 'mv_chain_posts', orderBy, where: { chain_id: chain.id }, n, card }, url)
}
