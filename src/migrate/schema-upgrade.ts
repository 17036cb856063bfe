import { schemaFiles } from '../catalog/schema-files.ts'
import { knownSchemaVersion } from '../catalog/schema-version.ts'
import { step, type Step } from './step.ts'
import type { Client } from '../pg/client.ts'

/** Millrace's own schema is there, of an older version than this program's. */
export interface SchemaUpgrade {
  readonly from: number
  readonly to: number
}

/** Null where there is nothing to bring up to date: where the schema is missing, it comes with the first read model. */
export async function findSchemaUpgrade(client: Client): Promise<SchemaUpgrade | null> {
  const from = await knownSchemaVersion(client)
  const to = (await schemaFiles()).length
  return from > 0 && from < to ? { from, to } : null
}

export async function schemaUpgradeStep({ from, to }: SchemaUpgrade): Promise<Step> {
  const files = await schemaFiles()
  return step({
    about: 'millrace',
    describe: `bring Millrace's own schema from version ${String(from)} to ${String(to)}, which an older program does not undo`,
    statements: files.slice(from, to),
    inverse: [],
  })
}
