import { ident, join, literal, sql, trusted, type Sql } from '../sql/sql.ts'
import { rowImage } from './image.ts'
import type { PlanColumn } from './plan.ts'

export interface CompareParts {
  /** Common table expressions that both sides need, with a trailing comma; or nothing. */
  readonly with: Sql
  /** The stored rows and the query's rows that are to agree. */
  readonly stored: Sql
  readonly actual: Sql
  readonly columns: readonly PlanColumn[]
  readonly key: readonly string[]
  readonly limit: Sql
}

const PRESENT = trusted('millrace_present')

/** Lists keys whose stored row is missing, extra or different by image, with both rows. One statement, one snapshot. */
export function compareStatement({
  with: shared,
  stored,
  actual,
  columns,
  key,
  limit,
}: CompareParts): string {
  const all = columns.map(({ name }) => name)
  const names = join([...all.map((name) => ident(name)), PRESENT])
  // Values as text: a number of JSON would lose that 2 and 2.00 differ.
  const texts = (list: readonly string[], value: (name: string) => Sql) =>
    sql`jsonb_object(array[${join(list.map((name) => literal(name)))}], array[${join(list.map((name) => sql`(${value(name)})::text`))}])`
  const row = (side: string) =>
    sql`case when ${trusted(side)}.${PRESENT} then ${texts(all, (name) => ident(side, name))} end`
  const keyRow = texts(key, (name) => sql`coalesce(${ident('stored', name)}, ${ident('actual', name)})`)
  // A key may be null, and a full join needs a condition that can be hashed: json has a value for null.
  const sameKey = key.map((name) => {
    const [a, b] = ['stored', 'actual'].map((side) => sql`coalesce(to_jsonb(${ident(side, name)}), 'null')`)
    return sql`${a ?? trusted('')} = ${b ?? trusted('')}`
  })

  return sql`with ${shared}stored (${names}) as materialized (
select *, true
from (${stored}) as stored
),
actual (${names}) as materialized (
select *, true
from (${actual}) as actual
)
select ${keyRow} as key,
       ${row('stored')} as stored,
       ${row('actual')} as actual
from stored
full join actual on ${join(sameKey, ' and ')}
where stored.${PRESENT} is null
   or actual.${PRESENT} is null
   or record_image_ne(${rowImage(columns, 'stored')}, ${rowImage(columns, 'actual')})
limit ${limit}`.text
}
