import type { Relation } from '../catalog/catalog.ts'
import type { Node } from '../sql/parse.ts'
import { namesOf } from './ast/nodes.ts'

/**
 * One world of a query, flattened: for each set operation one branch is chosen, and what remains is tables, the blocks
 * they stand in, and the conditions between them. Nothing after this knows about scopes, aliases or nesting.
 */
export interface Graph {
  readonly blocks: readonly Block[]
  readonly tables: readonly GraphTable[]
  readonly conditions: readonly Condition[]
  /** The query's output expressions; a value that no barrier lets through is wrapped by `opaque`. */
  readonly outputs: readonly Node[]
  /** The two sides of each FULL join, as joins on whose optional side its tables stand: one of them has a row. */
  readonly fullJoins: readonly (readonly [number, number])[]
}

export interface Block {
  readonly id: number
  readonly parent: number | null
  /**
   * `from`: a row of the parent needs a row of this block. `sublink`: a value that the parent's rows look up; also a table of
   * FROM that always has a row, as an aggregate over everything has.
   */
  readonly kind: 'root' | 'from' | 'sublink'
}

export interface GraphTable {
  /** Unique in the query. */
  readonly alias: string
  /** The how-manieth it is, in the order of the normalized query. */
  readonly ordinal: number
  /** What is captured; null for rows that are computed from others. */
  readonly relation: Relation | null
  /** The item of FROM, a function or VALUES, whose arguments are columns of other tables; null for a table. */
  readonly computed: Node | null
  readonly block: number
  /** Outer joins on whose optional side it stands. */
  readonly nullableBy: readonly number[]
  /** In the server's text: a byte offset. */
  readonly location: number | undefined
}

/** A table that rows are stored in. */
export type SourceTable = GraphTable & { readonly relation: Relation }

export function isSource(table: GraphTable): table is SourceTable {
  return table.relation !== null
}

/** A conjunct of a WHERE or ON. */
export interface Condition {
  readonly expression: Node
  readonly block: number
  /** Aliases of the tables that it reads; subqueries within it are opaque. */
  readonly tables: readonly string[]
  /** Outer joins whose optional side it is part of: it must hold only for rows that those joins match. */
  readonly insideNullable: readonly number[]
}

const OPAQUE = 'millrace_opaque'

/** Marks a value that cannot be expressed outside of its block: an aggregate, a subquery. */
export function opaque(value: Node): Node {
  return { FuncCall: { funcname: [{ String: { sval: OPAQUE } }], args: [value] } }
}

export function isOpaque(node: Node): boolean {
  if (!('FuncCall' in node)) return false
  const [name] = node.FuncCall.funcname ?? []
  return name !== undefined && 'String' in name && name.String.sval === OPAQUE
}

/**
 * The graph without outer joins whose missing rows a strict comparison above them keeps out: `where u.country = x` after
 * `left join users u`. PostgreSQL's planner does the same (reduce_outer_joins).
 */
export function withoutVoidJoins(graph: Graph): Graph {
  const isVoid = new Set(graph.conditions.flatMap((it) => keptOut(graph, it)))
  if (isVoid.size === 0) return graph
  const without = (joins: readonly number[]) => joins.filter((it) => !isVoid.has(it))
  return {
    ...graph,
    tables: graph.tables.map((it) => ({ ...it, nullableBy: without(it.nullableBy) })),
    conditions: graph.conditions.map((it) => ({ ...it, insideNullable: without(it.insideNullable) })),
    fullJoins: graph.fullJoins.filter((sides) => !sides.some((it) => isVoid.has(it))),
  }
}

const STRICT = new Set(['=', '<>', '<', '<=', '>', '>='])

/** The joins that must have a match for the condition to be true: one side is a column of their optional side. */
function keptOut(graph: Graph, { expression, block, insideNullable }: Condition): readonly number[] {
  if (!('A_Expr' in expression) || expression.A_Expr.kind !== 'AEXPR_OP') return []
  const operator = namesOf(expression.A_Expr.name).at(-1) ?? ''
  if (!STRICT.has(operator)) return []
  return [expression.A_Expr.lexpr, expression.A_Expr.rexpr].flatMap((side) => {
    const alias = side !== undefined && 'ColumnRef' in side ? namesOf(side.ColumnRef.fields)[0] : undefined
    const table = graph.tables.find((it) => it.alias === alias && it.block === block)
    // The preserved side of a join need not fulfil its ON.
    const isRequired = insideNullable.every((it) => table?.nullableBy.includes(it))
    return isRequired ? (table?.nullableBy ?? []).filter((it) => !insideNullable.includes(it)) : []
  })
}
