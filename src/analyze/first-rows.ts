import type { Column } from '../catalog/catalog.ts'
import { shapeOf } from '../sql/deparse.ts'
import type { Node, SelectStmt } from '../sql/parse.ts'
import { aggregates } from './aggregates.ts'
import type { FirstOfGroup, SortColumn } from './analysis.ts'
import { branchesOf, columnRef, targetsOf } from './ast/nodes.ts'
import { distinctOnOf, hasLimit, windowCallsOf } from './barriers.ts'
import {
  NotFoldable,
  onlyTable,
  ownColumn,
  ownExpression,
  requireKeyGroups,
  type FoldContext,
  type FoldedTable,
} from './folded-rows.ts'

/** A column that rows are sorted by, as the query names it. */
export interface Sorting extends SortColumn {
  readonly expression: Node
  readonly column: Column
}

/** What ORDER BY sorts by. Rows are compared by the operators of the server's own types, which are found wherever one is. */
export function sortingsOf(table: FoldedTable, order: readonly Node[]): readonly Sorting[] {
  return order.map((item) => {
    if (!('SortBy' in item) || item.SortBy.node === undefined) throw new Error('an ORDER BY without an order')
    const { node: expression, sortby_dir: direction, sortby_nulls: nulls } = item.SortBy
    const column = ownColumn(table, expression)
    if (column === undefined || direction === 'SORTBY_USING') {
      throw new NotFoldable('it is sorted by more than columns of its table')
    }
    if (!column.identical && column.type.includes('.')) {
      throw new NotFoldable(`${column.name} is sorted as an extension has it`)
    }
    const isDescending = direction === 'SORTBY_DESC'
    const nullsFirst = nulls === 'SORTBY_NULLS_FIRST' || (isDescending && nulls !== 'SORTBY_NULLS_LAST')
    return { expression, column, isDescending, nullsFirst, mayBeNull: !column.notNull }
  })
}

/** True for a subquery that yields the first row in an order. */
export function isFirstRow(select: SelectStmt): boolean {
  return hasLimit(select) && select.sortClause !== undefined && branchesOf(select).length === 1
}

/** One row of one table, and nothing that several rows make. */
export function requireOneRow({ query }: FoldContext, select: SelectStmt): void {
  const { limitCount, limitOffset, limitOption, distinctClause, groupClause, havingClause } = select
  const isOne = limitCount !== undefined && 'A_Const' in limitCount && limitCount.A_Const.ival?.ival === 1
  if (!isOne || limitOffset !== undefined || limitOption === 'LIMIT_OPTION_WITH_TIES') {
    throw new NotFoldable('it is not the first row that its subquery yields')
  }
  const isPlain = distinctClause === undefined && groupClause === undefined && havingClause === undefined
  if (!isPlain || windowCallsOf(select).length > 0 || aggregates(query, select)) {
    throw new NotFoldable('its subquery groups')
  }
}

/** A root whose DISTINCT ON is the key, over one table. */
export function firstOfGroup(context: FoldContext): FirstOfGroup {
  const { query, root, analysis } = context
  const table = onlyTable(context, root)
  const isPlain = root.groupClause === undefined && root.havingClause === undefined && !hasLimit(root)
  if (!isPlain || windowCallsOf(root).length > 0 || aggregates(query, root)) {
    throw new NotFoldable('it does more than take the first of each group')
  }
  const groups = distinctOnOf(root)
  requireKeyGroups(context, table, groups)

  const grouped = groups.map((it) => shapeOf(it))
  const order = (root.sortClause ?? []).filter(
    (it) => !('SortBy' in it && grouped.includes(shapeOf(it.SortBy.node))),
  )
  if (order.length === 0) throw new NotFoldable('its groups are of one row each')
  const outputs = targetsOf(root)
  const isKey = (output: number) => analysis.unit.some((it) => it.output === output)
  return {
    occurrence: table.occurrence.alias,
    order: sortingsOf(table, order).map(({ expression, column, ...direction }) => {
      const output = outputs.findIndex(({ value }) => shapeOf(value) === shapeOf(expression))
      return {
        ...direction,
        value: columnRef(table.occurrence.alias, column.name),
        inQuery: columnRef(table.alias, column.name),
        output: output < 0 ? null : output,
        type: column.type,
        collation: column.collation,
      }
    }),
    shown: outputs.flatMap(({ value }, output) =>
      isKey(output) ? [] : [{ output, value: ownExpression(context, table, value, 'a column') }],
    ),
  }
}
