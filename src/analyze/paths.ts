import type { Node } from '../sql/parse.ts'
import type { Hop, Path } from './analysis.ts'
import { columnRef, columnRefsIn, namesOf } from './ast/nodes.ts'
import { mapTree } from './ast/walk.ts'
import { dependenciesOf, findEdges, hasOpaque, isRequiredFor, TRUE, type Edge } from './edges.ts'
import { isSource, type Graph, type GraphTable, type SourceTable } from './graph.ts'
import { matchedBy, tablesIn, type Variant } from './variants.ts'

/** The paths of one variant of the key in one world, and the tables from which no path leads to it. */
export interface PathSearch {
  readonly paths: readonly Path[]
  readonly unreachable: readonly SourceTable[]
  /** The tables that the unit is read from, once equalities have made them as few as they can. */
  readonly keyTables: readonly GraphTable[]
  readonly unit: readonly Node[]
}

/**
 * Finds for every table of one world the way to the unit.
 *
 * Where the unit is of one table the ways form a tree with that table at its root: each table has one next hop, and
 * nothing that is not on the way is joined. This is what makes it right to read the tables on the way as they are now,
 * although several rows may have changed together: of the changed rows in a derivation take the one nearest the key; the
 * rest of its way is unchanged (LESSONS R1). A join or filter kept "to be more selective" would break that. Where the
 * unit is of several tables no row is the nearest, so those on the way are read as they are and as they were.
 */
export function findPaths(graph: Graph, variant: Variant): PathSearch {
  const present = new Walker(graph, matchedBy(graph, variant.present))
  const { unit, tables } = present.reduce(variant.unit)
  const [only, ...more] = tables
  const sources = [...new Map(graph.tables.filter(isSource).map((it) => [it.alias, it])).values()]

  const unreachable: SourceTable[] = []
  const paths = sources.flatMap((source) => {
    const start = { occurrence: source.alias, unit }
    if (only === undefined) return [{ ...start, hops: [], readsOld: false }]
    // A row of the side that is missing matters where it was there, or will be, beside the tables of the key. Its way need not be
    // of the same tree then.
    const isMissing = source.nullableBy.some((it) => variant.unmatched.includes(it))
    const walker = isMissing ? new Walker(graph, matchedBy(graph, [source, ...variant.present])) : present
    const hops = more.length > 0 ? walker.hopsToSeveral(source, tables) : walker.hopsToOne(source, only)
    const path =
      hops &&
      shorten({ ...start, hops: walker.withArguments(source, hops), readsOld: more.length > 0 || isMissing })
    if (path === undefined || (path.readsOld && path.hops.length > MAX_OLD_HOPS)) {
      unreachable.push(source)
      return []
    }
    return [inOrder(path)]
  })
  return { paths, unreachable, keyTables: tables, unit }
}

/** Each of them is read in two states: twice as many statements a hop. */
const MAX_OLD_HOPS = 4

interface Step {
  readonly to: GraphTable
  readonly edges: readonly Edge[]
}

/** Walks one world along its edges. `matched`: outer joins whose match is looked for. */
class Walker {
  readonly #graph: Graph
  readonly #matched: ReadonlySet<number>
  readonly #edges: readonly Edge[]
  #ways: ReadonlyMap<string, Step> | undefined

  constructor(graph: Graph, matched: ReadonlySet<number>) {
    this.#graph = graph
    this.#matched = matched
    this.#edges = findEdges(graph)
  }

  /** Rewrites the unit to read as few tables as equalities allow: one, if any will do. */
  reduce(unit: readonly Node[]): { readonly unit: readonly Node[]; readonly tables: readonly GraphTable[] } {
    const tables = tablesIn(this.#graph, unit)
    for (const candidate of tables.length > 1 ? tables : []) {
      const rewritten = unit.map((it) => this.#rewriteTo(candidate, it))
      if (tablesIn(this.#graph, rewritten).length === 1) return { unit: rewritten, tables: [candidate] }
    }
    return { unit, tables }
  }

  /** Replaces columns of other tables by the candidate's own where an equality that must hold makes them the same. */
  #rewriteTo(candidate: GraphTable, expression: Node): Node {
    const edges = this.#edges.filter((it) => it.isSameType && this.#isRequiredFor(it, candidate))
    return mapTree(expression, ({ node }) => {
      if (!('ColumnRef' in node)) return undefined
      const [table, column] = namesOf(node.ColumnRef.fields)
      for (const { left, right } of edges) {
        const [own, other] = left.table === candidate.alias ? [left, right] : [right, left]
        if (own.table !== candidate.alias || other.table !== table || other.column !== column) continue
        if (own.column !== null) return columnRef(own.table, own.column)
      }
      return undefined
    })
  }

  /** By Dijkstra's ways from the key's table outwards, which map each table to its next hop toward the key. */
  hopsToOne(source: GraphTable, keyTable: GraphTable): readonly Hop[] | undefined {
    if (source.alias === keyTable.alias) return []
    this.#ways ??= this.#spread(keyTable, (from, at) => this.#edgesFrom(from, at))
    const next = this.#ways
    const hops: Hop[] = []
    for (let step = next.get(source.alias); step !== undefined; step = next.get(step.to.alias))
      hops.push(hopTo(step.to, step.edges))
    return hops.length === 0 ? undefined : hops
  }

  /** The ways from one table to all tables of the key, together; a table of the key that no way leads to is crossed with. */
  hopsToSeveral(source: GraphTable, keyTables: readonly GraphTable[]): readonly Hop[] | undefined {
    const before = this.#spread(source, (at, from) => this.#edgesFrom(from, at))
    const entered = new Map<string, Hop>()
    const crossed: Hop[] = []
    for (const table of keyTables) {
      if (table.alias === source.alias) continue
      if (!before.has(table.alias)) {
        // Rows that a function makes from tables may have been others before.
        if (dependenciesOf(table).length > 0 || hasOpaque(table.computed)) return undefined
        crossed.push(hopTo(table, []))
        continue
      }
      const way: Hop[] = []
      let at = table
      for (let step = before.get(at.alias); step !== undefined; step = before.get(at.alias)) {
        way.unshift(hopTo(at, step.edges))
        at = step.to
      }
      for (const hop of way) if (!entered.has(hop.alias)) entered.set(hop.alias, hop)
    }
    const isTied = keyTables.some(({ alias }) => alias === source.alias || entered.has(alias))
    return isTied ? [...entered.values(), ...crossed] : undefined
  }

  /** Computed rows on the way need the tables that they are computed from, wherever these lead. */
  withArguments(source: GraphTable, hops: readonly Hop[]): readonly Hop[] {
    const there = new Set([source.alias, ...hops.map(({ alias }) => alias)])
    const missing = hops.flatMap(dependenciesOf).filter((it) => !there.has(it))
    const [first] = missing.flatMap((alias) => this.#graph.tables.find((it) => it.alias === alias) ?? [])
    return first === undefined ? hops : this.withArguments(source, [...hops, hopTo(first, [])])
  }

  /** The shortest steps between `start` and all tables that can be reached; each maps to the one before it. */
  #spread(
    start: GraphTable,
    between: (from: GraphTable, at: GraphTable) => readonly Edge[],
  ): ReadonlyMap<string, Step> {
    const distance = new Map([[start.alias, 0]])
    const steps = new Map<string, Step>()
    const settled = new Set<string>()
    for (let at: GraphTable | undefined = start; at !== undefined; at = this.#nearest(distance, settled)) {
      settled.add(at.alias)
      for (const from of this.#graph.tables) {
        const edges = settled.has(from.alias) ? [] : between(from, at)
        if (edges.length === 0) continue
        const length = (distance.get(at.alias) ?? 0) + Math.min(...edges.map((it) => it.cost))
        if (length >= (distance.get(from.alias) ?? Infinity)) continue
        distance.set(from.alias, length)
        steps.set(from.alias, { to: at, edges })
      }
    }
    return steps
  }

  /** Edges that a row of `from` needs in order to count, toward `to`. */
  #edgesFrom(from: GraphTable, to: GraphTable): readonly Edge[] {
    const isSingle = [from, to].every((it) => dependenciesOf(it).length <= 1)
    if (!isSingle) return []
    const ends = [from.alias, to.alias]
    return this.#edges.filter(
      (it) => ends.includes(it.left.table) && ends.includes(it.right.table) && this.#isRequiredFor(it, from),
    )
  }

  #isRequiredFor({ condition }: Edge, table: GraphTable): boolean {
    return isRequiredFor(condition, table, this.#graph, this.#matched)
  }

  #nearest(distance: ReadonlyMap<string, number>, settled: ReadonlySet<string>): GraphTable | undefined {
    const open = this.#graph.tables.filter((it) => distance.has(it.alias) && !settled.has(it.alias))
    const byDistance = (a: GraphTable, b: GraphTable) =>
      (distance.get(a.alias) ?? 0) - (distance.get(b.alias) ?? 0)
    return open.sort(byDistance)[0]
  }
}

function hopTo(to: GraphTable, edges: readonly Edge[]): Hop {
  const conditions = edges.map((it) => it.condition.expression).filter((it) => it !== TRUE)
  const { alias, relation, computed } = to
  return { alias, relation, computed, conditions, equals: equalsOf(to, edges) }
}

/** The columns of `to` that an edge equates to a column of the same type on its other side. */
function equalsOf(to: GraphTable, edges: readonly Edge[]): Hop['equals'] {
  return edges.flatMap(({ left, right, isSameType }) => {
    const [own, other] = left.table === to.alias ? [left, right] : [right, left]
    if (!isSameType || own.column === null || other.column === null) return []
    return [{ column: own.column, table: other.table, equalColumn: other.column }]
  })
}

/**
 * Drops hops at an end whose columns in the unit are equated, column to column of one type, to others: a vote
 * carries its project's id, the project itself need not be read. What is left over may be units that do not exist.
 */
function shorten(path: Path): Path {
  for (const hop of path.hops) {
    const others = path.hops.filter((it) => it !== hop)
    const isAnEnd = !others.some(({ conditions, computed }) => reads([conditions, computed], hop.alias))
    const substitutes = isAnEnd ? path.unit.map((expression) => substitute(expression, hop)) : [undefined]
    if (substitutes.some((it) => it === undefined)) continue
    return shorten({ ...path, hops: others, unit: substitutes.flatMap((it) => it ?? []) })
  }
  return path.hops.length === 0 ? { ...path, readsOld: false } : path
}

function reads(expressions: unknown, alias: string): boolean {
  return columnRefsIn(expressions).some((ref) => namesOf(ref.fields)[0] === alias)
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

/** Computed rows come after those that they are computed from, and each condition where all that it reads is there. */
function inOrder(path: Path): Path {
  const conditions = path.hops.flatMap((it) => it.conditions)
  const entered = new Set([path.occurrence])
  const isThere = (expressions: unknown) =>
    columnRefsIn(expressions).every((ref) => entered.has(namesOf(ref.fields)[0] ?? ''))
  const hops: Hop[] = []
  const waiting = [...path.hops]
  const unused = new Set(conditions)
  while (waiting.length > 0) {
    const index = waiting.findIndex((it) => dependenciesOf(it).every((alias) => entered.has(alias)))
    const [hop] = waiting.splice(index, 1)
    if (hop === undefined || index === -1) throw new Error('computed rows that need what is not on the way')
    entered.add(hop.alias)
    const own = [...unused].filter(isThere)
    for (const it of own) unused.delete(it)
    hops.push({ ...hop, conditions: own })
  }
  return { ...path, hops }
}
