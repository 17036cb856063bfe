import * as models from '../../../models/index.ts'
import { isPage } from '../mix.ts'
import type { Contender } from './contender.ts'
import { pagesFrom } from './pages.ts'
import { writeStatement } from './writes.ts'

interface Declared {
  readonly query: unknown
}

/** The read models' own queries, run for each page on the base tables with all indexes that they have. */
const PAGES = pagesFrom({
  feed: live(models.feed),
  details: live(models.projectDetails),
  search: live(models.searchIndex),
  projects: live(models.projectRanks),
  builders: live(models.builderRanks),
  dashboard: `(
    select a.*, i.pending_requests, i.sent_requests, n.unread_messages, n.unread_notifications
    from ${live(models.activity)} a
    join ${live(models.intros)} i on i.user_id = a.user_id
    join ${live(models.unread)} n on n.user_id = a.user_id)`,
  inbox: live(models.conversations),
})

export const LIVE_JOINS: Contender = {
  name: 'live joins',
  prepare: async (client) => {
    await client.query('analyze')
  },
  statements: (kind, random, world, session) =>
    isPage(kind) ? PAGES[kind](random, world, session) : [writeStatement(kind, random, world, session)],
}

function live({ query }: Declared): string {
  if (typeof query !== 'object' || query === null || !('text' in query))
    throw new Error('a query without text')
  return `(${String(query.text)})`
}
