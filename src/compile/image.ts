import { ident, join, sql, trusted, type Sql } from '../sql/sql.ts'
import type { PlanColumn } from './plan.ts'

/**
 * A row as it is compared, by `record_image_ne`: 1.0 is not 1.00. Of a list whose order says nothing, its elements in an order
 * of their own.
 */
export function rowImage(columns: readonly Pick<PlanColumn, 'name' | 'elements'>[], side: string): Sql {
  return sql`row(${join(columns.flatMap((it) => imageOf(it, ident(side, it.name))))})`
}

function imageOf({ elements }: Pick<PlanColumn, 'elements'>, value: Sql): readonly Sql[] {
  if (elements === undefined) return [value]
  return elements === 'array' ? sortedArray(value) : sortedJson(value, trusted(elements))
}

/** Slices along the first dimension: an element of an array of arrays is an array. Lists without elements may differ, too. */
function sortedArray(value: Sql): readonly Sql[] {
  const slice = sql`(${value})[i:i]`
  return [
    sql`cardinality(${value})`,
    sql`(select array_agg(${slice} order by ${slice}::text collate "C") from generate_subscripts(${value}, 1) as i)`,
  ]
}

/** What is no list, `coalesce` may put it there, is compared as it is. */
function sortedJson(value: Sql, type: Sql): readonly Sql[] {
  const kind = sql`${type}_typeof(${value})`
  return [
    kind,
    sql`case ${kind} when 'array' then array(select element::text from ${type}_array_elements(${value}) as element order by element::text collate "C") else array[${value}::text] end`,
  ]
}
