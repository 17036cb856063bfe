import { readFile } from 'node:fs/promises'
import type { Client } from 'pg'
import { inTransaction } from './transaction.ts'
import { seedDatabase, type SeedOptions } from './seed.ts'
import type { Sizes } from './sizes.ts'

/** What stands in a database: nothing of ours, our empty tables, or our tables with data that the generator made. */
export type Found =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'filled'; readonly seed: number; readonly sizes: Sizes }

/** The tables are told from others of the same names by a comment on one of them, which also says what fills them. */
const MARK = 'builder network: '

export async function findTables(client: Client): Promise<Found> {
  const { rows } = await client.query<{ comment: string | null }>(
    `select obj_description(to_regclass('users'), 'pg_class') as comment where to_regclass('users') is not null`,
  )
  const [table] = rows
  if (table === undefined) return { kind: 'nothing' }
  if (table.comment?.startsWith(MARK) !== true) {
    throw new Error(
      'the database has a table "users" that is not of this application; give an empty database',
    )
  }
  const mark = table.comment.slice(MARK.length)
  if (mark === 'empty') return { kind: 'empty' }
  return { kind: 'filled', ...(JSON.parse(mark) as { seed: number; sizes: Sizes }) }
}

/** Makes the base tables; all of them or none. Without indexes: as a community had them before the plan. */
export async function createTables(client: Client, { withIndexes = true } = {}): Promise<void> {
  await inTransaction(client, async () => {
    await client.query(await readScript('schema'))
    if (withIndexes) await client.query(await readScript('indexes'))
    await client.query(`comment on table users is '${MARK}empty'`)
  })
}

/** Fills the empty tables; all of them or none. */
export async function fillTables(client: Client, options: SeedOptions): Promise<void> {
  const { seed, sizes } = options
  await inTransaction(client, async () => {
    await seedDatabase(client, options)
    // JSON of numbers has no quote in it.
    await client.query(`comment on table users is '${MARK}${JSON.stringify({ seed, sizes })}'`)
  })
}

/** Removes the base tables with all that is in them. */
export async function dropTables(client: Client): Promise<void> {
  await client.query(await readScript('drop'))
}

async function readScript(name: 'schema' | 'indexes' | 'drop'): Promise<string> {
  return await readFile(new URL(`../db/${name}.sql`, import.meta.url), 'utf8')
}

export interface NamedIndex {
  readonly name: string
  readonly statement: string
}

/** The indexes of the base tables, each with the statement that makes it. */
export async function readIndexes(): Promise<readonly NamedIndex[]> {
  const statements = (await readScript('indexes')).match(/^create index [^;]+(?=;)/gm) ?? []
  return statements.map((statement) => ({ name: statement.split(' ')[2] ?? '', statement }))
}
