import { compileModel } from '../../src/migrate/compile-model.ts'
import { install } from '../../src/migrate/install.ts'
import type { Connection } from '../../src/pg/client.ts'
import { readModels, type InstalledModel } from '../../src/work/model.ts'

export interface BoardOptions {
  readonly rows: number
  /** Without it the same read model is kept with no ranks: what they cost a drain. */
  readonly isRanked: boolean
}

/** One that stands in a database of its own. */
export interface Board {
  readonly rows: number
  readonly client: Connection
  readonly model: InstalledModel
}

const QUERY = 'select id, country, points, created_at from players'

/**
 * Players with points that many share, in 50 countries. The rows are put into the stored table at once and the ranks made
 * from them, as installing does after its backfill: what is measured is reading and draining.
 */
export async function makeBoard(
  client: Connection,
  { rows, isRanked }: BoardOptions,
): Promise<InstalledModel> {
  await client.query(`
    create table players (
      id bigint primary key,
      country text not null,
      points int not null,
      created_at timestamptz not null
    )`)
  const leaderboard = { score: 'points desc', ties: ['created_at', 'id'], within: [['country']] }
  const compiled = await compileModel(client, {
    schema: 'public',
    name: 'board',
    key: ['id'],
    query: QUERY,
    indexes: [],
    leaderboard: isRanked ? leaderboard : undefined,
  })
  await install(client, [compiled])
  const [model] = await readModels(client)
  if (model === undefined) throw new Error('not installed')

  const { storage, leaderboard: ranks } = model.plan
  await client.query('set session_replication_role = replica')
  await client.query(
    `insert into players
     select i, 'c' || i % 50, (random() ^ 3 * 100000)::int, timestamptz '2026-01-01' + i * interval '1 second'
     from generate_series(1, $1::bigint) as i`,
    [rows],
  )
  await withoutIndexes(client, storage.name, async () => {
    await client.query(`insert into millrace."${storage.name}" (id, country, points, created_at) ${QUERY}`)
  })
  await client.query('set session_replication_role = origin')
  for (const { fill } of ranks?.trees ?? []) await client.query(`select millrace."${fill.name}"()`)
  await client.query('vacuum analyze')
  await client.query('checkpoint')
  return model
}

/** They are made when the rows are there: millions of rows in a random order would take an hour otherwise. */
async function withoutIndexes(client: Connection, table: string, fill: () => Promise<void>): Promise<void> {
  const indexes = await client.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes where schemaname = 'millrace' and tablename = $1`,
    [table],
  )
  for (const { name } of indexes) await client.query(`drop index millrace."${name}"`)
  await fill()
  for (const { definition } of indexes) await client.query(definition)
}
