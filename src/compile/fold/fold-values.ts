import { isRowCount } from '../../analyze/folds.ts'
import { columnRef } from '../../analyze/ast/nodes.ts'
import { mapTree } from '../../analyze/ast/walk.ts'
import { deparseExpression, shapeOf } from '../../sql/deparse.ts'
import { parseExpression, type Node } from '../../sql/parse.ts'
import { ident, sql, type Sql } from '../../sql/sql.ts'
import { isNumber, replaceStates, type FoldedColumn, type PlacedState } from './fold-layout.ts'

/** A stored column and what it is set to. */
export interface ColumnValue {
  readonly column: string
  readonly value: Sql
}

/** What a state stands for in some statement: what is stored, what is added, or both. */
export type StateValue = (state: PlacedState) => Sql

/** A folded column's numbers, and the column itself where it is not just one of its states. */
export function valuesOf(
  column: FoldedColumn,
  stateValue: StateValue,
  carriedValue: (column: string) => Node,
): readonly ColumnValue[] {
  const own = column.states.filter(isNumber).map((it) => ({ column: it.column, value: stateValue(it) }))
  const value = computedValue(column, stateValue, carriedValue)
  return value === undefined ? own : [...own, { column: column.name, value }]
}

/** Undefined where the column is one of its own states. */
export function computedValue(
  column: FoldedColumn,
  stateValue: StateValue,
  carriedValue: (column: string) => Node,
): Sql | undefined {
  if (column.states.some((it) => it.column === column.name)) return undefined
  return deparseExpression(
    mapTree(
      replaceStates(column.value, column, (it) => parseExpression(stateValue(it).text)),
      ({ node }) => {
        const carried = column.carried.find((it) => shapeOf(it.reference) === shapeOf(node))
        return carried && carriedValue(carried.column)
      },
    ),
  )
}

/** A column of the row that stands. */
export function storedColumn(column: string): Node {
  return columnRef('stored', column)
}

/** A sum over no rows is kept as a plain 0, as it is when it is computed: 0.00 would be another image. */
export function addedState(states: readonly PlacedState[], delta: StateValue): StateValue {
  const added = (it: PlacedState) => sql`(${ident('stored', it.column)} + ${delta(it)})`
  return (state) => {
    if (!isNumber(state)) return ident('stored', state.column)
    if (state.kind === 'count') return added(state)
    return sql`(case when ${added(countBeside(state, states))} = 0 then 0 else ${added(state)} end)`
  }
}

/** How many rows a sum is over. */
export function countBeside(state: PlacedState, states: readonly PlacedState[]): PlacedState {
  const count = states.find(
    (it) =>
      it.kind === 'count' &&
      it.table === state.table &&
      shapeOf([it.argument, it.filter]) === shapeOf([state.argument, state.filter]),
  )
  if (count === undefined) throw new Error(`no count beside ${state.column}`)
  return count
}

/** The state of a group that tells whether it has rows at all. */
export function rowCountOf(states: readonly PlacedState[]): PlacedState {
  const rowCount = states.find(isRowCount)
  if (rowCount === undefined) throw new Error('groups whose rows are not counted')
  return rowCount
}
