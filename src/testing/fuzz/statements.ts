import type { RelationName } from '../../compile/plan.ts'
import type { Client } from '../../pg/client.ts'
import { ident, join, literal, qualified, sql, trusted } from '../../sql/sql.ts'
import type { Random } from '../random.ts'
import type { Constants } from './constants.ts'
import { isSame, type ForeignKey, type FuzzColumn, type FuzzTable } from './tables.ts'
import { typed, valueOf } from './values.ts'

export interface Drawing {
  readonly random: Random
  readonly tables: readonly FuzzTable[]
  readonly constants: Constants
}

/** A row as texts, by column; null for null. */
type Row = Readonly<Record<string, string | null>>

/** A statement that writes: its values stand in its text, so that it is the same when it is run again. */
export async function drawStatement(client: Client, drawing: Drawing): Promise<string> {
  const { random, tables } = drawing
  const table = random.pick(tables)
  const row = await someRow(client, table, random)
  // Where there is no row there is nothing to change; and more rows come than go.
  if (row === undefined || random.below(10) < 5) return await insert(client, table, drawing)
  return random.below(10) < 7 ? await update(client, table, row, drawing) : remove(table, row, random)
}

async function insert(client: Client, wanted: FuzzTable, drawing: Drawing): Promise<string> {
  const { random } = drawing
  const table = await firstToFill(client, wanted, drawing)
  const count = random.oneIn(4) ? 1 + random.below(3) : 1
  const left = table.columns.filter(({ hasDefault }) => !hasDefault || random.oneIn(2))
  const columns = left.length === 0 ? table.columns : left
  const rows: string[] = []
  for (let i = 0; i < count; i += 1)
    rows.push(`(${(await newValues(client, table, columns, drawing)).join(', ')})`)
  const names = join(columns.map(({ name }) => ident(name)))
  const conflict = random.oneIn(3) ? upsertOf(table, columns, random) : ''
  return `insert into ${qualified(table).text} (${names.text}) values ${rows.join(', ')}${conflict}`
}

/** The table itself, or one without a row that its rows must refer to. */
async function firstToFill(
  client: Client,
  table: FuzzTable,
  drawing: Drawing,
  below: readonly FuzzTable[] = [],
): Promise<FuzzTable> {
  for (const { columns, table: target } of table.foreignKeys) {
    const other = drawing.tables.find((it) => isSame(it, target))
    if (other === undefined || mayBeNull(table, columns) || [...below, table].includes(other)) continue
    if ((await someRow(client, other, drawing.random)) === undefined)
      return await firstToFill(client, other, drawing, [...below, table])
  }
  return table
}

function upsertOf({ key }: FuzzTable, columns: readonly FuzzColumn[], random: Random): string {
  const others = columns.filter(({ name }) => !key.includes(name))
  const last = others.at(-1)
  if (last === undefined || random.oneIn(3)) return ' on conflict do nothing'
  const target = join(key.map((name) => ident(name))).text
  const changed = ident(last.name).text
  return ` on conflict (${target}) do update set ${changed} = excluded.${changed}`
}

async function update(client: Client, table: FuzzTable, row: Row, drawing: Drawing): Promise<string> {
  const { random } = drawing
  const isKeyKept = !random.oneIn(10)
  const choice = table.columns.filter(({ name }) => !isKeyKept || !table.key.includes(name))
  if (choice.length === 0) return remove(table, row, random)
  const columns = [random.pick(choice), ...(random.oneIn(3) ? [random.pick(choice)] : [])]
  const unique = [...new Set(columns)]
  const values = await newValues(client, table, unique, drawing)
  const changes = unique.map(({ name }, i) => `${ident(name).text} = ${values[i] ?? 'default'}`).join(', ')
  return `update ${qualified(table).text} set ${changes} where ${meant(table, row, random)}`
}

function remove(table: FuzzTable, row: Row, random: Random): string {
  return `delete from ${qualified(table).text} where ${meant(table, row, random)}`
}

/** One row, or now and then all that share a value with it: a statement may change many. */
function meant({ key, columns }: FuzzTable, row: Row, random: Random): string {
  if (random.oneIn(6)) return same(random.pick(columns).name, row)
  return key.map((name) => same(name, row)).join(' and ')
}

/** Compared as text, for some types have no equality. */
function same(name: string, row: Row): string {
  const value = row[name] ?? null
  const column = ident(name).text
  return value === null ? `${column} is null` : `${column}::text = ${literal(value).text.trim()}`
}

async function newValues(
  client: Client,
  table: FuzzTable,
  columns: readonly FuzzColumn[],
  { random, constants, tables }: Drawing,
): Promise<readonly string[]> {
  const references = await referencesOf(client, table, tables, random)
  // A value that some row has already is one that checks allow, and a group or a key that rows share.
  const other = random.oneIn(2) ? await someRow(client, table, random) : undefined
  return columns.map((column) => {
    const { name, type, isRequired, hasDefault } = column
    const reference = references[name]
    if (reference !== undefined) return reference === null ? 'null' : typed(reference, type)
    if (!isRequired && random.oneIn(8)) return 'null'
    const copied = other?.[name]
    if (copied !== undefined && copied !== null && random.oneIn(3)) return typed(copied, type)
    const fallback = hasDefault ? 'default' : 'null'
    return valueOf(column, constants, random) ?? (typeof copied === 'string' ? typed(copied, type) : fallback)
  })
}

/** For each column of a foreign key, a value of a row that it may refer to. */
async function referencesOf(
  client: Client,
  table: FuzzTable,
  tables: readonly FuzzTable[],
  random: Random,
): Promise<Row> {
  const found: Record<string, string | null> = {}
  for (const { columns, table: target, referenced } of table.foreignKeys) {
    const other = tables.find((it) => isSame(it, target)) ?? { ...target, key: referenced }
    const isMissing = random.oneIn(10) && mayBeNull(table, columns)
    const row = isMissing ? undefined : await someRow(client, other, random)
    columns.forEach((name, i) => {
      found[name] = row?.[referenced[i] ?? ''] ?? null
    })
  }
  return found
}

function mayBeNull({ columns }: FuzzTable, names: ForeignKey['columns']): boolean {
  return columns.some(({ name, isRequired }) => names.includes(name) && !isRequired)
}

/** Any row that this session sees, chosen by the seed; of each column the text. */
async function someRow(
  client: Client,
  { schema, name, key, columns = [] }: RelationName & Pick<FuzzTable, 'key'> & Partial<FuzzTable>,
  random: Random,
): Promise<Row | undefined> {
  const names = [...new Set([...key, ...columns.map((it) => it.name)])]
  const texts = join(names.map((it) => sql`${ident('t', it)}::text`))
  const order = join(key.map((it) => sql`${ident('t', it)}::text`))
  const place = trusted(String(random.below(1_000_000)))
  const statement = sql`select jsonb_object(array[${join(names.map(literal))}], array[${texts}]) as row
from ${qualified({ schema, name })} as t
order by ${order}
limit 1
offset ${place} % greatest(1, (select count(*) from ${qualified({ schema, name })}))`
  const [found] = await client.query<{ row: Row }>(statement.text)
  return found?.row
}
