import type { ColumnRef, FuncCall, Node, SelectStmt } from '../../sql/parse.ts'
import { walk } from './walk.ts'

/** The bare names in a list of String nodes: `public.lower` is ['public', 'lower']. A star is '*'. */
export function namesOf(fields: readonly Node[] | undefined): readonly string[] {
  return (fields ?? []).map((field) => ('String' in field ? (field.String.sval ?? '') : '*'))
}

export function columnRef(...names: readonly string[]): Node {
  return { ColumnRef: { fields: names.map((sval) => ({ String: { sval } })) } }
}

/** The last part of a function's name. */
export function functionName(call: FuncCall): string {
  return namesOf(call.funcname).at(-1) ?? ''
}

/** Takes a WHERE or ON condition apart at its top-level ANDs. */
export function conjuncts(condition: Node | undefined): readonly Node[] {
  if (condition === undefined) return []
  if ('BoolExpr' in condition && condition.BoolExpr.boolop === 'AND_EXPR') {
    return (condition.BoolExpr.args ?? []).flatMap(conjuncts)
  }
  return [condition]
}

export function conjunction(conditions: readonly Node[]): Node | undefined {
  const [first, ...more] = conditions
  return more.length === 0 ? first : { BoolExpr: { boolop: 'AND_EXPR', args: [...conditions] } }
}

export function equality(left: Node, right: Node): Node {
  return { A_Expr: { kind: 'AEXPR_OP', name: [{ String: { sval: '=' } }], lexpr: left, rexpr: right } }
}

/** `left = right`, whatever schema the operator is from. */
export function asEquality(condition: Node): { readonly left: Node; readonly right: Node } | undefined {
  if (!('A_Expr' in condition) || condition.A_Expr.kind !== 'AEXPR_OP') return undefined
  const { lexpr, rexpr, name } = condition.A_Expr
  if (lexpr === undefined || rexpr === undefined || namesOf(name).at(-1) !== '=') return undefined
  return { left: lexpr, right: rexpr }
}

/** Column references in an expression, those inside subqueries too. */
export function columnRefsIn(expression: unknown): readonly ColumnRef[] {
  const found: ColumnRef[] = []
  walk(expression, ({ node }) => {
    if ('ColumnRef' in node) found.push(node.ColumnRef)
  })
  return found
}

export function isSetOperation({ op }: SelectStmt): boolean {
  return op !== undefined && op !== 'SETOP_NONE'
}

/** The branches of a set operation, left to right; a plain SELECT is its own only branch. */
export function branchesOf(select: SelectStmt): readonly SelectStmt[] {
  if (!isSetOperation(select)) return [select]
  return [select.larg, select.rarg].flatMap((side) => (side === undefined ? [] : branchesOf(side)))
}

/** The expressions of a select list, in order. */
export function targetsOf(
  select: SelectStmt,
): readonly { readonly name: string | undefined; readonly value: Node }[] {
  return (select.targetList ?? []).flatMap((target) =>
    'ResTarget' in target && target.ResTarget.val !== undefined
      ? [{ name: target.ResTarget.name, value: target.ResTarget.val }]
      : [],
  )
}

/** The SELECT in a node that must be one. */
export function selectIn(node: Node | undefined): SelectStmt {
  if (node === undefined || !('SelectStmt' in node)) throw new Error('a subquery without a SELECT')
  return node.SelectStmt
}

/** The SELECT of a subquery, in an expression or in FROM. */
export function subqueryOf(node: Node): SelectStmt | undefined {
  const inner =
    'SubLink' in node
      ? node.SubLink.subselect
      : 'RangeSubselect' in node
        ? node.RangeSubselect.subquery
        : undefined
  return inner !== undefined && 'SelectStmt' in inner ? inner.SelectStmt : undefined
}

/** Names of a query's columns: those of the first branch; a bare column gives its own name. */
export function outputNames(select: SelectStmt): readonly string[] {
  const [first] = branchesOf(select)
  const [values] = first?.valuesLists ?? []
  if (values !== undefined && 'List' in values) {
    return (values.List.items ?? []).map((_, i) => `column${String(i + 1)}`)
  }
  return targetsOf(first ?? select).map(({ name, value }) => {
    if (name !== undefined) return name
    return 'ColumnRef' in value ? (namesOf(value.ColumnRef.fields).at(-1) ?? '') : ''
  })
}
