import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '../../src/pg/client.ts'
import { LAST_WATERMARK } from '../../src/doctor/doctor.sql.ts'
import type { InstalledModel } from '../../src/work/model.ts'

/** For how long each model, at the longest, had changes in its queue and no new watermark: in milliseconds, by name. */
export type Unattended = Readonly<Record<string, number>>

const LOOK_EVERY_MS = 50

/**
 * Looks at all models until the signal. A wait is counted from the first look that saw it to the last, so a look that
 * comes late makes it shorter and never longer.
 */
export async function watchUnattended(
  client: Client,
  models: readonly InstalledModel[],
  signal: AbortSignal,
): Promise<Unattended> {
  const longest: Record<string, number> = {}
  const waits = new Map<string, Wait>()
  while (!signal.aborted) {
    for (const model of models) {
      const wait = await lookAt(client, model, waits.get(model.name))
      if (wait === undefined) waits.delete(model.name)
      else waits.set(model.name, wait)
      longest[model.name] = Math.max(longest[model.name] ?? 0, wait?.ms ?? 0)
    }
    await pause(LOOK_EVERY_MS)
  }
  return longest
}

interface Wait {
  /** The watermark that was the newest all the time. */
  readonly n: string
  readonly since: number
  readonly ms: number
}

async function lookAt(
  client: Client,
  { plan, storage }: InstalledModel,
  before: Wait | undefined,
): Promise<Wait | undefined> {
  const now = performance.now()
  const [last] = await client.query<{ n: string; snapshot: string; horizon: string }>(LAST_WATERMARK, [
    storage,
  ])
  if (last === undefined) throw new Error(`${storage} has no watermark`)
  const [window] = await client.query<{ changes: number; rebuild: string | null }>(plan.statements.window, [
    last.snapshot,
    last.horizon,
  ])
  if (window === undefined || (window.changes === 0 && window.rebuild === null)) return undefined
  if (before?.n !== last.n) return { n: last.n, since: performance.now(), ms: 0 }
  return { ...before, ms: Math.max(0, Math.round(now - before.since)) }
}
