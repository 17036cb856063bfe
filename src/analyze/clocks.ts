import { asClockComparison, isClockCall } from '../sql/clock.ts'
import type { Node, SelectStmt } from '../sql/parse.ts'
import { plainReference } from './edges.ts'
import { mapTree } from './ast/walk.ts'

/** A column that the query compares with the time: a row's part in the answer changes when the time comes to its value. */
export interface ClockEdge {
  readonly alias: string
  readonly column: string
  /** What the column is compared with: an expression over `now()` that never goes back. */
  readonly bound: Node
}

/** The edge of a comparison whose names have been replaced by columns of tables; undefined if it has none. */
export function clockEdgeOf(comparison: Node): ClockEdge | undefined {
  const found = asClockComparison(comparison)
  const column = found && plainReference(found.other)
  return column && { alias: column.table, column: column.column, bound: found.clock.node }
}

/** True if the clock is read but in a comparison with a column. */
export function readsClockElsewhere(select: SelectStmt): boolean {
  let found = false
  mapTree(select, ({ node }) => {
    const comparison = asClockComparison(node)
    // What the time is compared with may be anything but the time.
    if (comparison !== undefined)
      return mapTree(comparison.other, ({ node: at }) => {
        if (isClock(at)) found = true
        return undefined
      })
    if (isClock(node)) found = true
    return undefined
  })
  return found
}

function isClock(node: Node): boolean {
  return isClockCall(node) || ('SQLValueFunction' in node && /TIME/.test(node.SQLValueFunction.op ?? ''))
}
