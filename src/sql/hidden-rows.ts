import { ident, join, literal, sql, type Sql } from './sql.ts'

interface Named {
  readonly schema: string
  readonly name: string
}

/**
 * A SELECT of the tables (`source`) of which a role does not see every row. It sees them all as a superuser, with BYPASSRLS, as
 * the table's owner where policies are not forced on him, or by a policy that lets every row through, unless another policy
 * restricts it. `role`: an expression of type name.
 */
export function hiddenSources(sources: readonly Named[], role: Sql): Sql {
  const tables = sources.map(({ schema, name }) => sql`${literal(ident(schema, name).text)}::regclass`)
  return sql`select pg_catalog.format('%I.%I', n.nspname, c.relname) as source
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
join pg_catalog.pg_roles as viewer on viewer.rolname = ${role}
where c.oid = any (array[${join(tables)}]::oid[])
  and c.relrowsecurity
  and not viewer.rolsuper
  and not viewer.rolbypassrls
  and (c.relforcerowsecurity or not pg_catalog.pg_has_role(viewer.oid, c.relowner, 'usage'))
  and not coalesce((
    select bool_or(p.polpermissive and p.is_open) and bool_and(p.polpermissive or p.is_open)
    from (
      select polpermissive, pg_catalog.pg_get_expr(polqual, polrelid) = 'true' as is_open
      from pg_catalog.pg_policy
      where polrelid = c.oid
        and polcmd in ('r', '*')
        and exists (select from unnest(polroles) as named (role)
                    where named.role = 0 or pg_catalog.pg_has_role(viewer.oid, named.role, 'usage'))
    ) as p
  ), false)`
}
