import type { Client } from '../pg/client.ts'
import type { InstalledModel } from './model.ts'
import { countWaitingUnits, LAST_WATERMARK } from './waiting.sql.ts'

/** What of a read model's queue is not drained yet. */
export interface Lag {
  readonly changes: number
  /** The number of the newest watermark; undefined where there is none of this cluster. */
  readonly n: string | undefined
  /** How long ago that was taken, in milliseconds. */
  readonly ageMs: number
}

const NONE: Lag = { changes: 0, n: undefined, ageMs: 0 }

interface LastWatermark {
  readonly n: string
  readonly snapshot: string
  readonly horizon: string
  readonly isOurs: boolean
  readonly ageMs: number
}

/** How far a read model is behind; nothing where it has no watermark, or a meaningless one: then all of it is to be made anew. */
export async function readLag(client: Client, { plan, storage }: InstalledModel): Promise<Lag> {
  const [last] = await client.query<LastWatermark>(LAST_WATERMARK, [storage])
  if (last?.isOurs !== true) return NONE
  const [window] = await client.query<{ changes: number }>(plan.statements.window, [
    last.snapshot,
    last.horizon,
  ])
  return { changes: window?.changes ?? 0, n: last.n, ageMs: last.ageMs }
}

/** What waits for a read model: queued changes, and units that are known already. */
export interface Waiting extends Lag {
  readonly units: number
  /** Of the units, those that are set aside with an error. */
  readonly setAside: number
}

export async function readWaiting(client: Client, model: InstalledModel): Promise<Waiting> {
  const lag = await readLag(client, model)
  const [pending] = await client.query<{ units: number; setAside: number }>(countWaitingUnits(model.plan))
  return { ...lag, units: pending?.units ?? 0, setAside: pending?.setAside ?? 0 }
}
