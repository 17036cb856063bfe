import { installModels, removeModels, type Definable } from 'millrace'
import type pg from 'pg'
import config from '../millrace.config.ts'
import * as declared from '../models/index.ts'
import { READ_MODELS } from './age-reader.ts'
import { withClient } from './database.ts'

type Options = NonNullable<Parameters<typeof installModels>[1]> & { readonly url: string }

/** Installs everything that the configuration declares. */
export async function installReadModels(
  options: Options,
  roles: { readonly worker?: string; readonly reader?: string } = {},
): Promise<void> {
  await installModels({ ...config, roles, database: options.url }, options)
  if (roles.reader !== undefined) await grantViews(options.url, Object.values(declared), roles.reader)
}

/** Views are ordinary ones: who may read them must be said. */
export async function grantViews(url: string, define: readonly Definable[], reader: string): Promise<void> {
  const views = define.flatMap((it) => ('kind' in it && it.kind === 'sqlObject' ? [String(it.name)] : []))
  if (views.length === 0) return
  await withClient(url, async (client) => {
    const names = views.map((name) => client.escapeIdentifier(name))
    await client.query(`grant select on ${names.join(', ')} to ${client.escapeIdentifier(reader)}`)
  })
}

/** Fails where something that pages read is not there. */
export async function requireReadModels(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query(
    'select from unnest($1::text[]) as declared (name) where to_regclass(name) is null',
    [READ_MODELS.map(({ name }) => name)],
  )
  if (rowCount !== 0) throw new Error('the read models are not installed: run db:up first')
}

export async function removeReadModels(options: Options): Promise<void> {
  await removeModels({ ...config, database: options.url }, options)
}
