import { MillraceError } from '../errors.ts'
import { displayName } from '../sql/names.ts'
import type { FoundRelation } from './catalog.ts'
import { aliasOf, plainName, tableText } from './counters/names.ts'
import type { Draft } from './draft.ts'

/** So many tables are counted in a first model: it is to be read. */
const MAX_COUNTS = 3

/** Tables that a first read model could be of, those first that most others refer to. */
export function firstTables(tables: readonly FoundRelation[]): readonly FoundRelation[] {
  return tables
    .filter(({ indexes }) => indexes.some((it) => it.isPrimary))
    .map((table) => ({ table, count: childrenOf(table, tables).length }))
    .toSorted((a, b) => b.count - a.count)
    .map(({ table }) => table)
}

/** The table that was named, or the first. */
export function tableNamed(
  tables: readonly FoundRelation[],
  name: string | undefined,
): FoundRelation | undefined {
  const candidates = firstTables(tables)
  const found = candidates.find((it) => name === undefined || it.name === name || displayName(it) === name)
  if (found !== undefined || name === undefined) return found
  throw new MillraceError('BAD_USAGE', {
    detail: `there is no table ${name} with a primary key`,
    hint:
      candidates.length === 0
        ? 'The database has none.'
        : `There are ${candidates.map(displayName).join(', ')}.`,
  })
}

/** A read model of a table's rows, each with how many rows of other tables belong to it. */
export function firstModel(table: FoundRelation, tables: readonly FoundRelation[]): Draft {
  const alias = aliasOf(table.name, [])
  const key = table.indexes.find((it) => it.isPrimary)?.columns ?? []
  const counts = childrenOf(table, tables)
    .slice(0, MAX_COUNTS)
    .map(({ child, columns, toColumns }) => {
      const other = aliasOf(child.name, [alias])
      const on = columns.map(
        (it, i) => `${other}.${plainName(it)} = ${alias}.${plainName(toColumns[i] ?? '')}`,
      )
      return `(select count(*) from ${tableText(child)} as ${other} where ${on.join(' and ')}) as ${plainName(`${child.name}_count`)}`
    })
  const columns = [...table.columns.map(({ name }) => `${alias}.${plainName(name)}`), ...counts]
  return {
    relation: { schema: table.schema, name: `${table.name}_page` },
    replaces: null,
    query: `select\n  ${columns.join(',\n  ')}\nfrom ${tableText(table)} as ${alias}`,
    key,
    freshness: 'eventual',
    indexes: [],
    notes: [
      `A first read model: the SELECT of a page over ${displayName(table)}. Change it to what your page shows.`,
      `key: the columns that identify a row. freshness: 'eventual' (the worker follows), or 'immediate' (exact at commit).`,
      `Indexes for the page's order go here, too: indexes: [['created_at desc']].`,
      `millrace try 'select …' tells of any query whether it can be kept; millrace explain ${table.name}_page how this one is.`,
    ],
    comparison: null,
  }
}

function childrenOf(table: FoundRelation, tables: readonly FoundRelation[]) {
  return tables.flatMap((child) =>
    child === table
      ? []
      : child.references
          .filter(({ to }) => to === table.oid)
          .slice(0, 1)
          .map(({ columns, toColumns }) => ({ child, columns, toColumns })),
  )
}
