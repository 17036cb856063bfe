import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { MillraceError } from 'millrace'
import type { Client } from 'pg'
import { inTransaction } from './transaction.ts'
import { seedDatabase, type SeedOptions } from './seed.ts'
import type { Sizes } from './sizes.ts'

/** What stands in a database: nothing of ours, tables of another version, our empty tables, or ours with data that the generator made. */
export type Found =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'other-version' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'filled'; readonly seed: number; readonly sizes: Sizes }

/** The tables are told from others of the same names by a comment on one of them, which also says what made and what fills them. */
const MARK = 'builder network: '

interface Mark {
  readonly schema: string
  readonly data?: { readonly seed: number; readonly sizes: Sizes }
}

export async function findTables(client: Client): Promise<Found> {
  const { rows } = await client.query<{ comment: string | null }>(
    `select obj_description(to_regclass('users'), 'pg_class') as comment where to_regclass('users') is not null`,
  )
  const [table] = rows
  if (table === undefined) return { kind: 'nothing' }
  if (table.comment?.startsWith(MARK) !== true) {
    throw new MillraceError('BAD_DATABASE_URL', {
      detail: 'the database has a table "users" that is not of this application',
      hint: 'Give an empty database.',
    })
  }
  const text = table.comment.slice(MARK.length)
  // Earlier versions wrote no schema, and of empty tables no JSON.
  const { schema, data }: Partial<Mark> = text.startsWith('{') ? (JSON.parse(text) as Partial<Mark>) : {}
  if (schema !== (await digestOfSchema())) return { kind: 'other-version' }
  return data === undefined ? { kind: 'empty' } : { kind: 'filled', ...data }
}

/** Fails where the tables are of another version: what this one reads may not be there. */
export async function findOwnTables(client: Client): Promise<Exclude<Found, { kind: 'other-version' }>> {
  const found = await findTables(client)
  if (found.kind !== 'other-version') return found
  throw new MillraceError('BAD_DATABASE_URL', {
    detail: 'the tables there were made by another version of this application',
    hint: 'Give another database, or run db:down first, which removes the tables with all that is in them.',
  })
}

/** Makes the base tables; all of them or none. Without indexes: as a community had them before the plan. */
export async function createTables(client: Client, { withIndexes = true } = {}): Promise<void> {
  await inTransaction(client, async () => {
    await client.query(await readScript('schema'))
    if (withIndexes) await client.query(await readScript('indexes'))
    await mark(client, { schema: await digestOfSchema() })
  })
}

/** Fills the empty tables; all of them or none. */
export async function fillTables(client: Client, options: SeedOptions): Promise<void> {
  const { seed, sizes } = options
  await inTransaction(client, async () => {
    await seedDatabase(client, options)
    await mark(client, { schema: await digestOfSchema(), data: { seed, sizes } })
  })
}

/** Removes the base tables with all that is in them. */
export async function dropTables(client: Client): Promise<void> {
  await client.query(await readScript('drop'))
}

async function mark(client: Client, made: Mark): Promise<void> {
  await client.query(`comment on table users is ${client.escapeLiteral(`${MARK}${JSON.stringify(made)}`)}`)
}

/** Which tables and indexes this version makes. */
async function digestOfSchema(): Promise<string> {
  const scripts = [await readScript('schema'), await readScript('indexes')]
  return createHash('sha256').update(JSON.stringify(scripts)).digest('hex').slice(0, 12)
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
