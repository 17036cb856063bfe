import type { Analysis, Path } from '../../analyze/analysis.ts'
import { columnRefsIn, namesOf } from '../../analyze/ast/nodes.ts'
import { deparseExpression } from '../../sql/deparse.ts'
import { ident, join, sql, trusted, type Sql } from '../../sql/sql.ts'
import { foldedOutputs, type PlacedState } from './fold-layout.ts'
import type { UnitColumn } from '../plan.ts'
import { occurrenceOf } from '../resolve.ts'

/** Tells in a list of images what came (1) from what went (-1). */
export const SIGN = ident('millrace_sign')

/** `d1`, `d2` …: what a change adds to each state. */
export function deltaName(index: number): Sql {
  return trusted(`d${String(index + 1)}`)
}

/** Columns of the occurrence that its folds read, besides those of its path. */
export function capturedByFolds(analysis: Analysis, alias: string): readonly string[] {
  const subqueries = foldedOutputs(analysis).flatMap(({ folded }) => folded.subqueries)
  const states = subqueries.filter((it) => it.occurrence === alias).flatMap((it) => it.states)
  const { first } = analysis.folds
  const shown = first?.occurrence === alias ? [...first.order, ...first.shown].map(({ value }) => value) : []
  if (states.length + shown.length === 0) return []
  const read = [
    states.map(({ argument, filter }) => [argument, filter]),
    shown,
    occurrenceOf(analysis, alias).filter,
  ]
  return [...new Set(columnRefsIn(read).map((ref) => namesOf(ref.fields)[1] ?? ''))]
}

/** Columns of the occurrence that its deltas are made from. */
export function deltaColumns(analysis: Analysis, alias: string): readonly string[] {
  const unit = columnRefsIn(directPath(analysis, alias).unit).map((ref) => namesOf(ref.fields)[1] ?? '')
  return [...new Set([...unit, ...capturedByFolds(analysis, alias)])]
}

/**
 * What the changed rows of one occurrence add to each state, and nothing to the states of others: a SELECT of `u1` … and
 * `d1` …. `images`: a SELECT of the rows' columns and their sign.
 */
export function deltaSelect(
  analysis: Analysis,
  states: readonly PlacedState[],
  alias: string,
  unit: readonly UnitColumn[],
  images: Sql,
): Sql {
  const units = directPath(analysis, alias).unit.map(
    (value, i) => sql`(${deparseExpression(value)})::${trusted(unit[i]?.type ?? '')}`,
  )
  const values = states.map((state) => (state.occurrence === alias ? deltaOf(state) : trusted('0')))
  const passes = occurrenceOf(analysis, alias).filter.map((it) => sql`(${deparseExpression(it)})`)
  return sql`select ${join([...units, ...values])}
from (${images}) as ${ident(alias)}
where ${passes.length === 0 ? trusted('true') : join(passes, ' and ')}`
}

function deltaOf({ kind, argument, filter, type }: PlacedState): Sql {
  const value = argument && deparseExpression(argument)
  const conditions = [
    ...(kind === 'count' && value !== null ? [sql`${value} is not null`] : []),
    ...(filter === null ? [] : [sql`(${deparseExpression(filter)})`]),
  ]
  const delta = kind === 'sum' && value !== null ? sql`${SIGN} * ${value}::${trusted(type)}` : SIGN
  if (conditions.length === 0) return delta
  return sql`case when ${join(conditions, ' and ')} then ${delta} else 0 end`
}

export function directPath({ paths }: Analysis, alias: string): Path {
  const path = paths.find((it) => it.occurrence === alias)
  if (path === undefined) throw new Error(`no path from ${alias}`)
  return path
}

/** Columns of the occurrence in which NaN would stay in a sum for ever: numerics that are summed. */
export function columnsThatMayBeNaN(analysis: Analysis, alias: string): readonly string[] {
  const { relation } = occurrenceOf(analysis, alias)
  const summed = foldedOutputs(analysis)
    .flatMap(({ folded }) => folded.subqueries)
    .filter((it) => it.occurrence === alias)
    .flatMap(({ states }) => states.filter((it) => it.kind === 'sum'))
    .flatMap(({ argument }) => columnRefsIn(argument).map((ref) => namesOf(ref.fields)[1] ?? ''))
  return relation.columns
    .filter(({ name, type }) => summed.includes(name) && type.startsWith('numeric'))
    .map(({ name }) => name)
}
