import { tableNamed, type Column, type Table } from './tables.ts'
import type { Random } from './random.ts'

/** One change by one session: SQL text, and which cells of the coverage table it fills. */
export interface Operation extends Statement {
  readonly kind: OperationKind
}

interface Statement {
  readonly sql: string
  readonly changes: readonly Change[]
}

/** A table that an operation writes to, and what it sets there: whole rows, or these columns. */
export interface Change {
  readonly table: string
  readonly columns: readonly string[] | 'row'
}

export const OPERATION_KINDS = [
  'insert',
  'insert many',
  'update',
  'update unused',
  'update nothing',
  'key move',
  'key change',
  'delete',
  'upsert',
  'merge',
  'two sources',
  'bulk',
  'rolled back',
  'truncate',
] as const
export type OperationKind = (typeof OPERATION_KINDS)[number]

/** What a kind may set in a table; nothing where it makes no sense for it. */
export function settable(kind: OperationKind, table: Table): Change['columns'] {
  switch (kind) {
    case 'truncate':
      return table.canTruncate ? 'row' : []
    case 'key change':
      return table.key.length === 1 ? table.key : []
    case 'key move':
      return references(table).map(({ name }) => name)
    case 'merge':
      return table.key.length === 1 ? 'row' : []
    case 'two sources':
      return table.key.length === 1 ? namesOf(plainColumns(table)) : []
    case 'update':
    case 'bulk':
      return namesOf(plainColumns(table))
    case 'upsert':
      return plainColumns(table).length > 0 ? 'row' : []
    case 'insert':
    case 'insert many':
    case 'update unused':
    case 'update nothing':
    case 'delete':
    case 'rolled back':
      return 'row'
  }
}

/** `truncateOnceIn`: a TRUNCATE makes every model begin anew, so it is rarer than all else. */
export function randomOperation(random: Random, tables: readonly Table[], truncateOnceIn: number): Operation {
  for (;;) {
    const table = random.pick(tables)
    const kind = random.pick(OPERATION_KINDS)
    const isRare = kind === 'truncate' || kind === 'bulk' || kind === 'key change'
    const isPossible = settable(kind, table).length > 0
    if (!isPossible || (isRare && !random.oneIn(kind === 'truncate' ? truncateOnceIn : 6))) continue
    return { kind, ...write(kind, table, random) }
  }
}

function write(kind: OperationKind, table: Table, random: Random): Statement {
  switch (kind) {
    case 'insert':
      return onRows(table, insert(table, random))
    case 'insert many':
      return onRows(table, Array.from({ length: 3 }, () => insert(table, random)).join(';\n'))
    case 'update':
      return update(table, random.pick(plainColumns(table)), where(table, random), random)
    case 'update unused':
      return onRows(table, updateUnused(table, random))
    case 'update nothing':
      return onRows(table, updateNothing(table, random))
    case 'key move':
      return keyMove(table, random)
    case 'key change':
      return keyChange(table, random)
    case 'delete':
      return onRows(table, `delete from ${table.name} where ${where(table, random)}`)
    case 'upsert':
      return onRows(table, upsert(table, random))
    case 'merge':
      return onRows(table, merge(table, random))
    case 'two sources':
      return twoSources(table, random)
    case 'bulk':
      return update(table, random.pick(plainColumns(table)), oneInThree(table, random), random)
    case 'rolled back':
      return onRows(table, rolledBack(table, random))
    case 'truncate':
      return onRows(table, `truncate ${table.name} cascade`)
  }
}

/** Rows come, go or change in any column; or, on purpose, do not change at all. */
function onRows({ name }: Table, sql: string): Statement {
  return { sql, changes: [{ table: name, columns: 'row' }] }
}

function plainColumns(table: Table): readonly Column[] {
  return table.columns.filter(
    (it) => it.references === undefined && it.isUnused !== true && !table.key.includes(it.name),
  )
}

function references(table: Table): readonly Column[] {
  return table.columns.filter((it) => it.references !== undefined)
}

function namesOf(columns: readonly Column[]): readonly string[] {
  return columns.map(({ name }) => name)
}

/** A row that may exist. */
function where(table: Table, random: Random): string {
  return table.key
    .map((name) => {
      const column = table.columns.find((it) => it.name === name)
      return `${name} = ${column === undefined ? String(random.below(table.range) + 1) : column.value(random)}`
    })
    .join(' and ')
}

interface NewRow {
  readonly names: readonly string[]
  readonly values: readonly string[]
  /** True where all that the row refers to exists: else it is not inserted, for an error would end the transaction. */
  readonly guard: string
}

function newRow(table: Table, random: Random): NewRow {
  const own = table.key.length === 1 ? [{ name: 'id', value: String(random.below(table.range) + 1) }] : []
  const columns = table.columns.map((it) => ({
    name: it.name,
    value: it.value(random),
    references: it.references,
  }))
  const guards = columns.flatMap(({ value, references }) =>
    references === undefined || value === 'null'
      ? []
      : [`exists (select from ${references} where id = ${value})`],
  )
  const all = [...own, ...columns]
  return {
    names: all.map((it) => it.name),
    values: all.map((it) => it.value),
    guard: ['true', ...guards].join(' and '),
  }
}

function insert(table: Table, random: Random): string {
  const { names, values, guard } = newRow(table, random)
  return `insert into ${table.name} (${names.join(', ')}) select ${values.join(', ')} where ${guard} on conflict do nothing`
}

function upsert(table: Table, random: Random): string {
  const { names, values, guard } = newRow(table, random)
  const changed = names
    .filter((name) => !table.key.includes(name))
    .map((name) => `${name} = excluded.${name}`)
  return `insert into ${table.name} (${names.join(', ')}) select ${values.join(', ')} where ${guard}
    on conflict (${table.key.join(', ')}) do update set ${changed.join(', ')}`
}

function update(table: Table, column: Column, condition: string, random: Random): Statement {
  return {
    sql: `update ${table.name} set ${column.name} = ${column.value(random)} where ${condition}`,
    changes: [{ table: table.name, columns: [column.name] }],
  }
}

function updateUnused(table: Table, random: Random): string {
  const column = table.columns.find((it) => it.isUnused === true)
  if (column === undefined) throw new Error(`nothing unused in ${table.name}`)
  return update(table, column, where(table, random), random).sql
}

function updateNothing(table: Table, random: Random): string {
  return random.oneIn(2)
    ? `update ${table.name} set note = note where ${where(table, random)}`
    : `delete from ${table.name} where false`
}

function oneInThree(table: Table, random: Random): string {
  return `${table.key[0] ?? ''} % 3 = ${String(random.below(3))}`
}

function rolledBack(table: Table, random: Random): string {
  return `savepoint s;\n${insert(table, random)};\ndelete from ${table.name} where ${where(table, random)};\nrollback to s`
}

function keyMove(table: Table, random: Random): Statement {
  const column = random.pick(references(table))
  const value = column.value(random)
  const guard =
    value === 'null' ? 'true' : `exists (select from ${column.references ?? ''} where id = ${value})`
  const isKey = table.key.includes(column.name)
  const other = table.key.find((name) => name !== column.name) ?? ''
  const free = isKey
    ? `not exists (select from ${table.name} o where o.${other} = t.${other} and o.${column.name} = ${value})`
    : 'true'
  return {
    sql: `update ${table.name} t set ${column.name} = ${value} where ${where(table, random)} and ${guard} and ${free}`,
    changes: [{ table: table.name, columns: [column.name] }],
  }
}

function keyChange(table: Table, random: Random): Statement {
  const [from, to] = [random.below(table.range) + 1, random.below(table.range) + 1]
  return {
    sql: `update ${table.name} set id = ${String(to)}
    where id = ${String(from)} and not exists (select from ${table.name} where id = ${String(to)})`,
    changes: [{ table: table.name, columns: ['id'] }],
  }
}

function merge(table: Table, random: Random): string {
  const { names, values, guard } = newRow(table, random)
  const changed = plainColumns(table).map((it) => `${it.name} = ${it.value(random)}`)
  return `merge into ${table.name} t using (select ${values[0] ?? ''} as id where ${guard}) s on t.id = s.id
    when matched and t.id % 4 = 0 then delete
    when matched then update set ${changed.join(', ')}
    when not matched then insert (${names.join(', ')}) values (${values.join(', ')})`
}

/** One statement that changes two sources: its second half does not see the first, nor do the triggers tell them apart. */
function twoSources(table: Table, random: Random): Statement {
  const child = random.pick(
    [tableNamed('comments'), tableNamed('messages')].filter((it) => it.name !== table.name),
  )
  const { names, values, guard } = newRow(child, random)
  const changed = update(table, random.pick(plainColumns(table)), where(table, random), random)
  return {
    sql: `with changed as (${changed.sql} returning 1)
    insert into ${child.name} (${names.join(', ')}) select ${values.join(', ')} where ${guard} on conflict do nothing`,
    changes: [...changed.changes, { table: child.name, columns: 'row' }],
  }
}
