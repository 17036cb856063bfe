import type { Column } from '../catalog/catalog.ts'
import { deparseExpression, shapeOf } from '../sql/deparse.ts'
import { parseExpression, type FuncCall, type Node, type SelectStmt } from '../sql/parse.ts'

import type { Carried, FirstRow, FoldedSubquery, FoldedValue, FoldState } from './analysis.ts'
import {
  branchesOf,
  columnRef,
  columnRefsIn,
  conjunction,
  functionName,
  namesOf,
  targetsOf,
} from './ast/nodes.ts'
import { mapTree } from './ast/walk.ts'
import { hasLimit } from './barriers.ts'
import { plainReference } from './edges.ts'
import { argumentOf, exactSumType, isAggregateCall, isBuiltin, isPlainAggregate } from './foldable.ts'
import { isFirstRow, requireOneRow, sortingsOf } from './first-rows.ts'
import {
  NotFoldable,
  onlyTable,
  ownColumn,
  ownExpression,
  requireCorrelation,
  requireKeyGroups,
  rootTable,
  type FoldContext,
  type FoldedTable,
} from './folded-rows.ts'

/** In a folded value, the states are the columns of a table of this name: `millrace_fold.s1`. */
export const FOLD = 'millrace_fold'

/** What is kept of the rows of one subquery, as it is found. */
interface Kept extends FoldedTable {
  readonly states: FoldState[]
  readonly firsts: FirstRow[]
}

/** Folds one output column; holds its states as they are found. */
export class Folding {
  readonly #context: FoldContext
  readonly #subqueries: FoldedSubquery[] = []
  #states = 0

  constructor(context: FoldContext) {
    this.#context = context
  }

  /** A column of a root that groups. `countsRows`: how many rows the group has must be among its states. */
  foldGroup(output: Node, countsRows: boolean): FoldedValue {
    const { root } = this.#context
    const kept = this.#keptOf(root)
    requireKeyGroups(this.#context, kept, root.groupClause ?? [])
    const value = this.#aggregates(output, kept)
    if (countsRows) this.#state(kept, rowCount())
    const subqueries = [folded(kept, root)]
    return {
      value,
      mayFail: !isPlainAggregate(this.#context.query, output),
      subqueries,
      carried: this.#carried(value),
    }
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
    const mayFail = !isPlainAggregate(this.#context.query, output)
    return { value, mayFail, subqueries: this.#subqueries, carried: this.#carried(value) }
  }

  #keptOf(select: SelectStmt): Kept {
    return { ...onlyTable(this.#context, select), states: [], firsts: [] }
  }

  /** Takes a subquery apart into states; returns its value over them. */
  #subquery(select: SelectStmt): Node {
    if (isFirstRow(select)) return this.#firstRow(select)
    const isGrouped = select.groupClause !== undefined || select.havingClause !== undefined
    if (isGrouped || branchesOf(select).length > 1) throw new NotFoldable('its subquery groups')
    if (hasLimit(select)) throw new NotFoldable('its subquery limits')
    const kept = this.#keptOf(select)
    requireCorrelation(this.#context, kept, select)

    const value = this.#aggregates(valueOf(select), kept)
    this.#subqueries.push(folded(kept, select))
    return value
  }

  /** What a subquery shows of the first row in its order; null where there is none. */
  #firstRow(select: SelectStmt): Node {
    requireOneRow(this.#context, select)
    const kept = this.#keptOf(select)
    requireCorrelation(this.#context, kept, select)
    const keep = ({ name, type, collation }: Pick<Column, 'name' | 'type' | 'collation'>) =>
      this.#state(kept, {
        kind: 'first',
        argument: columnRef(kept.occurrence.alias, name),
        filter: null,
        type,
        collation,
        value: columnRef(kept.alias, name),
      })
    const order = sortingsOf(kept, select.sortClause ?? []).map(
      ({ column, isDescending, nullsFirst, mayBeNull }) => ({
        state: keep(column),
        isDescending,
        nullsFirst,
        mayBeNull,
      }),
    )
    const present = order.find(({ mayBeNull }) => !mayBeNull)?.state
    if (present === undefined) throw new NotFoldable('each column that it is sorted by may be null')

    const target = valueOf(select)
    ownExpression(this.#context, kept, target, 'its subquery')
    const value = mapTree(target, ({ node }) => {
      const column = 'ColumnRef' in node ? ownColumn(kept, node) : undefined
      return column && columnRef(FOLD, keep(column))
    })
    kept.firsts.push({ filter: null, order, states: kept.states.map(({ name }) => name) })
    this.#subqueries.push(folded(kept, select))
    if (plainReference(target) !== undefined) return value
    return parseExpression(
      `case when ${FOLD}.${present} is not null then ${deparseExpression(value).text} end`,
    )
  }

  #aggregates(value: Node, kept: Kept): Node {
    return mapTree(value, ({ node }) => {
      if ('SubLink' in node) throw new NotFoldable('its subqueries are nested')
      return 'FuncCall' in node && isAggregateCall(this.#context.query, node.FuncCall)
        ? this.#aggregate(node.FuncCall, kept)
        : undefined
    })
  }

  #aggregate(call: FuncCall, kept: Kept): Node {
    const name = functionName(call)
    if (!/^(count|sum|avg|min|max)$/.test(name)) {
      throw new NotFoldable(`${name} neither adds up nor takes the first`)
    }
    if (!isBuiltin(this.#context.query, name)) throw new NotFoldable(`${name} is not the server's own`)
    const isExtreme = name === 'min' || name === 'max'
    const isPlain = call.agg_order === undefined && call.over === undefined
    if (!isPlain || (call.agg_distinct === true && !isExtreme)) {
      throw new NotFoldable(`${name} is over distinct values`)
    }
    const filter =
      call.agg_filter === undefined ? null : ownExpression(this.#context, kept, call.agg_filter, 'a FILTER')
    return isExtreme ? this.#extreme(name, call, filter, kept) : this.#number(name, call, filter, kept)
  }

  /** The greatest of the values is the first of them in descending order; nulls are not among them. */
  #extreme(name: 'min' | 'max', call: FuncCall, filter: Node | null, kept: Kept): Node {
    const [argument] = call.args ?? []
    const column = argument && ownColumn(kept, argument)
    if (argument === undefined || column === undefined) {
      throw new NotFoldable(`the argument of ${name} is not a column of its table`)
    }
    if (!column.identical) throw new NotFoldable(`equal values of ${column.name} may differ`)

    const own = ownExpression(this.#context, kept, argument, name)
    const isNotNull: Node = { NullTest: { arg: own, nulltesttype: 'IS_NOT_NULL' } }
    const wanted = conjunction([isNotNull, ...(filter === null ? [] : [filter])]) ?? isNotNull
    const state = this.#state(kept, {
      kind: 'first',
      argument: own,
      filter: wanted,
      type: 'TypeCast' in argument ? 'text' : column.type,
      collation: column.collation,
      value: { FuncCall: call },
    })
    const order = [{ state, isDescending: name === 'max', nullsFirst: false, mayBeNull: false }]
    if (!kept.firsts.some(({ states }) => states.includes(state)))
      kept.firsts.push({ filter: wanted, order, states: [state] })
    return columnRef(FOLD, state)
  }

  #number(name: string, call: FuncCall, filter: Node | null, kept: Kept): Node {
    const { alias, relation } = kept.occurrence
    const argument = argumentOf(call, kept)
    const state = (kind: 'count' | 'sum', type: string) =>
      this.#state(kept, {
        kind,
        argument: argument === null ? null : columnRef(alias, argument),
        filter,
        type,
        collation: null,
        value: { FuncCall: { ...call, funcname: [{ String: { sval: kind } }] } },
      })
    if (name === 'count') return columnRef(FOLD, state('count', 'bigint'))

    const type = relation.columns.find((it) => it.name === argument)?.type ?? 'a constant'
    const sumType = exactSumType(type)
    if (sumType === undefined) throw new NotFoldable(`${name} of ${type} is not exact in every order`)
    const [sum, count] = [state('sum', sumType), state('count', 'bigint')]
    return parseExpression(
      name === 'sum'
        ? `case when ${FOLD}.${count} > 0 then ${FOLD}.${sum} end`
        : `${FOLD}.${sum}::numeric / nullif(${FOLD}.${count}, 0)`,
    )
  }

  /** The name of a state; one that is there already is used again. */
  #state({ states }: Kept, wanted: Omit<FoldState, 'name'>): string {
    const same = states.find((it) => shapeOf({ ...it, name: null }) === shapeOf({ ...wanted, name: null }))
    if (same !== undefined) return same.name
    this.#states += 1
    const name = `s${String(this.#states)}`
    states.push({ name, ...wanted })
    return name
  }

  /** What the value reads besides its states: it must be stored with the row. */
  #carried(value: Node): readonly Carried[] {
    const references = columnRefsIn(value).filter((ref) => namesOf(ref.fields)[0] !== FOLD)
    const carried = references.map((ref): Carried => {
      const [table = '', column = ''] = namesOf(ref.fields)
      const reference = columnRef(table, column)
      const output = targetsOf(this.#context.root).findIndex((it) => shapeOf(it.value) === shapeOf(reference))
      if (output >= 0) return { reference, output, type: '', collation: null }

      const source = rootTable(this.#context, table)?.relation.columns.find((it) => it.name === column)
      if (source === undefined) throw new NotFoldable(`it also reads ${table}.${column} of a derived table`)
      return { reference, output: null, type: source.type, collation: source.collation }
    })
    return [...new Map(carried.map((it) => [shapeOf(it.reference), it])).values()]
  }
}

function folded({ occurrence, states, firsts }: Kept, select: SelectStmt): FoldedSubquery {
  return { occurrence: occurrence.alias, select, states, firsts }
}

/** How many rows a group has. */
function rowCount(): Omit<FoldState, 'name'> {
  const value = parseExpression('count(*)')
  return { kind: 'count', type: 'bigint', collation: null, argument: null, filter: null, value }
}

function valueOf(select: SelectStmt): Node {
  const [target] = targetsOf(select)
  if (target === undefined) throw new Error('a subquery without a value')
  return target.value
}
