import type { Analysis, Occurrence, Path } from '../analyze/analysis.ts'
import { columnRefsIn, namesOf } from '../analyze/ast/nodes.ts'
import { deparseExpression } from '../sql/deparse.ts'
import { newColumn, oldColumn } from '../sql/names.ts'
import { ident, join, sql, trusted, type Sql } from '../sql/sql.ts'
import { maskLiteral, maskOf } from './capture/changed-bits.ts'
import type { RelationName, UnitColumn } from './plan.ts'

/** `u1`, `u2` …: the unit's columns wherever units are listed. */
export function unitNames(unit: readonly UnitColumn[]): readonly Sql[] {
  return unit.map((_, i) => trusted(`u${String(i + 1)}`))
}

/** Columns of the occurrence that a path reads: they must be captured. */
export function capturedBy(path: Path): readonly string[] {
  const read = [...path.unit, ...path.hops.flatMap((hop) => hop.conditions)].flatMap((it) => columnRefsIn(it))
  const own = read.map((ref) => namesOf(ref.fields)).filter(([alias]) => alias === path.occurrence)
  return [...new Set(own.map(([, column]) => column ?? ''))]
}

/**
 * One path as a SELECT of units from `batch`, the rows of the source's queue: both images of each change, joined hop by
 * hop to the present rows of the tables on the way, and to nothing else.
 */
export function pathSelect(
  path: Path,
  occurrence: Occurrence,
  unit: readonly UnitColumn[],
  batch: Sql,
  also: readonly string[] = [],
): Sql {
  const names = unitNames(unit)
  const units = path.unit.map((expression, i) => {
    const type = unit[i]?.type
    if (type === undefined) throw new Error('a path with more values than the unit has columns')
    return sql`(${deparseExpression(expression)})::${trusted(type)} as ${names[i] ?? trusted('')}`
  })
  const hops = path.hops.map(({ alias, relation, conditions }) => {
    const on = join(conditions.map(deparseExpression), ' and ')
    return sql`
join ${ident(relation.schema, relation.name)} as ${ident(alias)} on ${on}`
  })
  return sql`select ${join(units)}
from (${images(occurrence, [...capturedBy(path), ...also], batch)}) as ${ident(path.occurrence)}${join(hops, '')}`
}

/**
 * The images of the changes that matter to the occurrence, old and new alike, under the source's column names.
 * `sign`: name of a column that tells what went (-1) from what came (1).
 */
export function images(
  { relation, columns }: Occurrence,
  captured: readonly string[],
  batch: Sql,
  sign?: Sql,
): Sql {
  const mask = maskOf(relation.columns.filter((it) => columns.includes(it.name)))
  const side = (name: (column: string) => string, without: string, value: string) => {
    const list = [
      ...(sign === undefined ? [] : [sql`${trusted(value)}::bigint as ${sign}`]),
      ...[...new Set(captured)].map((column) => sql`${ident(name(column))} as ${ident(column)}`),
    ]
    return sql`select ${join(list)} from ${batch} where op in ('U', ${trusted(`'${without}'`)}) and changed & ${trusted(maskLiteral(mask))} <> 0`
  }
  return sql`
  ${side(oldColumn, 'D', '-1')}
  union all
  ${side(newColumn, 'I', '1')}
`
}

/** The windows of several sources as a list of common table expressions, and the name that each has there. */
export interface Batches {
  readonly ctes: readonly Sql[]
  readonly nameOf: (source: RelationName) => Sql
}

export function batchesOf(sources: readonly RelationName[], rowsOf: (source: RelationName) => Sql): Batches {
  const nameOf = (source: RelationName) => ident(`millrace_batch_${String(indexOf(sources, source))}`)
  const cte = (source: RelationName) => sql`${nameOf(source)} as materialized (
    ${rowsOf(source)}
  )`
  return { ctes: sources.map(cte), nameOf }
}

function indexOf(sources: readonly RelationName[], source: RelationName): number {
  return sources.findIndex((it) => it.schema === source.schema && it.name === source.name) + 1
}

/** All units that the given paths find, as a SELECT of `u1` …; possibly with repetitions. */
export function unitsOf(
  analysis: Analysis,
  paths: readonly Path[],
  unit: readonly UnitColumn[],
  batchName: (source: RelationName) => Sql,
): Sql {
  const selects = paths.map((path) => {
    const occurrence = occurrenceOf(analysis, path.occurrence)
    return pathSelect(path, occurrence, unit, batchName(occurrence.relation))
  })
  const distinct = [...new Map(selects.map((it) => [it.text, it])).values()]
  return join(distinct, '\nunion all\n')
}

export function occurrenceOf(analysis: Analysis, alias: string): Occurrence {
  const occurrence = analysis.occurrences.find((it) => it.alias === alias)
  if (occurrence === undefined) throw new Error(`no occurrence ${alias}`)
  return occurrence
}

/** A path may find a null where the unit's column is never null: a row without a parent belongs to no unit. */
export function possibleUnit(unit: readonly UnitColumn[]): Sql {
  const names = unitNames(unit)
  const conditions = unit.flatMap(({ nullable }, i) =>
    nullable ? [] : [sql`${names[i] ?? trusted('')} is not null`],
  )
  return conditions.length === 0 ? trusted('true') : join(conditions, ' and ')
}
