import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../pg/client.ts'
import { drainOnce, type DrainOptions, type DrainResult } from './drain.ts'
import type { InstalledModel } from './model.ts'

export interface DrainAllOptions extends DrainOptions {
  readonly signal?: AbortSignal | undefined
  /** Called after each drain that did something. */
  readonly onDrain?: ((model: InstalledModel, result: DrainResult) => void) | undefined
}

export interface DrainedAll {
  readonly drains: number
  readonly units: number
  readonly rowsChanged: number
  /** Units that are set aside with an error. */
  readonly failed: number
}

/** A model that another worker drains: looked at again after this long. */
const BUSY_WAIT_MS = 5

export interface CatchUpOptions extends Pick<DrainAllOptions, 'signal' | 'onDrain' | 'chunk'> {
  /** From the end of one drain to the next, in milliseconds. */
  readonly pauseMs?: number | undefined
}

/**
 * Drains one model until it has all that was committed when this was called, and nothing waits that nobody has tried: where
 * writers never rest, there would always be more.
 */
export async function catchUp(
  client: Client,
  model: InstalledModel,
  { signal, onDrain, pauseMs = 0, ...options }: CatchUpOptions = {},
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted()
    const result = await drainOnce(client, model.plan, options)
    if (result.status === 'drained') onDrain?.(model, result)
    if (result.status === 'idle' || (result.status === 'drained' && result.untried === 0)) return
    await sleep(result.status === 'busy' ? BUSY_WAIT_MS : pauseMs, undefined, { signal })
  }
}

/** Drains every model until nothing is left that could be done now. Changes that are committed meanwhile count in. */
export async function drainAll(
  client: Client,
  models: readonly InstalledModel[],
  { signal, onDrain, ...options }: DrainAllOptions = {},
): Promise<DrainedAll> {
  const total = { drains: 0, units: 0, rowsChanged: 0, failed: 0 }
  for (const model of models) {
    for (let result: DrainResult | undefined; result?.status !== 'idle';) {
      if (signal?.aborted === true) return total
      result = await drainOnce(client, model.plan, options)
      if (result.status === 'busy') await new Promise((resolve) => setTimeout(resolve, BUSY_WAIT_MS))
      if (result.status !== 'drained') continue

      total.drains += 1
      total.units += result.units
      total.rowsChanged += result.rowsChanged
      total.failed += result.failed.length
      onDrain?.(model, result)
    }
  }
  return total
}
