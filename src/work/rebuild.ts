import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../pg/client.ts'
import { countUntriedUnits } from './drain.sql.ts'
import { drainOnce, type DrainOptions, type DrainResult } from './drain.ts'
import type { InstalledModel } from './model.ts'
import { isRebuildUnderWay } from './rebuild.sql.ts'

export interface RebuildOptions extends Pick<DrainOptions, 'chunk'> {
  readonly signal?: AbortSignal | undefined
  /** Begins again even where an earlier rebuild was interrupted, instead of going on with that. */
  readonly anew?: boolean | undefined
  /** Called as it goes on: units done, and how many there were to do. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

export interface Rebuilt {
  /** True if it went on with a rebuild that had been interrupted. */
  readonly continued: boolean
  readonly units: number
  readonly rowsChanged: number
  /** Units that were set aside with an error. */
  readonly failed: number
}

const NOTHING: Omit<Rebuilt, 'continued'> = { units: 0, rowsChanged: 0, failed: 0 }

/** Another drain of the model is at work: looked at again after this long. */
const BUSY_WAIT_MS = 20

/**
 * Builds all stored rows of a model anew while others write and read: every unit goes into the pending table, together
 * with a watermark of this cluster, and drains work them off. Where it is interrupted nothing is lost: the units stay
 * pending, strict reads stay exact, and any drain goes on with them.
 */
export async function rebuild(
  client: Client,
  model: InstalledModel,
  { signal, anew = false, chunk, onProgress }: RebuildOptions = {},
): Promise<Rebuilt> {
  const drain = (begin: boolean) => drainWhenFree(client, model, { chunk, begin, signal })
  const continued = !anew && (await isUnderWay(client, model))
  let total = add(NOTHING, await drain(!continued))
  for (;;) {
    const left = await countUntried(client, model)
    onProgress?.(total.units, total.units + left)
    if (left === 0) return { continued, ...total }
    total = add(total, await drain(false))
  }
}

async function isUnderWay(client: Client, { plan }: InstalledModel): Promise<boolean> {
  const [row] = await client.query<{ isUnderWay: boolean }>(isRebuildUnderWay(plan))
  return row?.isUnderWay === true
}

async function countUntried(client: Client, { plan }: InstalledModel): Promise<number> {
  const [row] = await client.query<{ units: number }>(countUntriedUnits(plan))
  return row?.units ?? 0
}

interface Step {
  readonly chunk: number | undefined
  readonly begin: boolean
  readonly signal: AbortSignal | undefined
}

async function drainWhenFree(
  client: Client,
  { plan }: InstalledModel,
  { chunk, begin, signal }: Step,
): Promise<DrainResult> {
  for (;;) {
    signal?.throwIfAborted()
    const result = await drainOnce(client, plan, { ...(chunk !== undefined && { chunk }), rebuild: begin })
    if (result.status !== 'busy') return result
    await sleep(BUSY_WAIT_MS, undefined, { signal })
  }
}

function add(total: typeof NOTHING, { units, rowsChanged, failed }: DrainResult): typeof NOTHING {
  return {
    units: total.units + units,
    rowsChanged: total.rowsChanged + rowsChanged,
    failed: total.failed + failed.length,
  }
}
