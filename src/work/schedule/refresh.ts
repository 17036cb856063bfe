import type { RefreshPlan } from '../../compile/refresh/refresh-plan.ts'
import { MillraceError } from '../../errors.ts'
import { failPoint } from '../../fail-points.ts'
import type { Client } from '../../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../../pg/errors.ts'
import { displayName } from '../../sql/names.ts'
import { traced } from '../../tracing.ts'
import { requireAllRows } from '../all-rows.ts'
import { IS_INSTALLED, lockReads, pruneWatermarks, writeWatermark } from './refresh.sql.ts'

/** Whoever holds a strong lock on a source for longer is waited for at the next attempt. */
const LOCK_TIMEOUT_MS = 5_000

interface Refreshed {
  readonly written: number
  readonly removed: number
  readonly digest: string
  readonly duplicates: readonly Readonly<Record<string, string | null>>[] | null
}

/**
 * Makes the stored rows equal to the query, in a REPEATABLE READ transaction that has just begun: evaluates it once, and writes
 * only what differs. Readers see the rows of before until it commits.
 */
export async function refresh(client: Client, plan: RefreshPlan): Promise<RefreshOutcome> {
  return await traced(
    'millrace.refresh',
    { 'millrace.model': displayName(plan.model) },
    () => refreshRows(client, plan),
    ({ rowsChanged }) => ({ 'millrace.rows_changed': rowsChanged }),
  )
}

interface RefreshOutcome {
  readonly rowsChanged: number
  readonly digest: string
}

async function refreshRows(client: Client, plan: RefreshPlan): Promise<RefreshOutcome> {
  await client.query(`set local lock_timeout = ${String(LOCK_TIMEOUT_MS)}`)
  await lockTables(client, plan)
  const [begun] = await client.query<{ isInstalled: boolean }>(IS_INSTALLED, [plan.storage.name, plan.query])
  if (begun?.isInstalled !== true) throw modelChanged(plan)
  await requireAllRows(client, plan.reads)
  await failPoint('refresh.begun')

  const [refreshed] = await client.query<Refreshed>(plan.statements.refresh)
  if (refreshed === undefined) throw new Error('the refresh returned no row')
  if (refreshed.duplicates !== null) throw sharedKey(plan, refreshed.duplicates)
  await failPoint('refresh.written')

  for (const statement of [writeWatermark(plan), pruneWatermarks(plan)]) await client.query(statement)
  return { rowsChanged: refreshed.written + refreshed.removed, digest: refreshed.digest }
}

async function lockTables(client: Client, plan: RefreshPlan): Promise<void> {
  try {
    await client.query(lockReads(plan))
  } catch (error) {
    if (hasSqlState(error, SQLSTATE.UNDEFINED_TABLE)) throw modelChanged(plan, error)
    throw error
  }
}

function sharedKey({ model, key }: RefreshPlan, rows: NonNullable<Refreshed['duplicates']>): MillraceError {
  const detail = [
    `two rows of ${model.schema}.${model.name} share ${key.join(', ')}:`,
    ...rows.map((it) => JSON.stringify(it)),
  ]
  return new MillraceError('KEY_NOT_UNIQUE', {
    detail: detail.join('\n'),
    hint: 'Add columns to the key until it identifies one row. Until then the model stays as it was.',
  })
}

function modelChanged({ model }: RefreshPlan, cause?: unknown): MillraceError {
  return new MillraceError('MODEL_CHANGED', {
    detail: `${model.schema}.${model.name}`,
    hint: 'Run the command again: it will read what is installed now.',
    cause,
  })
}
