import pg from 'pg'
import { expect } from 'vitest'
import type { TestDatabase } from '../../../test/support/database.ts'
import { withClient } from '../src/database.ts'
import { conversationsByHand, detailsByHand, discussionsByHand, feedByHand } from './by-hand.ts'
import { dashboardsByHand, introsByHand } from './counters-by-hand.ts'
import {
  adminDashboardByHand,
  awaitingByHand,
  builderLeaderboardByHand,
  chainPostsByHand,
  chainsByHand,
  investorDashboardsByHand,
  investorsByHand,
  profilesByHand,
  projectLeaderboardByHand,
  searchByHand,
  validatorDashboardsByHand,
} from './pages-by-hand.ts'
import { TABLES, type Raw, type Row } from './raw.ts'

export const COUNTERS = {
  user_dashboard_stats: dashboardsByHand,
  intro_request_stats: introsByHand,
}
export const MODELS = {
  ...COUNTERS,
  mv_feed_projects: feedByHand,
  mv_project_details: detailsByHand,
  project_discussions: discussionsByHand,
  message_conversations_denorm: conversationsByHand,
  mv_chains_discovery: chainsByHand,
  mv_chain_posts: chainPostsByHand,
  mv_investors_directory: investorsByHand,
  mv_search_index: searchByHand,
  investor_dashboard: investorDashboardsByHand,
  validator_dashboard: validatorDashboardsByHand,
  projects_awaiting: awaitingByHand,
  public_profile: profilesByHand,
}
/** It is as old as its last refresh: only its strict read is of the moment at which the rows are read. */
export const REFRESHED = { admin_dashboard: adminDashboardByHand }
/** They have no strict form: a rank is what all rows are. */
export const LEADERBOARDS = {
  mv_leaderboard_projects: projectLeaderboardByHand,
  mv_leaderboard_builders: builderLeaderboardByHand,
}

/** Timestamps as the server writes them, counts as numbers. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: Parameters<typeof pg.types.getTypeParser>[0]) => {
    if (oid === pg.types.builtins.TIMESTAMP) return String
    if (oid === pg.types.builtins.INT8) return Number
    return pg.types.getTypeParser(oid, 'text') as (text: string) => unknown
  },
}

export async function rowsOf(client: pg.Client, relation: string): Promise<readonly Row[]> {
  return (await client.query<Row>({ text: `select * from ${relation}`, types })).rows
}

/** All rows of the tables that anything is worked out from. */
export async function readRaw(client: pg.Client): Promise<Raw> {
  const tables: Record<string, readonly Row[]> = {}
  for (const table of TABLES) tables[table] = await rowsOf(client, table)
  const [clock] = (
    await client.query<{ now: string }>({ text: `select now() at time zone 'utc' as now`, types })
  ).rows
  return { ...tables, now: clock?.now } as unknown as Raw
}

/** The rows that readers find are those worked out by hand, in one order and in one snapshot. */
export async function expectByHand(
  database: TestDatabase,
  models: Readonly<Record<string, (raw: Raw) => readonly Row[]>> = MODELS,
  suffix: '' | '_strict' = '',
): Promise<void> {
  await withClient(database.url('writer'), async (client) => {
    await client.query('begin isolation level repeatable read')
    const raw = await readRaw(client)
    for (const [name, byHand] of Object.entries(models)) {
      const stored = (await rowsOf(client, `${name}${suffix}`)).map(withWholeScore).map(withoutVector)
      expect(inOrder(stored), name).toEqual(inOrder(byHand(raw)))
    }
  })
}

/** The score in units of its last decimal, without going through a float. */
function withWholeScore(row: Row): Row {
  if (typeof row['trending_score'] !== 'string') return row
  const [whole = '', decimals = ''] = row['trending_score'].split('.')
  return { ...row, trending_score: String(BigInt(whole + decimals.padEnd(11, '0'))) }
}

/** PostgreSQL's own dictionaries make it. */
function withoutVector(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'search_vector'))
}

function inOrder(rows: readonly Row[]): readonly Row[] {
  const keyOf = (row: Row) =>
    JSON.stringify([row['result_type'], row['id'] ?? row['user_id'] ?? row['project_id']])
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
