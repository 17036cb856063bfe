import type { Plan } from '../compile/plan.ts'
import { MillraceError } from '../errors.ts'
import { failPoint } from '../fail-points.ts'
import { rowsHidden } from './all-rows.ts'
import { withTransaction, type Client } from '../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import {
  beginDrain,
  countPendingUnits,
  duePending,
  hasLeftovers,
  lockModel,
  lockOutWriters,
  lockSources,
  writeWatermark,
  WRITE_LOG,
} from './drain.sql.ts'
import { foldWindow, type Folded } from './fold.ts'
import { FEW, KEEP_PLANS, queryByRows, queryPlannedOnce } from './kept-plans.ts'
import { readWindow, type Begun } from './read-window.ts'
import { recomputeUnits, type UnitValues } from './recompute.ts'
import { displayName } from '../sql/names.ts'
import { traceAfterwards } from '../tracing.ts'
import { sourceChanged } from './source-changes.ts'

export interface DrainOptions {
  /** How many units one drain recomputes; more wait in the pending table. */
  readonly chunk?: number
  /** How long to wait for a lock that somebody else holds, in milliseconds. */
  readonly lockTimeoutMs?: number
  /** For tests: runs in the drain's own snapshot, when its work is done and not yet committed. */
  readonly beforeCommit?: ((client: Client) => Promise<void>) | undefined
  /** Puts every unit into the pending table, whatever has changed: the beginning of a rebuild. */
  readonly rebuild?: boolean
}

/** What one drain of one read model has done. */
export interface DrainResult {
  /**
   * `drained`: a window was applied. `idle`: nothing has changed. `busy`: another drain of this model was at work, or a lock
   * could not be had in time: try again.
   */
  readonly status: 'drained' | 'idle' | 'busy'
  /** Queue rows in the window, of all models of its sources. */
  readonly changes: number
  /** Units that were recomputed or folded. */
  readonly units: number
  /** Of those, the ones that had waited in the pending table. */
  readonly waited: number
  /** Stored rows that were written or deleted. */
  readonly rowsChanged: number
  /** Units that are left in the pending table. */
  readonly pending: number
  /** Of those, all that are not set aside with an error. */
  readonly untried: number
  /** Units that could not be computed in this drain, each with what the database said. */
  readonly failed: readonly { readonly unit: UnitValues; readonly error: string }[]
}

const EMPTY: DrainResult = {
  status: 'idle',
  changes: 0,
  units: 0,
  waited: 0,
  rowsChanged: 0,
  pending: 0,
  untried: 0,
  failed: [],
}

/** So many of a chunk are units that wait, where there are some: else they would wait for as long as every window is a full one. */
const LEAST_WAITING = 0.1

/** About 0.3 s of recomputing at most, so that a drain is never far from its watermark. */
const LIMITS = { chunk: 10_000, lockTimeoutMs: 1_000 }
/** Of an immediate model: writers wait while it is drained, and queue behind a lock that waits for one of them. */
const WRITERS_WAIT = { chunk: 1_000, lockTimeoutMs: 60 }

/**
 * Brings one read model up to date with everything that is committed now: one REPEATABLE READ transaction in which the
 * window of changes is read, followed to units, recomputed or folded, and recorded as the new watermark.
 */
export async function drainOnce(
  client: Client,
  plan: Plan,
  options: DrainOptions = {},
): Promise<DrainResult> {
  const startedAt = performance.now()
  try {
    if (!(await hasWork(client, plan, options))) return EMPTY
    const result = await withTransaction(client, { isolation: 'repeatable read' }, () =>
      drain(client, plan, options, startedAt),
    )
    await failPoint('drain.committed')
    // A worker looks many times a second: only what it found is worth a span.
    if (result.status === 'drained') await traceDrain(plan, { startedAt }, result)
    return result
  } catch (error) {
    if (hasSqlState(error, ...TRY_AGAIN)) return { ...EMPTY, status: 'busy' }
    await traceDrain(plan, { startedAt, error }, EMPTY)
    throw error
  }
}

async function traceDrain(
  { model }: Plan,
  when: { readonly startedAt: number; readonly error?: unknown },
  { changes, units, rowsChanged, pending, failed }: DrainResult,
): Promise<void> {
  await traceAfterwards('millrace.drain', when, {
    'millrace.model': displayName(model),
    'millrace.changes': changes,
    'millrace.units': units,
    'millrace.rows_changed': rowsChanged,
    'millrace.pending': pending,
    'millrace.set_aside': failed.length,
  })
}

/** Locking out the writers of an immediate model is done only for a reason. */
async function hasWork(client: Client, plan: Plan, { rebuild = false }: DrainOptions): Promise<boolean> {
  if (plan.immediate === null || rebuild) return true
  try {
    const [found] = await queryPlannedOnce<{ exists: boolean }>(client, hasLeftovers(plan))
    return found?.exists === true
  } catch (error) {
    if (hasSqlState(error, SQLSTATE.UNDEFINED_TABLE)) throw modelChanged(plan, error)
    throw error
  }
}

/** Another drain was faster (its watermark stands), or a lock was not to be had. */
const TRY_AGAIN = [
  SQLSTATE.UNIQUE_VIOLATION,
  SQLSTATE.SERIALIZATION_FAILURE,
  SQLSTATE.DEADLOCK_DETECTED,
  SQLSTATE.LOCK_NOT_AVAILABLE,
]

async function drain(
  client: Client,
  plan: Plan,
  options: DrainOptions,
  startedAt: number,
): Promise<DrainResult> {
  const limits = plan.immediate === null ? LIMITS : WRITERS_WAIT
  const { chunk = plan.pace?.batch ?? limits.chunk, lockTimeoutMs = limits.lockTimeoutMs } = options
  await client.query(`set local lock_timeout = ${String(Math.trunc(lockTimeoutMs))}; ${KEEP_PLANS}`)
  await lockTables(client, plan)
  const [begun] = await queryPlannedOnce<Begun>(client, beginDrain(plan))
  if (begun === undefined) throw new Error('the drain found no state')
  // A watermark must not be older than its own transaction's id: it would count later writes of that transaction as seen.
  if (!begun.isClean) throw new Error('a drain must not begin in a transaction that has written')
  if (!begun.isInstalled) throw modelChanged(plan)
  if (begun.hidden !== null) throw rowsHidden({ source: begun.hidden, role: begun.role })
  if (!begun.locked) return { ...EMPTY, status: 'busy' }
  await failPoint('drain.begun')

  const window = await readWindow(client, plan, begun, options)
  await failPoint('drain.window-read')
  const hasChanges = window.cause === 'change' && window.changes > 0
  const bounds = [begun.lastSnapshot, begun.horizon] as const
  const few = window.changes <= FEW
  const folded = hasChanges
    ? await foldWindow(client, plan, bounds, { few })
    : { rows: 0, finders: plan.statements }
  const resolved = hasChanges ? await resolveUnits(client, folded.finders, bounds, { chunk, few }) : []
  await failPoint('drain.units-resolved')
  const room = Math.max(chunk - resolved.length, Math.ceil(chunk * LEAST_WAITING))
  const waiting = await queryByRows<Record<string, string | null>>(client, duePending(plan), [room], {
    few: true,
  })
  const units = [...resolved, ...waiting.map(Object.values<string | null>)]
  if (window.cause === 'change' && window.changes === 0 && units.length === 0) return EMPTY

  const { rowsChanged, failed } = await recomputeUnits(client, plan, uniqueUnits(units))
  await failPoint('drain.recomputed')
  const mark = [BigInt(begun.n ?? 0) + 1n, begun.snapshot, begun.cluster]
  await queryByRows(client, writeWatermark(plan), mark, { few: true })
  await failPoint('drain.watermark-written')
  await options.beforeCommit?.(client)

  const left =
    waiting.length + failed.length > 0 ? await countPending(client, plan) : { units: 0, untried: 0 }
  const result: DrainResult = {
    status: 'drained',
    changes: window.changes,
    units: units.length + folded.rows,
    waited: waiting.length,
    rowsChanged: rowsChanged + folded.rows,
    pending: left.units,
    untried: left.untried,
    failed,
  }
  await writeLog(client, plan, result, { cause: window.cause, durationMs: performance.now() - startedAt })
  return result
}

async function lockTables(client: Client, plan: Plan): Promise<void> {
  try {
    await client.query(lockModel(plan))
    if (plan.immediate !== null) await client.query(lockOutWriters(plan))
  } catch (error) {
    if (hasSqlState(error, SQLSTATE.UNDEFINED_TABLE)) throw modelChanged(plan, error)
    throw error
  }
  try {
    await client.query(lockSources(plan))
  } catch (error) {
    if (hasSqlState(error, SQLSTATE.UNDEFINED_TABLE)) throw sourceChanged(plan, [], error)
    throw error
  }
}

/** An old plan would write its own query's rows into the table of the new one. */
function modelChanged({ model }: Plan, cause?: unknown): MillraceError {
  return new MillraceError('MODEL_CHANGED', {
    detail: `${model.schema}.${model.name}`,
    hint: 'Run the command again: it will read what is installed now.',
    cause,
  })
}

/** The units of the window; if they are more than a chunk they go into pending, all of them, and none is returned. */
async function resolveUnits(
  client: Client,
  finders: Folded['finders'],
  bounds: readonly (string | null)[],
  { chunk, few }: { readonly chunk: number; readonly few: boolean },
): Promise<readonly UnitValues[]> {
  const values = [...bounds, chunk + 1]
  const rows = await queryByRows<Record<string, string | null>>(client, finders.resolve, values, { few })
  if (rows.length <= chunk) return rows.map(Object.values<string | null>)

  await client.query(finders.spill, [...bounds, 'change'])
  await failPoint('drain.spilled')
  return []
}

async function countPending(client: Client, plan: Plan): Promise<{ units: number; untried: number }> {
  const [row] = await client.query<{ units: number; untried: number }>(countPendingUnits(plan))
  return row ?? { units: 0, untried: 0 }
}

function uniqueUnits(units: readonly UnitValues[]): readonly UnitValues[] {
  return [...new Map(units.map((unit) => [JSON.stringify(unit), unit])).values()]
}

async function writeLog(
  client: Client,
  plan: Plan,
  { changes, units, rowsChanged, failed }: DrainResult,
  { cause, durationMs }: { cause: string; durationMs: number },
): Promise<void> {
  const [first] = failed
  const status = first === undefined ? 'completed' : 'failed'
  const values = [
    plan.storage.name,
    cause,
    changes,
    units,
    rowsChanged,
    durationMs,
    status,
    first?.error ?? null,
  ]
  await queryByRows(client, WRITE_LOG, values, { few: true })
}
