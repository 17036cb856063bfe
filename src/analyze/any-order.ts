import type { CanonicalQuery } from '../catalog/catalog.ts'
import type { FuncCall, Node, SelectStmt } from '../sql/parse.ts'
import { columnRefsIn, functionName, isSetOperation, namesOf, subqueryOf, targetsOf } from './ast/nodes.ts'
import { plainReference } from './edges.ts'

/** An output column that holds a list, in an order that the query leaves open. */
export interface OpenList {
  /** Its position among the query's output columns. */
  readonly output: number
  readonly elements: ListKind
  /** The aggregate or ARRAY(SELECT …) that makes it. */
  readonly node: Node
}

export type ListKind = 'array' | 'json' | 'jsonb'

const LISTS = /^(array_agg|jsonb?_agg(_strict)?)$/
/** They turn a list into another one, element by element. */
const RECASTS = /^(to_jsonb?|array_to_json)$/

/**
 * The lists of which every order is a right answer, and of which two are told apart exactly by counting their elements: they are
 * made without an ORDER BY, which orders that are open in part are not, and nothing but their output column reads them.
 */
export function openLists(
  query: CanonicalQuery,
  key: readonly string[],
  select: SelectStmt,
): readonly OpenList[] {
  if (!isPlain(select)) return []
  return targetsOf(select).flatMap(({ value }, output) => {
    const column = query.columns[output]
    const elements = column && listKind(column.type)
    if (elements === undefined || key.includes(column?.name ?? '')) return []
    return listsIn(query, select, select, value).map((node) => ({ output, elements, node }))
  })
}

function listKind(type: string): ListKind | undefined {
  if (type === 'json' || type === 'jsonb') return type
  return type.endsWith('[]') ? 'array' : undefined
}

/** DISTINCT compares lists, and of a set operation each branch may have an order of its own. */
function isPlain(select: SelectStmt): boolean {
  return !isSetOperation(select) && select.distinctClause === undefined && select.valuesLists === undefined
}

/** What makes the list, where the expression passes it on as a whole; nothing where it looks into it. */
function listsIn(query: CanonicalQuery, root: SelectStmt, block: SelectStmt, value: Node): readonly Node[] {
  const through = (node: Node | undefined) => (node === undefined ? [] : listsIn(query, root, block, node))
  if ('TypeCast' in value) return through(value.TypeCast.arg)
  if ('CoalesceExpr' in value) return (value.CoalesceExpr.args ?? []).flatMap(through)
  if ('CaseExpr' in value) {
    const results = (value.CaseExpr.args ?? []).flatMap((it) =>
      'CaseWhen' in it ? [it.CaseWhen.result] : [],
    )
    return [...results, value.CaseExpr.defresult].flatMap(through)
  }
  if ('FuncCall' in value) {
    const [argument, ...more] = value.FuncCall.args ?? []
    if (RECASTS.test(functionName(value.FuncCall)) && more.length === 0) return through(argument)
    return isUnordered(query, value.FuncCall) ? [value] : []
  }
  if ('SubLink' in value) return ofSubquery(query, root, value)
  return ofDerivedColumn(query, root, block, value)
}

/** DISTINCT sorts, and what it leaves open is which of equal values stays. */
function isUnordered({ calls }: CanonicalQuery, call: FuncCall): boolean {
  const name = functionName(call)
  const isOwn = calls.some((it) => it.kind === 'aggregate' && it.name === name && !it.builtin)
  return (
    LISTS.test(name) &&
    !isOwn &&
    call.agg_order === undefined &&
    call.agg_distinct !== true &&
    call.over === undefined
  )
}

function ofSubquery(query: CanonicalQuery, root: SelectStmt, value: Node): readonly Node[] {
  const inner = subqueryOf(value)
  if (inner === undefined || !('SubLink' in value)) return []
  if (value.SubLink.subLinkType === 'ARRAY_SUBLINK') return inner.sortClause === undefined ? [value] : []
  if (value.SubLink.subLinkType !== 'EXPR_SUBLINK') return []
  return ofOutput(query, root, inner, 0)
}

function ofOutput(
  query: CanonicalQuery,
  root: SelectStmt,
  inner: SelectStmt,
  output: number,
): readonly Node[] {
  const target = targetsOf(inner)[output]
  return isPlain(inner) && target !== undefined ? listsIn(query, root, inner, target.value) : []
}

/** A column of a subquery in FROM, where this is all that reads it. */
function ofDerivedColumn(
  query: CanonicalQuery,
  root: SelectStmt,
  block: SelectStmt,
  value: Node,
): readonly Node[] {
  const reference = plainReference(value)
  if (reference === undefined || readersOf(root, reference) !== 1) return []
  const derived = (block.fromClause ?? []).flatMap((it) => derivedTable(it, reference.table) ?? [])
  const [found] = derived
  if (found === undefined) return []
  const names = targetsOf(found.select).map(({ name, value: it }, i) => {
    return found.renamed[i] ?? name ?? plainReference(it)?.column ?? ''
  })
  return ofOutput(query, root, found.select, names.indexOf(reference.column))
}

interface Derived {
  readonly select: SelectStmt
  readonly renamed: readonly string[]
}

function derivedTable(item: Node, alias: string): Derived | undefined {
  if ('JoinExpr' in item) {
    const sides = [item.JoinExpr.larg, item.JoinExpr.rarg]
    return sides.map((it) => it && derivedTable(it, alias)).find((it) => it !== undefined)
  }
  if (!('RangeSubselect' in item) || item.RangeSubselect.alias?.aliasname !== alias) return undefined
  const select = subqueryOf(item)
  return select && { select, renamed: namesOf(item.RangeSubselect.alias.colnames) }
}

/** References to a column by that name; whole rows, and columns of the same name in other blocks, count too. */
function readersOf(
  root: SelectStmt,
  { table, column }: { readonly table: string; readonly column: string },
): number {
  return columnRefsIn({ SelectStmt: root }).filter((it) => {
    const [first, second] = namesOf(it.fields)
    return first === table && (second === column || second === '*' || second === undefined)
  }).length
}
