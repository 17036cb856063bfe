import { knownSchemaVersion } from '../catalog/schema-version.ts'
import type { Client } from '../pg/client.ts'
import { readVersions, type InstalledModel } from '../work/model.ts'
import { readScheduled, type Scheduled } from '../work/schedule/installed.ts'

/** What a database has, as far as this program knows its schema. */
export interface Installed {
  /** Of Millrace's own schema; 0 where there is none, and then nothing of the rest. */
  readonly version: number
  /** All versions of the read models that follow what changes. */
  readonly models: readonly InstalledModel[]
  readonly scheduled: readonly Scheduled[]
}

export async function readInstalled(client: Client): Promise<Installed> {
  const version = await knownSchemaVersion(client)
  if (version === 0) return { version, models: [], scheduled: [] }
  return { version, models: await readVersions(client), scheduled: await readScheduled(client) }
}
