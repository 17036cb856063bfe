import { asClockComparison } from '../sql/clock.ts'
import { findRelation, type CanonicalQuery } from '../catalog/catalog.ts'
import type {
  ColumnRef,
  JoinExpr,
  Node,
  RangeSubselect,
  RangeVar,
  SelectStmt,
  SubLink,
} from '../sql/parse.ts'
import {
  branchesOf,
  columnRef,
  columnRefsIn,
  conjuncts,
  equality,
  namesOf,
  outputNames,
  selectIn,
  targetsOf,
} from './ast/nodes.ts'
import { mapTree } from './ast/walk.ts'
import { alwaysYieldsRow, transparentOutputs } from './barriers.ts'
import { clockEdgeOf, type ClockEdge } from './clocks.ts'
import {
  isOpaque,
  opaque,
  withoutVoidJoins,
  type Block,
  type Condition,
  type Graph,
  type GraphTable,
} from './graph.ts'
import { mayReadTables } from './dependencies.ts'
import { asMembership, neverNull } from './membership.ts'
import { resolveColumn, type Scope } from './flat-scope.ts'
import { columnsOfFunction, columnsOfSubquery, hasValues, withAlias, type TableName } from './table-names.ts'

/** A branch of a set operation, of so many. */
export interface Choice {
  readonly taken: number
  readonly of: number
}

/** Where an expression stands: decides what its subqueries and conditions are worth. */
interface Place {
  readonly block: number
  readonly insideNullable: readonly number[]
}

/**
 * Flattens a query for one combination of branches: each name is replaced by what it stands for, down to columns of tables.
 * It lives for one call of `flattenRoot`.
 */
export class World {
  readonly #query: CanonicalQuery
  readonly #aliases: ReadonlyMap<object, TableName>
  readonly #columnsRead: Map<number, Set<string>>
  readonly #plannedChoices: readonly Choice[]
  readonly taken: Choice[] = []
  readonly clocks: (ClockEdge | undefined)[] = []
  readonly #blocks: Block[] = []
  readonly #tables: GraphTable[] = []
  readonly #conditions: Condition[] = []
  readonly #fullJoins: (readonly [number, number])[] = []
  #joins = 0

  constructor(
    query: CanonicalQuery,
    aliases: ReadonlyMap<object, TableName>,
    columnsRead: Map<number, Set<string>>,
    plannedChoices: readonly Choice[],
  ) {
    this.#query = query
    this.#aliases = aliases
    this.#columnsRead = columnsRead
    this.#plannedChoices = plannedChoices
  }

  flattenRoot(select: SelectStmt): Graph {
    const place: Place = { block: -1, insideNullable: [] }
    const { outputs } = this.#select(select, 'root', null, place)
    const [blocks, tables, conditions] = [this.#blocks, this.#tables, this.#conditions]
    return withoutVoidJoins({ blocks, tables, conditions, outputs, fullJoins: this.#fullJoins })
  }

  /** Flattens one SELECT; what does not pass its barriers is opaque. */
  #select(
    select: SelectStmt,
    kind: Block['kind'],
    parent: Scope | null,
    place: Place,
  ): { readonly outputs: readonly Node[]; readonly block: number } {
    const isTransparent = transparentOutputs(this.#query, select)
    const chosen = this.#choose(branchesOf(select))
    const block = this.#blocks.length
    this.#blocks.push({ id: block, parent: kind === 'root' ? null : place.block, kind })

    const scope: Scope = { entries: new Map(), parent }
    const here: Place = { ...place, block }
    for (const item of chosen.fromClause ?? []) this.#from(item, scope, here)
    for (const condition of conjuncts(chosen.whereClause)) this.#condition(condition, scope, here)
    const { groupClause, havingClause, sortClause, distinctClause, windowClause } = chosen
    this.#bind([groupClause, havingClause, sortClause, distinctClause, windowClause], scope, here)
    const outputs = targetsOf(chosen).map(({ value }, i) => {
      const bound = this.#bind(value, scope, here)
      return isTransparent[i] === true ? bound : opaque(bound)
    })
    return { outputs, block }
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
    else if ('RangeFunction' in item) {
      const name = item.RangeFunction.alias?.aliasname
      const columns = columnsOfFunction(item.RangeFunction)
      this.#computed(item, item.RangeFunction, { name, columns }, scope, place)
    } else if ('RangeSubselect' in item && hasValues(item.RangeSubselect)) {
      const name = item.RangeSubselect.alias?.aliasname
      const columns = columnsOfSubquery(item.RangeSubselect)
      this.#computed(item, item.RangeSubselect, { name, columns }, scope, place)
    } else if ('RangeSubselect' in item) this.#derivedTable(item.RangeSubselect, scope, place)
    else if ('JoinExpr' in item) this.#join(item.JoinExpr, scope, place)
    else throw new Error(`unexpected in FROM: ${Object.keys(item).join()}`)
  }

  #table(range: RangeVar, scope: Scope, place: Place): void {
    const named = this.#nameOf(range)
    const relation = findRelation(this.#query, range.schemaname ?? '', range.relname ?? '')
    if (relation === undefined) throw new Error(`the catalog does not know ${range.relname ?? ''}`)

    const { block, insideNullable: nullableBy } = place
    this.#tables.push({ ...named, relation, computed: null, block, nullableBy, location: range.location })
    const renamed = namesOf(range.alias?.colnames)
    const columns = relation.columns.map(
      ({ name }, i) => [renamed[i] ?? name, columnRef(named.alias, name)] as const,
    )
    scope.entries.set(range.alias?.aliasname ?? range.relname ?? '', new Map(columns))
  }

  /** Rows that a function or VALUES makes from columns of other tables. */
  #computed(
    item: Node,
    named: object,
    { name, columns }: { readonly name: string | undefined; readonly columns: readonly string[] },
    scope: Scope,
    { block, insideNullable: nullableBy }: Place,
  ): void {
    const { alias, ordinal } = this.#nameOf(named)
    const computed = withAlias(this.#bind(item, scope, { block, insideNullable: nullableBy }), alias, columns)
    this.#tables.push({ alias, ordinal, relation: null, computed, block, nullableBy, location: undefined })
    scope.entries.set(name ?? '', new Map(columns.map((it) => [it, columnRef(alias, it)] as const)))
  }

  #nameOf(item: object): TableName {
    const named = this.#aliases.get(item)
    if (named === undefined) throw new Error('a table without a name')
    return named
  }

  #derivedTable(range: RangeSubselect, scope: Scope, place: Place): void {
    const select = selectIn(range.subquery)
    const visible = range.lateral === true ? scope : scope.parent
    const kind = alwaysYieldsRow(this.#query, select) ? 'sublink' : 'from'
    const { outputs } = this.#select(select, kind, visible, place)
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
    const isFull = join.jointype === 'JOIN_FULL'
    const isOuter = isFull || join.jointype === 'JOIN_LEFT'
    const optional = (isOptional: boolean) => (isOptional ? [(this.#joins += 1)] : [])
    const [first, second] = [optional(isFull), optional(isOuter)]
    if (first[0] !== undefined && second[0] !== undefined) this.#fullJoins.push([first[0], second[0]])
    const within = (joins: readonly number[]): Place =>
      joins.length === 0 ? place : { ...place, insideNullable: [...place.insideNullable, ...joins] }

    this.#from(join.larg, scope, within(first))
    this.#from(join.rarg, scope, within(second))
    for (const condition of conjuncts(join.quals))
      this.#condition(condition, scope, within([...first, ...second]))
  }

  #condition(condition: Node, scope: Scope, place: Place): void {
    const isMember = 'SubLink' in condition && asMembership(condition.SubLink) === 'in'
    if (isMember) this.#sublink(condition.SubLink, scope, place, true)
    else this.#add(this.#bind(condition, scope, place), place.block, place.insideNullable)
  }

  #add(expression: Node, block: number, insideNullable: readonly number[]): void {
    const tables = [
      ...new Set(columnRefsIn(withoutOpaque(expression)).map((ref) => namesOf(ref.fields)[0] ?? '')),
    ]
    this.#conditions.push({ expression, block, tables, insideNullable })
  }

  /** Replaces names by what they stand for, and each subquery by an opaque value after flattening it. */
  #bind<T>(expression: T, scope: Scope, place: Place): T {
    return mapTree(expression, ({ node }) => {
      if ('SubLink' in node) return this.#sublink(node.SubLink, scope, place, false)
      if ('ColumnRef' in node) return this.#column(node.ColumnRef, scope)
      // It may have answered otherwise when the rows on a way were as they were.
      if ('FuncCall' in node && mayReadTables(this.#query, node))
        return opaque({ List: { items: this.#bind(node.FuncCall.args ?? [], scope, place) } })
      return this.#comparison(node, scope, place)
    })
  }

  #comparison(node: Node, scope: Scope, place: Place): Node | undefined {
    if (!('A_Expr' in node) || asClockComparison(node) === undefined) return undefined
    const { lexpr, rexpr } = node.A_Expr
    const [left, right] = [lexpr, rexpr].map((it) => it && this.#bind(it, scope, place))
    const bound = { A_Expr: { ...node.A_Expr, ...(left && { lexpr: left }), ...(right && { rexpr: right }) } }
    this.clocks.push(clockEdgeOf(bound))
    return bound
  }

  /**
   * What IN compares is a condition of the subquery's own rows, as in EXISTS. Where the answer may be null instead of false, and
   * that makes a difference, another row may change it as well: only for values that are never null then (LESSONS R8).
   */
  #sublink(sublink: SubLink, scope: Scope, place: Place, isRequired: boolean): Node {
    const tested = sublink.testexpr === undefined ? [] : [this.#bind(sublink.testexpr, scope, place)]
    const { outputs, block } = this.#select(selectIn(sublink.subselect), 'sublink', scope, place)
    if (asMembership(sublink) !== undefined) {
      const values = tested.flatMap((it) => ('RowExpr' in it ? (it.RowExpr.args ?? []) : [it]))
      const isNeverNull = [...values, ...outputs].every((it) => neverNull(it, this.#tables))
      if (isRequired || isNeverNull) {
        for (const [i, value] of values.entries()) {
          const output = outputs[i]
          if (output !== undefined) this.#add(equality(value, output), block, place.insideNullable)
        }
      }
    }
    return opaque({ List: { items: tested } })
  }

  #column(ref: ColumnRef, scope: Scope): Node {
    const { values, isRow } = resolveColumn(ref, scope)
    for (const value of values) this.#note(value)
    const [value] = values
    return isRow || value === undefined ? opaque({ List: { items: [...values] } }) : value
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

const NOTHING: Node = { A_Const: { isnull: true } }

/** The expression with opaque parts cut out: what a condition reads in its own block. */
function withoutOpaque(expression: Node): Node {
  return mapTree(expression, ({ node }) => (isOpaque(node) ? NOTHING : undefined))
}
