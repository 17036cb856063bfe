import { ident } from '../../../src/sql/sql.ts'
import type { Random } from '../random.ts'
import { weighted } from './drawing.ts'
import { valueFor, type Column, type ForeignKey, type Schema, type Table } from './schema.ts'
import { literalOf } from './value-types.ts'

const ISOLATIONS = ['read committed', 'repeatable read', 'serializable'] as const

/** Statements of one transaction; one that fails is undone by itself. */
export interface Transaction {
  readonly isolation: (typeof ISOLATIONS)[number]
  readonly statements: readonly string[]
}

const named = ({ schema, name }: Pick<Table, 'schema' | 'name'>) => ident(schema, name).text
const quoted = (name: string) => ident(name).text

/** Rows to begin with: parents before children. */
export function fill(random: Random, { tables }: Schema): readonly string[] {
  return tables.flatMap((table) => [1, 2, 3, 4, 5].map(() => insert(random, table, table, 6)))
}

export function drawTransaction(random: Random, schema: Schema): Transaction {
  const count = 1 + random.below(5)
  return {
    // Under the others the writers of an immediate model leave much to the worker.
    isolation: random.oneIn(2) ? 'read committed' : random.pick(ISOLATIONS),
    statements: Array.from({ length: count }, () => drawStatement(random, schema)),
  }
}

function drawStatement(random: Random, schema: Schema): string {
  const table = random.pick(schema.tables)
  // With what refers to it: little is left to be compared then.
  if (random.oneIn(200)) return `truncate ${named(table)} cascade`
  const { partitions } = table
  // Straight into a partition: the table's own triggers do not see it.
  const target =
    partitions.length > 0 && random.oneIn(3) ? { schema: table.schema, name: random.pick(partitions) } : table
  return weighted(random, [
    [9, () => insert(random, table, target, 4)],
    [2, () => upsert(random, table, table)],
    [6, () => update(random, table, target)],
    [2, () => moveKeys(random, table)],
    [3, () => `delete from ${named(target)} where ${someRows(random, table)}`],
    [1, () => deleteAndInsert(random, table)],
    [1, () => copyRows(random, table)],
  ])
}

const written = ({ columns }: Table) => columns.filter(({ generated }) => generated === null)

/** Of the rows drawn those that have their parents; of a partition those that belong to it, or none. */
function insert(random: Random, table: Table, target: Pick<Table, 'schema' | 'name'>, most: number): string {
  const columns = written(table)
  const count = 1 + random.below(most)
  const rows = Array.from({ length: count }, () => {
    const values = new Map(columns.map((it) => [it.name, valueFor(random, it, table.key)]))
    for (const it of table.foreignKeys) if (it.columns.length > 1) referToOne(random, table, it, values)
    return `(${[...values.values()].join(', ')})`
  })
  const list = columns.map(({ name }) => quoted(name)).join(', ')
  const parents = table.foreignKeys.map(({ columns: own, parent }) => {
    const isNone = own.map((it) => `v.${quoted(it)} is null`).join(' or ')
    const same = own.map((it, i) => `p.${quoted(parent.key[i] ?? '')} = v.${quoted(it)}`).join(' and ')
    return `(${isNone} or exists (select from ${named(parent)} p where ${same}))`
  })
  const where = parents.length === 0 ? '' : ` where ${parents.join(' and ')}`
  return `insert into ${named(target)} (${list}) select v.* from (values ${rows.join(', ')}) v (${list})${where} on conflict do nothing`
}

/** Two values drawn by themselves are hardly ever a row's key. */
function referToOne(random: Random, { columns }: Table, key: ForeignKey, values: Map<string, string>): void {
  const offset = String(random.below(8))
  for (const [i, name] of key.columns.entries()) {
    if (values.get(name)?.startsWith('null') === true) continue
    const declared = columns.find((it) => it.name === name)?.declared ?? 'int'
    values.set(name, `coalesce(${parentKey(key, i, offset)}, -1)::${declared}`)
  }
}

/** A column of the key of one row that is there, or null. */
function parentKey({ parent }: ForeignKey, at: number, offset: string): string {
  const keys = parent.key.map((it) => `p.${quoted(it)}`)
  return `(select ${keys[at] ?? ''} from ${named(parent)} p order by ${keys.join(', ')} offset ${offset} limit 1)`
}

function upsert(random: Random, table: Table, target: Table): string {
  const columns = written(table).filter(({ name }) => !table.key.includes(name))
  const plain = insert(random, table, target, 2)
  if (columns.length === 0) return plain
  const changed = [random.pick(columns), random.pick(columns)]
  const set = [...new Set(changed.map(({ name }) => `${quoted(name)} = excluded.${quoted(name)}`))].join(', ')
  // Two rows of one statement must not meet in one.
  const once = plain.replace(
    'select v.*',
    `select distinct on (${table.key.map((it) => `v.${quoted(it)}`).join(', ')}) v.*`,
  )
  return once.replace(
    'on conflict do nothing',
    `on conflict (${table.key.map(quoted).join(', ')}) do update set ${set}`,
  )
}

function update(random: Random, table: Table, target: Pick<Table, 'schema' | 'name'>): string {
  const columns = written(table).filter(({ name }) => !table.key.includes(name))
  if (columns.length === 0) return moveKeys(random, table)
  const pair = table.foreignKeys.find((it) => it.columns.length > 1)
  if (pair !== undefined && random.oneIn(4)) {
    const offset = String(random.below(8))
    const moved = pair.columns.map((it, i) => `${quoted(it)} = ${parentKey(pair, i, offset)}`)
    return `update ${named(target)} set ${moved.join(', ')} where ${someRows(random, table)}`
  }
  const changed = new Map([1, 2].map(() => random.pick(columns)).map((it) => [it.name, it]))
  const set = [...changed.values()].map((it) => `${quoted(it.name)} = ${newValue(random, table, it)}`)
  return `update ${named(target)} set ${set.join(', ')} where ${someRows(random, table)}`
}

/** A reference to a row that is there; any other value as it is drawn, or as the row's own other values make it. */
function newValue(random: Random, table: Table, column: Column): string {
  const reference = table.foreignKeys.find((it) => it.columns.includes(column.name))
  if (reference === undefined) {
    const ownNumber = column.type === 'int' && column.declared === 'int' && random.oneIn(3)
    return ownNumber ? `(coalesce(${quoted(column.name)}, 0) + 1) % 6` : valueFor(random, column, table.key)
  }
  if (column.isNullable && random.oneIn(4)) return 'null'
  const parent = parentKey(reference, reference.columns.indexOf(column.name), String(random.below(8)))
  return `coalesce(${parent}, ${quoted(column.name)})`
}

/** One key column of some rows, or of all of them: children follow where their foreign key says so. */
function moveKeys(random: Random, table: Table): string {
  const { key, foreignKeys } = table
  const column = random.pick(key)
  const reference = foreignKeys.find((it) => it.columns.includes(column))
  if (reference !== undefined) {
    const found = table.columns.find((it) => it.name === column)
    const set =
      found === undefined ? quoted(column) : newValue(random, table, { ...found, isNullable: false })
    return `update ${named(table)} set ${quoted(column)} = ${set} where ${someRows(random, table)}`
  }
  return random.oneIn(4)
    ? `update ${named(table)} set ${quoted(column)} = 15 - ${quoted(column)} where ${quoted(column)} in (${String(1 + random.below(7))}, 3)`
    : `update ${named(table)} set ${quoted(column)} = ${String(1 + random.below(14))} where ${quoted(column)} = ${String(1 + random.below(14))}`
}

/** About a third of the rows, or the few with a value. */
function someRows(random: Random, { key, columns }: Table): string {
  const number = quoted(key[0] ?? '')
  const nullable = columns.filter(({ isNullable }) => isNullable)
  const values = columns.filter(({ type }) => type === 'text' || type === 'bool' || type === 'mood')
  return weighted(random, [
    [4, () => `${number} in (${[1, 2].map(() => String(1 + random.below(14))).join(', ')})`],
    [2, () => `${number} between ${String(1 + random.below(7))} and ${String(4 + random.below(8))}`],
    [2, () => `${number} % 3 = ${String(random.below(3))}`],
    [nullable.length > 0 ? 1 : 0, () => `${quoted(random.pick(nullable).name)} is null`],
    [
      values.length > 0 ? 1 : 0,
      () => {
        const { name, type } = random.pick(values)
        return `${quoted(name)} = ${literalOf(random, type)}`
      },
    ],
  ])
}

/** Goes and comes back under another key, in one statement. */
function deleteAndInsert(random: Random, table: Table): string {
  const list = written(table)
    .map(({ name }) => quoted(name))
    .join(', ')
  const moved = written(table).map(({ name, type }) =>
    table.key.includes(name) && type === 'int' && table.foreignKeys.every((it) => !it.columns.includes(name))
      ? `${quoted(name)} % 14 + 1`
      : quoted(name),
  )
  return `with gone as (delete from ${named(table)} where ${someRows(random, table)} returning *) insert into ${named(table)} (${list}) select ${moved.join(', ')} from gone on conflict do nothing`
}

function copyRows(random: Random, table: Table): string {
  const list = written(table)
    .map(({ name }) => quoted(name))
    .join(', ')
  const [key = 'id'] = table.key
  const copied = written(table).map(({ name }) =>
    name === key && table.foreignKeys.every((it) => !it.columns.includes(key))
      ? `${quoted(name)} % 14 + 1`
      : quoted(name),
  )
  return `insert into ${named(table)} (${list}) select ${copied.join(', ')} from ${named(table)} where ${someRows(random, table)} on conflict do nothing`
}
