import { parseSelect, type Node, type SelectStmt } from '../sql/parse.ts'

/**
 * Output columns of which their expression alone says that they are never null: counts, coalesce with something that is not null,
 * conditions by IS NULL and EXISTS, lists and objects that are built. What tables say of columns is known elsewhere (`Plan.notNull`).
 */
export function neverNullOutputs(query: string): readonly string[] {
  return outputsOf(parseSelect(query))
}

function outputsOf(select: SelectStmt): readonly string[] {
  if (select.op !== undefined && select.op !== 'SETOP_NONE') return []
  const within = wholeSelect(select)
  const inner = within === undefined ? [] : outputsOf(within)
  return (select.targetList ?? []).flatMap((target) => {
    if (!('ResTarget' in target)) return []
    const { name, val } = target.ResTarget
    const column = val === undefined ? undefined : columnName(val)
    const own = name ?? column
    if (own === undefined || val === undefined) return []
    return isNeverNull(val) || (column !== undefined && inner.includes(column)) ? [own] : []
  })
}

/** What is refreshed is stored as a SELECT from nothing but the query. */
function wholeSelect({ fromClause = [] }: SelectStmt): SelectStmt | undefined {
  const [from, ...more] = fromClause
  if (from === undefined || more.length > 0 || !('RangeSubselect' in from)) return undefined
  const { subquery } = from.RangeSubselect
  return subquery !== undefined && 'SelectStmt' in subquery ? subquery.SelectStmt : undefined
}

function columnName(value: Node): string | undefined {
  if (!('ColumnRef' in value)) return undefined
  const last = value.ColumnRef.fields?.at(-1)
  return last !== undefined && 'String' in last ? last.String.sval : undefined
}

export function isNeverNull(value: Node): boolean {
  if ('A_Const' in value) return value.A_Const.isnull !== true
  if ('TypeCast' in value) return value.TypeCast.arg !== undefined && isNeverNull(value.TypeCast.arg)
  if ('CoalesceExpr' in value) return (value.CoalesceExpr.args ?? []).some(isNeverNull)
  if ('NullTest' in value || 'BooleanTest' in value || 'A_ArrayExpr' in value) return true
  if ('BoolExpr' in value) return (value.BoolExpr.args ?? []).every(isNeverNull)
  if ('FuncCall' in value) return NEVER_NULL.has(functionName(value))
  if ('CaseExpr' in value) return isWholeCase(value.CaseExpr)
  if ('A_Expr' in value) return isSum(value.A_Expr)
  if ('SubLink' in value) return isNeverNullSelect(value.SubLink)
  return false
}

/** They say something of no rows, and of nulls, too. */
const NEVER_NULL: ReadonlySet<string> = new Set([
  'count',
  'concat',
  'json_build_object',
  'jsonb_build_object',
  'json_build_array',
  'jsonb_build_array',
])

/** Of which at least one is in a SELECT that gives one row, whatever it reads. */
const AGGREGATES: ReadonlySet<string> = new Set(
  `count sum avg min max array_agg string_agg json_agg jsonb_agg json_object_agg jsonb_object_agg bool_and bool_or every`.split(
    ' ',
  ),
)

/** As the server prints it: its own functions without a schema or with theirs. */
export function functionName(call: Extract<Node, { FuncCall: unknown }>): string {
  const parts = (call.FuncCall.funcname ?? []).map((it) => ('String' in it ? (it.String.sval ?? '') : ''))
  const [first = '', second] = parts
  if (second === undefined) return first
  return first === 'pg_catalog' ? second : ''
}

function isWholeCase({ args = [], defresult }: Extract<Node, { CaseExpr: unknown }>['CaseExpr']): boolean {
  const results = args.map((it) => ('CaseWhen' in it ? it.CaseWhen.result : undefined))
  return [...results, defresult].every((it) => it !== undefined && isNeverNull(it))
}

/** Of numbers that are not null. */
function isSum({ kind, name = [], lexpr, rexpr }: Extract<Node, { A_Expr: unknown }>['A_Expr']): boolean {
  const [operator] = name
  const isArithmetic =
    kind === 'AEXPR_OP' &&
    name.length === 1 &&
    operator !== undefined &&
    'String' in operator &&
    ['+', '-', '*'].includes(operator.String.sval ?? '')
  return isArithmetic && [lexpr, rexpr].every((it) => it !== undefined && isNeverNull(it))
}

function isNeverNullSelect({
  subLinkType,
  subselect,
}: Extract<Node, { SubLink: unknown }>['SubLink']): boolean {
  if (subLinkType === 'EXISTS_SUBLINK' || subLinkType === 'ARRAY_SUBLINK') return true
  if (subLinkType !== 'EXPR_SUBLINK' || subselect === undefined || !('SelectStmt' in subselect)) return false
  const select = subselect.SelectStmt
  const [target, ...more] = select.targetList ?? []
  if (target === undefined || more.length > 0 || !('ResTarget' in target)) return false
  const { val } = target.ResTarget
  return val !== undefined && givesOneRow(select) && hasOwnAggregate(val, select) && isNeverNull(val)
}

export function givesOneRow(select: SelectStmt): boolean {
  const { groupClause, havingClause, limitCount, limitOffset, op } = select
  const narrowing = [groupClause, havingClause, limitCount, limitOffset]
  return narrowing.every((it) => it === undefined) && (op === undefined || op === 'SETOP_NONE')
}

/** Whether an expression of this SELECT makes it one of aggregates. */
export function hasOwnAggregate(value: Node, select: SelectStmt): boolean {
  return hasAggregate(value, aliasesOf(select))
}

/** Of its own FROM. */
function aliasesOf(select: SelectStmt): ReadonlySet<string> {
  const found = new Set<string>()
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('RangeVar' in value) {
      const { alias, relname } = (value as Extract<Node, { RangeVar: unknown }>).RangeVar
      found.add(alias?.aliasname ?? relname ?? '')
    } else if ('RangeSubselect' in value) {
      found.add((value as Extract<Node, { RangeSubselect: unknown }>).RangeSubselect.alias?.aliasname ?? '')
    } else Object.values(value).forEach(look)
  }
  look(select.fromClause)
  return found
}

/** One over rows of these, and not of a SELECT within: over rows of a SELECT around it, it would be an aggregate of that one. */
function hasAggregate(value: unknown, aliases: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null || 'SubLink' in value) return false
  if ('FuncCall' in value) {
    const { FuncCall: call } = value as Extract<Node, { FuncCall: unknown }>
    const isOwn = call.agg_star === true || refersTo(call.args, aliases)
    if (AGGREGATES.has(functionName({ FuncCall: call })) && call.over === undefined && isOwn) return true
  }
  return Object.values(value).some((it) => hasAggregate(it, aliases))
}

function refersTo(value: unknown, aliases: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return false
  if ('ColumnRef' in value) {
    const [first] = (value as Extract<Node, { ColumnRef: unknown }>).ColumnRef.fields ?? []
    return first !== undefined && 'String' in first && aliases.has(first.String.sval ?? '')
  }
  return Object.values(value).some((it) => refersTo(it, aliases))
}
