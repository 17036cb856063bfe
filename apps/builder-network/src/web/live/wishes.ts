import { z } from 'zod'

/** Of one read model a page shows no more by their keys: the projects of a chain. */
const MOST_KEYS = 12

/** What a page follows: the first rows of a list, or rows by their keys. */
export const wish = z.union([
  z.strictObject({
    model: z.string().max(100),
    page: z.strictObject({
      orderBy: z.array(z.string().max(100)).max(3),
      where: z.record(z.string(), z.string().max(200)).default({}),
      n: z.number().int().positive(),
    }),
  }),
  z.strictObject({ model: z.string().max(100), keys: z.array(z.uuid()).min(1).max(MOST_KEYS) }),
])

export type Wish = z.infer<typeof wish>

/** The lists that may be followed: of public read models, as pages show them, so that those who look at one list share its reads. */
const LISTS: Readonly<
  Record<
    string,
    { readonly n: number; readonly orders: readonly string[]; readonly where: readonly string[] }
  >
> = {
  mv_feed_projects: {
    n: 10,
    orders: ['trending_score desc', 'proof_score desc', 'created_at desc'],
    where: ['category'],
  },
  mv_chains_discovery: { n: 12, orders: ['trending_score desc', 'follower_count desc'], where: ['category'] },
  mv_chain_posts: {
    n: 20,
    orders: ['is_pinned desc, trending_score desc', 'created_at desc'],
    where: ['chain_id'],
  },
  mv_investors_directory: { n: 20, orders: ['approved_at desc'], where: ['investment_focus'] },
  project_ranks: { n: 50, orders: ['proof_score desc, created_at'], where: [] },
  builder_ranks: { n: 50, orders: ['total_karma desc, created_at'], where: [] },
}

/** Of these, what pages of one thing show: everybody may read every row. */
const ROWS: readonly string[] = [
  'mv_feed_projects',
  'mv_project_details',
  'project_discussions',
  'mv_chains_discovery',
  'mv_chain_posts',
]

export function mayFollow(wished: Wish): boolean {
  if ('keys' in wished) return ROWS.includes(wished.model)
  const { model, page } = wished
  const list = LISTS[model]
  return (
    list !== undefined &&
    page.n <= list.n &&
    list.orders.includes(page.orderBy.join(', ')) &&
    Object.keys(page.where).every((column) => list.where.includes(column))
  )
}
