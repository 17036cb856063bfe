import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { SeedOptions } from './seed.ts'
import { createTables, fillTables, findOwnTables, findTables, type Found } from './tables.ts'

export interface Prepared {
  /** Connects as the administrator, to the application's database. */
  readonly adminUrl: string
  /** The role of the application at work: it owns nothing. Roles are the whole server's, so each database has its own. */
  readonly appRole: string
  /** Connects as that role. */
  readonly appUrl: string
  /** What stood there; of another version it is gone. */
  readonly found: Found['kind']
}

export interface PrepareOptions extends SeedOptions {
  readonly databaseUrl: string
  /** Throw away what an earlier run left. */
  readonly fresh: boolean
}

/**
 * Makes the application's database, tables and data, or finds those of an earlier run. On a server's own `postgres`
 * database it makes one beside it, and anew where another version of the application made it; any other database is used as it is, and
 * never emptied.
 */
export async function prepareDatabase({ databaseUrl, fresh, ...data }: PrepareOptions): Promise<Prepared> {
  const own = ownDatabase(databaseUrl)
  const adminUrl = own ?? databaseUrl
  if (own !== undefined) await ensureOwnDatabase(databaseUrl, fresh)
  const before = await withClient(adminUrl, own === undefined ? findOwnTables : findTables)
  if (before.kind === 'other-version') await ensureOwnDatabase(databaseUrl, true)
  return await withClient(adminUrl, async (client) => {
    if (before.kind === 'nothing' || before.kind === 'other-version') await createTables(client)
    if (before.kind !== 'filled') await fillTables(client, data)
    return { adminUrl, ...(await grantApplication(client, adminUrl)), found: before.kind }
  })
}

const OWN_NAME = 'builder_network'

/** The URL of the database that is made beside `postgres`. */
function ownDatabase(databaseUrl: string): string | undefined {
  const url = new URL(databaseUrl)
  if (url.pathname !== '/postgres' && url.pathname !== '/') return undefined
  url.pathname = `/${OWN_NAME}`
  return url.href
}

async function ensureOwnDatabase(serverUrl: string, fresh: boolean): Promise<void> {
  await withClient(serverUrl, async (client) => {
    if (fresh) await client.query(`drop database if exists ${OWN_NAME} with (force)`)
    const { rowCount } = await client.query('select from pg_database where datname = $1', [OWN_NAME])
    if (rowCount === 0) await client.query(`create database ${OWN_NAME}`)
  })
}

async function grantApplication(
  client: pg.Client,
  adminUrl: string,
): Promise<Pick<Prepared, 'appRole' | 'appUrl'>> {
  const database = client.database ?? ''
  const appRole = `${database.slice(0, MOST_LETTERS - ROLE_ENDS.length)}${ROLE_ENDS}`
  const role = client.escapeIdentifier(appRole)
  const password = randomBytes(12).toString('hex')
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [appRole])
  await client.query(`${rowCount === 0 ? 'create' : 'alter'} role ${role} login password '${password}'`)
  await client.query(`grant connect on database ${client.escapeIdentifier(database)} to ${role}`)
  await client.query(`grant usage on schema public to ${role}`)
  await client.query(`grant select, insert, update, delete on all tables in schema public to ${role}`)

  const url = new URL(adminUrl)
  url.username = encodeURIComponent(appRole)
  url.password = password
  return { appRole, appUrl: url.href }
}

const ROLE_ENDS = '_app'
/** Of a name in PostgreSQL. */
const MOST_LETTERS = 63

export async function withClient<T>(
  connectionString: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString, application_name: 'builder network' })
  // A lost connection fails the statement that runs or comes next; without a listener it would end the process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
