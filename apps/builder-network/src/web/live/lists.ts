import type { Hono } from 'hono'
import { createHandler, type Wish } from 'millrace/server'
import type { Environment } from '../environment.ts'

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
  mv_investors_directory: { n: 20, orders: ['approved_at desc'], where: ['investment_focus'] },
  project_ranks: { n: 50, orders: ['proof_score desc, created_at'], where: [] },
  builder_ranks: { n: 50, orders: ['total_karma desc, created_at'], where: [] },
}

export function mayFollow({ model, page }: Wish): boolean {
  const list = LISTS[model]
  if (list === undefined || page === undefined) return false
  return (
    page.n <= list.n &&
    list.orders.includes(page.orderBy.join(', ')) &&
    Object.entries(page.where).every(
      ([column, value]) => list.where.includes(column) && typeof value === 'string',
    )
  )
}

/** Changes of lists, as server-sent events at `/live/changes/<read model>?page=…`. */
export function followLists(
  app: Hono<Environment>,
  liveUrl: string,
): { readonly close: () => Promise<void> } {
  const handler = createHandler(
    { database: liveUrl },
    { live: { models: Object.keys(LISTS), authorize: (_, wish) => mayFollow(wish) } },
  )
  app.get('/live/changes/:model', async ({ req }) => await handler.fetch(req.raw))
  return handler
}
