import type { Analysis, FoldedOutput, FoldedSubquery, FoldState, Path } from '../analyze/analysis.ts'
import { columnRef, columnRefsIn, namesOf, targetsOf } from '../analyze/ast/nodes.ts'
import { mapTree } from '../analyze/ast/walk.ts'
import { FOLD } from '../analyze/folds.ts'
import type { CanonicalQuery } from '../catalog/catalog.ts'
import { deparseExpression, shapeOf } from '../sql/deparse.ts'
import { foldColumn } from '../sql/names.ts'
import { parseExpression, parseSelect, type Node, type SelectStmt } from '../sql/parse.ts'
import { ident, join, sql, trusted, type Sql } from '../sql/sql.ts'
import type { PlanColumn, PlanFold, RelationName, UnitColumn } from './plan.ts'
import { batchesOf, images, occurrenceOf, pathSelect, possibleUnit, unitNames } from './resolve.ts'
import { DRAIN_WINDOW } from './window.ts'

/** Where the numbers that folds add to are kept in the stored table. */
export interface FoldLayout {
  readonly columns: readonly FoldedColumn[]
  /** Stored columns that the query does not have, after all that it has. */
  readonly hidden: readonly PlanColumn[]
  /**
   * The query with the hidden columns added. Each folded subquery stands once, in FROM: the column and its states
   * are read from the same rows at the cost of one look.
   */
  readonly select: SelectStmt
}

interface FoldedColumn {
  readonly name: string
  /** Over `millrace_fold` and the query's own tables. */
  readonly value: Node
  readonly states: readonly PlacedState[]
  readonly carried: readonly { readonly reference: Node; readonly column: string }[]
}

interface PlacedState extends FoldState {
  readonly occurrence: string
  /** The stored column that holds it: its own, or the output column where that is just this count. */
  readonly column: string
  /** The table of the rewritten FROM that computes it. */
  readonly table: string
}

type Folded = FoldedOutput & { readonly folded: NonNullable<FoldedOutput['folded']> }

export function foldedOutputs({ folds }: Analysis): readonly Folded[] {
  return folds.filter((it): it is Folded => it.folded !== null)
}

/** Occurrences whose changes are added, so that their paths need not be followed when draining. */
export function foldedOccurrences(analysis: Analysis): readonly string[] {
  return foldedOutputs(analysis).flatMap(({ folded }) => folded.subqueries.map((it) => it.occurrence))
}

export function describeFolds({ folds }: Analysis, query: CanonicalQuery): readonly PlanFold[] {
  return folds.map(({ output, folded, because }) => ({
    column: query.columns[output]?.name ?? '',
    foldable: folded !== null,
    because,
  }))
}

/** Columns of the occurrence that its folds read, besides those of its path. */
export function capturedByFolds(analysis: Analysis, alias: string): readonly string[] {
  const subqueries = foldedOutputs(analysis).flatMap(({ folded }) => folded.subqueries)
  const states = subqueries.filter((it) => it.occurrence === alias).flatMap((it) => it.states)
  if (states.length === 0) return []
  const read = [
    states.map(({ argument, filter }) => [argument, filter]),
    occurrenceOf(analysis, alias).filter,
  ]
  return [...new Set(columnRefsIn(read).map((ref) => namesOf(ref.fields)[1] ?? ''))]
}

/** Gives each state and each carried value a stored column. */
export function layFolds(query: CanonicalQuery, analysis: Analysis): FoldLayout {
  const select = parseSelect(query.text)
  const hidden: { readonly column: PlanColumn; readonly value: Node }[] = []
  const hide = (of: string, part: string, type: string, collation: string | null, value: Node) => {
    const column = { name: freeName(query, of, part), type, collation, hidden: true }
    hidden.push({ column, value })
    return column.name
  }

  const columns = foldedOutputs(analysis).map(({ output, folded }): FoldedColumn => {
    const name = query.columns[output]?.name ?? ''
    const isCount = (state: FoldState) => shapeOf(folded.value) === shapeOf(columnRef(FOLD, state.name))
    const states = folded.subqueries.flatMap(({ occurrence, states: own }, i) => {
      const table = tableName(output, i)
      return own.map((state): PlacedState => {
        const column = isCount(state)
          ? name
          : hide(name, state.name, state.type, null, columnRef(table, state.name))
        return { ...state, occurrence, column, table }
      })
    })
    const carried = folded.carried.map(({ reference, output: at, type, collation }, i) => ({
      reference,
      column:
        at === null
          ? hide(name, `c${String(i + 1)}`, type, collation, reference)
          : (query.columns[at]?.name ?? ''),
    }))
    return { name, value: folded.value, states, carried }
  })
  return {
    columns,
    hidden: hidden.map(({ column }) => column),
    select: withHidden(select, analysis, columns, hidden),
  }
}

function tableName(output: number, subquery: number): string {
  return `${FOLD}_${String(output + 1)}_${String(subquery + 1)}`
}

function freeName(query: CanonicalQuery, of: string, part: string): string {
  const name = foldColumn(of, part)
  return query.columns.some((it) => it.name === name) ? freeName(query, of, `_${part}`) : name
}

function withHidden(
  select: SelectStmt,
  analysis: Analysis,
  columns: readonly FoldedColumn[],
  hidden: readonly { readonly column: PlanColumn; readonly value: Node }[],
): SelectStmt {
  const outputs = foldedOutputs(analysis)
  if (outputs.length === 0) return select

  const targets = targetsOf(select).map(({ name, value }, output) => {
    const column = columns[outputs.findIndex((it) => it.output === output)]
    const val =
      column === undefined
        ? value
        : replaceStates(column.value, column, ({ table, name: state }) => columnRef(table, state))
    return { ResTarget: { ...(name !== undefined && { name }), val } }
  })
  const added = hidden.map(({ column, value }) => ({ ResTarget: { name: column.name, val: value } }))
  const subqueries = outputs.flatMap(({ output, folded }) =>
    folded.subqueries.map((it, i) => asTable(it, tableName(output, i))),
  )
  return {
    ...select,
    targetList: [...targets, ...added],
    fromClause: [...(select.fromClause ?? []), ...subqueries],
  }
}

/** The subquery as a table of one row, whose columns are its states. */
function asTable({ select, states }: FoldedSubquery, name: string): Node {
  const targetList = states.map(({ name: state, kind, aggregate }) => ({
    ResTarget: {
      name: state,
      val:
        kind === 'count' ? aggregate : parseExpression(`coalesce(${deparseExpression(aggregate).text}, 0)`),
    },
  }))
  return {
    RangeSubselect: {
      lateral: true,
      subquery: { SelectStmt: { ...select, targetList } },
      alias: { aliasname: name },
    },
  }
}

function replaceStates(value: Node, column: FoldedColumn, by: (state: PlacedState) => Node): Node {
  return mapTree(value, ({ node }) => {
    if (!('ColumnRef' in node)) return undefined
    const [table, name] = namesOf(node.ColumnRef.fields)
    const state = table === FOLD ? column.states.find((it) => it.name === name) : undefined
    return state && by(state)
  })
}

/**
 * Adds a window's deltas to the stored rows: each image of a change counts for +1 or -1, or for plus or minus its value,
 * where it passes the filters. A row that is pending gets them too, which does no harm: it will be computed anew.
 */
export function foldStatement(
  analysis: Analysis,
  layout: FoldLayout,
  storage: RelationName,
  unit: readonly UnitColumn[],
): string {
  const states = layout.columns.flatMap((column) => column.states)
  const names = unitNames(unit)
  const deltas = states.map((_, i) => trusted(`d${String(i + 1)}`))
  const occurrences = [...new Set(states.map((it) => it.occurrence))]
  const sources = new Map(
    occurrences.map((alias) => {
      const { schema, name } = occurrenceOf(analysis, alias).relation
      return [`${schema}.${name}`, { schema, name }]
    }),
  )
  const { ctes, nameOf } = batchesOf([...sources.values()], DRAIN_WINDOW)
  const selects = occurrences.map((alias) => deltaSelect(analysis, states, alias, unit, nameOf))
  const sums = states.map(({ type }, i) => {
    const delta = deltas[i] ?? trusted('')
    return sql`coalesce(sum(${delta}), 0)::${trusted(type)} as ${delta}`
  })
  const sameUnit = unit.map(
    ({ name }, i) => sql`${ident('stored', name)} = changes.${names[i] ?? trusted('')}`,
  )

  return sql`with ${join(ctes, ',\n')},
changes as (
  select ${join([...names, ...sums])}
  from (
${join(selects, '\n    union all\n')}
  ) as delta (${join([...names, ...deltas])})
  where ${possibleUnit(unit)}
  group by ${join(names)}
),
folded as (
  update ${ident(storage.schema, storage.name)} as stored
  set ${join(assignments(layout, states), ',\n      ')}
  from changes
  where ${join(sameUnit, ' and ')}
    and (${join(
      deltas.map((delta) => sql`changes.${delta} <> 0`),
      ' or ',
    )})
  returning 1
)
select count(*)::int as rows
from folded`.text
}

/** What the changed rows of one occurrence add to each state; nothing to the states of others. */
function deltaSelect(
  analysis: Analysis,
  states: readonly PlacedState[],
  alias: string,
  unit: readonly UnitColumn[],
  batchName: (source: RelationName) => Sql,
): Sql {
  const occurrence = occurrenceOf(analysis, alias)
  const path = directPath(analysis, alias)
  const units = path.unit.map(
    (value, i) => sql`(${deparseExpression(value)})::${trusted(unit[i]?.type ?? '')}`,
  )
  const values = states.map((state) => (state.occurrence === alias ? deltaOf(state) : trusted('0')))
  const captured = columnRefsIn(path.unit).map((ref) => namesOf(ref.fields)[1] ?? '')
  const passes = occurrence.filter.map((it) => sql`(${deparseExpression(it)})`)
  return sql`select ${join([...units, ...values])}
from (${images(occurrence, [...captured, ...capturedByFolds(analysis, alias)], batchName(occurrence.relation), SIGN)}) as ${ident(alias)}
where ${passes.length === 0 ? trusted('true') : join(passes, ' and ')}`
}

const SIGN = ident('millrace_sign')

function deltaOf({ kind, argument, filter, type }: FoldState): Sql {
  const value = argument && deparseExpression(argument)
  const conditions = [
    ...(kind === 'count' && value !== null ? [sql`${value} is not null`] : []),
    ...(filter === null ? [] : [sql`(${deparseExpression(filter)})`]),
  ]
  const delta = kind === 'sum' && value !== null ? sql`${SIGN} * ${value}::${trusted(type)}` : SIGN
  if (conditions.length === 0) return delta
  return sql`case when ${join(conditions, ' and ')} then ${delta} else 0 end`
}

function directPath({ paths }: Analysis, alias: string): Path {
  const path = paths.find((it) => it.occurrence === alias)
  if (path === undefined) throw new Error(`no path from ${alias}`)
  return path
}

function assignments({ columns }: FoldLayout, states: readonly PlacedState[]): readonly Sql[] {
  return columns.flatMap((column) => {
    const next = new Map(column.states.map((it) => [it, nextState(it, states)] as const))
    const own = [...next].map(([it, value]) => sql`${ident(it.column)} = ${value}`)
    if (column.states.some((it) => it.column === column.name)) return own

    const value = mapTree(
      replaceStates(column.value, column, (it) => parseExpression((next.get(it) ?? trusted('')).text)),
      ({ node }) => {
        const carried = column.carried.find((it) => shapeOf(it.reference) === shapeOf(node))
        return carried && columnRef('stored', carried.column)
      },
    )
    return [...own, sql`${ident(column.name)} = ${deparseExpression(value)}`]
  })
}

/** A sum over no rows is kept as a plain 0, as it is when it is computed: 0.00 would be another image. */
function nextState(state: PlacedState, states: readonly PlacedState[]): Sql {
  const added = (it: PlacedState) =>
    sql`(${ident('stored', it.column)} + changes.d${trusted(String(states.indexOf(it) + 1))})`
  if (state.kind === 'count') return added(state)

  const count = states.find(
    (it) =>
      it.kind === 'count' &&
      it.table === state.table &&
      shapeOf([it.argument, it.filter]) === shapeOf([state.argument, state.filter]),
  )
  if (count === undefined) throw new Error(`no count beside ${state.column}`)
  return sql`(case when ${added(count)} = 0 then 0 else ${added(state)} end)`
}

/**
 * Units that a fold cannot serve: NaN never leaves a sum again, so a row that had one or has one sends its unit to be
 * computed anew (LESSONS 15).
 */
export function unfoldableUnits(
  analysis: Analysis,
  unit: readonly UnitColumn[],
  batchName: (source: RelationName) => Sql,
): readonly Sql[] {
  const subqueries = foldedOutputs(analysis).flatMap(({ folded }) => folded.subqueries)
  return subqueries.flatMap(({ occurrence: alias, states }) => {
    const occurrence = occurrenceOf(analysis, alias)
    const isNumeric = (column: string) =>
      occurrence.relation.columns.some((it) => it.name === column && it.type.startsWith('numeric'))
    const summed = states
      .filter((it) => it.kind === 'sum')
      .flatMap(({ argument }) => columnRefsIn(argument).map((ref) => namesOf(ref.fields)[1] ?? ''))
    const columns = [...new Set(summed.filter(isNumeric))]
    if (columns.length === 0) return []

    const select = pathSelect(
      directPath(analysis, alias),
      occurrence,
      unit,
      batchName(occurrence.relation),
      columns,
    )
    const isNaN = columns.map((column) => sql`${ident(alias, column)} = 'NaN'`)
    return [sql`${select}\nwhere ${join(isNaN, ' or ')}`]
  })
}
