import type { Node } from '../sql/parse.ts'
import { namesOf } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'

/** Columns, constants, and what compares and combines them: no row makes such an expression raise an error. */
export function cannotFail(expression: Node): boolean {
  let isSafe = true
  walk(expression, ({ node, type }) => {
    if (!SAFE.has(type)) isSafe = false
    if ('A_Expr' in node && !COMPARISONS.has(namesOf(node.A_Expr.name).at(-1) ?? '')) isSafe = false
    if ('TypeCast' in node && node.TypeCast.arg !== undefined && !('A_Const' in node.TypeCast.arg))
      isSafe = false
  })
  return isSafe
}

const SAFE = new Set([
  'ColumnRef',
  'A_Const',
  'A_Expr',
  'BoolExpr',
  'NullTest',
  'BooleanTest',
  'TypeCast',
  'String',
])
const COMPARISONS = new Set(['=', '<>', '<', '<=', '>', '>='])
