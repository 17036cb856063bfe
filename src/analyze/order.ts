import type { CanonicalQuery } from '../catalog/catalog.ts'
import type { FuncCall, Node, SelectStmt, SortBy } from '../sql/parse.ts'
import { isAggregate } from './aggregates.ts'
import { branchesOf, functionName, isSetOperation, outputNames, subqueryOf, targetsOf } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'
import { distinctOnOf, hasLimit, isPlainDistinct, windowCallsOf } from './barriers.ts'
import { columnOf, isIdentical, notSettled, rowsOf, type Rows } from './settled-rows.ts'
import { isLooseType } from './loose-types.ts'

/** A place where rows that tie would give different answers. */
export interface OpenOrder {
  readonly what: string
  readonly missing: readonly string[]
  /** `order`: an ORDER BY does not settle it. `equal`: values that are equal need not be the same. */
  readonly kind: 'order' | 'equal'
  /** The aggregate or ARRAY(SELECT …) whose order it is. */
  readonly node?: Node
}

const ORDER_SENSITIVE =
  /^(array_agg|string_agg|xmlagg|any_value|mode|jsonb?_(object_)?agg(_strict|_unique)*)$/

/** Finds aggregates, windows, arrays and LIMITs whose ORDER BY does not settle the answer, and equal rows that may differ. */
export function findOpenOrders(query: CanonicalQuery, select: SelectStmt): readonly OpenOrder[] {
  return [
    ...openUnions(select),
    ...openSets(query, select),
    ...branchesOf(select).flatMap((branch) => inBranch(query, branch)),
  ]
}

/** Of equal rows a set operation keeps whichever it met first; UNION ALL keeps all. */
function openSets(query: CanonicalQuery, select: SelectStmt): readonly OpenOrder[] {
  if (!isSetOperation(select) || (select.op === 'SETOP_UNION' && select.all === true)) return []
  const what = (select.op ?? '').replace('SETOP_', '')
  return branchesOf(select).flatMap((branch) => {
    const missing = looseIn(
      query,
      rowsOf(query, branch),
      targetsOf(branch).map(({ value }) => value),
    )
    return missing.length === 0 ? [] : [{ what, missing, kind: 'equal' as const }]
  })
}

/** Which of these expressions may have values that are equal and not the same. */
function looseIn(query: CanonicalQuery, rows: Rows, expressions: readonly Node[]): readonly string[] {
  return expressions.flatMap((expression) => {
    if (hasFixedScale(expression)) return []
    const column = columnOf(expression)
    if (column !== undefined && rows.columns.has(column)) return rows.identical.has(column) ? [] : [column]
    return isIdentical(query, rows, expression) ? [] : ['an expression']
  })
}

/** A LIMIT over a set operation: the rows of its branches have no order that is known to be total. */
function openUnions(select: SelectStmt): readonly OpenOrder[] {
  if (!isSetOperation(select)) return []
  const inner = [select.larg, select.rarg].flatMap((side) => (side === undefined ? [] : openUnions(side)))
  return hasLimit(select) ? [{ what: 'LIMIT', missing: outputNames(select), kind: 'order' }, ...inner] : inner
}

function inBranch(query: CanonicalQuery, select: SelectStmt): readonly OpenOrder[] {
  const found: OpenOrder[] = []
  const rows = rowsOf(query, select)
  const group = (select.groupClause ?? []).flatMap((it) => columnOf(it) ?? [])
  const ungrouped = notSettled(
    rows,
    group,
    (select.groupClause ?? []).filter((it) => columnOf(it) !== undefined),
  )
  if (ungrouped.length > 0) found.push({ what: 'GROUP BY', missing: ungrouped, kind: 'equal' })
  found.push(...openDistinct(query, select, rows), ...openWindows(select, rows))

  walk(Object.values(select), ({ node }) => {
    if ('FuncCall' in node && isOrderSensitive(query, node.FuncCall)) {
      const { agg_order: order, args, agg_distinct: isDistinct } = node.FuncCall
      // array_agg(distinct x) sorts by x itself.
      const sorted = isDistinct === true ? (args ?? []) : sortExpressions(order)
      const missing = notSettled(rows, [...sorted.flatMap((it) => columnOf(it) ?? []), ...group], args ?? [])
      if (missing.length > 0) found.push({ what: functionName(node.FuncCall), missing, kind: 'order', node })
    }
    if ('FuncCall' in node && isExtreme(query, node.FuncCall)) {
      const missing = notIdentical(query, rows, group, node.FuncCall)
      if (missing.length > 0) found.push({ what: functionName(node.FuncCall), missing, kind: 'equal' })
    }
    const inner = subqueryOf(node)
    if (inner === undefined) return undefined
    found.push(...findOpenOrders(query, inner))
    if ('SubLink' in node && node.SubLink.subLinkType === 'ARRAY_SUBLINK')
      found.push(...openArray(query, inner).map((it) => ({ ...it, node })))
    return 'skip'
  })
  return [...found, ...(hasLimit(select) ? openRows('LIMIT', select, rows) : [])]
}

/** DISTINCT keeps one of the rows that are equal, DISTINCT ON the first of each group. */
function openDistinct(query: CanonicalQuery, select: SelectStmt, rows: Rows): readonly OpenOrder[] {
  const values = targetsOf(select).map(({ value }) => value)
  if (isPlainDistinct(select)) {
    const missing = looseIn(query, rows, values)
    return missing.length === 0 ? [] : [{ what: 'DISTINCT', missing, kind: 'equal' }]
  }
  if (distinctOnOf(select).length === 0) return []
  const sorted = sortExpressions(select.sortClause).flatMap((it) => columnOf(it) ?? [])
  const missing = notSettled(rows, sorted, select.groupClause ?? values)
  return missing.length === 0 ? [] : [{ what: 'DISTINCT ON', missing, kind: 'order' }]
}

/** These take peers apart, which have no order among themselves. */
const PEERS_APART = /^(row_number|ntile|lag|lead|first_value|last_value|nth_value)$/
/** FRAMEOPTION_ROWS of parsenodes.h: the frame is counted in rows. */
const FRAME_OF_ROWS = 0x04

function openWindows(select: SelectStmt, rows: Rows): readonly OpenOrder[] {
  return windowCallsOf(select).flatMap(({ call, window }) => {
    const name = functionName(call)
    const isByRow = ((window.frameOptions ?? 0) & FRAME_OF_ROWS) !== 0
    if (!PEERS_APART.test(name) && !isByRow && !ORDER_SENSITIVE.test(name)) return []
    const known = [...(window.partitionClause ?? []), ...sortExpressions(window.orderClause)]
    const shown = [...(call.args ?? []), ...targetsOf(select).map(({ value }) => value)]
    // Of a grouped SELECT the groups are what is ordered.
    const missing = notSettled(
      rows,
      known.flatMap((it) => columnOf(it) ?? []),
      select.groupClause ?? shown,
    )
    return missing.length === 0 ? [] : [{ what: name, missing, kind: 'order' as const }]
  })
}

/** ARRAY(SELECT …) takes the rows in the order in which they come. */
function openArray(query: CanonicalQuery, select: SelectStmt): readonly OpenOrder[] {
  if (branchesOf(select).length > 1) return [{ what: 'ARRAY', missing: outputNames(select), kind: 'order' }]
  return openRows('ARRAY', select, rowsOf(query, select))
}

function isOrderSensitive(query: CanonicalQuery, call: FuncCall): boolean {
  const name = functionName(call)
  const isOwn = query.calls.some((it) => it.kind === 'aggregate' && it.name === name && !it.builtin)
  return call.over === undefined && (isOwn || ORDER_SENSITIVE.test(name))
}

function isExtreme(query: CanonicalQuery, call: FuncCall): boolean {
  const name = functionName(call)
  return /^(min|max)$/.test(name) && isAggregate(query, name)
}

/** The greatest of 1.0 and 1.00 is whichever the server met first. */
function notIdentical(
  query: CanonicalQuery,
  rows: Rows,
  group: readonly string[],
  call: FuncCall,
): readonly string[] {
  const [argument] = call.args ?? []
  const column = argument && columnOf(argument)
  if (argument === undefined || hasFixedScale(argument)) return []
  if (column !== undefined && rows.columns.has(column))
    return notSettled(rows, [column, ...group], [argument])

  const types = query.calls
    .filter((it) => it.kind === 'aggregate' && it.name === functionName(call))
    .flatMap((it) => it.argumentTypes)
  return types.filter((it) => isLooseType(it)).map((it) => `a value of type ${it}`)
}

/** `x::numeric(10, 2)` and `round(x, 2)` print all their values alike. */
function hasFixedScale(expression: Node): boolean {
  if ('FuncCall' in expression) {
    const { args } = expression.FuncCall
    return /^(round|trunc)$/.test(functionName(expression.FuncCall)) && args?.length === 2
  }
  return 'TypeCast' in expression && (expression.TypeCast.typeName?.typmods ?? []).length > 0
}

/** Rows that tie must not differ, nor groups of rows. */
function openRows(what: string, select: SelectStmt, rows: Rows): readonly OpenOrder[] {
  const sorted = sortExpressions(select.sortClause).flatMap((it) => columnOf(it) ?? [])
  const values = targetsOf(select).map(({ value }) => value)
  const missing = notSettled(rows, sorted, [...values, ...(select.groupClause ?? [])])
  return missing.length === 0 ? [] : [{ what, missing, kind: 'order' }]
}

function sortExpressions(order: readonly Node[] | undefined): readonly Node[] {
  const isSort = (node: Node): node is { SortBy: SortBy } => 'SortBy' in node
  return (order ?? []).filter(isSort).flatMap(({ SortBy: { node } }) => node ?? [])
}
