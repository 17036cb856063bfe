import { setTimeout as sleep } from 'node:timers/promises'
import { MillraceError, type ErrorCode } from '../errors.ts'
import type { Connection } from '../pg/client.ts'
import { pooledConnection } from '../pg/errors.ts'
import { backoffMs } from './backoff.ts'
import type { WorkEvent } from './events.ts'
import { readModels, type InstalledModel } from './model.ts'
import { prune } from './prune.ts'
import { rotate } from './rotate.ts'
import { connectWorker } from './session.ts'
import { readShare } from './share.ts'
import { drainModels, hasWaited } from './tend.ts'
import { MIN_IDLE_MS, newWorker, sharedOut, type Worker } from './worker.ts'

export interface WorkOptions {
  /** A direct connection's URL. */
  readonly url: string
  readonly signal: AbortSignal
  readonly onEvent?: ((event: WorkEvent) => void) | undefined
  /**
   * How long an idle worker sleeps between looks at most, in milliseconds: the bound on how late it wakes. Above half a
   * second workers do not notice one another between looks, and each tends every model.
   */
  readonly maxIdleMs?: number | undefined
}

/** A commit is noticed at the next look. One look is one trivial statement, so 40 a second cost next to nothing. */
const MAX_IDLE_MS = 25
/** After work a worker rests so many times as long as it worked, up to so many milliseconds. */
const REST_SHARE = 3
const MAX_REST_MS = 100
/** Together with the lease this is how long the models of a worker that died wait for another. */
const SHARE_EVERY_MS = 200
/** Whatever its worker does, no model is left alone for longer. */
const OTHERS_EVERY_MS = 1_000
const ROTATE_EVERY_MS = 2_000
const PRUNE_EVERY_MS = 60_000
const MODELS_EVERY_MS = 1_000

/** With these it would go wrong again, or do harm: they end the worker. */
const FINAL: readonly ErrorCode[] = ['POOLED_CONNECTION', 'WATERMARK_OF_ANOTHER_CLUSTER']

/**
 * Keeps all read models fresh until the signal: drains them in turn, rotates the queues, removes what is old. Ends when
 * the drain under way is done. Connects again, with longer and longer waits, when the server goes away. Several workers
 * of one database share its models out among them.
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
      connection = await connectWorker(url)
      const worker = await newWorker(connection, { signal, onEvent, maxIdleMs })
      onEvent({ kind: 'started', models: worker.models })
      if (worker.share.workers > 1) tellShare(worker)
      failures = 0
      await turnsUntilStopped(worker)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      throwIfFinal(error, onEvent)
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

function throwIfFinal(error: Error, onEvent: (event: WorkEvent) => void): void {
  if (!(error instanceof MillraceError) || !FINAL.includes(error.code)) return
  onEvent({ kind: 'refused', error })
  throw error
}

async function turnsUntilStopped(worker: Worker): Promise<void> {
  while (!worker.signal.aborted) await turn(worker)
}

/** One round: look whether anything has happened, drain what has, do the chores that are due, rest. */
async function turn(worker: Worker): Promise<void> {
  await due(worker, 'share', SHARE_EVERY_MS, () => updateShare(worker))
  const { mine, others } = sharedOut(worker)
  const snapshot = await currentSnapshot(worker)
  const startedAt = performance.now()
  const hasWork = (snapshot !== worker.idleAt || hasWaited(worker, mine)) && (await drainModels(worker, mine))
  const workedMs = performance.now() - startedAt
  if (!hasWork) worker.idleAt = snapshot

  await due(worker, 'models', MODELS_EVERY_MS, () => reloadModels(worker))
  await due(worker, 'others', OTHERS_EVERY_MS, () => drainModels(worker, others))
  if (worker.share.place === 0) await chores(worker)

  worker.idleMs = hasWork ? MIN_IDLE_MS : Math.min(worker.maxIdleMs, worker.idleMs * 2)
  await rest(hasWork ? restAfter(workedMs) : worker.idleMs, worker.signal)
}

/**
 * The more there is to do, the more is left for the next drain, which costs little more for it: otherwise a worker that
 * is never done takes the processor from the writers (a quarter of it, measured on two cores).
 */
function restAfter(workedMs: number): number {
  return Math.max(MIN_IDLE_MS, Math.min(MAX_REST_MS, workedMs * REST_SHARE))
}

/** What is done once for all models: by the worker that has been there for longest. */
async function chores(worker: Worker): Promise<void> {
  await due(worker, 'rotate', ROTATE_EVERY_MS, async () => {
    const rotated = await rotate(worker.client, worker.models)
    if (rotated.emptied + rotated.blocked.length > 0) worker.onEvent({ kind: 'rotated', rotated })
  })
  await due(worker, 'prune', PRUNE_EVERY_MS, () => prune(worker.client, worker.models))
}

async function currentSnapshot({ client }: Worker): Promise<string | undefined> {
  const [row] = await client.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot')
  return row?.snapshot
}

async function updateShare(worker: Worker): Promise<void> {
  const before = worker.share
  const share = await readShare(worker.client)
  if (share.pid !== before.pid) throw pooledConnection('the server process changed between two statements')
  worker.share = share
  if (share.workers === before.workers && String(share.storages) === String(before.storages)) return

  // Models that were another's may have waited since before this worker's last look.
  worker.idleAt = undefined
  await reloadModels(worker)
  if (Math.max(share.workers, before.workers) > 1) tellShare(worker)
}

function tellShare(worker: Worker): void {
  worker.onEvent({ kind: 'shared', workers: worker.share.workers, models: sharedOut(worker).mine })
}

async function reloadModels(worker: Worker): Promise<void> {
  const before = describe(worker.models)
  worker.models = await readModels(worker.client)
  // Units that were set aside become due as time passes, with no commit to notice.
  worker.idleAt = undefined
  if (describe(worker.models) === before) return
  worker.onEvent({ kind: 'models-changed', models: worker.models })
}

function describe(models: readonly InstalledModel[]): string {
  return models.map(({ storage, state, definition }) => `${storage} ${state} ${definition}`).join('\n')
}

async function due(
  worker: Worker,
  name: string,
  everyMs: number,
  run: () => Promise<unknown>,
): Promise<void> {
  const now = performance.now()
  if (now - (worker.lastRun.get(name) ?? -Infinity) < everyMs) return
  worker.lastRun.set(name, now)
  await run()
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  // Cut short by the signal: then there is nothing to wait for.
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
