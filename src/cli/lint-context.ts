import type { Config } from '../define/resolve-config.ts'
import { databaseUrlProblem } from '../define/check-database-url.ts'
import { MillraceError } from '../errors.ts'
import { NOTHING_KNOWN } from '../lint/known.ts'
import { readKnown } from '../lint/read-known.ts'
import type { LintContext } from '../lint/rule.ts'
import { usesOfPlan, usesOfQuery } from '../lint/uses.ts'
import { isRefreshed } from '../compile/refresh/refresh-plan.ts'
import { schemaVersion } from '../catalog/schema-version.ts'
import { withConnection, type Client } from '../pg/client.ts'
import { loadParser } from '../sql/parse.ts'
import { readPlans } from '../work/model.ts'
import type { Session } from './session.ts'

export interface ContextOptions {
  readonly database?: string | undefined
  readonly inTransaction?: boolean | undefined
}

/**
 * What the linter is told of: the declared read models, if there is a configuration, and the database, if one is named and
 * answers. It does without either, and starts no embedded server.
 */
export async function readLintContext(
  session: Session,
  { database, inTransaction = false }: ContextOptions,
): Promise<LintContext> {
  await loadParser()
  const config = await configOf(session)
  const declared = [...(config?.models ?? []), ...(config?.refreshed ?? [])].flatMap(
    ({ schema, name, query }) => usesOfQuery({ schema, name }, query),
  )
  const found = await inDatabase(session, config, database)
  return {
    uses: [...declared, ...found.uses],
    known: found.known,
    keep: config?.lint.keep ?? [],
    ignore: config?.lint.ignore ?? [],
    inTransaction,
  }
}

async function configOf(session: Session): Promise<Config | undefined> {
  try {
    return await session.loadConfig()
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'CONFIG_NOT_FOUND' && !session.isConfigNamed)
      return undefined
    throw error
  }
}

type Found = Pick<LintContext, 'uses' | 'known'>

/** Of a database that nobody named on this command line it is enough to say that it does not answer. */
async function inDatabase(
  session: Session,
  config: Config | undefined,
  named: string | undefined,
): Promise<Found> {
  if (named !== undefined) return await readDatabase(checked(named))
  const url = [config?.directUrl, config?.database, session.env['DATABASE_URL']].find(
    (it) => it !== undefined && it !== '',
  )
  if (url === undefined) return { uses: [], known: NOTHING_KNOWN }
  try {
    return await readDatabase(url)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    session.output.log(`the database is not asked (${why}): types of columns are known from the files alone`)
    return { uses: [], known: NOTHING_KNOWN }
  }
}

function checked(url: string): string {
  const problem = databaseUrlProblem(url)
  if (problem === undefined) return url
  const hint = 'Write postgresql://user:password@host:5432/database.'
  throw new MillraceError('BAD_DATABASE_URL', { detail: `--database ${problem}`, hint })
}

async function readDatabase(url: string): Promise<Found> {
  return await withConnection({ url, name: 'millrace lint' }, async (client) => {
    await client.query('begin read only')
    return { known: await readKnown(client), uses: await installedUses(client) }
  })
}

async function installedUses(client: Client): Promise<LintContext['uses']> {
  if ((await schemaVersion(client)) === 0) return []
  const plans = await readPlans(client)
  return plans.flatMap(({ plan }) =>
    isRefreshed(plan) ? usesOfQuery(plan.model, plan.query) : usesOfPlan(plan),
  )
}
