import type { Plan } from '../compile/plan.ts'
import { ident, join, sql, trusted } from '../sql/sql.ts'

/** `$1` names of roles → those that do not exist. */
export const MISSING_ROLES = `
  select name
  from unnest($1::text[]) as name
  where not exists (select from pg_roles where rolname = name)
  order by name`

/** `$1` schema, `$2` name → what has that name: of a table, view, index, sequence or type. */
export const TAKEN_NAME = `
  select c.relkind::text as kind
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where n.nspname = $1::text and c.relname = $2::text`

/** `$1` schema → whether it exists, and whether we may make tables in it. */
export const SCHEMA_RIGHTS = `
  select has_schema_privilege(n.oid, 'create') as "mayCreate"
  from pg_namespace as n
  where n.nspname = $1::text`

/** `$1` role or null for ourselves, `$2` schema, `$3` table → what is missing of the rights that it needs. */
export const TABLE_RIGHTS = `
  select has_table_privilege(coalesce($1::text, current_user), c.oid, 'select') as "maySelect",
         has_table_privilege(coalesce($1::text, current_user), c.oid, 'trigger') as "mayTrigger"
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where n.nspname = $2::text and c.relname = $3::text`

/** Two rows of the query that share a key, if there are such. Reads the whole answer once. */
export function rowsOfOneKey({ query, key }: Pick<Plan, 'query' | 'key'>): string {
  const columns = key.map((name) => ident(name))
  const isSame = columns.map((it) => sql`q.${it} is not distinct from shared.${it}`)
  return sql`with q as materialized (
${trusted(query)}
),
shared as (
  select ${join(columns)}
  from q
  group by ${join(columns)}
  having count(*) > 1
  limit 1
)
select to_jsonb(q)::text as row
from q
join shared on ${join(isSame, ' and ')}
limit 2`.text
}
