import { dirname, join } from 'node:path'
import { databaseUrlProblem } from '../define/check-database-url.ts'
import type { Config } from '../define/resolve-config.ts'
import { MillraceError } from '../errors.ts'
import { withConnection, type Connection } from '../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import { mayUseEmbedded } from '../pg/embedded/policy.ts'
import { startEmbedded } from '../pg/embedded/server.ts'
import { ident } from '../sql/sql.ts'
import { knownError } from './known-error.ts'
import type { Session } from './session.ts'

/** Connects to the database of the configuration for as long as `use` runs. */
export async function withDatabase<T>(
  session: Session,
  config: Pick<Config, 'directUrl' | 'database' | 'file'>,
  use: (client: Connection, url: string) => Promise<T>,
): Promise<T> {
  return await withDatabaseUrl(session, config, async (url) => {
    return await withConnection({ url, name: `millrace ${session.command}` }, (client) =>
      endedByInterrupt(session, client, url, () => use(client, url)),
    )
  })
}

/**
 * A Ctrl-C also ends the statement under way, however long it would have run or waited for a lock: whatever it was
 * about to do is rolled back, and every command can be repeated.
 */
async function endedByInterrupt<T>(
  { signal }: Session,
  client: Connection,
  url: string,
  use: () => Promise<T>,
): Promise<T> {
  const [own] = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const cancel = () => {
    // A statement that cannot be cancelled ends by itself, or with the process by a second Ctrl-C.
    withConnection({ url, name: 'millrace cancel' }, (other) =>
      other.query('select pg_cancel_backend($1::int)', [own?.pid]),
    ).catch(() => undefined)
  }
  signal.addEventListener('abort', cancel)
  try {
    return await use()
  } catch (error) {
    if (hasSqlState(error, SQLSTATE.QUERY_CANCELED)) signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** Like `withDatabase`, as the role that owns what Millrace makes. */
export async function withOwner<T>(
  session: Session,
  config: Config,
  use: (client: Connection, url: string) => Promise<T>,
): Promise<T> {
  return await withDatabase(session, config, async (client, url) => {
    const { owner } = config.roles
    if (owner !== undefined) await client.query(`set role ${ident(owner).text}`)
    return await use(client, url)
  })
}

/**
 * The URL for as long as `use` runs: the one in the configuration, else DATABASE_URL, else an embedded server, where
 * that is allowed. Past a pooler where the configuration says how: drains, migrations and comparisons need a session.
 */
export async function withDatabaseUrl<T>(
  session: Session,
  { directUrl, database, file }: Pick<Config, 'directUrl' | 'database' | 'file'>,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const url = directUrl ?? database ?? fromEnvironment(session)
  if (url !== undefined) return await named(url, use)
  if (!mayUseEmbedded(session)) throw noDatabase(session)

  const server = await startEmbedded({ directory: join(dirname(file), '.millrace') })
  try {
    return await named(server.url, use)
  } finally {
    await server.stop()
  }
}

/** Errors of the driver are told with the database that they come from. */
async function named<T>(url: string, use: (url: string) => Promise<T>): Promise<T> {
  try {
    return await use(url)
  } catch (error) {
    throw knownError(error, url)
  }
}

function fromEnvironment({ env }: Session): string | undefined {
  const url = env['DATABASE_URL']
  if (url === undefined || url === '') return undefined
  const problem = databaseUrlProblem(url)
  if (problem === undefined) return url
  const hint = 'Write postgresql://user:password@host:5432/database.'
  throw new MillraceError('BAD_DATABASE_URL', { detail: `DATABASE_URL ${problem}`, hint })
}

function noDatabase({ command, env }: Session): MillraceError {
  const where = env['NODE_ENV'] === 'production' ? 'with NODE_ENV=production' : 'in CI'
  return new MillraceError('DATABASE_MISSING', {
    detail: `the embedded PostgreSQL is not for "millrace ${command}" ${where}`,
    hint: 'Set DATABASE_URL, or "database" in the configuration.',
  })
}
