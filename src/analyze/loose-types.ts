import type { CanonicalQuery } from '../catalog/catalog.ts'
import { functionName, namesOf } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'

const LOOSE_TYPES =
  /^(numeric|real|double precision|interval|time with time zone|character|jsonb|unknown|any.*|record|.*citext)(\[\])?$/

/** True for a type of which equal values may differ: 1.0 and 1.00. Types with a scale are not among them. */
export function isLooseType(type: string): boolean {
  return LOOSE_TYPES.test(type)
}

const COMPARISONS = new Set(['=', '<>', '<', '<=', '>', '>=', '||', '~', '~~', '!~~', '~*', '!~', '!~*'])

/** True if a call in the expression may give such a value. Operators go by another name in the catalog: any may be it. */
export function callsLoosely({ calls }: CanonicalQuery, expression: unknown): boolean {
  const names = new Set<string>()
  let computes = false
  walk(expression, ({ node }) => {
    if ('FuncCall' in node) names.add(functionName(node.FuncCall))
    if ('A_Expr' in node && !COMPARISONS.has(namesOf(node.A_Expr.name).at(-1) ?? '')) computes = true
  })
  return calls.some(
    ({ name, kind, resultType }) =>
      (names.has(name) || (computes && kind === 'function')) && isLooseType(resultType),
  )
}
