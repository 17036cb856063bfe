import { MillraceError } from '../errors.ts'
import { isConnectionLoss } from '../pg/errors.ts'
import { backoffMs } from './backoff.ts'
import { drainOnce, type DrainResult } from './drain.ts'
import type { InstalledModel } from './model.ts'
import { markForRebuild } from './restored.ts'
import { nextBacklog, nextLimit, paceOfPlan, type Backlog } from './pace.ts'
import { attended, drained, dueModels } from './watch.ts'
import type { Worker } from './worker.ts'

/**
 * A lock that is not to be had is tried again; meanwhile there are other models. An immediate one asks for a lock that writers
 * wait behind, and has a shorter limit of its own.
 */
const EVENTUAL = { lockTimeoutMs: 250 }

/**
 * Drains each model that is due in this round, and returns false if it was interrupted because it is time to look. A model
 * that fails, or that another worker drains, waits, and does not stop the others.
 */
export async function drainModels(worker: Worker, isTimeToLook: () => boolean): Promise<boolean> {
  const round = { since: worker.roundAt, now: performance.now() }
  const due = dueModels(worker.models, worker.watches, round)
  for (const [i, model] of due.entries()) {
    if (worker.signal.aborted || (i > 0 && isTimeToLook())) return false
    if ((worker.waits.get(model.storage)?.until ?? 0) > Date.now()) continue

    const startedAt = performance.now()
    const result = await drainModel(worker, model)
    if (result === undefined || result.status === 'busy') continue
    const now = performance.now()
    if (result.status === 'drained') worker.workedMs += now - startedAt
    else worker.watches = attended(worker.watches, model.storage, now, true)
  }
  return true
}

async function drainModel(worker: Worker, model: InstalledModel): Promise<DrainResult | undefined> {
  const startedAt = performance.now()
  try {
    const { plan } = model
    const limit = limitOf(worker, model)
    const options = plan.immediate === null ? { ...EVENTUAL, chunk: limit } : {}
    const result = await drainOnce(worker.client, plan, options)
    if (result.status === 'busy') wait(worker, model, busyMs)
    else worker.waits.delete(model.storage)
    if (result.status === 'drained') {
      const durationMs = performance.now() - startedAt
      const backlog = noteDrain(worker, model, result, { limit, durationMs })
      worker.onEvent({ kind: 'drained', model, result, backlog, durationMs })
    }
    return result
  } catch (error) {
    if (!(error instanceof Error) || isConnectionLoss(error)) throw error
    await settleFailure(worker, model, error)
    return undefined
  }
}

function limitOf({ watches }: Worker, { storage, plan }: InstalledModel): number {
  const { batch } = paceOfPlan(plan)
  return Math.min(watches.get(storage)?.limit ?? batch, batch)
}

/** Remembers how the next drain should be; returns how far the model is with what waits. */
function noteDrain(
  worker: Worker,
  { storage, plan }: InstalledModel,
  { units, untried }: DrainResult,
  { limit, durationMs }: { readonly limit: number; readonly durationMs: number },
): Backlog | null {
  const backlog = nextBacklog(worker.watches.get(storage)?.backlog ?? null, { units, untried })
  const next = nextLimit({ limit, units, durationMs }, paceOfPlan(plan).batch)
  worker.watches = drained(worker.watches, storage, performance.now(), { limit: next, backlog })
  return backlog
}

async function settleFailure(worker: Worker, model: InstalledModel, error: Error): Promise<void> {
  const code = error instanceof MillraceError ? error.code : undefined
  if (error instanceof MillraceError && code === 'WATERMARK_OF_ANOTHER_CLUSTER') {
    const refusal = await markForRebuild(worker.client, error)
    if (refusal !== undefined) throw refusal
    wait(worker, model, busyMs)
    return
  }
  if (code === 'MODEL_CHANGED') {
    worker.lastRun.delete('models')
    return
  }
  const retryInMs = wait(worker, model, backoffMs)
  worker.onEvent({ kind: 'failed', model, error, retryInMs })
}

function wait({ waits }: Worker, { storage }: InstalledModel, howLong: (count: number) => number): number {
  const count = (waits.get(storage)?.count ?? 0) + 1
  const ms = howLong(count)
  waits.set(storage, { count, until: Date.now() + ms })
  return ms
}

/** Another worker is at it, for milliseconds as a rule; or it hangs, and then its model is to be had within a second. */
function busyMs(count: number): number {
  return Math.min(100, 10 * 2 ** Math.min(count - 1, 10))
}
