import type { Analysis } from '../../analyze/analysis.ts'
import { columnRef } from '../../analyze/ast/nodes.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import { columnsThatMayBeNaN, deltaColumns, deltaName, deltaSelect, directPath, SIGN } from './fold-deltas.ts'
import { foldedOccurrences, isNumber, numbersOf, type FoldLayout, type PlacedState } from './fold-layout.ts'
import {
  addedState,
  countBeside,
  rowCountOf,
  storedColumn,
  valuesOf,
  type ColumnValue,
} from './fold-values.ts'
import { isSameUnit, meetStored } from './stored-units.ts'
import type { RelationName, UnitColumn } from '../plan.ts'
import { batchesOf, images, occurrenceOf, pathSelects, possibleUnit, unitNames } from '../resolve.ts'
import { DRAIN_WINDOW, windowOf } from '../window.ts'

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
  const states = numbersOf(layout)
  const names = unitNames(unit)
  const deltas = states.map((_, i) => deltaName(i))
  const occurrences = [...new Set(states.map((it) => it.occurrence))]
  const sources = uniqueSources(analysis, occurrences)
  const { ctes, nameOf } = batchesOf(sources, (source) => windowOf(source, DRAIN_WINDOW))
  const selects = occurrences.map((alias) => {
    const occurrence = occurrenceOf(analysis, alias)
    const rows = images(occurrence, deltaColumns(analysis, alias), nameOf(occurrence.relation), SIGN)
    return deltaSelect(analysis, states, alias, unit, rows)
  })
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

/**
 * The rows are there; those that are not will be made when their unit is recomputed. What a subquery finds by equality is
 * never of a null.
 */
function rowWrites({ layout, states, storage, unit }: Writes): Sql {
  return sql`folded as (
  update ${qualified(storage)} as stored
  set ${join(newValues(layout, states), ',\n      ')}
  from changes
  where ${isSameUnit(unit, [], 'changes')}
  returning 1
)
select count(*)::int as rows
from folded`
}

/** A group's row comes with its first row and goes with its last. Three sets of groups, all told apart in one snapshot. */
function groupWrites({ layout, states, storage, unit }: Writes): Sql {
  const table = qualified(storage)
  const rowCount = rowCountOf(states)
  const rows = nextState(states)(rowCount)
  const first = firstValues(layout, states, unit)
  const { ctes, from, isSame, isMissing } = meetStored(unit, storage, 'changes')

  return sql`${ctes}vanished as (
  delete from ${table} as stored
  using ${from}
  where ${isSame}
    and ${rows} = 0
  returning 1
),
folded as (
  update ${table} as stored
  set ${join(newValues(layout, states), ',\n      ')}
  from ${from}
  where ${isSame}
    and ${rows} <> 0
  returning 1
),
appeared as (
  insert into ${table} (${join(first.map(({ column }) => ident(column)))})
  select ${join(first.map(({ value }) => value))}
  from ${from}
  where ${changeOf(states)(rowCount)} > 0
    and ${isMissing}
  returning 1
)
select ((select count(*) from vanished) + (select count(*) from folded) + (select count(*) from appeared))::int as rows`
}

function uniqueSources(analysis: Analysis, occurrences: readonly string[]): readonly RelationName[] {
  const relations = occurrences.map((alias) => occurrenceOf(analysis, alias).relation)
  return [...new Map(relations.map((it) => [`${it.schema}.${it.name}`, it])).values()]
}

/** What UPDATE sets: the states, and the columns that are computed from them. */
function newValues({ columns }: FoldLayout, states: readonly PlacedState[]): readonly Sql[] {
  return columns
    .filter((column) => column.states.some(isNumber))
    .flatMap((column) => valuesOf(column, nextState(states), storedColumn))
    .map(({ column, value }) => sql`${ident(column)} = ${value}`)
}

function nextState(states: readonly PlacedState[]) {
  return addedState(states, changeOf(states))
}

/** Amounts that came and went again leave 0.00 of no rows, where a sum over no rows is kept as a plain 0. */
function firstState(states: readonly PlacedState[]) {
  const delta = changeOf(states)
  return (state: PlacedState) => {
    if (state.kind !== 'sum' || state.type !== 'numeric') return delta(state)
    const isNone = sql`${delta(state)} = 0 and ${delta(countBeside(state, states))} = 0`
    return sql`(case when ${isNone} then 0 else ${delta(state)} end)`
  }
}

function changeOf(states: readonly PlacedState[]) {
  return (state: PlacedState) =>
    isNumber(state) ? sql`changes.${deltaName(states.indexOf(state))}` : sql`null::${trusted(state.type)}`
}

/** The row of a group that was not there: its deltas are its states. First rows are not found yet. */
export function firstValues(
  { columns }: FoldLayout,
  states: readonly PlacedState[],
  unit: readonly UnitColumn[],
): readonly ColumnValue[] {
  const names = unit.map(({ name }, i) => ({ column: name, value: sql`changes.u${trusted(String(i + 1))}` }))
  const unitOf = (name: string) =>
    columnRef('changes', `u${String(unit.findIndex((it) => it.name === name) + 1)}`)
  return [...names, ...columns.flatMap((column) => valuesOf(column, firstState(states), unitOf))]
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
  return foldedOccurrences(analysis).flatMap((alias) => {
    const columns = columnsThatMayBeNaN(analysis, alias)
    if (columns.length === 0) return []

    const selects = pathSelects(directPath(analysis, alias), analysis, unit, batchName, { also: columns })
    const isNaN = columns.map((column) => sql`${ident(alias, column)} = 'NaN'`)
    return selects.map((select) => sql`${select}\nwhere ${join(isNaN, ' or ')}`)
  })
}
