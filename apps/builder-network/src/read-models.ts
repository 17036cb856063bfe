import { installModels, removeModels } from 'millrace'
import config from '../millrace.config.ts'
import * as declared from '../models/index.ts'
import { withClient } from './database.ts'

type Options = NonNullable<Parameters<typeof installModels>[1]> & { readonly url: string }

/** Installs everything that the configuration declares. Views are ordinary ones: who may read them must be said. */
export async function installReadModels(
  options: Options,
  roles: { readonly worker?: string; readonly reader?: string } = {},
): Promise<void> {
  await installModels({ ...config, roles, database: options.url }, options)
  const { reader } = roles
  if (reader === undefined) return
  const views = Object.values(declared).filter(({ kind }) => kind === 'sqlObject')
  await withClient(options.url, async (client) => {
    const names = views.map(({ name }) => client.escapeIdentifier(name))
    await client.query(`grant select on ${names.join(', ')} to ${client.escapeIdentifier(reader)}`)
  })
}

export async function removeReadModels(options: Options): Promise<void> {
  await removeModels({ ...config, database: options.url }, options)
}
