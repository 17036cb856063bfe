import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import { drainOnce, type DrainOptions, type DrainResult } from './drain.ts'
import type { InstalledModel } from './model.ts'
import { nextLimit, paceOfPlan } from './pace.ts'

export interface DrainAllOptions extends DrainOptions {
  /** Ends it at once: what is under way is rolled back. */
  readonly signal?: AbortSignal | undefined
  /** Called after each drain that did something. */
  readonly onDrain?: ((model: InstalledModel, result: DrainResult) => void) | undefined
  /** Drains in portions that are done within a quarter of a second: for those who may be stopped at any time. */
  readonly inPortions?: boolean | undefined
}

export interface DrainedAll {
  /** How many drains had something to do. */
  readonly drains: number
  /** Units that were recomputed or folded. */
  readonly units: number
  /** Stored rows that were written or deleted. */
  readonly rowsChanged: number
  /** Units that are set aside with an error. */
  readonly failed: number
}

/** A model that another worker drains: looked at again after this long. */
const BUSY_WAIT_MS = 5

/** The first of the portions that grow and shrink by how long they take. */
const FIRST_PORTION = 1_000

export interface CatchUpOptions
  extends DrainOptions, Pick<DrainAllOptions, 'signal' | 'onDrain' | 'inPortions'> {
  /** From the end of one drain to the next, in milliseconds. */
  readonly pauseMs?: number | undefined
  /**
   * Ends when as many units as waited at the beginning are done, though others wait: where writers queue more than is drained there
   * are always some.
   */
  readonly isBounded?: boolean | undefined
}

/**
 * Drains one model until it has all that was committed when this was called, and nothing waits that nobody has tried: where
 * writers never rest, there would always be more.
 */
export async function catchUp(
  client: Client,
  model: InstalledModel,
  { signal, onDrain, pauseMs = 0, isBounded = false, inPortions = false, ...options }: CatchUpOptions = {},
): Promise<void> {
  let toDo: number | undefined
  let limit = inPortions ? Math.min(FIRST_PORTION, paceOfPlan(model.plan).batch) : undefined
  for (;;) {
    signal?.throwIfAborted()
    const startedAt = performance.now()
    const result = await drainOnce(client, model.plan, { ...options, ...portionOf(model, limit) })
    if (result.status === 'idle') return
    if (result.status === 'drained') {
      onDrain?.(model, result)
      toDo = toDo === undefined ? result.pending : toDo - result.waited
      if (result.untried === 0 || (isBounded && toDo <= 0)) return
      const durationMs = performance.now() - startedAt
      if (limit !== undefined)
        limit = nextLimit({ limit, units: result.units, durationMs }, paceOfPlan(model.plan).batch)
    }
    await sleep(result.status === 'busy' ? BUSY_WAIT_MS : pauseMs, undefined, { signal })
  }
}

/** An immediate model has smaller portions of its own, since writers wait for them. */
function portionOf({ plan }: InstalledModel, limit: number | undefined): Pick<DrainOptions, 'chunk'> {
  return limit === undefined || plan.immediate !== null ? {} : { chunk: limit }
}

/** Drains all that is queued for these models when this is called, lower ones first, or until the signal. */
export async function drainAll(
  client: Client,
  models: readonly InstalledModel[],
  { signal, onDrain, ...options }: DrainAllOptions = {},
): Promise<DrainedAll> {
  const total = { drains: 0, units: 0, rowsChanged: 0, failed: 0 }
  const add = (model: InstalledModel, result: DrainResult) => {
    total.drains += 1
    total.units += result.units
    total.rowsChanged += result.rowsChanged
    total.failed += result.failed.length
    onDrain?.(model, result)
  }
  try {
    for (const model of models) {
      await catchUp(client, model, { ...options, signal, onDrain: add, isBounded: true })
    }
  } catch (error) {
    if (!isStop(error, signal)) throw error
  }
  return total
}

/** The signal was heard between two statements, while resting, or by the statement that it has cancelled. */
export function isStop(error: unknown, signal: AbortSignal | undefined): boolean {
  if (signal?.aborted !== true) return false
  const isAbort = error === signal.reason || (error instanceof Error && error.name === 'AbortError')
  return isAbort || hasSqlState(error, SQLSTATE.QUERY_CANCELED)
}
