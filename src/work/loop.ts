import { setTimeout as sleep } from 'node:timers/promises'
import { MillraceError } from '../errors.ts'
import { connect, type Connection } from '../pg/client.ts'
import { isDatabaseError } from '../pg/errors.ts'
import { backoffMs } from './backoff.ts'
import { drainOnce, type DrainResult } from './drain.ts'
import type { WorkEvent } from './events.ts'
import { readModels, type InstalledModel } from './model.ts'
import { prune } from './prune.ts'
import { rotate } from './rotate.ts'

export interface WorkOptions {
  /** A direct connection's URL. */
  readonly url: string
  readonly signal: AbortSignal
  readonly onEvent?: ((event: WorkEvent) => void) | undefined
  /** How long an idle worker sleeps between looks at most, in milliseconds: the bound on how late it wakes. */
  readonly maxIdleMs?: number | undefined
}

/** A commit is noticed at the next look. One look is one trivial statement, so 40 a second cost next to nothing. */
const MAX_IDLE_MS = 25
const MIN_IDLE_MS = 2
const ROTATE_EVERY_MS = 2_000
const PRUNE_EVERY_MS = 60_000
const MODELS_EVERY_MS = 1_000
/** Longer than any statement of a drain of one chunk should take: a hung statement must not hold a model for ever. */
const STATEMENT_TIMEOUT_MS = 300_000

/**
 * Keeps all read models fresh until the signal: drains them in turn, rotates the queues, removes what is old. Ends when
 * the drain under way is done. Connects again, with longer and longer waits, when the server goes away.
 */
export async function work({
  url,
  signal,
  onEvent = () => undefined,
  maxIdleMs = MAX_IDLE_MS,
}: WorkOptions): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    let connection: Connection | undefined
    try {
      connection = await connect({ url, name: 'millrace worker' })
      await connection.query(`set statement_timeout = ${String(STATEMENT_TIMEOUT_MS)}`)
      const worker = newWorker(connection, signal, onEvent, maxIdleMs)
      await loadModels(worker)
      onEvent({ kind: 'started', models: worker.models })
      failures = 0
      await turnsUntilStopped(worker)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      failures += 1
      const retryInMs = backoffMs(failures)
      onEvent({ kind: 'disconnected', error, retryInMs })
      await rest(retryInMs, signal)
    } finally {
      await connection?.end().catch(() => undefined)
    }
  }
  onEvent({ kind: 'stopped' })
}

/** The state of one connected worker. */
interface Worker {
  readonly client: Connection
  readonly signal: AbortSignal
  readonly onEvent: (event: WorkEvent) => void
  readonly maxIdleMs: number
  models: readonly InstalledModel[]
  /** The snapshot that was current when every model was last found idle: as long as it is, nothing has committed. */
  idleAt: string | undefined
  idleMs: number
  readonly failures: Map<string, { count: number; retryAt: number }>
  readonly lastRun: Map<string, number>
}

function newWorker(
  client: Connection,
  signal: AbortSignal,
  onEvent: (event: WorkEvent) => void,
  maxIdleMs: number,
): Worker {
  return {
    client,
    signal,
    onEvent,
    maxIdleMs,
    models: [],
    idleAt: undefined,
    idleMs: MIN_IDLE_MS,
    failures: new Map(),
    lastRun: new Map(),
  }
}

async function turnsUntilStopped(worker: Worker): Promise<void> {
  while (!worker.signal.aborted) await turn(worker)
}

/** One round: look whether anything has happened, drain what has, do the chores that are due, rest. */
async function turn(worker: Worker): Promise<void> {
  const snapshot = await currentSnapshot(worker)
  const hasWork = (snapshot !== worker.idleAt || hasRetryDue(worker)) && (await drainModels(worker))
  if (!hasWork) worker.idleAt = snapshot

  await due(worker, 'models', MODELS_EVERY_MS, () => reloadModels(worker))
  await due(worker, 'rotate', ROTATE_EVERY_MS, async () => {
    const rotated = await rotate(worker.client, worker.models)
    if (rotated.emptied + rotated.blocked.length > 0) worker.onEvent({ kind: 'rotated', rotated })
  })
  await due(worker, 'prune', PRUNE_EVERY_MS, () => prune(worker.client, worker.models))

  worker.idleMs = hasWork ? MIN_IDLE_MS : Math.min(worker.maxIdleMs, worker.idleMs * 2)
  await rest(worker.idleMs, worker.signal)
}

async function currentSnapshot({ client }: Worker): Promise<string | undefined> {
  const [row] = await client.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot')
  return row?.snapshot
}

/** Drains each model once; true if any had something to do. A model that fails waits, and does not stop the others. */
async function drainModels(worker: Worker): Promise<boolean> {
  let hasWork = false
  for (const model of worker.models) {
    if (worker.signal.aborted) return hasWork
    if ((worker.failures.get(model.storage)?.retryAt ?? 0) > Date.now()) continue
    const result = await drainModel(worker, model)
    if (result !== undefined && result.status !== 'idle') hasWork = true
  }
  return hasWork
}

async function drainModel(worker: Worker, model: InstalledModel): Promise<DrainResult | undefined> {
  const startedAt = performance.now()
  try {
    const result = await drainOnce(worker.client, model.plan)
    worker.failures.delete(model.storage)
    if (result.status === 'drained') {
      worker.onEvent({ kind: 'drained', model, result, durationMs: performance.now() - startedAt })
    }
    return result
  } catch (error) {
    if (!(error instanceof Error) || isConnectionLoss(error)) throw error
    if (error instanceof MillraceError && error.code === 'MODEL_CHANGED') {
      worker.lastRun.delete('models')
      return undefined
    }
    const count = (worker.failures.get(model.storage)?.count ?? 0) + 1
    const retryInMs = backoffMs(count)
    worker.failures.set(model.storage, { count, retryAt: Date.now() + retryInMs })
    worker.onEvent({ kind: 'failed', model, error, retryInMs })
    return undefined
  }
}

/** The server's own errors leave the connection usable, except those by which it says good-bye (57P). */
function isConnectionLoss(error: Error): boolean {
  if (error instanceof MillraceError) return false
  return !isDatabaseError(error) || (error.code ?? '').startsWith('57P')
}

function hasRetryDue({ failures }: Worker): boolean {
  const now = Date.now()
  return [...failures.values()].some(({ retryAt }) => retryAt <= now)
}

async function loadModels(worker: Worker): Promise<void> {
  worker.models = await readModels(worker.client)
}

async function reloadModels(worker: Worker): Promise<void> {
  const before = describe(worker.models)
  await loadModels(worker)
  // Units that were set aside become due as time passes, with no commit to notice.
  worker.idleAt = undefined
  if (describe(worker.models) === before) return
  worker.onEvent({ kind: 'models-changed', models: worker.models })
}

function describe(models: readonly InstalledModel[]): string {
  return models.map(({ storage, state, definition }) => `${storage} ${state} ${definition}`).join('\n')
}

async function due(worker: Worker, name: string, everyMs: number, run: () => Promise<void>): Promise<void> {
  const now = performance.now()
  if (now - (worker.lastRun.get(name) ?? -Infinity) < everyMs) return
  worker.lastRun.set(name, now)
  await run()
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  // Cut short by the signal: then there is nothing to wait for.
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
