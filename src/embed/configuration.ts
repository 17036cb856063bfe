import { databaseUrlProblem } from '../define/check-database-url.ts'
import type { ConfigOptions } from '../define/config.ts'
import { loadConfig } from '../define/load-config.ts'
import { resolveConfig, type Config } from '../define/resolve-config.ts'
import { MillraceError } from '../errors.ts'

/** What a configuration file exports, or the path of one: `'millrace.config.ts'`. */
export type Configuration = ConfigOptions | string

/** The same where only the database matters: `{ database: 'postgresql://…' }` will do. */
export type DatabaseConfiguration = Pick<ConfigOptions, 'database' | 'directUrl'> | string

/** Checks a configuration, with every default filled in. */
export async function readConfiguration(config: Configuration): Promise<Config> {
  if (typeof config === 'string') return await loadConfig({ cwd: process.cwd(), named: config })
  return await resolveConfig(config, process.cwd())
}

/**
 * The URL that leads to the server itself: `directUrl`, else `database`, else DATABASE_URL. Fails with DATABASE_MISSING where there is
 * none: a server of its own is for the command line.
 */
export async function databaseUrl(config: DatabaseConfiguration): Promise<string> {
  const { database, directUrl } = typeof config === 'string' ? await readConfiguration(config) : config
  const url = [directUrl, database, process.env['DATABASE_URL']].find((it) => it !== undefined && it !== '')
  if (url === undefined) {
    throw new MillraceError('DATABASE_MISSING', {
      detail: 'the configuration names none',
      hint: 'Set DATABASE_URL, or "database" in the configuration.',
    })
  }
  const problem = databaseUrlProblem(url)
  if (problem === undefined) return url
  const hint = 'Write postgresql://user:password@host:5432/database.'
  throw new MillraceError('BAD_DATABASE_URL', { detail: `"database" ${problem}`, hint })
}
