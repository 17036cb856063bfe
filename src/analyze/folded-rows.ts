import type { CanonicalQuery, Column } from '../catalog/catalog.ts'
import { shapeOf } from '../sql/deparse.ts'
import type { Node, RangeVar, SelectStmt } from '../sql/parse.ts'
import type { Analysis, Occurrence } from './analysis.ts'
import { asEquality, columnRef, columnRefsIn, conjuncts, namesOf, targetsOf } from './ast/nodes.ts'
import { hasNode, mapTree } from './ast/walk.ts'
import { yieldsSets } from './barriers.ts'
import { plainReference } from './edges.ts'
import { callsOnlyImmutable } from './filters.ts'
import type { TableName } from './table-names.ts'

export type Unfolded = Omit<Analysis, 'folds'>

/** Says why; thrown from wherever that is found out. */
export class NotFoldable extends Error {}

/** A query, and what was found out about it before its folds are looked for. */
export interface FoldContext {
  readonly query: CanonicalQuery
  readonly root: SelectStmt
  readonly analysis: Unfolded
  readonly tables: ReadonlyMap<object, TableName>
}

/** The one table of a SELECT, and its alias there. */
export interface FoldedTable {
  readonly alias: string
  readonly occurrence: Occurrence
}

export function onlyTable({ tables, analysis }: FoldContext, { fromClause }: SelectStmt): FoldedTable {
  const [from, ...more] = fromClause ?? []
  if (from === undefined || more.length > 0 || !('RangeVar' in from) || from.RangeVar.alias?.colnames) {
    throw new NotFoldable('it reads more than one table')
  }
  const named = tables.get(from.RangeVar)
  const occurrence = analysis.occurrences.find((it) => it.ordinal === named?.ordinal)
  if (occurrence === undefined) throw new Error('a table without an occurrence')
  return { alias: aliasOf(from.RangeVar), occurrence }
}

/** The groups must be the units, and a row must be in its group by its own columns. */
export function requireKeyGroups(context: FoldContext, table: FoldedTable, groups: readonly Node[]): void {
  const { analysis, root } = context
  const grouped = groups.map((it) => shapeOf(it))
  const outputs = targetsOf(root)
  const columns = analysis.unit.map(({ output }) => {
    const value = outputs[output]?.value
    const isGroup = value !== undefined && grouped.includes(shapeOf(value))
    return isGroup && 'ColumnRef' in value ? plainReference(value) : undefined
  })
  if (analysis.unit.length !== grouped.length || columns.some((it) => it?.table !== table.alias)) {
    throw new NotFoldable('the key is not all that the rows are grouped by')
  }
  if (conjuncts(root.whereClause).length !== table.occurrence.filter.length) {
    throw new NotFoldable('its rows are found by more than immutable filters')
  }
  requireDirect(
    context,
    table,
    columns.map((it) => it?.column ?? ''),
  )
}

/** The rows of a subquery must be exactly those that hold the unit, less those that its own filter keeps out. */
export function requireCorrelation(
  context: FoldContext,
  { alias, occurrence }: FoldedTable,
  select: SelectStmt,
): void {
  const { unit } = context.analysis
  const outputs = targetsOf(context.root)
  const tied = unit.map(({ output, type }) => {
    const key = outputs[output] && plainReference(outputs[output].value)
    const equal = conjuncts(select.whereClause).flatMap((it) => asEquality(it) ?? [])
    const columns = equal.flatMap(({ left, right }) => {
      const [a, b] = [plainReference(left), plainReference(right)]
      const own = [a, b].find((it) => it?.table === alias)
      const other = own === a ? b : a
      const isKey = own && key && other?.table === key.table && other.column === key.column
      return isKey === true ? [own.column] : []
    })
    return columns.find((name) => occurrence.relation.columns.find((it) => it.name === name)?.type === type)
  })

  const conditions = conjuncts(select.whereClause).length
  if (tied.includes(undefined) || conditions !== unit.length + occurrence.filter.length) {
    throw new NotFoldable('its rows are found by more than equality with the key and immutable filters')
  }
  requireDirect(
    context,
    { alias, occurrence },
    tied.map((column) => column ?? ''),
  )
}

/** Each path must take the unit from these columns of the changed row. */
function requireDirect(
  { analysis }: FoldContext,
  { occurrence }: FoldedTable,
  columns: readonly string[],
): void {
  const direct = shapeOf(columns.map((column) => columnRef(occurrence.alias, column)))
  const own = analysis.paths.filter((it) => it.occurrence === occurrence.alias)
  if (!own.every((path) => path.hops.length === 0 && shapeOf(path.unit) === direct)) {
    throw new NotFoldable('its rows do not hold the key')
  }
}

/** An expression over the table's row alone, over the occurrence's own alias. */
export function ownExpression(
  { query }: FoldContext,
  { alias, occurrence }: FoldedTable,
  expression: Node,
  what: string,
): Node {
  const isOwn = columnRefsIn(expression).every(
    (ref) => namesOf(ref.fields)[0] === alias && !namesOf(ref.fields).includes('*'),
  )
  const isSettled = callsOnlyImmutable(query, expression) && !yieldsSets(query, expression)
  if (!isOwn || hasNode(expression, 'SubLink') || !isSettled) {
    throw new NotFoldable(`${what} reads more than its own row`)
  }
  return mapTree(expression, ({ node }) =>
    'ColumnRef' in node ? columnRef(occurrence.alias, namesOf(node.ColumnRef.fields)[1] ?? '') : undefined,
  )
}

/** A column of the table that is named by itself; undefined for any other expression. */
export function ownColumn({ alias, occurrence }: FoldedTable, expression: Node): Column | undefined {
  const plain = plainReference(expression)
  if (plain?.table !== alias) return undefined
  return occurrence.relation.columns.find((it) => it.name === plain.column)
}

/** A table of the root's FROM clause itself. */
export function rootTable({ root, tables, analysis }: FoldContext, alias: string): Occurrence | undefined {
  const found = rangesIn(root.fromClause ?? []).find(
    (it) => aliasOf(it) === alias && it.alias?.colnames === undefined,
  )
  const ordinal = found && tables.get(found)?.ordinal
  return analysis.occurrences.find((it) => it.ordinal === ordinal)
}

function aliasOf({ alias, relname = '' }: RangeVar): string {
  return alias?.aliasname ?? relname
}

/** Tables of a FROM clause, those in derived tables left out. */
function rangesIn(items: readonly Node[]): readonly RangeVar[] {
  return items.flatMap((item): readonly RangeVar[] => {
    if ('RangeVar' in item) return [item.RangeVar]
    if (!('JoinExpr' in item)) return []
    return rangesIn([item.JoinExpr.larg, item.JoinExpr.rarg].flatMap((side) => side ?? []))
  })
}
