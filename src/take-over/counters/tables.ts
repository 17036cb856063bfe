import { displayName } from '../../sql/names.ts'
import { parseExpression } from '../../sql/parse.ts'
import type { Found, FoundColumn, FoundRelation } from '../catalog.ts'
import type { Reason } from '../draft.ts'
import type { TriggerEffects } from '../effects.ts'
import { contributionsOf, keyColumns, type Contribution } from './contribution.ts'
import { deriveColumn, type Derived, type Root } from './derive.ts'
import { aliasOf, plainName, tableText } from './names.ts'

/** A table that triggers write, and what its columns come to. */
export interface CountedTable {
  readonly table: FoundRelation
  readonly key: readonly string[]
  /**
   * `whole`: all of it comes from other tables, so a read model can take its place. `columns`: only some columns do; they are
   * kept in a read model beside it.
   */
  readonly extent: 'whole' | 'columns'
  readonly query: string
  /** Columns whose stored values the query ought to give. */
  readonly derived: readonly string[]
  /** Columns that get no value any more. */
  readonly stamps: readonly string[]
  /** Columns that no trigger writes, and that have their default in the query. */
  readonly constants: readonly string[]
}

export type Understood = CountedTable | { readonly table: FoundRelation; readonly reasons: readonly Reason[] }

/** Understands the tables that triggers write. */
export function countedTables(found: Found, triggers: readonly TriggerEffects[]): readonly Understood[] {
  const tables = new Set(
    triggers.flatMap(({ effects }) => effects.flatMap((it) => (it.kind === 'write' ? [it.table] : []))),
  )
  return [...tables].map((table) => understand(found, table, triggers))
}

function understand(found: Found, table: FoundRelation, triggers: readonly TriggerEffects[]): Understood {
  const writes = triggers.flatMap(({ trigger, effects }) =>
    effects.flatMap((it) =>
      it.kind === 'write' && it.table === table
        ? [
            {
              trigger,
              contributions: contributionsOf(table, it.write.statement, {
                ...it.write,
                source: { schema: trigger.schema, name: trigger.table },
              }),
            },
          ]
        : [],
    ),
  )
  const odd = writes.find(({ contributions }) => contributions === undefined)
  if (odd !== undefined) {
    return refused(
      table,
      `the trigger ${odd.trigger.name} on ${odd.trigger.schema}.${odd.trigger.table} writes it in a way that is not understood`,
    )
  }
  const contributions = writes.flatMap((it) => it.contributions ?? [])
  const key = keyColumns(table, [...new Set(contributions.flatMap((it) => [...it.key.keys()]))])
  if (key === undefined) return refused(table, 'its triggers find its rows by columns that are not unique')
  return derive(found, table, key, contributions)
}

function derive(
  found: Found,
  table: FoundRelation,
  key: readonly string[],
  contributions: readonly Contribution[],
): Understood {
  const root = rootOf(found, table, key)
  const others = table.columns.filter(({ name }) => !key.includes(name))
  const written = others.map((column) => {
    const own = contributions.filter((it) => it.column === column.name)
    return { column, derived: own.length === 0 ? undefined : deriveColumn(found, own, root) }
  })
  const isWhole = root.table !== table && written.every(({ column, derived }) => isSettled(column, derived))
  if (isWhole) return wholeTable(table, key, root, written)
  const own = { table, alias: aliasOf(table.name, []), columns: new Map(key.map((it) => [it, it])) }
  const inOwn = others.map((column) => ({
    column,
    derived: deriveColumn(
      found,
      contributions.filter((it) => it.column === column.name),
      own,
    ),
  }))
  const clear = inOwn.filter(({ derived }) => derived.kind === 'expression')
  if (clear.length > 0) return someColumns(table, key, own, clear)
  const why = written.flatMap(({ column, derived }) =>
    derived?.kind === 'unclear' ? [`${column.name}: ${derived.because}`] : [],
  )
  return refused(table, why.length === 0 ? 'its triggers do not count' : why.join('; '))
}

type Written = readonly { readonly column: FoundColumn; readonly derived: Derived | undefined }[]

/** The row that the table's key refers to, or its own. */
function rootOf({ relations }: Found, table: FoundRelation, key: readonly string[]): Root {
  const reference = table.references.find(
    ({ columns }) => columns.length === key.length && columns.every((it) => key.includes(it)),
  )
  const parent = relations.find(({ oid }) => oid === reference?.to) ?? table
  const columns =
    parent === table ? key : key.map((it) => reference?.toColumns[reference.columns.indexOf(it)] ?? it)
  return {
    table: parent,
    alias: aliasOf(parent.name, []),
    columns: new Map(key.map((it, i) => [it, columns[i] ?? it])),
  }
}

/** It is derived, a moment, or always its default. */
function isSettled(column: FoundColumn, derived: Derived | undefined): boolean {
  if (derived === undefined) return constantOf(column) !== undefined
  return derived.kind !== 'unclear'
}

/** What a column has that nobody writes; undefined where it has something else in each row. */
function constantOf({ byDefault, notNull, type }: FoundColumn): string | undefined {
  if (byDefault === null) return notNull ? undefined : `null::${type}`
  const value = parseExpression(byDefault)
  const bare = 'TypeCast' in value ? value.TypeCast.arg : value
  return bare !== undefined && 'A_Const' in bare ? cast(byDefault, type) : undefined
}

function wholeTable(
  table: FoundRelation,
  key: readonly string[],
  root: Root,
  written: Written,
): CountedTable {
  const all = table.columns.map((column) => {
    if (key.includes(column.name))
      return `${root.alias}.${plainName(root.columns.get(column.name) ?? '')} as ${plainName(column.name)}`
    const derived = written.find((it) => it.column === column)?.derived
    return `${valueOf(column, derived)} as ${plainName(column.name)}`
  })
  return {
    table,
    key,
    extent: 'whole',
    query: selectOf(all, root),
    derived: namesOf(written, (it) => it?.kind === 'expression'),
    stamps: namesOf(written, (it) => it?.kind === 'stamp'),
    constants: namesOf(written, (it) => it === undefined),
  }
}

function someColumns(table: FoundRelation, key: readonly string[], root: Root, clear: Written): CountedTable {
  const columns = [
    ...key.map((it) => `${root.alias}.${plainName(it)}`),
    ...clear.map(({ column, derived }) => `${valueOf(column, derived)} as ${plainName(column.name)}`),
  ]
  return {
    table,
    key,
    extent: 'columns',
    query: selectOf(columns, root),
    derived: clear.map(({ column }) => column.name),
    stamps: [],
    constants: [],
  }
}

function namesOf(written: Written, isWanted: (derived: Derived | undefined) => boolean): readonly string[] {
  return written.filter(({ derived }) => isWanted(derived)).map(({ column }) => column.name)
}

function valueOf(column: FoundColumn, derived: Derived | undefined): string {
  if (derived?.kind === 'expression') return cast(derived.sql, column.type)
  return derived === undefined ? (constantOf(column) ?? 'null') : `null::${column.type}`
}

/** What readers get has the type that it had: a driver gives a bigint in another form than an integer. */
function cast(expression: string, type: string): string {
  const isSame =
    expression.endsWith(`::${type}`) || (type === 'bigint' && expression.startsWith('(select count(*)'))
  return isSame ? expression : `${expression}::${type}`
}

function selectOf(columns: readonly string[], { table, alias }: Root): string {
  return `select\n  ${columns.join(',\n  ')}\nfrom ${tableText(table)} as ${alias}`
}

function refused(table: FoundRelation, detail: string): Understood {
  return {
    table,
    reasons: [
      {
        code: null,
        detail: `${displayName(table)}: ${detail}`,
        hint: 'Write its SELECT yourself, and try it: millrace try.',
      },
    ],
  }
}
