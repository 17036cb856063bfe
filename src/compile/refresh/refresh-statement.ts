import { ident, join, literal, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { PlanColumn } from '../plan.ts'

export interface RefreshParts {
  readonly storage: Sql
  readonly query: Sql
  readonly columns: readonly Omit<PlanColumn, 'hidden'>[]
  readonly key: readonly string[]
}

const PRESENT = trusted('millrace_present')
const ROW = trusted('millrace_row')

/**
 * One statement, so the query is evaluated once and in one snapshot. Rows that differ are deleted and inserted, and not
 * updated, in this order: two rows may have exchanged values of a unique index, and an UPDATE would meet itself.
 */
export function refreshStatement({ storage, query, columns, key }: RefreshParts): string {
  const names = columns.map(({ name }) => ident(name))
  const keys = join(key.map((name) => ident(name)))
  const image = (side: string) => sql`row(${join(columns.map(({ name }) => ident(side, name)))})`

  return sql`with fresh as materialized (
select ${join(names)}, true as ${PRESENT}
from (
${query}
) as q
),
shared as materialized (
select ${keys}
from fresh
group by ${keys}
having count(*) > 1
order by ${keys}
limit 1
),
twins as (
select ${rowAsJson(columns)} as twin
from fresh
join shared on ${sameKey(columns, key, 'fresh', 'shared')}
limit 2
),
changes as materialized (
select stored.${ROW}, fresh.*
from fresh
full join (select ctid as ${ROW}, * from ${storage}) as stored on ${sameKey(columns, key, 'fresh', 'stored')}
where stored.${ROW} is null
   or fresh.${PRESENT} is null
   or record_image_ne(${image('stored')}, ${image('fresh')})
),
removed as (
delete from ${storage} as stored
using changes
where stored.ctid = changes.${ROW}
  and not exists (select from shared)
returning 1
),
written as (
insert into ${storage} (${join(names)})
select ${join(names)}
from changes
where ${PRESENT}
  and not exists (select from shared)
  -- so that the rows that these replace are gone by then
  and (select count(*) from removed) >= 0
returning 1
)
select (select count(*) from written)::int as written,
       (select count(*) from changes where ${PRESENT} is null)::int as removed,
       (select ${digestOf(image('fresh'))} from fresh) as digest,
       (select jsonb_agg(twin) from twins) as duplicates`.text
}

/** What the stored rows add up to: a sum, so that their order does not count. */
export function digestStatement({ storage, columns }: Pick<RefreshParts, 'storage' | 'columns'>): string {
  const image = sql`row(${join(columns.map(({ name }) => ident(name)))})`
  return sql`select count(*)::int as rows, ${digestOf(image)} as digest
from ${storage}`.text
}

function digestOf(image: Sql): Sql {
  return sql`coalesce(sum(hashtextextended(${image}::text, 0)), 0)::text`
}

/**
 * Equality of keys in which null equals null, that can be hashed: arrays compare so, and `is not distinct from` cannot be
 * hashed. An array of arrays would be an array of more dimensions, so those are put into rows.
 */
function sameKey(columns: RefreshParts['columns'], key: readonly string[], left: string, right: string): Sql {
  const isArray = (name: string) => /\[\]$|vector"?$/.test(columns.find((it) => it.name === name)?.type ?? '')
  const element = (side: string, name: string) =>
    isArray(name) ? sql`array[row(${ident(side, name)})]` : sql`array[${ident(side, name)}]`
  return join(
    key.map((name) => sql`${element(left, name)} = ${element(right, name)}`),
    ' and ',
  )
}

/** Values as text: a number of JSON would lose that 2 and 2.00 differ. */
function rowAsJson(columns: RefreshParts['columns']): Sql {
  const names = columns.map(({ name }) => literal(name))
  const texts = columns.map(({ name }) => sql`(${ident('fresh', name)})::text`)
  return sql`jsonb_object(array[${join(names)}], array[${join(texts)}])`
}
