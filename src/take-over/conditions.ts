import { conjuncts, namesOf } from '../analyze/ast/nodes.ts'
import { shapeOf } from '../sql/deparse.ts'
import type { A_Expr, Node } from '../sql/parse.ts'

/**
 * Conditions that all hold, as few as can be said: comparisons of constants are decided (`TG_OP = 'INSERT'`), ANDs are taken
 * apart, negations go inwards, what is said twice is said once. `never`: they cannot all hold.
 */
export function simplified(conditions: readonly Node[]): readonly Node[] | 'never' {
  const left: Node[] = []
  for (const condition of conditions) {
    const outcome = simplify(condition)
    if (outcome === false) return 'never'
    if (outcome === true) continue
    for (const it of conjuncts(outcome)) if (!isAmong(it, left)) left.push(it)
  }
  if (left.some((it) => isAmong(negation(it), left))) return 'never'
  return left.filter((it) => !isImplied(it, left))
}

/** `status <> 'open'` beside `status = 'closed'`. */
function isImplied(condition: Node, others: readonly Node[]): boolean {
  const unequal = comparison(condition, '<>')
  return (
    unequal !== undefined &&
    others.some((it) => {
      const equal = comparison(it, '=')
      return equal?.of === unequal.of && equal.constant !== unequal.constant
    })
  )
}

/** A comparison of something with a constant of text. */
function comparison(
  condition: Node,
  operator: string,
): { readonly of: string; readonly constant: string } | undefined {
  if (!('A_Expr' in condition) || condition.A_Expr.kind !== 'AEXPR_OP') return undefined
  const { name, lexpr, rexpr } = condition.A_Expr
  const constant = textOf(rexpr)
  if (constant === undefined || namesOf(name).at(-1) !== operator) return undefined
  return { of: shapeOf(lexpr), constant }
}

export function isAmong(condition: Node, others: readonly Node[]): boolean {
  return others.some((it) => shapeOf(it) === shapeOf(condition))
}

/** The opposite of a condition, as it comes out of `simplified`. */
export function negation(condition: Node): Node {
  const outcome = simplify({ BoolExpr: { boolop: 'NOT_EXPR', args: [condition] } })
  return typeof outcome === 'boolean' ? constant(outcome) : outcome
}

function simplify(condition: Node): Node | boolean {
  if ('BoolExpr' in condition) {
    const { boolop, args = [] } = condition.BoolExpr
    if (boolop === 'NOT_EXPR') return opposite(args[0] === undefined ? true : simplify(args[0]))
    return connected(boolop === 'AND_EXPR', args.map(simplify))
  }
  if ('A_Expr' in condition) return decided(condition.A_Expr) ?? plainBoolean(condition.A_Expr) ?? condition
  if ('A_Const' in condition && condition.A_Const.boolval !== undefined) {
    return condition.A_Const.boolval.boolval === true
  }
  return condition
}

/** AND or OR of what is left of its parts. */
function connected(isAnd: boolean, parts: readonly (Node | boolean)[]): Node | boolean {
  if (parts.includes(!isAnd)) return !isAnd
  const args = parts.filter((it): it is Node => typeof it !== 'boolean')
  const [first, ...more] = args
  if (first === undefined) return isAnd
  if (more.length === 0) return first
  return { BoolExpr: { boolop: isAnd ? 'AND_EXPR' : 'OR_EXPR', args } }
}

function opposite(condition: Node | boolean): Node | boolean {
  if (typeof condition === 'boolean') return !condition
  if ('BoolExpr' in condition) {
    const { boolop, args = [] } = condition.BoolExpr
    if (boolop === 'NOT_EXPR') return args[0] ?? true
    if (boolop === 'OR_EXPR') return connected(true, args.map(opposite))
  }
  const inverse = 'A_Expr' in condition ? inverseOf(condition.A_Expr) : undefined
  return inverse ?? { BoolExpr: { boolop: 'NOT_EXPR', args: [condition] } }
}

/** `=` and `<>` are each the opposite of the other, and null where the other is. */
function inverseOf(expression: A_Expr): Node | undefined {
  const { kind, name } = expression
  if (kind === 'AEXPR_DISTINCT') return { A_Expr: { ...expression, kind: 'AEXPR_NOT_DISTINCT' } }
  if (kind === 'AEXPR_NOT_DISTINCT') return { A_Expr: { ...expression, kind: 'AEXPR_DISTINCT' } }
  const other = { '=': '<>', '<>': '=' }[namesOf(name).at(-1) ?? '']
  if (kind !== 'AEXPR_OP' || other === undefined) return undefined
  return { A_Expr: { ...expression, name: [{ String: { sval: other } }] } }
}

/** `is_read = false` is `not is_read`. */
function plainBoolean({ kind, name, lexpr, rexpr }: A_Expr): Node | undefined {
  const value = rexpr !== undefined && 'A_Const' in rexpr ? rexpr.A_Const.boolval : undefined
  const operator = namesOf(name).at(-1) ?? ''
  if (kind !== 'AEXPR_OP' || lexpr === undefined || value === undefined) return undefined
  if (operator !== '=' && operator !== '<>') return undefined
  const isTrue = (value.boolval === true) === (operator === '=')
  return isTrue ? lexpr : { BoolExpr: { boolop: 'NOT_EXPR', args: [lexpr] } }
}

/** Of a comparison between constants of text: whether it holds. */
function decided({ kind, name, lexpr, rexpr }: A_Expr): boolean | undefined {
  const left = textOf(lexpr)
  if (left === undefined) return undefined
  const isEqual = namesOf(name).at(-1) === '='
  if (kind === 'AEXPR_IN') {
    const items = rexpr !== undefined && 'List' in rexpr ? (rexpr.List.items ?? []).map(textOf) : [undefined]
    return items.includes(undefined) ? undefined : items.includes(left) === isEqual
  }
  const right = textOf(rexpr)
  const isKnown = kind === 'AEXPR_OP' && ['=', '<>'].includes(namesOf(name).at(-1) ?? '')
  return right === undefined || !isKnown ? undefined : (left === right) === isEqual
}

function textOf(node: Node | undefined): string | undefined {
  return node !== undefined && 'A_Const' in node ? node.A_Const.sval?.sval : undefined
}

function constant(value: boolean): Node {
  return { A_Const: { boolval: value ? { boolval: true } : {} } }
}
