import { randomBytes } from 'node:crypto'
import type { ConfigOptions, Definable } from '../define/config.ts'
import { loadConfig } from '../define/load-config.ts'
import { resolveConfig, type Config } from '../define/resolve-config.ts'
import * as client from '../client/index.ts'
import * as millrace from '../index.ts'
import { connect, withConnection, type Connection } from '../pg/client.ts'
import { unheld } from '../pg/unheld.ts'
import { literal } from '../sql/sql.ts'
import { inDatabase, PREFIX, templateFor, type Content } from './template.ts'
import { testServerUrl } from './test-server.ts'

/** What a test database has in it, and on which server it is made. */
export interface TestDatabaseOptions {
  /** What millrace.config.ts exports, or the path of that file. */
  readonly config?: ConfigOptions | string | undefined
  /** Declarations, where only some of them are wanted, or there is no configuration. */
  readonly models?: readonly Definable[] | undefined
  /**
   * The application's own tables: SQL, or a function that makes them in the database of the URL that it is given (the team's own
   * migrations). SQL is quicker: the same SQL is run once, and copied by every later run.
   */
  readonly schema?: string | ((url: string) => Promise<void>) | undefined
  /** SQL with the first rows, run when the read models stand; they are drained once. */
  readonly rows?: string | undefined
  /** URL of a server, as a role that may create databases. Absent: DATABASE_URL, or an embedded server. */
  readonly server?: string | undefined
}

/** A database of one test, or of one test file. */
export interface TestDatabase {
  /** For the application's own connections. */
  readonly url: string
  /** Runs SQL on a connection that `drop` closes. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]>
  /** Ends every connection to it, and drops it. */
  drop(): Promise<void>
  /** `drop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** What `drainAll`, `expectFresh` and `fuzz` need of a test database. */
export interface Made {
  readonly client: Connection
  readonly serverUrl: string
  readonly template: string
}

const made = new WeakMap<object, Made>()

/** Undefined for anything else than a test database. */
export function madeOf(database: object): Made | undefined {
  return made.get(database)
}

/**
 * Makes a database with the application's tables and the read models, all of them fresh: a copy of a template that the first call
 * of its kind makes, so a later one takes some tens of milliseconds. Roles of the configuration are left out: one role does all.
 */
export async function createTestDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  const { schema = '', rows = '', server } = options
  const serverUrl = await testServerUrl(server)
  const content: Content = { schema, rows, config: await configOf(options) }
  const template = await templateFor(serverUrl, content)
  const { url, client: connection } = await copyOf(serverUrl, template)
  // A test that fails before it drops its database must not keep its process from ending.
  const client = unheld(connection)
  const drop = async () => {
    await client.end()
    await dropDatabase(serverUrl, url)
  }
  const database: TestDatabase = {
    url,
    query: (text, values) => client.query(text, values),
    drop,
    [Symbol.asyncDispose]: drop,
  }
  made.set(database, { client, serverUrl, template })
  return database
}

async function configOf({ config, models }: TestDatabaseOptions): Promise<Config> {
  const cwd = process.cwd()
  const whole =
    typeof config === 'string'
      ? await loadConfig({ cwd, named: config, millrace, client })
      : await resolveConfig(config ?? { define: [] }, cwd)
  const picked = models === undefined ? whole : await resolveConfig({ define: models }, cwd)
  const { refreshed, jobs, objects, touches } = picked
  return { ...whole, models: picked.models, refreshed, jobs, objects, touches, roles: {} }
}

/** A copy of a template, and a connection to it. */
export async function copyOf(
  serverUrl: string,
  template: string,
): Promise<{ readonly url: string; readonly client: Connection }> {
  const name = PREFIX + randomBytes(6).toString('hex')
  await withConnection({ url: serverUrl, name: 'millrace testing' }, async (server) => {
    await server.query(`create database ${name} template ${template}`)
    await server.query(`comment on database ${name} is ${literal(new Date().toISOString()).text}`)
  })
  const url = inDatabase(serverUrl, name)
  const client = await connect({ url, name: 'millrace testing' })
  // Copied files with all that the template had: nobody was at work there, and transactions are counted for the whole server. So
  // what the watermarks say is true here as well.
  await client.query('update millrace.watermark set cluster = millrace.cluster()')
  return { url, client }
}

export async function dropDatabase(serverUrl: string, url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1)
  await withConnection({ url: serverUrl, name: 'millrace testing' }, async (server) => {
    await server.query(`drop database if exists ${name} with (force)`)
  })
}
