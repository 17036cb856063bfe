import { asClockComparison, isClockCall } from '../sql/clock.ts'
import type { DecayKind } from '../sql/decay.ts'
import type { FuncCall, Node, SelectStmt } from '../sql/parse.ts'
import { functionName, namesOf } from './ast/nodes.ts'
import { mapTree, walk } from './ast/walk.ts'
import { plainReference } from './edges.ts'

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

/**
 * What seems to be meant by the clock in a query that is not kept for its sake: a score that decays, `exp(… now() …)` or
 * `score - … extract(epoch from now() - made)`. Undefined where it is anything else.
 */
export function looksLikeDecay(select: SelectStmt): DecayKind | undefined {
  let found: DecayKind | undefined
  walk({ SelectStmt: select }, ({ node }) => {
    if (isExponential(node)) found = 'exponential'
    else if (isLinear(node)) found ??= 'linear'
  })
  return found
}

function isExponential(node: Node): boolean {
  if ('FuncCall' in node && /^(exp|power|pow)$/.test(functionName(node.FuncCall)))
    return hasClock(node.FuncCall.args)
  return operatorOf(node) === '^' && 'A_Expr' in node && hasClock(node.A_Expr.rexpr)
}

function isLinear(node: Node): boolean {
  if (operatorOf(node) !== '-' || !('A_Expr' in node)) return false
  return hasAge(node.A_Expr.rexpr) && !hasClock(node.A_Expr.lexpr)
}

/** The clock as a number. */
function hasAge(tree: unknown): boolean {
  return some(tree, (node) => 'FuncCall' in node && isNumber(node.FuncCall) && hasClock(node.FuncCall.args))
}

function isNumber(call: FuncCall): boolean {
  return ['extract', 'date_part'].includes(functionName(call))
}

function hasClock(tree: unknown): boolean {
  return some(tree, isClock)
}

function some(tree: unknown, condition: (node: Node) => boolean): boolean {
  let found = false
  walk(tree, ({ node }) => {
    if (condition(node)) found = true
  })
  return found
}

function operatorOf(node: Node): string | undefined {
  return 'A_Expr' in node && node.A_Expr.kind === 'AEXPR_OP' ? namesOf(node.A_Expr.name).at(-1) : undefined
}

function isClock(node: Node): boolean {
  return isClockCall(node) || ('SQLValueFunction' in node && /TIME/.test(node.SQLValueFunction.op ?? ''))
}
