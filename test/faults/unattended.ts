import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '../../src/pg/client.ts'
import { LAST_WATERMARK } from '../../src/work/waiting.sql.ts'
import type { InstalledModel } from '../../src/work/model.ts'

/** A time for which a model had changes in its queue and no new watermark. */
export interface Unattended {
  readonly model: string
  readonly ms: number
  /** How often other models were drained meanwhile, and how often all were looked at. */
  readonly otherDrains: number
  readonly looks: number
}

const LOOK_EVERY_MS = 50

/**
 * Looks at all models until the signal; returns every wait, the longest first. A wait is counted from the first look that
 * saw it to the last, so a look that comes late makes it shorter and never longer.
 */
export async function watchUnattended(
  client: Client,
  models: readonly InstalledModel[],
  signal: AbortSignal,
): Promise<readonly Unattended[]> {
  const ended: Unattended[] = []
  const watermarks = new Map<string, bigint>()
  const waits = new Map<string, Wait>()
  while (!signal.aborted) {
    for (const model of models) {
      const before = waits.get(model.name)
      const seen = await lookAt(client, model)
      watermarks.set(model.name, seen.n)
      const drains = [...watermarks.values()].reduce((sum, n) => sum + n, 0n) - seen.n
      if (seen.isWaiting && before?.n === seen.n) {
        waits.set(model.name, { ...before, until: seen.at, drainsUntil: drains, looks: before.looks + 1 })
        continue
      }
      if (before !== undefined) ended.push(unattended(model.name, before))
      waits.delete(model.name)
      // From the answer on, and until the question.
      const now = performance.now()
      if (seen.isWaiting)
        waits.set(model.name, { n: seen.n, since: now, until: now, drains, drainsUntil: drains, looks: 1 })
    }
    await pause(LOOK_EVERY_MS)
  }
  for (const [name, wait] of waits) ended.push(unattended(name, wait))
  return ended.toSorted((a, b) => b.ms - a.ms)
}

interface Wait {
  /** The watermark that was the newest all the time. */
  readonly n: bigint
  readonly since: number
  readonly until: number
  readonly drains: bigint
  readonly drainsUntil: bigint
  readonly looks: number
}

function unattended(model: string, { since, until, drains, drainsUntil, looks }: Wait): Unattended {
  const ms = Math.max(0, Math.round(until - since))
  return { model, ms, otherDrains: Number(drainsUntil - drains), looks }
}

interface Seen {
  /** When it was asked. */
  readonly at: number
  readonly n: bigint
  readonly isWaiting: boolean
}

async function lookAt(client: Client, { plan, storage }: InstalledModel): Promise<Seen> {
  const at = performance.now()
  const [last] = await client.query<{ n: string; snapshot: string; horizon: string }>(LAST_WATERMARK, [
    storage,
  ])
  if (last === undefined) throw new Error(`${storage} has no watermark`)
  const [window] = await client.query<{ changes: number; rebuild: string | null }>(plan.statements.window, [
    last.snapshot,
    last.horizon,
  ])
  const isWaiting = window !== undefined && (window.changes > 0 || window.rebuild !== null)
  return { at, n: BigInt(last.n), isWaiting }
}
