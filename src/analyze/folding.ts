import type { CanonicalQuery } from '../catalog/catalog.ts'
import { parseExpression, type FuncCall, type Node, type RangeVar, type SelectStmt } from '../sql/parse.ts'
import { shapeOf } from '../sql/deparse.ts'
import { isAggregate } from './aggregates.ts'
import type { Analysis, Carried, FoldedSubquery, FoldedValue, FoldState, Occurrence } from './analysis.ts'
import {
  asEquality,
  branchesOf,
  columnRef,
  columnRefsIn,
  conjuncts,
  functionName,
  namesOf,
  subqueryOf,
  targetsOf,
} from './ast/nodes.ts'
import { hasNode, mapTree } from './ast/walk.ts'
import { plainReference } from './edges.ts'
import { callsOnlyImmutable } from './filters.ts'
import { nameTables, type TableName } from './table-names.ts'

/** In a folded value, the states are the columns of a table of this name: `millrace_fold.s1`. */
export const FOLD = 'millrace_fold'

export type Unfolded = Omit<Analysis, 'folds'>

/** Says why; thrown from wherever that is found out. */
export class NotFoldable extends Error {}

/** Folds one output column; holds its states as they are found. */
export class Folding {
  readonly #query: CanonicalQuery
  readonly #root: SelectStmt
  readonly #analysis: Unfolded
  readonly #tables: ReadonlyMap<object, TableName>
  readonly #subqueries: FoldedSubquery[] = []
  #states = 0

  constructor(query: CanonicalQuery, root: SelectStmt, analysis: Unfolded) {
    this.#query = query
    this.#root = root
    this.#analysis = analysis
    this.#tables = nameTables(root)
  }

  /** A column of a root that groups. `countsRows`: how many rows the group has must be among its states. */
  foldGroup(output: Node, countsRows: boolean): FoldedValue {
    const { alias, occurrence } = this.#onlyTable(this.#root)
    this.#requireKeyGroups(alias, occurrence)
    const states: FoldState[] = []
    const value = this.#aggregates(output, alias, occurrence, states)
    const aggregate = parseExpression('count(*)')
    if (countsRows)
      this.#state(states, { kind: 'count', type: 'bigint', argument: null, filter: null, aggregate })
    const subqueries = [{ occurrence: occurrence.alias, select: this.#root, states }]
    return { value, mayFail: !this.#isPlain(output), subqueries, carried: this.#carried(value) }
  }

  /** The groups must be the units, and a row must be in its group by its own columns. */
  #requireKeyGroups(alias: string, occurrence: Occurrence): void {
    const { unit } = this.#analysis
    const groups = (this.#root.groupClause ?? []).map((it) => shapeOf(it))
    const outputs = targetsOf(this.#root)
    const columns = unit.map(({ output }) => {
      const value = outputs[output]?.value
      const isGroup = value !== undefined && groups.includes(shapeOf(value))
      return isGroup && 'ColumnRef' in value ? plainReference(value) : undefined
    })
    if (unit.length !== groups.length || columns.some((it) => it?.table !== alias)) {
      throw new NotFoldable('the key is not all that the rows are grouped by')
    }
    if (conjuncts(this.#root.whereClause).length !== occurrence.filter.length) {
      throw new NotFoldable('its rows are found by more than immutable filters')
    }
    this.#requireDirect(
      occurrence,
      columns.map((it) => it?.column ?? ''),
    )
  }

  fold(output: Node): FoldedValue {
    const value = mapTree(output, ({ node }) => {
      if (!('SubLink' in node)) return undefined
      const { subLinkType, subselect } = node.SubLink
      if (subLinkType !== 'EXPR_SUBLINK' || subselect === undefined || !('SelectStmt' in subselect)) {
        throw new NotFoldable('it holds a subquery that yields no number')
      }
      return this.#subquery(subselect.SelectStmt)
    })
    const mayFail = !this.#isPlain(output)
    return { value, mayFail, subqueries: this.#subqueries, carried: this.#carried(value) }
  }

  /** Takes a subquery apart into states; returns its value over them. */
  #subquery(select: SelectStmt): Node {
    const isGrouped = select.groupClause !== undefined || select.havingClause !== undefined
    if (isGrouped || branchesOf(select).length > 1) throw new NotFoldable('its subquery groups')
    const { alias, occurrence } = this.#onlyTable(select)
    this.#requireCorrelation(select, alias, occurrence)

    const target = targetsOf(select)[0]?.value
    if (target === undefined) throw new Error('a subquery without a value')
    const states: FoldState[] = []
    const value = this.#aggregates(target, alias, occurrence, states)
    this.#subqueries.push({ occurrence: occurrence.alias, select, states })
    return value
  }

  #aggregates(value: Node, alias: string, occurrence: Occurrence, states: FoldState[]): Node {
    return mapTree(value, ({ node }) => {
      if ('SubLink' in node) throw new NotFoldable('its subqueries are nested')
      return 'FuncCall' in node && this.#isAggregate(node.FuncCall)
        ? this.#aggregate(node.FuncCall, alias, occurrence, states)
        : undefined
    })
  }

  #onlyTable(select: SelectStmt): { readonly alias: string; readonly occurrence: Occurrence } {
    const [from, ...more] = select.fromClause ?? []
    const isLimited = select.limitCount !== undefined || select.limitOffset !== undefined
    if (isLimited) throw new NotFoldable('its subquery limits')
    if (from === undefined || more.length > 0 || !('RangeVar' in from) || from.RangeVar.alias?.colnames) {
      throw new NotFoldable('it reads more than one table')
    }
    const named = this.#tables.get(from.RangeVar)
    const occurrence = this.#analysis.occurrences.find((it) => it.ordinal === named?.ordinal)
    if (occurrence === undefined) throw new Error('a table without an occurrence')
    return { alias: from.RangeVar.alias?.aliasname ?? from.RangeVar.relname ?? '', occurrence }
  }

  /** The rows of a subquery must be exactly those that hold the unit, less those that its own filter keeps out. */
  #requireCorrelation(select: SelectStmt, alias: string, occurrence: Occurrence): void {
    const { unit } = this.#analysis
    const outputs = targetsOf(this.#root)
    const tied = unit.map(({ output, type }) => {
      const key = outputs[output] && plainReference(outputs[output].value)
      const equal = conjuncts(select.whereClause).flatMap((it) => asEquality(it) ?? [])
      const columns = equal.flatMap(({ left, right }) => {
        const [a, b] = [plainReference(left), plainReference(right)]
        const own = [a, b].find((it) => it?.table === alias)
        const other = own === a ? b : a
        const isKey = own && key && other?.table === key.table && other.column === key.column
        return isKey === true ? [own.column] : []
      })
      return columns.find((name) => occurrence.relation.columns.find((it) => it.name === name)?.type === type)
    })

    const conditions = conjuncts(select.whereClause).length
    if (tied.includes(undefined) || conditions !== unit.length + occurrence.filter.length) {
      throw new NotFoldable('its rows are found by more than equality with the key and immutable filters')
    }
    this.#requireDirect(
      occurrence,
      tied.map((column) => column ?? ''),
    )
  }

  /** Each path must take the unit from these columns of the changed row. */
  #requireDirect(occurrence: Occurrence, columns: readonly string[]): void {
    const direct = shapeOf(columns.map((column) => columnRef(occurrence.alias, column)))
    const own = this.#analysis.paths.filter((it) => it.occurrence === occurrence.alias)
    if (!own.every((path) => path.hops.length === 0 && shapeOf(path.unit) === direct)) {
      throw new NotFoldable('its rows do not hold the key')
    }
  }

  /** An aggregate by itself, perhaps cast, perhaps with a constant for null. */
  #isPlain(value: Node): boolean {
    if ('CoalesceExpr' in value) {
      return (value.CoalesceExpr.args ?? []).every((it) => 'A_Const' in it || this.#isPlain(it))
    }
    if ('TypeCast' in value) {
      const type = namesOf(value.TypeCast.typeName?.names).at(-1) ?? ''
      return WIDE_TYPES.has(type) && value.TypeCast.arg !== undefined && this.#isPlain(value.TypeCast.arg)
    }
    const subquery = 'SubLink' in value ? subqueryOf(value) : undefined
    const target = subquery && targetsOf(subquery)[0]?.value
    if (target !== undefined) return this.#isPlain(target)
    return 'FuncCall' in value && this.#isAggregate(value.FuncCall)
  }

  #isAggregate(call: FuncCall): boolean {
    return isAggregate(this.#query, functionName(call))
  }

  #aggregate(call: FuncCall, alias: string, occurrence: Occurrence, states: FoldState[]): Node {
    const name = functionName(call)
    if (!/^(count|sum|avg)$/.test(name)) throw new NotFoldable(`${name} is neither a count nor a sum`)
    const isPlain = call.agg_distinct !== true && call.agg_order === undefined && call.over === undefined
    if (!isPlain) throw new NotFoldable(`${name} is over distinct values`)

    const filter = call.agg_filter === undefined ? null : this.#own(call.agg_filter, alias, occurrence)
    const argument = this.#argument(call, alias)
    const state = (kind: FoldState['kind'], type: FoldState['type']) =>
      this.#state(states, {
        kind,
        argument: argument === null ? null : columnRef(occurrence.alias, argument),
        filter,
        type,
        aggregate: { FuncCall: { ...call, funcname: [{ String: { sval: kind } }] } },
      })
    if (name === 'count') return columnRef(FOLD, state('count', 'bigint'))

    const type = occurrence.relation.columns.find((it) => it.name === argument)?.type ?? 'a constant'
    const sumType = SUM_TYPES.find(({ of }) => of.test(type))?.type
    if (sumType === undefined) throw new NotFoldable(`${name} of ${type} is not exact in every order`)
    const [sum, count] = [state('sum', sumType), state('count', 'bigint')]
    return parseExpression(
      name === 'sum'
        ? `case when ${FOLD}.${count} > 0 then ${FOLD}.${sum} end`
        : `${FOLD}.${sum}::numeric / nullif(${FOLD}.${count}, 0)`,
    )
  }

  /** The column that is counted or summed; null for whole rows, as in count(*) and count(1). */
  #argument(call: FuncCall, alias: string): string | null {
    const [argument] = call.args ?? []
    if (argument === undefined || ('A_Const' in argument && argument.A_Const.isnull !== true)) return null
    const column = 'ColumnRef' in argument ? plainReference(argument) : undefined
    if (column?.table === alias) return column.column
    throw new NotFoldable(`the argument of ${functionName(call)} is not a column of its table`)
  }

  /** The name of a state; one that is there already is used again. */
  #state(states: FoldState[], wanted: Omit<FoldState, 'name'>): string {
    const same = states.find((it) => shapeOf({ ...it, name: null }) === shapeOf({ ...wanted, name: null }))
    if (same !== undefined) return same.name
    this.#states += 1
    const name = `s${String(this.#states)}`
    states.push({ name, ...wanted })
    return name
  }

  /** A filter of an aggregate, over the occurrence's own alias. */
  #own(filter: Node, alias: string, occurrence: Occurrence): Node {
    const isOwn = columnRefsIn(filter).every(
      (ref) => namesOf(ref.fields)[0] === alias && !namesOf(ref.fields).includes('*'),
    )
    if (!isOwn || hasNode(filter, 'SubLink') || !callsOnlyImmutable(this.#query, filter)) {
      throw new NotFoldable('a FILTER reads more than its own row')
    }
    return mapTree(filter, ({ node }) =>
      'ColumnRef' in node ? columnRef(occurrence.alias, namesOf(node.ColumnRef.fields)[1] ?? '') : undefined,
    )
  }

  /** What the value reads besides its states: it must be stored with the row. */
  #carried(value: Node): readonly Carried[] {
    const references = columnRefsIn(value).filter((ref) => namesOf(ref.fields)[0] !== FOLD)
    const carried = references.map((ref): Carried => {
      const [table = '', column = ''] = namesOf(ref.fields)
      const reference = columnRef(table, column)
      const output = targetsOf(this.#root).findIndex((it) => shapeOf(it.value) === shapeOf(reference))
      if (output >= 0) return { reference, output, type: '', collation: null }

      const source = this.#rootTable(table)?.relation.columns.find((it) => it.name === column)
      if (source === undefined) throw new NotFoldable(`it also reads ${table}.${column} of a derived table`)
      return { reference, output: null, type: source.type, collation: source.collation }
    })
    return [...new Map(carried.map((it) => [shapeOf(it.reference), it])).values()]
  }

  #rootTable(alias: string): Occurrence | undefined {
    const found = rangesIn(this.#root.fromClause ?? []).find(
      (it) => (it.alias?.aliasname ?? it.relname) === alias && it.alias?.colnames === undefined,
    )
    const ordinal = found && this.#tables.get(found)?.ordinal
    return this.#analysis.occurrences.find((it) => it.ordinal === ordinal)
  }
}

/** What a count can be cast to: two thousand million rows of one key would not fit into the narrowest. */
const WIDE_TYPES = new Set(['int4', 'int8', 'numeric', 'float8', 'text'])

/** Sums that come out the same in whatever order they are added, with the type that holds them. */
const SUM_TYPES = [
  { of: /^(smallint|integer)$/, type: 'bigint' },
  { of: /^(bigint|numeric\(\d+,\d+\))$/, type: 'numeric' },
] as const

/** Tables of a FROM clause itself, those in derived tables left out. */
function rangesIn(items: readonly Node[]): readonly RangeVar[] {
  return items.flatMap((item): readonly RangeVar[] => {
    if ('RangeVar' in item) return [item.RangeVar]
    if (!('JoinExpr' in item)) return []
    return rangesIn([item.JoinExpr.larg, item.JoinExpr.rarg].flatMap((side) => side ?? []))
  })
}
