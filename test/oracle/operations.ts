import { TABLES, tableNamed, type Column, type Table } from './tables.ts'
import type { Random } from './random.ts'

/** One change by one session: SQL text, and which cells of the coverage table it fills. */
export interface Operation {
  readonly kind: OperationKind
  readonly table: string
  readonly sql: string
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

/** Whether a kind makes sense for a table: only then is an empty cell a failure. */
export function isPossible(kind: OperationKind, table: Table): boolean {
  if (kind === 'truncate') return table.canTruncate
  if (kind === 'key change') return table.key.length === 1
  if (kind === 'key move') return table.columns.some((it) => it.references !== undefined)
  if (kind === 'merge' || kind === 'two sources') return table.key.length === 1
  if (kind === 'update' || kind === 'bulk' || kind === 'upsert') return plainColumns(table).length > 0
  return true
}

export function randomOperation(random: Random): Operation {
  for (;;) {
    const table = random.pick(TABLES)
    const kind = random.pick(OPERATION_KINDS)
    const isRare = kind === 'truncate' || kind === 'bulk' || kind === 'key change'
    if (!isPossible(kind, table) || (isRare && !random.oneIn(kind === 'truncate' ? 60 : 6))) continue
    return { kind, table: table.name, sql: write(kind, table, random) }
  }
}

function write(kind: OperationKind, table: Table, random: Random): string {
  switch (kind) {
    case 'insert':
      return insert(table, random)
    case 'insert many':
      return Array.from({ length: 3 }, () => insert(table, random)).join(';\n')
    case 'update':
      return update(table, random.pick(plainColumns(table)), where(table, random), random)
    case 'update unused':
      return update(
        table,
        table.columns.find((it) => it.isUnused === true),
        where(table, random),
        random,
      )
    case 'update nothing':
      return random.oneIn(2)
        ? `update ${table.name} set note = note where ${where(table, random)}`
        : `delete from ${table.name} where false`
    case 'key move':
      return keyMove(table, random)
    case 'key change':
      return keyChange(table, random)
    case 'delete':
      return `delete from ${table.name} where ${where(table, random)}`
    case 'upsert':
      return upsert(table, random)
    case 'merge':
      return merge(table, random)
    case 'two sources':
      return twoSources(table, random)
    case 'bulk':
      return update(
        table,
        random.pick(plainColumns(table)),
        `${table.key[0] ?? ''} % 3 = ${String(random.below(3))}`,
        random,
      )
    case 'rolled back':
      return `savepoint s;\n${insert(table, random)};\ndelete from ${table.name} where ${where(table, random)};\nrollback to s`
    case 'truncate':
      return `truncate ${table.name} cascade`
  }
}

function plainColumns(table: Table): readonly Column[] {
  return table.columns.filter(
    (it) => it.references === undefined && it.isUnused !== true && !table.key.includes(it.name),
  )
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

function update(table: Table, column: Column | undefined, condition: string, random: Random): string {
  if (column === undefined) throw new Error(`nothing to update in ${table.name}`)
  return `update ${table.name} set ${column.name} = ${column.value(random)} where ${condition}`
}

function keyMove(table: Table, random: Random): string {
  const column = random.pick(table.columns.filter((it) => it.references !== undefined))
  const value = column.value(random)
  const guard =
    value === 'null' ? 'true' : `exists (select from ${column.references ?? ''} where id = ${value})`
  const isKey = table.key.includes(column.name)
  const other = table.key.find((name) => name !== column.name) ?? ''
  const free = isKey
    ? `not exists (select from ${table.name} o where o.${other} = t.${other} and o.${column.name} = ${value})`
    : 'true'
  return `update ${table.name} t set ${column.name} = ${value} where ${where(table, random)} and ${guard} and ${free}`
}

function keyChange(table: Table, random: Random): string {
  const [from, to] = [random.below(table.range) + 1, random.below(table.range) + 1]
  return `update ${table.name} set id = ${String(to)}
    where id = ${String(from)} and not exists (select from ${table.name} where id = ${String(to)})`
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
function twoSources(table: Table, random: Random): string {
  const child = random.pick(
    [tableNamed('comments'), tableNamed('messages')].filter((it) => it.name !== table.name),
  )
  const { names, values, guard } = newRow(child, random)
  const changed = update(table, random.pick(plainColumns(table)), where(table, random), random)
  return `with changed as (${changed} returning 1)
    insert into ${child.name} (${names.join(', ')}) select ${values.join(', ')} where ${guard} on conflict do nothing`
}
