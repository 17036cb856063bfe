import type { CanonicalQuery } from '../catalog/catalog.ts'
import { parseExpression, type FuncCall, type Node, type RangeVar, type SelectStmt } from '../sql/parse.ts'
import { shapeOf } from '../sql/deparse.ts'
import type { Analysis, Carried, FoldedOutput, FoldedSubquery, FoldState, Occurrence } from './analysis.ts'
import {
  asEquality,
  branchesOf,
  columnRef,
  columnRefsIn,
  conjuncts,
  functionName,
  namesOf,
  targetsOf,
} from './ast/nodes.ts'
import { hasNode, mapTree, walk } from './ast/walk.ts'
import { plainReference } from './edges.ts'
import { callsOnlyImmutable } from './filters.ts'
import { nameTables, type TableName } from './flatten.ts'

/** In a folded value, the states are the columns of a table of this name: `millrace_fold.s1`. */
export const FOLD = 'millrace_fold'

type Unfolded = Omit<Analysis, 'folds'>

/**
 * Judges each output column that holds an aggregating subquery: can its answer be kept by adding what the changed rows
 * add, or must it be computed anew? The root must be one plain SELECT, for then a row of it is there or not whatever
 * the subqueries say.
 */
export function findFolds(
  query: CanonicalQuery,
  select: SelectStmt,
  analysis: Unfolded,
): readonly FoldedOutput[] {
  const isPlain = branchesOf(select).length === 1 && select.groupClause === undefined
  if (!isPlain || select.havingClause !== undefined) return []

  const tables = nameTables(select)
  return targetsOf(select).flatMap(({ value }, output): readonly FoldedOutput[] => {
    const subqueries = subqueriesIn(value)
    if (!subqueries.some((it) => aggregatesIn(query, targetsOf(it)[0]?.value).length > 0)) return []
    try {
      const folded = new Folding(query, select, analysis, tables).fold(value)
      return [{ output, folded, because: 'each change adds to it or takes from it' }]
    } catch (error) {
      if (!(error instanceof NotFoldable)) throw error
      return [{ output, folded: null, because: error.message }]
    }
  })
}

/** Says why; thrown from wherever that is found out. */
class NotFoldable extends Error {}

/** Folds one output column; holds its states as they are found. */
class Folding {
  readonly #query: CanonicalQuery
  readonly #root: SelectStmt
  readonly #analysis: Unfolded
  readonly #tables: ReadonlyMap<RangeVar, TableName>
  readonly #subqueries: FoldedSubquery[] = []
  #states = 0

  constructor(
    query: CanonicalQuery,
    root: SelectStmt,
    analysis: Unfolded,
    tables: ReadonlyMap<RangeVar, TableName>,
  ) {
    this.#query = query
    this.#root = root
    this.#analysis = analysis
    this.#tables = tables
  }

  fold(output: Node): NonNullable<FoldedOutput['folded']> {
    const value = mapTree(output, ({ node }) => {
      if (!('SubLink' in node)) return undefined
      const { subLinkType, subselect } = node.SubLink
      if (subLinkType !== 'EXPR_SUBLINK' || subselect === undefined || !('SelectStmt' in subselect)) {
        throw new NotFoldable('it holds a subquery that yields no number')
      }
      return this.#subquery(subselect.SelectStmt)
    })
    return { value, subqueries: this.#subqueries, carried: this.#carried(value) }
  }

  /** Takes a subquery apart into states; returns its value over them. */
  #subquery(select: SelectStmt): Node {
    const { alias, occurrence } = this.#onlyTable(select)
    this.#requireCorrelation(select, alias, occurrence)

    const target = targetsOf(select)[0]?.value
    if (target === undefined || hasNode(target, 'SubLink')) throw new NotFoldable('its subqueries are nested')
    const states: FoldState[] = []
    const value = mapTree(target, ({ node }) =>
      'FuncCall' in node && this.#isAggregate(node.FuncCall)
        ? this.#aggregate(node.FuncCall, alias, occurrence, states)
        : undefined,
    )
    this.#subqueries.push({ occurrence: occurrence.alias, select, states })
    return value
  }

  #onlyTable(select: SelectStmt): { readonly alias: string; readonly occurrence: Occurrence } {
    const [from, ...more] = select.fromClause ?? []
    const isPlain =
      branchesOf(select).length === 1 &&
      [select.groupClause, select.havingClause, select.limitCount, select.limitOffset].every(
        (it) => it === undefined,
      )
    if (!isPlain) throw new NotFoldable('its subquery groups or limits')
    if (from === undefined || more.length > 0 || !('RangeVar' in from) || from.RangeVar.alias?.colnames) {
      throw new NotFoldable('its subquery reads more than one table')
    }
    const named = this.#tables.get(from.RangeVar)
    const occurrence = this.#analysis.occurrences.find((it) => it.ordinal === named?.ordinal)
    if (occurrence === undefined) throw new Error('a table without an occurrence')
    return { alias: from.RangeVar.alias?.aliasname ?? from.RangeVar.relname ?? '', occurrence }
  }

  /** The rows of a subquery must be exactly those that hold the unit, less those that its own filter keeps out. */
  #requireCorrelation(select: SelectStmt, alias: string, occurrence: Occurrence): void {
    const { unit, paths } = this.#analysis
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
    const direct = shapeOf(tied.map((column) => columnRef(occurrence.alias, column ?? '')))
    const own = paths.filter((it) => it.occurrence === occurrence.alias)
    if (!own.every((path) => path.hops.length === 0 && shapeOf(path.unit) === direct)) {
      throw new NotFoldable('its rows do not hold the key')
    }
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

/** Sums that come out the same in whatever order they are added, with the type that holds them. */
const SUM_TYPES = [
  { of: /^(smallint|integer)$/, type: 'bigint' },
  { of: /^(bigint|numeric\(\d+,\d+\))$/, type: 'numeric' },
] as const

function subqueriesIn(value: Node): readonly SelectStmt[] {
  const found: SelectStmt[] = []
  walk(value, ({ node }) => {
    if (!('SubLink' in node)) return undefined
    const { subselect } = node.SubLink
    if (subselect !== undefined && 'SelectStmt' in subselect) found.push(subselect.SelectStmt)
    return 'skip'
  })
  return found
}

function aggregatesIn(query: CanonicalQuery, value: Node | undefined): readonly FuncCall[] {
  const found: FuncCall[] = []
  walk(value, ({ node }) => {
    if ('SubLink' in node) return 'skip'
    if ('FuncCall' in node && isAggregate(query, functionName(node.FuncCall))) found.push(node.FuncCall)
    return undefined
  })
  return found
}

function isAggregate(query: CanonicalQuery, name: string): boolean {
  return query.calls.some((it) => it.kind === 'aggregate' && it.name === name)
}

/** Tables of a FROM clause itself, those in derived tables left out. */
function rangesIn(items: readonly Node[]): readonly RangeVar[] {
  return items.flatMap((item): readonly RangeVar[] => {
    if ('RangeVar' in item) return [item.RangeVar]
    if (!('JoinExpr' in item)) return []
    return rangesIn([item.JoinExpr.larg, item.JoinExpr.rarg].flatMap((side) => side ?? []))
  })
}
