import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { schemaFiles } from './schema-files.ts'

/** The version of Millrace's own schema: how many of its files have been run. 0 where Millrace is not installed. */
export async function schemaVersion(client: Client): Promise<number> {
  const [found] = await client.query<{ exists: boolean }>(
    `select to_regclass('millrace.schema_version') is not null as exists`,
  )
  if (found?.exists !== true) return 0
  const [row] = await client.query<{ version: number }>(
    'select max(version) as version from millrace.schema_version',
  )
  return row?.version ?? 0
}

/**
 * The version of the schema, which this program can at least replace by its own. A newer one has been made by a newer
 * program, and this one does not know what is stored there.
 */
export async function knownSchemaVersion(client: Client): Promise<number> {
  const version = await schemaVersion(client)
  const known = (await schemaFiles()).length
  if (version <= known) return version
  throw new MillraceError('SCHEMA_TOO_NEW', {
    detail: `its version is ${String(version)}, this program knows ${String(known)}`,
    hint: 'Use the newer version of Millrace.',
  })
}

/** Refuses to work with any other version of the schema than this program's. */
export async function requireSchema(client: Client): Promise<void> {
  const version = await knownSchemaVersion(client)
  if (version === 0) throw new MillraceError('SCHEMA_NOT_INSTALLED', { hint: 'Run: millrace migrate up' })
  const known = (await schemaFiles()).length
  if (version === known) return
  throw new MillraceError('SCHEMA_TOO_OLD', {
    detail: `its version is ${String(version)}, this program needs ${String(known)}`,
    hint: 'Run: millrace upgrade',
  })
}
