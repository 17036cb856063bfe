import { asEquality, columnRefsIn, namesOf } from './ast/nodes.ts'
import type { Block, Condition, Graph, GraphTable } from './graph.ts'
import { isOpaque } from './graph.ts'
import { walk } from './ast/walk.ts'
import type { Node } from '../sql/parse.ts'

/** What ties two tables, so that keys can be traced from one to the other. */
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

/** Without these a way would be the shortest that leads over `a.user_id <> b.user_id` (LESSONS R6). */
const COST = { column: 1, expression: 2, argument: 2, anyOf: 5, other: 100 }

/** Finds all that ties two tables of one world, and no third. */
export function findEdges(graph: Graph): readonly Edge[] {
  return [
    ...graph.conditions.flatMap((condition) => edgeOf(graph, condition) ?? []),
    ...graph.tables.flatMap((table) => argumentsOf(graph, table)),
  ]
}

function edgeOf(graph: Graph, condition: Condition): Edge | undefined {
  const { expression } = condition
  if (hasOpaque(expression)) return undefined
  const equality = asEquality(expression)
  const sides = equality && [endOf(equality.left), endOf(equality.right)]
  const [left, right] = sides?.every((it) => it !== undefined) === true ? sides : tablesOf(expression)
  if (left === undefined || right === undefined || left.table === right.table) return undefined

  const isPlain = left.column !== null && right.column !== null
  // What is no plain equality may hold for a row that is missing, which no way leads from.
  if (!isPlain && [left, right].some((end) => mayBeMissing(graph, end, condition))) return undefined
  const isSameType = isPlain && typeOf(graph, left) === typeOf(graph, right)
  const isEquality = sides?.every((it) => it !== undefined) === true
  const cost = isPlain
    ? COST.column
    : isEquality
      ? COST.expression
      : isAnyOf(expression)
        ? COST.anyOf
        : COST.other
  return { condition, left, right, isSameType, cost }
}

/** The two tables that a condition reads. */
function tablesOf(expression: Node): readonly EdgeEnd[] {
  const tables = [...new Set(columnRefsIn(expression).map((ref) => namesOf(ref.fields)[0] ?? ''))]
  return tables.length === 2 ? tables.map((table) => ({ table, column: null })) : []
}

function isAnyOf(expression: Node): boolean {
  return 'A_Expr' in expression && expression.A_Expr.kind === 'AEXPR_OP_ANY'
}

/** Computed rows are tied to the tables that they are computed from. */
function argumentsOf(graph: Graph, table: GraphTable): readonly Edge[] {
  if (table.computed === null || hasOpaque(table.computed)) return []
  return dependenciesOf(table).flatMap((alias) => {
    if (!graph.tables.some((it) => it.alias === alias)) return []
    const condition = {
      expression: TRUE,
      block: table.block,
      tables: [alias, table.alias],
      insideNullable: table.nullableBy,
    }
    const [left, right] = [alias, table.alias].map((it) => ({ table: it, column: null }))
    if (left === undefined || right === undefined) return []
    return [{ condition, left, right, isSameType: false, cost: COST.argument }]
  })
}

/** Aliases of the tables whose columns a computed table is made from. */
export function dependenciesOf({
  alias,
  computed,
}: Pick<GraphTable, 'alias' | 'computed'>): readonly string[] {
  const read = columnRefsIn(computed).map((ref) => namesOf(ref.fields)[0] ?? '')
  return [...new Set(read)].filter((it) => it !== alias)
}

/** A condition that says nothing. */
export const TRUE: Node = { A_Const: { boolval: { boolval: true } } }

/**
 * True if the condition must hold for a row of `table` to contribute to the answer at all (LESSONS R3): it stands in
 * the table's own block, in one around it, or in a FROM-subquery of those, and under no outer join whose optional
 * side the table is not on, unless a match of that join is what is looked for (`matched`). Never in a sibling
 * subquery: that one may be empty and the row still count.
 */
export function isRequiredFor(
  condition: Condition,
  table: GraphTable,
  graph: Graph,
  matched: ReadonlySet<number> = NONE,
): boolean {
  return (
    condition.insideNullable.every((join) => table.nullableBy.includes(join) || matched.has(join)) &&
    enclosing(graph, table.block).includes(mandatoryRoot(graph, condition.block))
  )
}

const NONE: ReadonlySet<number> = new Set()

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

/** True if rows of the table may be missing where the condition is looked at: it stands above an outer join. */
function mayBeMissing(graph: Graph, { table }: EdgeEnd, { insideNullable }: Condition): boolean {
  const found = graph.tables.find((it) => it.alias === table)
  return found?.nullableBy.some((join) => !insideNullable.includes(join)) ?? true
}

export function hasOpaque(expression: unknown): boolean {
  let found = false
  walk(expression, ({ node }) => {
    if (isOpaque(node)) found = true
  })
  return found
}
