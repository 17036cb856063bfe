import type { Relation } from '../catalog/catalog.ts'
import { shapeOf } from '../sql/deparse.ts'
import type {
  ColumnRef,
  JoinExpr,
  Node,
  RangeSubselect,
  RangeVar,
  SelectStmt,
  SubLink,
} from '../sql/parse.ts'
import { branchesOf, columnRef, columnRefsIn, conjuncts, namesOf, targetsOf } from './ast/nodes.ts'
import { mapTree, walk } from './ast/walk.ts'
import { isOpaque, opaque, type Block, type Condition, type Graph, type GraphTable } from './graph.ts'

export interface FlattenInput {
  readonly select: SelectStmt
  /** Looks a table up; throws if the query names one that the catalog did not report. */
  readonly relation: (schema: string, name: string) => Relation
  /** True for a SELECT that aggregates. */
  readonly aggregates: (select: SelectStmt) => boolean
}

/** A query flattened, once for each combination of branches of its set operations. */
export interface Flattened {
  readonly worlds: readonly Graph[]
  /** For each table (by ordinal) every column that the query reads through it, in any world. */
  readonly columnsRead: ReadonlyMap<number, ReadonlySet<string>>
}

/** More combinations than any query that a person wrote; each costs a set of paths. */
const MAX_WORLDS = 64

/**
 * Flattens a canonical query. The choice of branches is enumerated like an odometer: flattening asks for a branch at
 * each set operation it comes to, and is run again with the last choice advanced until all have been taken.
 */
export function flatten(input: FlattenInput): Flattened {
  const aliases = nameTables(input.select)
  const columnsRead = new Map<number, Set<string>>()
  const worlds: Graph[] = []

  for (let choices: readonly Choice[] | undefined = []; choices !== undefined;) {
    if (worlds.length === MAX_WORLDS)
      throw new Error(`more than ${String(MAX_WORLDS)} combinations of union branches`)
    const world = new World(input, aliases, columnsRead, choices)
    worlds.push(world.flattenRoot())
    choices = advance(world.taken)
  }
  return { worlds, columnsRead }
}

interface Choice {
  readonly taken: number
  readonly of: number
}

function advance(choices: readonly Choice[]): readonly Choice[] | undefined {
  const last = choices.findLastIndex(({ taken, of }) => taken + 1 < of)
  const advanced = choices[last]
  return advanced && [...choices.slice(0, last), { taken: advanced.taken + 1, of: advanced.of }]
}

/** What a table of the query is called in the analysis, and the how-manieth it is. */
export interface TableName {
  readonly alias: string
  readonly ordinal: number
}

/** Gives each table of the text an alias that is unique in the whole query. */
export function nameTables(select: SelectStmt): ReadonlyMap<RangeVar, TableName> {
  const names = new Map<RangeVar, TableName>()
  const taken = new Set<string>()
  walk({ SelectStmt: select }, ({ node }) => {
    if (!('RangeVar' in node)) return
    const wanted = node.RangeVar.alias?.aliasname ?? node.RangeVar.relname ?? 't'
    let alias = wanted
    for (let n = 2; taken.has(alias); n += 1) alias = `${wanted}_${String(n)}`
    taken.add(alias)
    names.set(node.RangeVar, { alias, ordinal: names.size })
  })
  return names
}

/** What a name in FROM stands for: its columns, each as an expression over tables. */
type Entry = ReadonlyMap<string, Node>

interface Scope {
  readonly entries: Map<string, Entry>
  readonly parent: Scope | null
}

/** Where an expression stands: decides what its subqueries and conditions are worth. */
interface Place {
  readonly block: number
  readonly insideNullable: readonly number[]
}

/** The state of flattening one world. It lives for one call of `flattenRoot`. */
class World {
  readonly #input: FlattenInput
  readonly #aliases: ReadonlyMap<RangeVar, TableName>
  readonly #columnsRead: Map<number, Set<string>>
  readonly #plannedChoices: readonly Choice[]
  readonly taken: Choice[] = []
  readonly #blocks: Block[] = []
  readonly #tables: GraphTable[] = []
  readonly #conditions: Condition[] = []
  #joins = 0

  constructor(
    input: FlattenInput,
    aliases: ReadonlyMap<RangeVar, TableName>,
    columnsRead: Map<number, Set<string>>,
    plannedChoices: readonly Choice[],
  ) {
    this.#input = input
    this.#aliases = aliases
    this.#columnsRead = columnsRead
    this.#plannedChoices = plannedChoices
  }

  flattenRoot(): Graph {
    const place: Place = { block: -1, insideNullable: [] }
    const outputs = this.#select(this.#input.select, 'root', null, place)
    return { blocks: this.#blocks, tables: this.#tables, conditions: this.#conditions, outputs }
  }

  /** Flattens one SELECT and returns its output expressions. */
  #select(select: SelectStmt, kind: Block['kind'], parent: Scope | null, place: Place): readonly Node[] {
    const chosen = this.#choose(branchesOf(select))
    const block = this.#blocks.length
    this.#blocks.push({ id: block, parent: kind === 'root' ? null : place.block, kind })

    const scope: Scope = { entries: new Map(), parent }
    const here: Place = { ...place, block }
    for (const item of chosen.fromClause ?? []) this.#from(item, scope, here)
    for (const condition of conjuncts(chosen.whereClause)) this.#condition(condition, scope, here)
    if (chosen.havingClause !== undefined) this.#bind(chosen.havingClause, scope, here)
    for (const item of chosen.sortClause ?? []) this.#bind(item, scope, here)

    const grouped = (chosen.groupClause ?? []).map((expression) =>
      shapeOf(this.#bind(expression, scope, here)),
    )
    const isBarrier = grouped.length > 0 || this.#input.aggregates(chosen)
    return targetsOf(chosen).map(({ value }) => {
      const bound = this.#bind(value, scope, here)
      return isBarrier && !grouped.includes(shapeOf(bound)) ? opaque(bound) : bound
    })
  }

  #choose(branches: readonly SelectStmt[]): SelectStmt {
    const planned =
      branches.length > 1
        ? (this.#plannedChoices[this.taken.length] ?? { taken: 0, of: branches.length })
        : undefined
    if (planned !== undefined) this.taken.push(planned)
    const chosen = branches[planned?.taken ?? 0]
    if (chosen === undefined) throw new Error('a set operation without branches')
    return chosen
  }

  #from(item: Node, scope: Scope, place: Place): void {
    if ('RangeVar' in item) this.#table(item.RangeVar, scope, place)
    else if ('RangeSubselect' in item) this.#derivedTable(item.RangeSubselect, scope, place)
    else if ('JoinExpr' in item) this.#join(item.JoinExpr, scope, place)
    else throw new Error(`unexpected in FROM: ${Object.keys(item).join()}`)
  }

  #table(range: RangeVar, scope: Scope, place: Place): void {
    const named = this.#aliases.get(range)
    if (named === undefined) throw new Error(`unnamed table ${range.relname ?? ''}`)
    const relation = this.#input.relation(range.schemaname ?? '', range.relname ?? '')

    this.#tables.push({
      ...named,
      relation,
      block: place.block,
      nullableBy: place.insideNullable,
    })
    const renamed = namesOf(range.alias?.colnames)
    const columns = relation.columns.map(
      ({ name }, i) => [renamed[i] ?? name, columnRef(named.alias, name)] as const,
    )
    scope.entries.set(range.alias?.aliasname ?? range.relname ?? '', new Map(columns))
  }

  #derivedTable(range: RangeSubselect, scope: Scope, place: Place): void {
    const select = subselectOf(range.subquery)
    const outputs = this.#select(select, 'from', scope.parent, place)
    const names = outputNames(select)
    const renamed = namesOf(range.alias?.colnames)
    const isOptional = place.insideNullable.length > 0

    const columns = outputs.map((value, i) => {
      // On the optional side a row may be missing as a whole: then a column is null, but `coalesce(x, 0)` is not.
      const visible = isOptional && !('ColumnRef' in value) && !isOpaque(value) ? opaque(value) : value
      return [renamed[i] ?? names[i] ?? '', visible] as const
    })
    scope.entries.set(range.alias?.aliasname ?? '', new Map(columns))
  }

  #join(join: JoinExpr, scope: Scope, place: Place): void {
    if (join.larg === undefined || join.rarg === undefined) throw new Error('a join without a side')
    const isLeft = join.jointype === 'JOIN_LEFT'
    if (isLeft) this.#joins += 1
    const inner: Place = isLeft ? { ...place, insideNullable: [...place.insideNullable, this.#joins] } : place

    this.#from(join.larg, scope, place)
    this.#from(join.rarg, scope, inner)
    for (const condition of conjuncts(join.quals)) this.#condition(condition, scope, inner)
  }

  #condition(condition: Node, scope: Scope, place: Place): void {
    const expression = this.#bind(condition, scope, place)
    const tables = [
      ...new Set(columnRefsIn(withoutOpaque(expression)).map((ref) => namesOf(ref.fields)[0] ?? '')),
    ]
    this.#conditions.push({ expression, block: place.block, tables, insideNullable: place.insideNullable })
  }

  /** Replaces names by what they stand for, and each subquery by an opaque value after flattening it. */
  #bind(expression: Node, scope: Scope, place: Place): Node {
    return mapTree(expression, ({ node }) => {
      if ('SubLink' in node) return this.#sublink(node.SubLink, scope, place)
      if ('ColumnRef' in node) return this.#column(node.ColumnRef, scope)
      return undefined
    })
  }

  #sublink(sublink: SubLink, scope: Scope, place: Place): Node {
    const bound = sublink.testexpr === undefined ? [] : [this.#bind(sublink.testexpr, scope, place)]
    this.#select(subselectOf(sublink.subselect), 'sublink', scope, place)
    return opaque({ List: { items: bound } })
  }

  #column(ref: ColumnRef, scope: Scope): Node {
    const [table = '', column] = namesOf(ref.fields)
    const entry = lookUp(scope, table)
    if (column === undefined || entry === undefined)
      throw new Error(`unresolved column ${namesOf(ref.fields).join('.')}`)

    if (column === '*') {
      for (const value of entry.values()) this.#note(value)
      return opaque({ List: { items: [...entry.values()] } })
    }
    const value = entry.get(column)
    if (value === undefined) throw new Error(`unresolved column ${table}.${column}`)
    this.#note(value)
    return value
  }

  /** Remembers which columns of which tables are read. */
  #note(value: Node): void {
    for (const ref of columnRefsIn(value)) {
      const [alias, column = ''] = namesOf(ref.fields)
      const table = this.#tables.find((it) => it.alias === alias)
      if (table === undefined) continue
      const columns = this.#columnsRead.get(table.ordinal) ?? new Set()
      this.#columnsRead.set(table.ordinal, columns.add(column))
    }
  }
}

function lookUp(scope: Scope | null, table: string): Entry | undefined {
  for (let at = scope; at !== null; at = at.parent) {
    const entry = at.entries.get(table)
    if (entry !== undefined) return entry
  }
  return undefined
}

function subselectOf(node: Node | undefined): SelectStmt {
  if (node === undefined || !('SelectStmt' in node)) throw new Error('a subquery without a SELECT')
  return node.SelectStmt
}

/** Names of a query's columns: those of the first branch; a bare column gives its own name. */
export function outputNames(select: SelectStmt): readonly string[] {
  const [first] = branchesOf(select)
  return targetsOf(first ?? select).map(({ name, value }) => {
    if (name !== undefined) return name
    return 'ColumnRef' in value ? (namesOf(value.ColumnRef.fields).at(-1) ?? '') : ''
  })
}

const NOTHING: Node = { A_Const: { isnull: true } }

/** The expression with opaque parts cut out: what a condition reads in its own block. */
function withoutOpaque(expression: Node): Node {
  return mapTree(expression, ({ node }) => (isOpaque(node) ? NOTHING : undefined))
}
