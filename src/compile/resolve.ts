import type { Analysis, Hop, Occurrence, Path } from '../analyze/analysis.ts'
import { columnRefsIn, namesOf } from '../analyze/ast/nodes.ts'
import { deparseExpression, deparseFromItem } from '../sql/deparse.ts'
import { isSameName, newColumn, oldColumn } from '../sql/names.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../sql/sql.ts'
import { passedRows } from './clocks.ts'
import { maskLiteral, maskOf } from './capture/changed-bits.ts'
import type { RelationName, UnitColumn } from './plan.ts'

/** `u1`, `u2` …: the unit's columns wherever units are listed. */
export function unitNames(unit: readonly UnitColumn[]): readonly Sql[] {
  return unit.map((_, i) => trusted(`u${String(i + 1)}`))
}

/** Columns that a path reads of a changed row's table, or of a table on the way that is read as it was. */
export function capturedBy(path: Path, alias: string): readonly string[] {
  const isRead = path.occurrence === alias || (path.readsOld && path.hops.some((it) => it.alias === alias))
  if (!isRead) return []
  const read = [path.unit, path.hops.map(({ conditions, computed }) => [conditions, computed])]
  const own = columnRefsIn(read).map((ref) => namesOf(ref.fields))
  return [...new Set(own.filter(([table]) => table === alias).map(([, column]) => column ?? ''))]
}

interface PathOptions {
  readonly also?: readonly string[]
  readonly rows?: (columns: readonly string[]) => Sql
  /** Of a table that is the stored rows of a model: those that it will have besides, when it has caught up. */
  readonly ahead?: ((table: RelationName, columns: readonly string[]) => Sql | undefined) | undefined
}

/**
 * One path as SELECTs of units from the rows of the source's queue: both images of each change, joined hop by hop to the
 * tables on the way, and to nothing else. Where those are to be read as they were, too, there is a SELECT for each choice
 * of states: tables that are the union of both are planned badly (LESSONS 5.3). `also`: more columns of the changed row;
 * `rows`: other rows to start from than the images, as a SELECT of these columns.
 */
export function pathSelects(
  path: Path,
  analysis: Pick<Analysis, 'occurrences'>,
  unit: readonly UnitColumn[],
  batchName: (source: RelationName) => Sql,
  { also = [], rows, ahead = () => undefined }: PathOptions = {},
): readonly Sql[] {
  const names = unitNames(unit)
  const units = path.unit.map((expression, i) => {
    const type = unit[i]?.type
    if (type === undefined) throw new Error('a path with more values than the unit has columns')
    return sql`(${deparseExpression(expression)})::${trusted(type)} as ${names[i] ?? trusted('')}`
  })
  const start = occurrenceOf(analysis, path.occurrence)
  const captured = [...capturedBy(path, path.occurrence), ...also]
  const changed = rows?.(captured) ?? images(start, captured, batchName(start.relation))
  const from = sql`select ${join(units)}
from (${changed}) as ${ident(path.occurrence)}`

  return path.hops.reduce<readonly Sql[]>(
    (selects, hop) =>
      selects.flatMap((before) =>
        statesOf(path, hop, analysis, batchName, ahead).map((table) => sql`${before}\n${joined(hop, table)}`),
      ),
    [from],
  )
}

/** The tables as which a hop is read: as it is, and perhaps as it was. */
function statesOf(
  path: Path,
  { alias, relation, computed }: Hop,
  analysis: Pick<Analysis, 'occurrences'>,
  batchName: (source: RelationName) => Sql,
  aheadOf: (table: RelationName, columns: readonly string[]) => Sql | undefined,
): readonly Sql[] {
  if (relation === null) return [deparseFromItem(computed)]
  const present = sql`${qualified(relation)} as ${ident(alias)}`
  if (!path.readsOld) return [present]
  const columns = capturedBy(path, alias)
  const before = imagesOf('old', occurrenceOf(analysis, alias), columns, batchName(relation))
  const ahead = aheadOf(relation, columns)
  const later = ahead === undefined ? [] : [sql`(${ahead}) as ${ident(alias)}`]
  return [present, sql`(${before}) as ${ident(alias)}`, ...later]
}

function joined({ conditions }: Hop, table: Sql): Sql {
  if (conditions.length === 0) return sql`cross join ${table}`
  return sql`join ${table} on ${join(conditions.map(deparseExpression), ' and ')}`
}

/**
 * The images of the changes that matter to the occurrence, old and new alike, under the source's column names.
 * `sign`: name of a column that tells what went (-1) from what came (1).
 */
export function images(occurrence: Occurrence, captured: readonly string[], batch: Sql, sign?: Sql): Sql {
  return sql`
  ${imagesOf('old', occurrence, captured, batch, sign)}
  union all
  ${imagesOf('new', occurrence, captured, batch, sign)}
`
}

const SIDES = {
  old: { name: oldColumn, op: trusted(`'D'`), sign: trusted('-1') },
  new: { name: newColumn, op: trusted(`'I'`), sign: trusted('1') },
}

/** Rows as they were before the changes that matter to the occurrence, or as they are after them. */
export function imagesOf(
  side: keyof typeof SIDES,
  { relation, columns }: Pick<Occurrence, 'relation' | 'columns'>,
  captured: readonly string[],
  batch: Sql,
  sign?: Sql,
): Sql {
  const { name, op, sign: value } = SIDES[side]
  const mask = maskOf(relation.columns.filter((it) => columns.includes(it.name)))
  const list = [
    ...(sign === undefined ? [] : [sql`${value}::bigint as ${sign}`]),
    ...[...new Set(captured)].map((column) => sql`${ident(name(column))} as ${ident(column)}`),
  ]
  return sql`select ${join(list)} from ${batch} where op in ('U', ${op}) and changed & ${trusted(maskLiteral(mask))} <> 0`
}

/** The windows of several sources as a list of common table expressions, and the name that each has there. */
export interface Batches {
  readonly ctes: readonly Sql[]
  readonly nameOf: (source: RelationName) => Sql
}

export function batchesOf(
  sources: readonly RelationName[],
  rowsOf: (source: RelationName) => Sql,
  prefix = 'millrace_batch_',
): Batches {
  const nameOf = (source: RelationName) => ident(`${prefix}${String(indexOf(sources, source))}`)
  const cte = (source: RelationName) => sql`${nameOf(source)} as materialized (
    ${rowsOf(source)}
  )`
  return { ctes: sources.map(cte), nameOf }
}

function indexOf(sources: readonly RelationName[], source: RelationName): number {
  return sources.findIndex((it) => isSameName(it, source)) + 1
}

/**
 * All units that the given paths find, as a SELECT of `u1` …; possibly with repetitions. `since`: the time at which the
 * stored rows were right.
 */
export function unitsOf(
  analysis: Analysis,
  paths: readonly Path[],
  unit: readonly UnitColumn[],
  batchName: (source: RelationName) => Sql,
  since: Sql,
  ahead?: PathOptions['ahead'],
): Sql {
  const selects = [
    ...paths.flatMap((path) => pathSelects(path, analysis, unit, batchName, { ahead })),
    ...analysis.clocks.flatMap((edge) => {
      const { relation } = occurrenceOf(analysis, edge.alias)
      const rows = (columns: readonly string[]) => passedRows(edge, relation, columns, since)
      const own = paths.filter((it) => it.occurrence === edge.alias)
      return own.flatMap((path) => pathSelects(path, analysis, unit, batchName, { rows, ahead }))
    }),
  ]
  const distinct = [...new Map(selects.map((it) => [it.text, it])).values()]
  return join(distinct, '\nunion all\n')
}

/** The condition that `dirty` is the unit of these values. */
export function sameUnit(unit: readonly UnitColumn[], values: readonly Sql[]): Sql {
  const names = unitNames(unit)
  const conditions = unit.map(({ nullable }, i) => {
    const equal = sql`dirty.${names[i] ?? trusted('')} = ${values[i] ?? trusted('')}`
    return nullable
      ? sql`(${equal} or (dirty.${names[i] ?? trusted('')} is null and ${values[i] ?? trusted('')} is null))`
      : equal
  })
  return join(conditions, ' and ')
}

export function occurrenceOf(analysis: Pick<Analysis, 'occurrences'>, alias: string): Occurrence {
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
