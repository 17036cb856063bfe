import type { Plan } from '../compile/plan.ts'
import type { Client } from '../pg/client.ts'
import { qualified, sql } from '../sql/sql.ts'
import type { Drift } from './drift.ts'

/** Rank trees that do not agree with the stored rows, in the caller's snapshot. */
export async function rankDrift(client: Client, { leaderboard }: Plan): Promise<readonly Drift[]> {
  const drift: Drift[] = []
  for (const { within, check } of leaderboard?.trees ?? []) {
    const [found] = await client.query<{ wrong: string }>(
      sql`select ${qualified(check)}()::text as wrong`.text,
    )
    if (found === undefined || found.wrong === '0') continue
    const tree = within.length === 0 ? 'of all rows' : `within ${within.join(', ')}`
    const columns = [{ name: 'wrong counts', stored: found.wrong, actual: '0' }]
    drift.push({ kind: 'ranks', key: { ranks: tree }, columns })
  }
  return drift
}

/** Makes the rank trees anew from the stored rows; drains wait meanwhile. */
export async function repairRanks(client: Client, { leaderboard }: Plan): Promise<void> {
  for (const { fill } of leaderboard?.trees ?? []) await client.query(sql`select ${qualified(fill)}()`.text)
}
