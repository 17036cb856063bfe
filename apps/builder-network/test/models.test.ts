import { drainModels, verifyModels } from 'millrace'
import pg from 'pg'
import { expect, test } from 'vitest'
import type { TestDatabase } from '../../../test/support/database.ts'
import { withClient } from '../src/database.ts'
import { simulate } from '../src/simulate.ts'
import { SCALES } from '../src/sizes.ts'
import { conversationsByHand, detailsByHand, feedByHand } from './by-hand.ts'
import { createCommunity } from './community.ts'
import { dashboardsByHand, introsByHand } from './counters-by-hand.ts'
import { TABLES, type Raw, type Row } from './raw.ts'

const MODELS = {
  mv_feed_projects: feedByHand,
  mv_project_details: detailsByHand,
  message_conversations_denorm: conversationsByHand,
  user_dashboard_stats: dashboardsByHand,
  intro_request_stats: introsByHand,
}

/** Timestamps as the server writes them, counts as numbers. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: Parameters<typeof pg.types.getTypeParser>[0]) => {
    if (oid === pg.types.builtins.TIMESTAMP) return String
    if (oid === pg.types.builtins.INT8) return Number
    return pg.types.getTypeParser(oid, 'text') as (text: string) => unknown
  },
}

async function rowsOf(client: pg.Client, relation: string): Promise<readonly Row[]> {
  return (await client.query<Row>({ text: `select * from ${relation}`, types })).rows
}

/** Stored rows and those worked out by hand, in one order. */
async function expectByHand(database: TestDatabase, suffix: '' | '_strict' = ''): Promise<void> {
  await withClient(database.url('writer'), async (client) => {
    const tables: Record<string, readonly Row[]> = {}
    for (const table of TABLES) tables[table] = await rowsOf(client, table)
    for (const [name, byHand] of Object.entries(MODELS)) {
      const stored = (await rowsOf(client, `${name}${suffix}`)).map(withWholeScore)
      expect(stored.length, name).toBeGreaterThan(50)
      expect(inOrder(stored), name).toEqual(inOrder(byHand(tables as unknown as Raw)))
    }
  })
}

/** The score in units of its last decimal, without going through a float. */
function withWholeScore(row: Row): Row {
  if (typeof row['trending_score'] !== 'string') return row
  const [whole = '', decimals = ''] = row['trending_score'].split('.')
  return { ...row, trending_score: String(BigInt(whole + decimals.padEnd(11, '0'))) }
}

function inOrder(rows: readonly Row[]): readonly Row[] {
  const keyOf = (row: Row) => String(row['id'] ?? row['user_id'])
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

async function act(database: TestDatabase, people: number, actions: number): Promise<void> {
  const { activity, done } = simulate({
    databaseUrl: database.url('writer'),
    signal: new AbortController().signal,
    seed: 7,
    sizes: SCALES.tiny,
    people,
    thinkMs: 0,
    actions,
  })
  await done
  expect(activity.errors).toEqual([])
  expect([...activity.actions.values()].reduce((sum, count) => sum + count, 0)).toBe(people * actions)
}

test('each read model is what its rows say, after the backfill and after everything users do', async () => {
  const database = await createCommunity()
  await expectByHand(database)

  await act(database, 4, 250)
  await expectByHand(database, '_strict')
  await drainModels({ url: database.url('worker') })
  await expectByHand(database)
  const verified = await verifyModels({ url: database.url('worker') })
  expect(verified.map(({ model, drift, queued }) => [model, drift, queued])).toEqual(
    Object.keys(MODELS)
      .sort()
      .map((name) => [`public.${name}`, [], 0]),
  )
})

test('the comparison by hand can fail: a row that nobody drained differs', async () => {
  const database = await createCommunity()
  await withClient(database.url('writer'), (client) =>
    client.query('update projects set proof_score = proof_score + 1'),
  )
  await expect(expectByHand(database)).rejects.toThrow()
  await drainModels({ url: database.url('worker') })
  await expectByHand(database)
})

test('trending has the order of the score with age in it, now and three years from now', async () => {
  const database = await createCommunity()
  await withClient(database.url('writer'), async (client) => {
    const { rows } = await client.query<{ is_same: boolean }>(`
      select array_agg(f.id order by f.trending_score desc, f.id)
           = array_agg(f.id order by 0.5 * p.proof_score + 2 * comments + 1.5 * votes
                                     - 0.1 * extract(epoch from moment - p.created_at) / 3600 desc, f.id) as is_same
      from (values (timestamp '2026-11-21'), (timestamp '2029-11-21')) moments (moment)
      cross join mv_feed_projects f
      join projects p on p.id = f.id
      cross join lateral (select count(*) as comments from comments c where c.project_id = p.id and not c.is_deleted) c
      cross join lateral (select coalesce(sum(case when is_upvote then 1 else -1 end), 0) as votes
                          from upvotes v where v.project_id = p.id) v
      group by moment`)
    expect(rows).toEqual([{ is_same: true }, { is_same: true }])
  })
})
