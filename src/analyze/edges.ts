import { asEquality, columnRefsIn, namesOf } from './ast/nodes.ts'
import type { Block, Condition, Graph, GraphTable } from './graph.ts'
import { isOpaque } from './graph.ts'
import { walk } from './ast/walk.ts'
import type { Node } from '../sql/parse.ts'

/** An equality between two tables along which keys can be traced. */
export interface Edge {
  readonly condition: Condition
  readonly left: EdgeEnd
  readonly right: EdgeEnd
  /** Both sides are plain columns of one type and collation: either stands for the other. */
  readonly isSameType: boolean
  /** Column to column is cheaper to follow than anything with an expression on a side. */
  readonly cost: number
}

export interface EdgeEnd {
  readonly table: string
  /** The plain column on this side, if it is one. */
  readonly column: string | null
}

const COLUMN_COST = 1
const EXPRESSION_COST = 2

/** Finds the equalities `a(x) = b(y)` between two tables of one world. */
export function findEdges(graph: Graph): readonly Edge[] {
  return graph.conditions.flatMap((condition) => {
    const equality = asEquality(condition.expression)
    if (equality === undefined || hasOpaque(condition.expression)) return []

    const left = endOf(equality.left)
    const right = endOf(equality.right)
    if (left === undefined || right === undefined || left.table === right.table) return []

    const isPlain = left.column !== null && right.column !== null
    if (!isPlain && isOptional(graph, left, right)) return []
    const isSameType = isPlain && typeOf(graph, left) === typeOf(graph, right)
    return [{ condition, left, right, isSameType, cost: isPlain ? COLUMN_COST : EXPRESSION_COST }]
  })
}

/**
 * True if the condition must hold for a row of `table` to contribute to the answer at all (LESSONS R3): it stands in
 * the table's own block, in one around it, or in a FROM-subquery of those, and under no outer join whose optional
 * side the table is not on. Never in a sibling subquery: that one may be empty and the row still count.
 */
export function isRequiredFor(condition: Condition, table: GraphTable, graph: Graph): boolean {
  return (
    condition.insideNullable.every((join) => table.nullableBy.includes(join)) &&
    enclosing(graph, table.block).includes(mandatoryRoot(graph, condition.block))
  )
}

/** A block with those around it. */
function enclosing(graph: Graph, id: number): readonly number[] {
  const block = blockOf(graph, id)
  return block.parent === null ? [id] : [id, ...enclosing(graph, block.parent)]
}

/** The outermost block of which each row needs a row of this one: out through FROM-subqueries only. */
function mandatoryRoot(graph: Graph, id: number): number {
  const block = blockOf(graph, id)
  return block.kind === 'from' && block.parent !== null ? mandatoryRoot(graph, block.parent) : id
}

function blockOf(graph: Graph, id: number): Block {
  const block = graph.blocks[id]
  if (block === undefined) throw new Error(`no block ${String(id)}`)
  return block
}

/** One side of an equality: it must read exactly one table. */
function endOf(expression: Node): EdgeEnd | undefined {
  const tables = [...new Set(columnRefsIn(expression).map((ref) => namesOf(ref.fields)[0] ?? ''))]
  const [table] = tables
  return table === undefined || tables.length > 1 ? undefined : { table, column: plainColumn(expression) }
}

/** The column of a bare reference. The server prints `varchar = varchar` as a comparison of two casts to text. */
export function plainColumn(expression: Node): string | null {
  if ('ColumnRef' in expression) return namesOf(expression.ColumnRef.fields)[1] ?? null
  if (!('TypeCast' in expression)) return null

  const { arg, typeName } = expression.TypeCast
  const isRelabelling =
    namesOf(typeName?.names).at(-1) === 'text' && (typeName?.arrayBounds ?? []).length === 0
  return isRelabelling && arg !== undefined && 'ColumnRef' in arg ? plainColumn(arg) : null
}

/** The table and column that a bare reference names. */
export function plainReference(
  expression: Node,
): { readonly table: string; readonly column: string } | undefined {
  const column = plainColumn(expression)
  const [ref] = columnRefsIn(expression)
  return column === null || ref === undefined ? undefined : { table: namesOf(ref.fields)[0] ?? '', column }
}

/** Type and collation of a plain column, as one text to compare. */
function typeOf(graph: Graph, { table, column }: EdgeEnd): string | undefined {
  const relation = graph.tables.find((it) => it.alias === table)?.relation
  const found = relation?.columns.find((it) => it.name === column)
  return found && `${String(found.typeOid)} ${found.collation ?? ''}`
}

function isOptional(graph: Graph, ...ends: readonly EdgeEnd[]): boolean {
  return ends.some(({ table }) => graph.tables.some((it) => it.alias === table && it.nullableBy.length > 0))
}

export function hasOpaque(expression: Node): boolean {
  let found = false
  walk(expression, ({ node }) => {
    if (isOpaque(node)) found = true
  })
  return found
}
