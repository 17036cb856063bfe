import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import type { Client } from '../pg/client.ts'
import { displayName, queueName, statementName } from '../sql/names.ts'
import { join, literal, qualified, sql } from '../sql/sql.ts'
import type { InstalledModel } from './model.ts'
import { sourcesOf } from '../compile/sources-of.ts'

/** What a worker remembers from look to look. */
export interface Look {
  /** The snapshot of the last one; undefined before the first. */
  readonly snapshot: string | undefined
}

export interface Looked extends Look {
  /** Stored tables of the models whose queues have got rows since the look before; undefined: of all, for nobody knows. */
  readonly touched: ReadonlySet<string> | undefined
}

export const NO_LOOK: Look = { snapshot: undefined }

/**
 * Looks what has been committed since the look before: an idle drain of each model would say the same, at a hundred times the cost.
 * Where nothing was, that is one trivial statement.
 */
export async function lookAgain(
  client: Client,
  models: readonly InstalledModel[],
  before: Look,
): Promise<Looked> {
  const [row] = await client.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot')
  const snapshot = row?.snapshot
  const { snapshot: since } = before
  if (since === undefined || snapshot === undefined) return { snapshot, touched: undefined }
  if (since === snapshot) return { snapshot, touched: new Set() }
  try {
    return { snapshot, touched: storagesOf(models, await touchedSources(client, models, since)) }
  } catch (error) {
    // A queue went with its last model.
    if (!hasSqlState(error, SQLSTATE.UNDEFINED_TABLE)) throw error
    return { snapshot, touched: undefined }
  }
}

/** A row that is visible now and was not then has been committed since. */
async function touchedSources(
  client: Client,
  models: readonly InstalledModel[],
  since: string,
): Promise<ReadonlySet<string>> {
  const each = sourcesOf(models.map(({ plan }) => plan)).map((source) => {
    const queue = qualified(queueName(source))
    return sql`select ${literal(displayName(source))} as source
where exists (select from ${queue} as q where q.xid >= pg_snapshot_xmin($1) and not pg_visible_in_snapshot(q.xid, $1))`
  })
  if (each.length === 0) return new Set()
  const { text } = join(each, '\nunion all\n')
  // Planned anew, this would take longer than the look. For this statement alone: the others have lists of keys, and want plans of their own.
  await client.query('set plan_cache_mode = force_generic_plan')
  try {
    const rows = await client.query<{ source: string }>(text, [since], statementName(text))
    return new Set(rows.map(({ source }) => source))
  } finally {
    await client.query('reset plan_cache_mode')
  }
}

function storagesOf(models: readonly InstalledModel[], sources: ReadonlySet<string>): ReadonlySet<string> {
  const touched = models.filter(({ plan }) =>
    plan.sources.some(({ relation }) => sources.has(displayName(relation))),
  )
  return new Set(touched.map(({ storage }) => storage))
}
