import type { CanonicalQuery } from '../catalog/catalog.ts'
import { functionName, namesOf } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'

const LOOSE_TYPES =
  /^(numeric|real|double precision|interval|time with time zone|character|jsonb|unknown|any.*|record|.*citext)(\[\])?$/
/** The same by the names that the parser has for them. */
const LOOSE_NAMES = /^(numeric|float[48]|interval|timetz|bpchar|jsonb|citext)$/

/** True for a type of which equal values may differ: 1.0 and 1.00. Types with a scale are not among them. */
export function isLooseType(type: string): boolean {
  return LOOSE_TYPES.test(type)
}

/** True if a call, a cast or a constant in the expression may give such a value. */
export function callsLoosely({ calls }: CanonicalQuery, expression: unknown): boolean {
  const names = new Set<string>()
  const loose: string[] = []
  walk(expression, ({ node }) => {
    if ('FuncCall' in node) names.add(functionName(node.FuncCall))
    if ('A_Expr' in node) names.add(namesOf(node.A_Expr.name).at(-1) ?? '')
    if ('A_Const' in node && node.A_Const.fval !== undefined) loose.push('numeric')
    if (!('TypeCast' in node)) return
    const { names: typeNames, typmods } = node.TypeCast.typeName ?? {}
    const type = namesOf(typeNames).at(-1) ?? ''
    if (LOOSE_NAMES.test(type) && typmods === undefined) loose.push(type)
  })
  const isNamed = ({ name, operators }: CanonicalQuery['calls'][number]) =>
    names.has(name) || operators.some((it) => names.has(it))
  return loose.length > 0 || calls.some((it) => isNamed(it) && isLooseType(it.resultType))
}
