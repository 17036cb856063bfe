import { describe } from './describe.ts'
import { lengthMs } from './duration.ts'

/** How often an eventual read model is drained, and in which portions. */
export interface PaceOptions {
  /**
   * A change may wait so long, `'5 seconds'`; a minute unless said otherwise. Where a worker cannot do everything at once, it
   * sees to the model that has used most of its time first, and `doctor` tells of those that have used it up.
   */
  readonly maxLag?: string | undefined
  /** So many units are recomputed in one drain at most; 10,000 unless said otherwise. */
  readonly batch?: number | undefined
  /** At least so long between two drains, `'500 milliseconds'`: keys that change often are recomputed once for all of it. */
  readonly pause?: string | undefined
}

/** A pace that was checked, with its defaults filled in. */
export interface Pace {
  readonly maxLagMs: number
  readonly batch: number
  readonly pauseMs: number
}

export interface PaceProblem {
  readonly detail: string
  readonly hint: string
}

export const DEFAULT_PACE: Pace = { maxLagMs: 60_000, batch: 10_000, pauseMs: 0 }

/** Larger drains would hold their snapshot for long, and write the watermark late. */
const MAX_BATCH = 100_000
const DAY_MS = 86_400_000
/** Queues are not emptied before each model has drained them. */
const MAX_PAUSE_MS = 3_600_000

/** Everything that is wrong with a pace. */
export function paceProblems({ maxLag, batch, pause }: PaceFields): readonly PaceProblem[] {
  const lag = lengthProblems('maxLag', maxLag, { mostMs: DAY_MS, most: 'a day' })
  const rest = lengthProblems('pause', pause, { mostMs: MAX_PAUSE_MS, most: 'an hour' })
  const both = lag.length + rest.length > 0 ? [] : orderProblems(maxLag, pause)
  return [...lag, ...rest, ...both, ...batchProblems(batch)]
}

/** As it was written; it may come from JavaScript. */
interface PaceFields {
  readonly maxLag?: unknown
  readonly batch?: unknown
  readonly pause?: unknown
}

/** A pace without problems. */
export function paceOf({ maxLag, batch, pause }: PaceOptions): Pace {
  return {
    maxLagMs: lengthMs(maxLag) ?? DEFAULT_PACE.maxLagMs,
    batch: batch ?? DEFAULT_PACE.batch,
    pauseMs: lengthMs(pause) ?? DEFAULT_PACE.pauseMs,
  }
}

function lengthProblems(
  option: string,
  length: unknown,
  { mostMs, most }: { readonly mostMs: number; readonly most: string },
): readonly PaceProblem[] {
  if (length === undefined) return []
  const ms = lengthMs(length)
  if (ms !== undefined && ms <= mostMs) return []
  const hint = `Write a length of time of ${most} at most: ${option}: '5 seconds'.`
  return [{ detail: `"${option}" is ${describe(length)}`, hint }]
}

/** A change that comes just after a drain waits for all of the pause. */
function orderProblems(maxLag: unknown, pause: unknown): readonly PaceProblem[] {
  const lagMs = lengthMs(maxLag) ?? DEFAULT_PACE.maxLagMs
  const pauseMs = lengthMs(pause) ?? DEFAULT_PACE.pauseMs
  if (pauseMs < lagMs) return []
  const found = `"pause" is ${describe(pause)}`
  const detail =
    maxLag === undefined ? `${found}, and "maxLag" a minute` : `${found}, and "maxLag" ${describe(maxLag)}`
  return [{ detail, hint: 'A change may wait for a whole pause: give a longer maxLag, or a shorter pause.' }]
}

function batchProblems(batch: unknown): readonly PaceProblem[] {
  if (batch === undefined) return []
  if (typeof batch === 'number' && Number.isInteger(batch) && batch >= 1 && batch <= MAX_BATCH) return []
  return [
    {
      detail: `"batch" is ${describe(batch)}`,
      hint: 'Write a number of units from 1 to 100,000: batch: 5_000.',
    },
  ]
}
