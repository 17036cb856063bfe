import { createHash } from 'node:crypto'
import type { Config } from '../define/resolve-config.ts'
import { applyDeclared } from '../migrate/apply-declared.ts'
import { withConnection, type Client, type Connection } from '../pg/client.ts'
import { literal } from '../sql/sql.ts'
import { drainEverything } from './drain-all.ts'

/** What every test database of one kind begins with. */
export interface Content {
  /** The application's own tables: SQL, or what makes them in the database of this URL. */
  readonly schema: string | ((url: string) => Promise<void>)
  readonly config: Config
  /** SQL that is run when the read models stand, as the application would: the first rows. */
  readonly rows: string
}

export const PREFIX = 'millrace_test_'
/** Longer than any run of tests: what is older was left behind, by a run that was killed or with a schema of yesterday. */
const LEFT_BEHIND = '1 day'

/** The database to copy: made at first use, and kept for all processes and later runs that want the same. */
export async function templateFor(serverUrl: string, content: Content): Promise<string> {
  const name = `${PREFIX}template_${fingerprint(content)}`
  await withConnection({ url: serverUrl, name: 'millrace testing' }, async (client) => {
    // Released with the session: test files of several processes begin at once, and one of them makes it.
    await client.query(`select pg_advisory_lock(hashtext(${literal(name).text}))`)
    if (await exists(client, name)) return
    await dropLeftBehind(client)
    await make(client, serverUrl, name, content)
  })
  return name
}

function fingerprint({ schema, config, rows }: Content): string {
  const { models, refreshed, jobs, objects, touches, searchPath, extensions, settings } = config
  // Who makes the tables by a function may have changed what it does: another process asks it again.
  const tables = typeof schema === 'string' ? schema : `${schema.toString()} ${String(process.pid)}`
  const declared = { models, refreshed, jobs, objects, touches, searchPath, extensions, settings }
  const text = JSON.stringify([tables, rows, declared])
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

async function exists(client: Client, name: string): Promise<boolean> {
  const found = await client.query('select from pg_database where datname = $1', [name])
  return found.length > 0
}

/** Made under another name, so that one that stands is complete. */
async function make(
  client: Connection,
  serverUrl: string,
  name: string,
  { schema, config, rows }: Content,
): Promise<void> {
  const draft = `${name}_draft`
  await client.query(`drop database if exists ${draft} with (force)`)
  await client.query(`create database ${draft} template template0`)
  const url = inDatabase(serverUrl, draft)
  if (typeof schema === 'function') await schema(url)
  await withConnection({ url, name: 'millrace testing' }, async (own) => {
    if (typeof schema === 'string' && schema !== '') await own.query(schema)
    await applyDeclared(own, config, {})
    if (rows !== '') await own.query(rows)
    await drainEverything(own)
  })
  await client.query(`comment on database ${draft} is ${literal(new Date().toISOString()).text}`)
  await client.query(`alter database ${draft} rename to ${name}`)
}

async function dropLeftBehind(client: Client): Promise<void> {
  const old = await client.query<{ name: string }>(LEFT, [PREFIX, LEFT_BEHIND])
  for (const { name } of old) await client.query(`drop database if exists "${name}" with (force)`)
}

/** `$1` prefix, `$2` interval → databases of ours that say when they were made, longer ago than that. */
const LEFT = `
  select datname as name
  from pg_database
  where starts_with(datname, $1::text)
    and shobj_description(oid, 'pg_database') ~ '^\\d{4}-\\d\\d-\\d\\dT'
    and shobj_description(oid, 'pg_database')::timestamptz < now() - $2::interval`

export function inDatabase(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return url.href
}
