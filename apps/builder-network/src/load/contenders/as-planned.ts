import { isPage } from '../mix.ts'
import { PLANNED_COUNTERS, PLANNED_REFRESHES, PLANNED_VIEWS } from './as-planned.sql.ts'
import type { Contender } from './contender.ts'
import { pagesFrom } from './pages.ts'
import { writeStatement } from './writes.ts'

const PAGES = pagesFrom({
  feed: 'planned.mv_feed_projects',
  details: 'planned.mv_project_details',
  search: 'planned.mv_search_index',
  projects: 'planned.mv_leaderboard_projects',
  builders: 'planned.mv_leaderboard_builders',
  dashboard: 'planned.user_dashboard_stats',
  inbox: 'planned.message_conversations_denorm',
})

/** Materialized views that every write refreshes, and tables that triggers count in. */
export const AS_PLANNED: Contender = {
  name: 'as planned',
  prepare: async (client) => {
    await client.query(PLANNED_VIEWS)
    await client.query(PLANNED_COUNTERS)
    await client.query(PLANNED_REFRESHES)
    await client.query(`
      grant usage on schema planned to public;
      grant select on all tables in schema planned to public`)
    await client.query('vacuum analyze')
  },
  statements: (kind, random, world, session) =>
    isPage(kind) ? PAGES[kind](random, world, session) : [writeStatement(kind, random, world, session)],
}
