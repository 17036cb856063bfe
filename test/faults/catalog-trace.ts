import { withConnection } from '../../src/pg/client.ts'
import type { TestDatabase } from '../support/database.ts'

/** Everything in a database that is not PostgreSQL's own, with the rights on it: what an installation may leave behind. */
export async function catalogTrace(database: TestDatabase): Promise<readonly string[]> {
  return await withConnection({ url: database.url('superuser') }, async (client) => {
    const rows = await client.query<{ object: string }>(`
      select concat_ws(' ', c.relkind, n.nspname, c.relname, c.relacl) as object
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname !~ '^(pg_|information_schema$)'
      union all
      select concat_ws(' ', 'function', n.nspname, p.proname, p.proacl)
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname !~ '^(pg_|information_schema$)'
      union all
      select concat_ws(' ', 'trigger', tgrelid::regclass, tgname)
      from pg_trigger
      union all
      select concat_ws(' ', 'type', n.nspname, t.typname, t.typacl)
      from pg_type t join pg_namespace n on n.oid = t.typnamespace
      where n.nspname !~ '^(pg_|information_schema$)'
      union all
      select concat_ws(' ', 'schema', nspname, nspacl)
      from pg_namespace
      where nspname !~ '^pg_(toast_)?temp'
      order by 1`)
    return rows.map(({ object }) => object)
  })
}
