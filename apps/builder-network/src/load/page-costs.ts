import { setImmediate } from 'node:timers/promises'
import type { StatementTimes } from './statement-times.ts'

/** Slow pages end, however many are wanted. */
const MOST_MS = 5_000

export interface Measuring {
  readonly times: StatementTimes | null
  /** The application's. */
  readonly role: string
  /** How many pages of each kind. */
  readonly samples: number
  readonly signal: AbortSignal
}

/**
 * Milliseconds that the server plans and runs statements of the application for one page of each kind: the mean of some, one after
 * the other. `ask` answers one page. null: the server does not tell.
 */
export async function measureCosts<Kind extends string>(
  kinds: readonly Kind[],
  { times, role, samples, signal }: Measuring,
  ask: (kind: Kind) => Promise<void>,
): Promise<Readonly<Record<Kind, number>> | null> {
  if (times === null) return null
  const costs: Partial<Record<Kind, number>> = {}
  for (const kind of kinds) {
    // Plans that are kept, and pages of the disk that are read, are those of a server at work.
    await repeat(samples / 10, ask, kind, signal)
    await times.reset()
    const count = await repeat(samples, ask, kind, signal)
    costs[kind] = Math.round(((await times.totalMs(role)) / Math.max(1, count)) * 1_000) / 1_000
  }
  return costs as Record<Kind, number>
}

async function repeat<Kind>(
  times: number,
  ask: (kind: Kind) => Promise<void>,
  kind: Kind,
  signal: AbortSignal,
): Promise<number> {
  const until = performance.now() + MOST_MS
  let count = 0
  while (count < times && performance.now() < until && !signal.aborted) {
    await ask(kind)
    count += 1
    await setImmediate()
  }
  return count
}
