import type { Client } from '../../src/pg/client.ts'

/**
 * Columns that the server changes by itself, or on purpose leaves as they are when what they tell of has gone
 * (`relhastriggers` is true until the next VACUUM).
 */
const VOLATILE: Readonly<Record<string, readonly string[]>> = {
  pg_class: [
    'relpages',
    'reltuples',
    'relallvisible',
    'relallfrozen',
    'relfrozenxid',
    'relminmxid',
    'relhastriggers',
  ],
}

/** Where everything that CREATE, ALTER and GRANT can leave behind in a database is recorded. */
const CATALOGS = [
  'pg_class',
  'pg_proc',
  'pg_trigger',
  'pg_type',
  'pg_namespace',
  'pg_default_acl',
  'pg_constraint',
  'pg_rewrite',
  'pg_extension',
  'pg_event_trigger',
]

/** Objects of the server itself have lower numbers, except the schemas. */
const FIRST_OWN_OID = 16384

/** Every row of the catalogs that is not the server's own, whole: owner, privileges and definition included. */
export async function listCatalog(client: Client): Promise<readonly string[]> {
  const each = CATALOGS.map(
    (
      catalog,
    ) => `select '${catalog} ' || (to_jsonb(t) - array[${list(VOLATILE[catalog] ?? [])}]::text[])::text as row
    from ${catalog} as t
    where oid >= ${String(FIRST_OWN_OID)} or '${catalog}' = 'pg_namespace'`,
  )
  const rows = await client.query<{ row: string }>(`${each.join('\nunion all\n')}\norder by row`)
  return rows.map(({ row }) => row)
}

function list(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}
