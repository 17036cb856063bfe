import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import type { Client } from '../pg/client.ts'
import { displayName, queueName } from '../sql/names.ts'
import { join, literal, qualified, sql, trusted } from '../sql/sql.ts'
import type { InstalledModel } from './model.ts'
import { sourcesOf } from '../compile/sources-of.ts'

/** What a worker remembers from look to look. */
export interface Look {
  /** The snapshot of the last one; undefined before the first. */
  readonly snapshot: string | undefined
  /** The queues that its prepared statement asks. */
  readonly queues: string
}

export interface Looked extends Look {
  /** Stored tables of the models whose queues have got rows since the look before; undefined: of all, for nobody knows. */
  readonly touched: ReadonlySet<string> | undefined
}

export const NO_LOOK: Look = { snapshot: undefined, queues: '' }

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
  if (since === undefined || snapshot === undefined) return { ...before, snapshot, touched: undefined }
  if (since === snapshot) return { ...before, touched: new Set() }
  try {
    const queues = await prepare(client, models, before.queues)
    return { snapshot, queues, touched: storagesOf(models, await touchedSources(client, queues, since)) }
  } catch (error) {
    // A queue went with its last model.
    if (!hasSqlState(error, SQLSTATE.UNDEFINED_TABLE)) throw error
    return { snapshot, queues: '', touched: undefined }
  }
}

const NAME = 'millrace_touched'

/** A row that is visible now and was not then has been committed since. Planned anew, this would take longer than the look. */
async function prepare(client: Client, models: readonly InstalledModel[], known: string): Promise<string> {
  const each = sourcesOf(models.map(({ plan }) => plan)).map((source) => {
    const queue = qualified(queueName(source))
    return sql`select ${literal(displayName(source))} as source
where exists (select from ${queue} as q where q.xid >= pg_snapshot_xmin($1) and not pg_visible_in_snapshot(q.xid, $1))`
  })
  const queues = join(each, '\nunion all\n').text
  if (queues === known) return known
  // All: whether the former one stands is not known where a look has failed.
  await client.query('deallocate all')
  if (queues !== '') await client.query(`prepare ${NAME} (pg_snapshot) as ${queues}`)
  return queues
}

async function touchedSources(client: Client, queues: string, since: string): Promise<ReadonlySet<string>> {
  if (queues === '') return new Set()
  // For this statement alone: the others have lists of keys, and want plans of their own.
  await client.query('set plan_cache_mode = force_generic_plan')
  try {
    const rows = await client.query<{ source: string }>(
      sql`execute ${trusted(NAME)} (${literal(since)})`.text,
    )
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
