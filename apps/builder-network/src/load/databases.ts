import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Client } from 'pg'
import { prepareDatabase, withClient, type Prepared } from '../database.ts'
import { installReadModels } from '../read-models.ts'
import type { Sizes } from '../sizes.ts'
import { findTables } from '../tables.ts'

export interface DatabasesOptions {
  /** Of a server on which databases may be made, as its superuser. */
  readonly serverUrl: string
  readonly sizes: Sizes
  readonly seed: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
  readonly progress: (part: string, done: number, total: number) => void
}

const PREFIX = 'builder_load'

/**
 * The database with the data alone, of which the others are copies. It stays on the server, for the next run with the same sizes,
 * seed and tables: filling it takes longer than the rest.
 */
export async function prepareData({
  serverUrl,
  sizes,
  seed,
  signal,
  say,
  progress,
}: DatabasesOptions): Promise<string> {
  const name = `${PREFIX}_${await digestOf({ seed, sizes })}`
  const url = inDatabase(serverUrl, name)
  await withClient(serverUrl, async (client) => {
    if (!(await exists(client, name))) await client.query(`create database ${name}`)
  })
  const found = await withClient(url, findTables)
  if (found.kind === 'filled') {
    say('data: that of an earlier run')
    return name
  }
  await withClient(serverUrl, async (client) => {
    await client.query(`drop database ${name} with (force)`)
    await client.query(`create database ${name}`)
  })
  await prepareDatabase({ databaseUrl: url, fresh: false, seed, sizes, onProgress: progress, signal })
  await withClient(url, (client) => client.query('vacuum analyze'))
  say('data: made')
  return name
}

/** Runs `use` in a copy of a database, with the rights of the application, and drops the copy. */
export async function inCopy<T>(
  { serverUrl, sizes, seed }: Pick<DatabasesOptions, 'serverUrl' | 'sizes' | 'seed'>,
  template: string,
  use: (copy: Prepared) => Promise<T>,
): Promise<T> {
  const name = `${PREFIX}_run`
  return await withClient(serverUrl, async (client) => {
    await client.query(`drop database if exists ${name} with (force)`)
    await client.query(`create database ${name} template ${template}`)
    try {
      return await use(
        await prepareDatabase({ databaseUrl: inDatabase(serverUrl, name), fresh: false, seed, sizes }),
      )
    } finally {
      await client.query(`drop database ${name} with (force)`)
    }
  })
}

/** Installs the read models where the application can read them. */
export async function installForLoad(
  { adminUrl, appRole }: Prepared,
  { signal, progress, say }: DatabasesOptions,
): Promise<void> {
  await installReadModels(
    {
      url: adminUrl,
      signal,
      onBackfill: ({ name }, done, total) => {
        progress(name, done, total)
      },
    },
    { reader: appRole },
  )
  await withClient(adminUrl, (client) => client.query('vacuum analyze'))
  say('read models: installed')
}

/** Other tables, indexes or words make another database: people search for words that are in it. */
async function digestOf(data: object): Promise<string> {
  const files = ['../../db/schema.sql', '../../db/indexes.sql', '../words.ts'].map(
    (it) => new URL(it, import.meta.url),
  )
  const texts = await Promise.all(files.map(async (it) => await readFile(it, 'utf8')))
  return createHash('sha256')
    .update(JSON.stringify([data, texts]))
    .digest('hex')
    .slice(0, 12)
}

async function exists(client: Client, name: string): Promise<boolean> {
  return (await client.query('select from pg_database where datname = $1', [name])).rowCount === 1
}

function inDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}
