import { compileDeclared } from '../migrate/compile-declared.ts'
import { installInOrder, removeInOrder, requireUnread } from '../migrate/in-order.ts'
import { install, remove, type InstallOptions } from '../migrate/install.ts'
import { requireSchema, schemaVersion } from '../catalog/schema-version.ts'
import { withConnection } from '../pg/client.ts'
import { ident } from '../sql/sql.ts'
import { refreshJobName } from '../sql/names.ts'
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
  readonly signal?: AbortSignal | undefined
}

/** Installs the configuration's read models and jobs, and fills the models, as `millrace migrate up` does. */
export async function installModels(
  config: Configuration,
  { signal, onBackfill }: EmbedOptions & Pick<InstallOptions, 'onBackfill'> = {},
): Promise<void> {
  const { models, refreshed, jobs, roles, searchPath, ...where } = await readConfiguration(config)
  const url = await databaseUrl(where)
  await withConnection({ url, name: 'millrace install' }, async (client) => {
    if (roles.owner !== undefined) await client.query(`set role ${ident(roles.owner).text}`)
    const declared = await compileDeclared(client, { models, refreshed, jobs, searchPath })
    // Without a model of these there is the schema to install.
    if (models.length === 0) await install(client, [], { roles, signal })
    const wanted = { models: declared.models, ...declared.schedule }
    await installInOrder(client, wanted, { roles, signal, searchPath, onBackfill })
  })
}

/** Removes the configuration's read models and jobs, as `millrace migrate down` does; with the last one, everything of Millrace. */
export async function removeModels(config: Configuration, { signal }: EmbedOptions = {}): Promise<void> {
  const { models, refreshed, jobs, roles, ...where } = await readConfiguration(config)
  const url = await databaseUrl(where)
  const jobNames = [...refreshed.map(refreshJobName), ...jobs.map(({ name }) => name)]
  await withConnection({ url, name: 'millrace remove' }, async (client) => {
    if (roles.owner !== undefined) await client.query(`set role ${ident(roles.owner).text}`)
    if ((await schemaVersion(client)) === 0) return
    const installed = await readModels(client)
    const declared = installed.filter((it) =>
      models.some(({ schema, name }) => schema === it.schema && name === it.name),
    )
    const scheduled = (await readScheduled(client)).filter(({ name }) => jobNames.includes(name))
    await requireUnread(client, { models: declared, scheduled })
    if (declared.length === 0) await remove(client, [], { signal })
    await removeInOrder(client, { models: declared, scheduled }, { signal })
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
