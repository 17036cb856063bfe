import type { Plan, PlanPace } from '../compile/plan.ts'

/** Of a model that says nothing, and of those that were installed before there were paces. */
const USUAL: PlanPace = { maxLagMs: 60_000, batch: 10_000, pauseMs: 0 }

export function paceOfPlan({ pace = USUAL }: Pick<Plan, 'pace'>): PlanPace {
  return pace
}

/**
 * Others take a worker for hanging that has been in one transaction for half a second, and take its models over; and its other
 * models wait. So a drain of many units should be done well before.
 */
const AIM_MS = 250
const LEAST_UNITS = 100

/** One drain, as far as it tells how many units the next one should take. */
export interface Portion {
  /** How many it was to take at most. */
  readonly limit: number
  readonly units: number
  readonly durationMs: number
}

/** How many units the next drain takes at most: fewer after one that took long, more after one that did not, never more than a batch. */
export function nextLimit({ limit, units, durationMs }: Portion, batch: number): number {
  if (durationMs > AIM_MS) {
    const affordable = Math.floor((Math.min(units, limit) * AIM_MS) / durationMs)
    return Math.min(limit, batch, Math.max(LEAST_UNITS, affordable))
  }
  // A drain that was not full says nothing of a larger one.
  const isFull = units >= limit
  return Math.min(batch, isFull ? limit * 2 : limit)
}

/** Units that wait because they are too many for one drain, and those of them that are done. */
export interface Backlog {
  /** Units that are done. */
  readonly done: number
  /** Those, and the ones that wait. */
  readonly total: number
}

/** Null where nothing waits. `untried`: units left after a drain, without those that are set aside with an error. */
export function nextBacklog(
  before: Backlog | null,
  { units, untried }: { readonly units: number; readonly untried: number },
): Backlog | null {
  if (untried === 0 && before === null) return null
  const done = (before?.done ?? 0) + units
  return { done, total: done + untried }
}
