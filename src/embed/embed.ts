import type { Config } from '../define/resolve-config.ts'
import { applyDeclared } from '../migrate/apply-declared.ts'
import type { InstallOptions } from '../migrate/install.ts'
import { findObjectChanges } from '../migrate/objects/changes.ts'
import { readObjects } from '../migrate/objects/installed.ts'
import { removeInstalled } from '../migrate/remove-installed.ts'
import { requireSchema, schemaVersion } from '../catalog/schema-version.ts'
import { withConnection, type Connection } from '../pg/client.ts'
import { ident } from '../sql/sql.ts'
import { verifyRefreshed, type VerifiedRefresh } from '../verify/refreshed.ts'
import { verify, type Verified } from '../verify/verify.ts'
import { readModels } from '../work/model.ts'
import { readRefreshed, readScheduled } from '../work/schedule/installed.ts'
import {
  databaseUrl,
  readConfiguration,
  type Configuration,
  type DatabaseConfiguration,
} from './configuration.ts'

/** Millrace in your own process: what the command line does, as functions. Each opens a connection of its own. */
export interface EmbedOptions {
  /** Breaks it off with the signal's reason; the next call goes on. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes the database have what the configuration declares, and nothing of Millrace that it does not, as `millrace migrate up` does where
 * there are no files: extensions, objects, read models with their rows, jobs.
 */
export async function installModels(
  config: Configuration,
  { signal, onBackfill }: EmbedOptions & Pick<InstallOptions, 'onBackfill'> = {},
): Promise<void> {
  await asOwner(config, 'millrace install', async (client, resolved) => {
    await applyDeclared(client, resolved, { signal, onBackfill })
  })
}

/** Removes everything that Millrace made, as `millrace migrate down` does. */
export async function removeModels(config: Configuration, { signal }: EmbedOptions = {}): Promise<void> {
  await asOwner(config, 'millrace remove', async (client, { searchPath }) => {
    if ((await schemaVersion(client)) === 0) return
    const removal = {
      models: await readModels(client),
      scheduled: await readScheduled(client),
      objects: findObjectChanges([], await readObjects(client)),
    }
    await removeInstalled(client, removal, { searchPath, signal })
  })
}

async function asOwner(
  configuration: Configuration,
  name: string,
  work: (client: Connection, config: Config) => Promise<void>,
): Promise<void> {
  const config = await readConfiguration(configuration)
  await withConnection({ url: await databaseUrl(config), name }, async (client) => {
    if (config.roles.owner !== undefined) await client.query(`set role ${ident(config.roles.owner).text}`)
    await work(client, config)
  })
}

/** Compares every read model with its query, as `millrace verify` does. */
export async function verifyModels(
  config: DatabaseConfiguration,
  { signal }: EmbedOptions = {},
): Promise<readonly (Verified | VerifiedRefresh)[]> {
  const url = await databaseUrl(config)
  return await withConnection({ url, name: 'millrace verify' }, async (client) => {
    await requireSchema(client)
    const kept = await verify(client, await readModels(client), { signal })
    const refreshed = []
    for (const model of await readRefreshed(client)) refreshed.push(await verifyRefreshed(client, model))
    return [...kept, ...refreshed]
  })
}
