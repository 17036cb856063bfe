import type pg from 'pg'
import { verifyModels } from 'millrace'
import { readHealth } from '../health.ts'
import { tick, type Tick } from './tick.ts'

const INDEXES = 'Indexes'
const MONITORING = 'Monitoring and reconciliation'

/** How many indexes the plan names: of base tables, of the tables kept at once, of the views. */
const NAMED = { base: 26, real_time: 5, views: 31 } as const

const COUNT_INDEXES = `
  select count(*) filter (where i.indisvalid and t.relnamespace = 'public'::regnamespace
                          and c.relname like 'idx\\_%')::int as base,
         count(*) filter (where i.indisvalid and c.relname ~ '^idx_(dashboard|conversations|intro)_')::int
           - count(*) filter (where i.indisvalid and c.relname like 'idx\\_intro\\_requests%')::int as real_time,
         count(*) filter (where i.indisvalid and c.relname ~ '^idx_(mv|search)_'
                          or c.relname ~ '^idx_mv_leaderboard_.*_rank$')::int as views,
         count(*) filter (where not i.indisvalid)::int as invalid
  from pg_index i
  join pg_class c on c.oid = i.indexrelid
  join pg_class t on t.oid = i.indrelid`

interface Counted {
  readonly base: number
  readonly real_time: number
  readonly views: number
  readonly invalid: number
}

/** Indexes by name. A leaderboard keeps its ranks in a tree of its own, so two of the 31 have nothing to be on. */
export async function indexes(client: pg.Client): Promise<readonly Tick[]> {
  const { rows } = await client.query<Counted>(COUNT_INDEXES)
  const found = rows[0] ?? { base: 0, real_time: 0, views: 0, invalid: 0 }
  const of = (what: string, expected: number, n: number) =>
    tick(INDEXES, what, String(expected), () => Promise.resolve({ found: String(n) }))
  return [
    await of('of base tables, by the names of the plan', NAMED.base, found.base),
    await of('of what is kept at once', NAMED.real_time, found.real_time),
    await of('of views; the ranks of two have a tree of their own', NAMED.views - 2, found.views),
    await of('left invalid', 0, found.invalid),
  ]
}

/** The log, the health, and the comparison of everything with its query. */
export async function monitoring(client: pg.Client, url: string): Promise<readonly Tick[]> {
  const health = await readHealth(client)
  const names = [...Object.keys(health.materialized_views), ...Object.keys(health.denormalized_tables)]
  return [
    await tick(MONITORING, 'views and tables in the health', '8 and 3', () =>
      Promise.resolve({
        found: `${String(Object.keys(health.materialized_views).length)} and ${String(names.length - 8)}`,
      }),
    ),
    await tick(MONITORING, 'their status, which is computed', 'healthy', async () => {
      const { status } = await readHealth(client)
      return { found: status }
    }),
    await tick(MONITORING, 'refreshes in the log, the ten latest', '10', () =>
      Promise.resolve({ found: String(health.recent_refreshes.length) }),
    ),
    await tick(MONITORING, 'rows that differ from their query', '0', async () => {
      const verified = await verifyModels({ database: url })
      return { found: String(verified.reduce((sum, { drift }) => sum + drift.length, 0)) }
    }),
    await tick(MONITORING, 'the same by the nightly job', '0', async () => {
      const { rows } = await client.query<{ drift: number }>(
        'select sum(drift)::int as drift from millrace.verify()',
      )
      return { found: String(rows[0]?.drift) }
    }),
  ]
}
