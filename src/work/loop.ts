import { setTimeout as sleep } from 'node:timers/promises'
import { MillraceError, type ErrorCode } from '../errors.ts'
import type { Connection } from '../pg/client.ts'
import { pooledConnection } from '../pg/errors.ts'
import { backoffMs } from './backoff.ts'
import { requireSchema } from '../catalog/schema-version.ts'
import type { WorkEvent } from './events.ts'
import { readDrained, readInstalled, type InstalledModel } from './model.ts'
import { adoptPartitions } from './partitions.ts'
import { prune } from './prune.ts'
import { sourcesOf } from '../compile/sources-of.ts'
import { rotateQueue } from './rotate.ts'
import { beginDueJobs, endOfRuns, newScheduler, untilNextJob } from './schedule/scheduler.ts'
import { connectWorker } from './session.ts'
import { readShare, tended } from './share.ts'
import { drainModels } from './tend.ts'
import { lookAgain } from './touched.ts'
import { tendAgain, touch, watch } from './watch.ts'
import { MIN_IDLE_MS, newWorker, tendedModels, type Worker } from './worker.ts'

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
const REST_SHARE = 2
const MAX_REST_MS = 60
/** Twice this is how long the models of a worker that has died or hangs wait for another. */
const SHARE_EVERY_MS = 200
const ROTATE_EVERY_MS = 2_000
const PRUNE_EVERY_MS = 60_000
/** What is written straight to a partition that was attached meanwhile is found late by so much. */
const PARTITIONS_EVERY_MS = 2_000
const MODELS_EVERY_MS = 1_000

/** With these it would go wrong again, or do harm: they end the worker. */
const FINAL: readonly ErrorCode[] = [
  'POOLED_CONNECTION',
  'WATERMARK_OF_ANOTHER_CLUSTER',
  'SCHEMA_TOO_NEW',
  'SCHEMA_TOO_OLD',
]

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
  const scheduler = newScheduler({ url, signal, onEvent })
  let failures = 0
  let isDirect = false
  while (!signal.aborted) {
    let connection: Connection | undefined
    try {
      connection = await connectWorker(url, { isDirect })
      const worker = await newWorker(connection, { signal, onEvent, maxIdleMs, scheduler })
      onEvent({ kind: 'started', models: worker.models })
      if (worker.share.workers > 1) tellShare(worker)
      failures = 0
      isDirect = true
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
  await endOfRuns(scheduler)
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

/**
 * Looks whether anything has happened, and drains what has. Where drains take long, the round is interrupted to look who else
 * is there; at its end the worker does a chore that is due, and rests.
 */
async function turn(worker: Worker): Promise<void> {
  await due(worker, 'share', SHARE_EVERY_MS, () => updateShare(worker))
  await due(worker, 'models', MODELS_EVERY_MS, () => reloadModels(worker))
  const { touched, ...look } = await lookAgain(worker.client, worker.models, worker.look)
  worker.look = look
  worker.watches = touch(worker.watches, touched)
  const place = worker.share.place
  await beginDueJobs(worker.client, worker.scheduler, {
    snapshot: look.snapshot,
    place,
    now: performance.now(),
  })
  const isDone = await drainModels(worker, () => isDue(worker, 'share', SHARE_EVERY_MS))
  if (!isDone) return

  if (place === 0) await chores(worker)
  await rest(Math.min(restAfter(worker), jobInMs(worker)), worker.signal)
  worker.workedMs = 0
  worker.roundAt = performance.now()
}

/**
 * The more there is to do, the more is left for the next drain, which costs little more for it: otherwise a worker that
 * is never done takes the processor from the writers (a quarter of it, measured on two cores).
 */
function restAfter(worker: Worker): number {
  const { workedMs, maxIdleMs } = worker
  worker.idleMs = workedMs > 0 ? MIN_IDLE_MS : Math.min(maxIdleMs, worker.idleMs * 2)
  return Math.max(worker.idleMs, Math.min(MAX_REST_MS, workedMs * REST_SHARE))
}

/** A worker that sleeps for long wakes up for what is due. */
function jobInMs({ scheduler, share: { place } }: Worker): number {
  return Math.max(MIN_IDLE_MS, untilNextJob(scheduler, { place, now: performance.now() }))
}

/** What is done once for all models, by the worker that has been there for longest: one queue after each round. */
async function chores(worker: Worker): Promise<void> {
  await due(worker, 'rotate', ROTATE_EVERY_MS, () => {
    worker.rotation = sourcesOf(worker.models.map(({ plan }) => plan))
  })
  const [queue, ...left] = worker.rotation
  worker.rotation = left
  if (queue !== undefined) {
    const rotated = await rotateQueue(worker.client, queue)
    if (rotated.emptied + rotated.blocked.length > 0) worker.onEvent({ kind: 'rotated', rotated })
  }
  await due(worker, 'partitions', PARTITIONS_EVERY_MS, () => adoptPartitions(worker.client))
  await due(worker, 'prune', PRUNE_EVERY_MS, () => prune(worker.client, worker.models))
}

async function updateShare(worker: Worker): Promise<void> {
  const before = worker.share
  const share = await readShare(worker.client)
  if (share.pid !== before.pid) throw pooledConnection('the server process changed between two statements')
  worker.share = share
  worker.watches = watch(worker.watches, share.standings, performance.now(), worker.models)
  if (share.workers === before.workers && String(tended(share)) === String(tended(before))) return

  await reloadModels(worker)
  if (Math.max(share.workers, before.workers) > 1) tellShare(worker)
}

function tellShare(worker: Worker): void {
  worker.onEvent({ kind: 'shared', workers: worker.share.workers, models: tendedModels(worker) })
}

async function reloadModels(worker: Worker): Promise<void> {
  const before = describe(worker.models)
  // Whoever has brought the schema up to date since has another program at work.
  await requireSchema(worker.client)
  const installed = await readInstalled(worker.client)
  // Plans are large: those of seventeen models took the server ten milliseconds.
  if (installed !== worker.installed) worker.models = await readDrained(worker.client)
  worker.installed = installed
  worker.watches = tendAgain(worker.watches)
  if (describe(worker.models) === before) return
  worker.onEvent({ kind: 'models-changed', models: worker.models })
}

function describe(models: readonly InstalledModel[]): string {
  return models.map(({ storage, state, definition }) => `${storage} ${state} ${definition}`).join('\n')
}

async function due(worker: Worker, name: string, everyMs: number, run: () => unknown): Promise<void> {
  if (!isDue(worker, name, everyMs)) return
  worker.lastRun.set(name, performance.now())
  await run()
}

function isDue({ lastRun }: Worker, name: string, everyMs: number): boolean {
  return performance.now() - (lastRun.get(name) ?? -Infinity) >= everyMs
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  // Cut short by the signal: then there is nothing to wait for.
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
