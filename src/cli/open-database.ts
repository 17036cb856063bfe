import { dirname, join } from 'node:path'
import { databaseUrlProblem } from '../define/check-database-url.ts'
import type { Config } from '../define/resolve-config.ts'
import { MillraceError } from '../errors.ts'
import { withConnection, type Connection } from '../pg/client.ts'
import { mayUseEmbedded } from '../pg/embedded/policy.ts'
import { startEmbedded } from '../pg/embedded/server.ts'
import { ident } from '../sql/sql.ts'
import { knownError } from './known-error.ts'
import type { Session } from './session.ts'

/** Connects to the database of the configuration for as long as `use` runs. */
export async function withDatabase<T>(
  session: Session,
  config: Config,
  use: (client: Connection, url: string) => Promise<T>,
): Promise<T> {
  return await withDatabaseUrl(session, config, async (url) => {
    return await withConnection({ url, name: `millrace ${session.command}` }, (client) => use(client, url))
  })
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
