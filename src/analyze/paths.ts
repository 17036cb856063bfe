import type { Node } from '../sql/parse.ts'
import type { Hop, Path } from './analysis.ts'
import { columnRef, namesOf } from './ast/nodes.ts'
import { mapTree } from './ast/walk.ts'
import { findEdges, isRequiredFor, type Edge } from './edges.ts'
import type { Graph, GraphTable } from './graph.ts'

/** The paths of one world, or the tables from which no path leads to the key. */
export interface PathSearch {
  readonly paths: readonly Path[]
  readonly unreachable: readonly GraphTable[]
}

/**
 * Finds for every table of one world the way to the unit, whose expressions read at most one table, `keyTable`.
 *
 * The ways form a tree with the key table at its root: each table has one next hop, and nothing that is not on the way
 * is joined. This is what makes it right to read the tables on the way as they are now, although several rows may have
 * changed together: of the changed rows in a derivation take the one nearest the key; the rest of its way is
 * unchanged (LESSONS R1). A join or filter kept "to be more selective" would break that.
 */
export function findPaths(graph: Graph, unit: readonly Node[], keyTable: GraphTable | undefined): PathSearch {
  if (keyTable === undefined) {
    return { paths: graph.tables.map((it) => ({ occurrence: it.alias, hops: [], unit })), unreachable: [] }
  }

  const next = shortestWays(graph, keyTable)
  const reachable = graph.tables.filter((it) => it === keyTable || next.has(it.alias))
  return {
    paths: reachable.map((table) => shorten(pathFrom(table, next, unit))),
    unreachable: graph.tables.filter((it) => !reachable.includes(it)),
  }
}

interface Step {
  readonly to: GraphTable
  readonly edges: readonly Edge[]
}

/** Dijkstra from the key table outwards; the result maps each table to its next hop toward the key. */
function shortestWays(graph: Graph, keyTable: GraphTable): ReadonlyMap<string, Step> {
  const edges = findEdges(graph)
  const distance = new Map([[keyTable.alias, 0]])
  const next = new Map<string, Step>()
  const settled = new Set<string>()

  for (let at: GraphTable | undefined = keyTable; at !== undefined; at = nearest(graph, distance, settled)) {
    settled.add(at.alias)
    for (const from of graph.tables) {
      const between = settled.has(from.alias) ? [] : edgesBetween(edges, from, at, graph)
      if (between.length === 0) continue

      const length = (distance.get(at.alias) ?? 0) + Math.min(...between.map((it) => it.cost))
      if (length >= (distance.get(from.alias) ?? Infinity)) continue
      distance.set(from.alias, length)
      next.set(from.alias, { to: at, edges: between })
    }
  }
  return next
}

function edgesBetween(
  edges: readonly Edge[],
  from: GraphTable,
  to: GraphTable,
  graph: Graph,
): readonly Edge[] {
  return edges.filter(
    ({ left, right, condition }) =>
      [left.table, right.table].includes(from.alias) &&
      [left.table, right.table].includes(to.alias) &&
      isRequiredFor(condition, from, graph),
  )
}

function nearest(
  graph: Graph,
  distance: ReadonlyMap<string, number>,
  settled: ReadonlySet<string>,
): GraphTable | undefined {
  const open = graph.tables.filter((it) => distance.has(it.alias) && !settled.has(it.alias))
  const byDistance = (a: GraphTable, b: GraphTable) =>
    (distance.get(a.alias) ?? 0) - (distance.get(b.alias) ?? 0)
  return open.sort(byDistance)[0]
}

function pathFrom(table: GraphTable, next: ReadonlyMap<string, Step>, unit: readonly Node[]): Path {
  const hops: Hop[] = []
  for (let step = next.get(table.alias); step !== undefined; step = next.get(step.to.alias)) {
    const { to, edges } = step
    const conditions = edges.map((it) => it.condition.expression)
    hops.push({ alias: to.alias, relation: to.relation, conditions, equals: equalsOf(to, edges) })
  }
  return { occurrence: table.alias, hops, unit }
}

/**
 * Drops hops at the end whose columns in the unit are equated, column to column of one type, to the hop before: a vote
 * carries its project's id, the project itself need not be read. What is left over may be units that do not exist.
 */
function shorten(path: Path): Path {
  const last = path.hops.at(-1)
  if (last === undefined) return path

  const substitutes = path.unit.map((expression) => substitute(expression, last))
  if (substitutes.some((it) => it === undefined)) return path
  const unit = substitutes.flatMap((it) => (it === undefined ? [] : [it]))
  return shorten({ ...path, hops: path.hops.slice(0, -1), unit })
}

/** The expression with each column of the hop replaced by the one it is equal to; undefined if one has no equal. */
function substitute(expression: Node, hop: Hop): Node | undefined {
  const missing: string[] = []
  const replaced = mapTree(expression, ({ node }) => {
    if (!('ColumnRef' in node)) return undefined
    const [table, column] = namesOf(node.ColumnRef.fields)
    if (table !== hop.alias) return undefined

    const equal = hop.equals.find((it) => it.column === column)
    if (equal === undefined) missing.push(column ?? '')
    return equal && columnRef(equal.table, equal.equalColumn)
  })
  return missing.length === 0 ? replaced : undefined
}

/** The columns of `to` that an edge equates to a column of the same type on its other side. */
function equalsOf(to: GraphTable, edges: readonly Edge[]): Hop['equals'] {
  return edges.flatMap(({ left, right, isSameType }) => {
    const [own, other] = left.table === to.alias ? [left, right] : [right, left]
    if (!isSameType || own.column === null || other.column === null) return []
    return [{ column: own.column, table: other.table, equalColumn: other.column }]
  })
}
