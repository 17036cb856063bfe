import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { seedDatabase, type SeedOptions } from './seed.ts'
import type { Scale } from './sizes.ts'

/** The role of the application at work: it owns nothing. */
export const APP_ROLE = 'builder_app'

export interface Prepared {
  /** Connects as the administrator, to the application's database. */
  readonly adminUrl: string
  /** Connects as the application. */
  readonly appUrl: string
  readonly isNew: boolean
}

export interface PrepareOptions extends SeedOptions {
  readonly databaseUrl: string
  readonly scale: Scale
  /** Throw away what an earlier run left. */
  readonly fresh: boolean
}

/**
 * Makes the application's database, tables and data, or finds those of an earlier run. On a server's own `postgres`
 * database it makes one beside it; any other database is used as it is, and never emptied.
 */
export async function prepareDatabase({
  databaseUrl,
  scale,
  fresh,
  ...seed
}: PrepareOptions): Promise<Prepared> {
  const adminUrl = await ownDatabase(databaseUrl, fresh)
  const isNew = await withClient(adminUrl, async (client) => {
    const mark = `seed ${String(seed.seed)}, scale ${scale}`
    if ((await readMark(client)) === mark) return false
    await client.query(await readFile(new URL('../db/schema.sql', import.meta.url), 'utf8'))
    await seedDatabase(client, seed)
    await client.query(`comment on table users is '${MARK}${mark}'`)
    return true
  })
  return {
    adminUrl,
    appUrl: await withClient(adminUrl, (client) => grantApplication(client, adminUrl)),
    isNew,
  }
}

const OWN_NAME = 'builder_network'
const MARK = 'builder network: '

async function ownDatabase(databaseUrl: string, fresh: boolean): Promise<string> {
  const url = new URL(databaseUrl)
  if (url.pathname !== '/postgres' && url.pathname !== '/') return databaseUrl

  await withClient(databaseUrl, async (client) => {
    if (fresh) await client.query(`drop database if exists ${OWN_NAME} with (force)`)
    const { rowCount } = await client.query('select from pg_database where datname = $1', [OWN_NAME])
    if (rowCount === 0) await client.query(`create database ${OWN_NAME}`)
  })
  url.pathname = `/${OWN_NAME}`
  return url.href
}

/** What an earlier run wrote on its table; a database with other tables of those names is refused. */
async function readMark(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ comment: string | null }>(
    `select obj_description(to_regclass('users'), 'pg_class') as comment where to_regclass('users') is not null`,
  )
  const [found] = rows
  if (found === undefined) return undefined
  if (found.comment?.startsWith(MARK) === true) return found.comment.slice(MARK.length)
  throw new Error('the database has a table "users" that is not of this application; give an empty database')
}

async function grantApplication(client: pg.Client, adminUrl: string): Promise<string> {
  const password = randomBytes(12).toString('hex')
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [APP_ROLE])
  await client.query(`${rowCount === 0 ? 'create' : 'alter'} role ${APP_ROLE} login password '${password}'`)
  await client.query(`grant usage on schema public to ${APP_ROLE}`)
  await client.query(`grant select, insert, update, delete on all tables in schema public to ${APP_ROLE}`)

  const url = new URL(adminUrl)
  url.username = APP_ROLE
  url.password = password
  return url.href
}

export async function withClient<T>(
  connectionString: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
