import type { Analysis, FoldState, Path } from '../analyze/analysis.ts'
import { columnRef, columnRefsIn, namesOf } from '../analyze/ast/nodes.ts'
import { mapTree } from '../analyze/ast/walk.ts'
import { isRowCount } from '../analyze/folds.ts'
import { deparseExpression, shapeOf } from '../sql/deparse.ts'
import { parseExpression, type Node } from '../sql/parse.ts'
import { ident, join, sql, trusted, type Sql } from '../sql/sql.ts'
import {
  foldedOutputs,
  replaceStates,
  type FoldedColumn,
  type FoldLayout,
  type PlacedState,
} from './fold-layout.ts'
import type { RelationName, UnitColumn } from './plan.ts'
import { batchesOf, images, occurrenceOf, pathSelect, possibleUnit, unitNames } from './resolve.ts'
import { DRAIN_WINDOW } from './window.ts'

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
  const deltas = states.map((_, i) => deltaName(i))
  const occurrences = [...new Set(states.map((it) => it.occurrence))]
  const sources = uniqueSources(analysis, occurrences)
  const { ctes, nameOf } = batchesOf(sources, DRAIN_WINDOW)
  const selects = occurrences.map((alias) => deltaSelect(analysis, states, alias, unit, nameOf))
  const sums = states.map(
    ({ type }, i) => sql`coalesce(sum(${deltaName(i)}), 0)::${trusted(type)} as ${deltaName(i)}`,
  )
  const writes = layout.kind === 'groups' ? groupWrites : rowWrites

  return sql`with ${join(ctes, ',\n')},
changes as (
  select ${join([...names, ...sums])}
  from (
${join(selects, '\n    union all\n')}
  ) as delta (${join([...names, ...deltas])})
  where ${possibleUnit(unit)}
  group by ${join(names)}
  having ${join(
    deltas.map((delta) => sql`coalesce(sum(${delta}), 0) <> 0`),
    ' or ',
  )}
),
${writes({ layout, states, storage, unit })}`.text
}

interface Writes {
  readonly layout: FoldLayout
  readonly states: readonly PlacedState[]
  readonly storage: RelationName
  readonly unit: readonly UnitColumn[]
}

/** The rows are there; those that are not will be made when their unit is recomputed. */
function rowWrites({ layout, states, storage, unit }: Writes): Sql {
  return sql`folded as (
  update ${ident(storage.schema, storage.name)} as stored
  set ${join(newValues(layout, states), ',\n      ')}
  from changes
  where ${sameUnit(unit)}
  returning 1
)
select count(*)::int as rows
from folded`
}

/** A group's row comes with its first row and goes with its last. Three sets of groups, all told apart in one snapshot. */
function groupWrites({ layout, states, storage, unit }: Writes): Sql {
  const table = ident(storage.schema, storage.name)
  const rowCount = states.find(isRowCount)
  if (rowCount === undefined) throw new Error('groups whose rows are not counted')
  const rows = nextState(rowCount, states)
  const first = firstValues(layout, states, unit)

  return sql`vanished as (
  delete from ${table} as stored
  using changes
  where ${sameUnit(unit)}
    and ${rows} = 0
  returning 1
),
folded as (
  update ${table} as stored
  set ${join(newValues(layout, states), ',\n      ')}
  from changes
  where ${sameUnit(unit)}
    and ${rows} <> 0
  returning 1
),
appeared as (
  insert into ${table} (${join(first.map(({ column }) => ident(column)))})
  select ${join(first.map(({ value }) => value))}
  from changes
  where changes.${deltaName(states.indexOf(rowCount))} > 0
    and not exists (select from ${table} as stored where ${sameUnit(unit)})
  returning 1
)
select ((select count(*) from vanished) + (select count(*) from folded) + (select count(*) from appeared))::int as rows`
}

function deltaName(index: number): Sql {
  return trusted(`d${String(index + 1)}`)
}

function sameUnit(unit: readonly UnitColumn[]): Sql {
  const names = unitNames(unit)
  const same = unit.map(({ name }, i) => sql`${ident('stored', name)} = changes.${names[i] ?? trusted('')}`)
  return join(same, ' and ')
}

function uniqueSources(analysis: Analysis, occurrences: readonly string[]): readonly RelationName[] {
  const relations = occurrences.map((alias) => occurrenceOf(analysis, alias).relation)
  return [...new Map(relations.map((it) => [`${it.schema}.${it.name}`, it])).values()]
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

/** What UPDATE sets: the states, and the columns that are computed from them. */
function newValues({ columns }: FoldLayout, states: readonly PlacedState[]): readonly Sql[] {
  return columns.flatMap((column) =>
    valuesOf(
      column,
      (it) => nextState(it, states),
      (name) => columnRef('stored', name),
    ).map(({ column: name, value }) => sql`${ident(name)} = ${value}`),
  )
}

/** The row of a group that was not there: its deltas are its states. */
function firstValues(
  { columns }: FoldLayout,
  states: readonly PlacedState[],
  unit: readonly UnitColumn[],
): readonly ColumnValue[] {
  const names = unit.map(({ name }, i) => ({ column: name, value: sql`changes.u${trusted(String(i + 1))}` }))
  const unitOf = (name: string) =>
    columnRef('changes', `u${String(unit.findIndex((it) => it.name === name) + 1)}`)
  const values = columns.flatMap((column) =>
    valuesOf(column, (it) => sql`changes.${deltaName(states.indexOf(it))}`, unitOf),
  )
  return [...names, ...values]
}

interface ColumnValue {
  readonly column: string
  readonly value: Sql
}

function valuesOf(
  column: FoldedColumn,
  stateValue: (state: PlacedState) => Sql,
  carriedValue: (column: string) => Node,
): readonly ColumnValue[] {
  const own = column.states.map((it) => ({ column: it.column, value: stateValue(it) }))
  if (own.some((it) => it.column === column.name)) return own

  const value = mapTree(
    replaceStates(column.value, column, (it) => parseExpression(stateValue(it).text)),
    ({ node }) => {
      const carried = column.carried.find((it) => shapeOf(it.reference) === shapeOf(node))
      return carried && carriedValue(carried.column)
    },
  )
  return [...own, { column: column.name, value: deparseExpression(value) }]
}

/** A sum over no rows is kept as a plain 0, as it is when it is computed: 0.00 would be another image. */
function nextState(state: PlacedState, states: readonly PlacedState[]): Sql {
  const added = (it: PlacedState) =>
    sql`(${ident('stored', it.column)} + changes.${deltaName(states.indexOf(it))})`
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
