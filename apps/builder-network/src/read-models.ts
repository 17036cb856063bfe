import { readFile } from 'node:fs/promises'
import { installModels, removeModels } from 'millrace'
import config from '../millrace.config.ts'
import { withClient } from './database.ts'

type Options = NonNullable<Parameters<typeof installModels>[1]> & { readonly url: string }

/**
 * Installs the read models, and the views over them. The views are away while that goes on: a read model of which the
 * definition has changed is made anew, and PostgreSQL removes nothing that a view reads.
 */
export async function installReadModels(
  options: Options,
  roles: { readonly worker?: string; readonly reader?: string } = {},
): Promise<void> {
  await dropViews(options.url)
  await installModels({ ...config, roles, database: options.url }, options)
  options.signal?.throwIfAborted()
  const views = await readFile(new URL('../db/views.sql', import.meta.url), 'utf8')
  await withClient(options.url, async (client) => {
    await client.query(views)
    if (roles.reader !== undefined) {
      await client.query(`grant select on ${VIEWS} to ${client.escapeIdentifier(roles.reader)}`)
    }
  })
}

export async function removeReadModels(options: Options): Promise<void> {
  await dropViews(options.url)
  await removeModels({ ...config, database: options.url }, options)
}

const VIEWS = 'user_dashboard_stats, user_dashboard_stats_strict'

async function dropViews(url: string): Promise<void> {
  await withClient(url, (client) => client.query(`drop view if exists ${VIEWS}`))
}
