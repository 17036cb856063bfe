import type { CanonicalQuery } from '../catalog/catalog.ts'
import type { FuncCall, Node } from '../sql/parse.ts'
import { isAggregate } from './aggregates.ts'
import { functionName, namesOf, subqueryOf, targetsOf } from './ast/nodes.ts'
import { plainReference } from './edges.ts'
import { NotFoldable, type FoldedTable } from './folded-rows.ts'

export function isAggregateCall(query: CanonicalQuery, call: FuncCall): boolean {
  return isAggregate(query, functionName(call))
}

/** An aggregate of one's own may have any name. */
export function isBuiltin({ calls }: CanonicalQuery, name: string): boolean {
  return calls.filter((it) => it.kind === 'aggregate' && it.name === name).every((it) => it.builtin)
}

/** What a count can be cast to: two thousand million rows of one key would not fit into the narrowest. */
const WIDE_TYPES = new Set(['int4', 'int8', 'numeric', 'float8', 'text'])

/** An aggregate by itself, perhaps cast, perhaps with a constant for null: it cannot fail. */
export function isPlainAggregate(query: CanonicalQuery, value: Node): boolean {
  const isPlain = (it: Node): boolean => isPlainAggregate(query, it)
  if ('CoalesceExpr' in value) {
    return (value.CoalesceExpr.args ?? []).every((it) => 'A_Const' in it || isPlain(it))
  }
  if ('TypeCast' in value) {
    const type = namesOf(value.TypeCast.typeName?.names).at(-1) ?? ''
    return WIDE_TYPES.has(type) && value.TypeCast.arg !== undefined && isPlain(value.TypeCast.arg)
  }
  const subquery = 'SubLink' in value ? subqueryOf(value) : undefined
  const target = subquery && targetsOf(subquery)[0]?.value
  if (target !== undefined) return isPlain(target)
  return 'FuncCall' in value && isAggregateCall(query, value.FuncCall)
}

/** The column that is counted or summed; null for whole rows, as in count(*) and count(1). */
export function argumentOf(call: FuncCall, { alias }: Pick<FoldedTable, 'alias'>): string | null {
  const [argument] = call.args ?? []
  if (argument === undefined || ('A_Const' in argument && argument.A_Const.isnull !== true)) return null
  const column = 'ColumnRef' in argument ? plainReference(argument) : undefined
  if (column?.table === alias) return column.column
  throw new NotFoldable(`the argument of ${functionName(call)} is not a column of its table`)
}

/** The type that holds sums of a type which come out the same in whatever order they are added; undefined where none do. */
export function exactSumType(type: string): 'bigint' | 'numeric' | undefined {
  if (/^(smallint|integer)$/.test(type)) return 'bigint'
  return /^(bigint|numeric\(\d+,\d+\))$/.test(type) ? 'numeric' : undefined
}
