import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import type { Client } from '../../src/pg/client.ts'
import { ident } from '../../src/sql/sql.ts'
import { listCatalog } from '../support/catalog-listing.ts'

/** Everything that a command could have changed in a database: its catalogs, and a hash of the rows of each table. */
export async function databaseState(client: Client): Promise<string> {
  const tables = await client.query<{ schema: string; name: string }>(`
    select n.nspname as schema, c.relname as name
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
    order by 1, 2`)
  const rows: string[] = []
  for (const { schema, name } of tables) {
    const [row] = await client.query<{ hash: string | null }>(
      `select md5(string_agg(t::text, e'\\n' order by t::text)) as hash from ${ident(schema, name).text} as t`,
    )
    rows.push(`${schema}.${name} ${row?.hash ?? 'empty'}`)
  }
  const state = [...(await listCatalog(client)), ...rows].join('\n')
  return createHash('sha256').update(state).digest('hex')
}

/** Every file under a folder. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).sort()
}
