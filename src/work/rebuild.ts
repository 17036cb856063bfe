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

export interface RebuildAllOptions extends Omit<RebuildOptions, 'onProgress'> {
  readonly onProgress?: ((model: InstalledModel, done: number, total: number) => void) | undefined
}

/**
 * Builds all stored rows of models anew while others write and read: every unit goes into the pending table, together
 * with a watermark of this cluster, and drains work them off. This is begun for all models before any is worked off, so that
 * a worker may be started at once: it would refuse a model whose turn has not come. Where it is interrupted nothing is lost: the
 * units stay pending, strict reads stay exact, and any drain goes on with them.
 */
export async function rebuildAll(
  client: Client,
  models: readonly InstalledModel[],
  { onProgress, ...options }: RebuildAllOptions = {},
): Promise<readonly (Rebuilt & { readonly model: InstalledModel })[]> {
  const begun = []
  for (const model of models) begun.push({ model, continued: await begin(client, model, options) })

  const rebuilt = []
  for (const { model, continued } of begun) {
    const total = await workOff(client, model, {
      ...options,
      onProgress: (done, units) => onProgress?.(model, done, units),
    })
    rebuilt.push({ model, continued, ...total })
  }
  return rebuilt
}

/** Builds the rows of one model anew. */
export async function rebuild(
  client: Client,
  model: InstalledModel,
  options: RebuildOptions = {},
): Promise<Rebuilt> {
  const continued = await begin(client, model, options)
  return { continued, ...(await workOff(client, model, options)) }
}

/** Makes every unit pending, or finds that this was done and interrupted: then it returns true. */
async function begin(
  client: Client,
  model: InstalledModel,
  { signal, anew = false }: RebuildOptions,
): Promise<boolean> {
  if (!anew && (await isUnderWay(client, model))) return true
  await drainWhenFree(client, model, { chunk: 0, rebuild: true, signal })
  return false
}

async function workOff(
  client: Client,
  model: InstalledModel,
  { signal, chunk, onProgress }: RebuildOptions,
): Promise<Omit<Rebuilt, 'continued'>> {
  let total = NOTHING
  for (;;) {
    const left = await countUntried(client, model)
    onProgress?.(total.units, total.units + left)
    if (left === 0) return total
    total = add(total, await drainWhenFree(client, model, { chunk, signal }))
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
  readonly rebuild?: boolean
  readonly signal: AbortSignal | undefined
}

async function drainWhenFree(
  client: Client,
  { plan }: InstalledModel,
  { chunk, rebuild = false, signal }: Step,
): Promise<DrainResult> {
  for (;;) {
    signal?.throwIfAborted()
    const result = await drainOnce(client, plan, { ...(chunk !== undefined && { chunk }), rebuild })
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
