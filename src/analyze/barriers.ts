import type { CanonicalQuery } from '../catalog/catalog.ts'
import { shapeOf } from '../sql/deparse.ts'
import type { FuncCall, Node, SelectStmt, WindowDef } from '../sql/parse.ts'
import { aggregates } from './aggregates.ts'
import { branchesOf, functionName, isSetOperation, targetsOf } from './ast/nodes.ts'
import { hasNode, walk } from './ast/walk.ts'

/**
 * Rows of a SELECT meet in its barriers: GROUP BY, aggregates, DISTINCT ON, windows, LIMIT. An output column is transparent
 * if every barrier keeps rows apart that differ in it; then a condition on it selects the same rows below the barriers
 * as above them (LESSONS R4). Whatever a plain SELECT computes is transparent, and so are DISTINCT and the set
 * operations. Returns one answer for each output column.
 */
export function transparentOutputs(query: CanonicalQuery, select: SelectStmt): readonly boolean[] {
  if (isSetOperation(select)) {
    const branches = branchesOf(select).map((it) => transparentOutputs(query, it))
    const isLimited = limitsInside(select)
    return (branches[0] ?? []).map((_, i) => !isLimited && branches.every((it) => it[i] === true))
  }
  const targets = targetsOf(select).map(({ value }) => value)
  const barriers = barriersOf(query, select)
  if (barriers === 'nothing') return targets.map(() => false)
  return targets.map(
    (value) =>
      !yieldsSets(query, value) &&
      (isConstant(value) || barriers.every((expressions) => expressions.includes(shapeOf(value)))),
  )
}

/** For each barrier the expressions that it lets through; or nothing goes through at all. */
function barriersOf(query: CanonicalQuery, select: SelectStmt): readonly (readonly string[])[] | 'nothing' {
  if (hasLimit(select)) return 'nothing'
  const grouped = select.groupClause ?? []
  if (grouped.length === 0 && (aggregates(query, select) || select.havingClause !== undefined))
    return 'nothing'
  const distinctOn = distinctOnOf(select)
  return [
    ...(grouped.length === 0 ? [] : [grouped]),
    ...(distinctOn.length === 0 ? [] : [distinctOn]),
    ...windowsOf(select).map((window) => window.partitionClause ?? []),
  ].map((expressions) => expressions.map((it) => shapeOf(it)))
}

/** Expressions of DISTINCT ON; none for a plain DISTINCT. */
export function distinctOnOf({ distinctClause }: SelectStmt): readonly Node[] {
  return (distinctClause ?? []).filter((it) => Object.keys(it).length > 0)
}

export function isPlainDistinct(select: SelectStmt): boolean {
  return (select.distinctClause ?? []).length > 0 && distinctOnOf(select).length === 0
}

/** The server writes LIMIT ALL as a null constant. */
export function hasLimit({ limitCount, limitOffset }: SelectStmt): boolean {
  const isNull = (it: Node) => 'A_Const' in it && it.A_Const.isnull === true
  return [limitCount, limitOffset].some((it) => it !== undefined && !isNull(it))
}

/** A set operation may limit its own rows, or those of a set operation within it. */
function limitsInside(select: SelectStmt): boolean {
  if (!isSetOperation(select)) return false
  return hasLimit(select) || [select.larg, select.rarg].some((it) => it !== undefined && limitsInside(it))
}

/** One row at least, whatever its tables hold: an aggregate over everything. */
export function alwaysYieldsRow(query: CanonicalQuery, select: SelectStmt): boolean {
  return (
    !isSetOperation(select) &&
    (select.groupClause ?? []).length === 0 &&
    select.havingClause === undefined &&
    aggregates(query, select)
  )
}

/** A window function, with its window looked up where it has a name. */
export interface WindowCall {
  readonly call: FuncCall
  readonly window: WindowDef
}

export function windowCallsOf(select: SelectStmt): readonly WindowCall[] {
  const named = (select.windowClause ?? []).flatMap((it) => ('WindowDef' in it ? [it.WindowDef] : []))
  const found: WindowCall[] = []
  walk([select.targetList, select.sortClause, select.distinctClause], ({ node }) => {
    if ('SubLink' in node) return 'skip'
    if (!('FuncCall' in node) || node.FuncCall.over === undefined) return undefined
    const { over } = node.FuncCall
    const base = named.find((it) => it.name === (over.name ?? over.refname))
    found.push({
      call: node.FuncCall,
      window: over.name === undefined ? { ...base, ...over } : (base ?? over),
    })
    return undefined
  })
  return found
}

function windowsOf(select: SelectStmt): readonly WindowDef[] {
  return windowCallsOf(select).map(({ window }) => window)
}

/** True if the expression makes several rows out of one. */
export function yieldsSets({ calls }: CanonicalQuery, value: Node): boolean {
  let found = false
  walk(value, ({ node }) => {
    if ('SubLink' in node) return 'skip'
    if ('FuncCall' in node && calls.some((it) => it.returnsSet && it.name === functionName(node.FuncCall)))
      found = true
    return undefined
  })
  return found
}

function isConstant(value: Node): boolean {
  return !['ColumnRef', 'FuncCall', 'SubLink', 'SQLValueFunction'].some((type) => hasNode(value, type))
}
