import type { Node } from '../sql/parse.ts'
import { parseExpression } from '../sql/parse.ts'
import type { Unit } from './analysis.ts'
import { asEquality, columnRefsIn, namesOf } from './ast/nodes.ts'
import { mapTree } from './ast/walk.ts'
import { plainReference } from './edges.ts'
import type { Graph, GraphTable } from './graph.ts'

/** A way in which the key of a row may come about: some of the tables that it reads have no row. */
export interface Variant {
  /** The unit's expressions, with null for the columns of missing rows. */
  readonly unit: readonly Node[]
  /** Outer joins that have no match in such rows. */
  readonly unmatched: readonly number[]
  /** The tables of the key that have a row. */
  readonly present: readonly GraphTable[]
}

/** Each outer join doubles the variants. */
const MAX_JOINS = 5

/**
 * All variants of a key in one world; the first has no row missing. Where the key reads the optional side of an outer join,
 * a row of the answer comes and goes under the key with nulls when the match goes and comes (LESSONS R2). Undefined if
 * there are too many, or a null's type is not known.
 */
export function variantsOf(graph: Graph, unit: readonly Unit[]): readonly Variant[] | undefined {
  const expressions = unit.map(({ output }) => graph.outputs[output] ?? NULL)
  const tables = tablesIn(graph, expressions)
  const joins = [...new Set(tables.flatMap((it) => it.nullableBy))]
  if (joins.length > MAX_JOINS) return undefined

  const variants: Variant[] = []
  for (const unmatched of subsetsOf(joins)) {
    if (graph.fullJoins.some((sides) => sides.every((it) => unmatched.includes(it)))) continue
    const isMissing = (table: GraphTable) => table.nullableBy.some((it) => unmatched.includes(it))
    const missing = tables.filter(isMissing)
    const nulled = expressions.map((it, i) => withNulls(it, missing, unit[i]?.type ?? ''))
    if (nulled.some((it) => it === undefined)) return undefined
    const present = tables.filter((it) => !isMissing(it))
    const matched = matchedBy(graph, present)
    // A match that needs the missing rows: there is no such row of the answer.
    if (unmatched.some((it) => matched.has(it))) continue
    variants.push({ unit: nulled.flatMap((it) => it ?? []), unmatched, present })
  }
  return variants
}

const NULL: Node = { A_Const: { isnull: true } }

function subsetsOf(joins: readonly number[]): readonly (readonly number[])[] {
  return joins.reduce<readonly (readonly number[])[]>(
    (subsets, join) => [...subsets, ...subsets.map((it) => [...it, join])],
    [[]],
  )
}

/** A null must have its column's type: `coalesce(null, null)` would be a text. */
function withNulls(expression: Node, missing: readonly GraphTable[], type: string): Node | undefined {
  const unknown: string[] = []
  const replaced = mapTree(expression, ({ node }) => {
    if (!('ColumnRef' in node)) return undefined
    const [alias, name] = namesOf(node.ColumnRef.fields)
    const table = missing.find((it) => it.alias === alias)
    if (table === undefined) return undefined
    const column = table.relation?.columns.find((it) => it.name === name)
    const known = column?.type ?? (node === expression ? type : undefined)
    if (known === undefined) unknown.push(name ?? '')
    return parseExpression(`null::${known ?? 'text'}`)
  })
  return unknown.length === 0 ? replaced : undefined
}

/**
 * The outer joins that have a match where these tables have a row: those around them; and what a row is equal to is there
 * as well.
 */
export function matchedBy(graph: Graph, present: readonly GraphTable[]): ReadonlySet<number> {
  const matched = new Set(present.flatMap((it) => it.nullableBy))
  const joinsOf = (alias: string) => graph.tables.find((it) => it.alias === alias)?.nullableBy ?? []
  const equalities = graph.conditions.flatMap(({ expression, insideNullable }) => {
    const equality = asEquality(expression)
    const [left, right] = equality === undefined ? [] : [equality.left, equality.right].map(plainReference)
    if (insideNullable.length === 0 || left === undefined || right === undefined) return []
    return [{ needs: insideNullable, gives: [...joinsOf(left.table), ...joinsOf(right.table)] }]
  })
  let before: number
  do {
    before = matched.size
    for (const { needs, gives } of equalities)
      if (needs.every((it) => matched.has(it))) for (const join of gives) matched.add(join)
  } while (matched.size > before)
  return matched
}

/** The tables whose columns expressions read. */
export function tablesIn(graph: Graph, expressions: readonly Node[]): readonly GraphTable[] {
  const aliases = columnRefsIn(expressions).map((ref) => namesOf(ref.fields)[0])
  const found = graph.tables.filter((it) => aliases.includes(it.alias))
  return [...new Map(found.map((it) => [it.alias, it])).values()]
}
