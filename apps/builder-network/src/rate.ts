/** How often something happens, lately: counts of the last whole seconds. */
export interface Rate {
  readonly startedAt: number
  readonly counts: Map<number, number>
}

/** Long enough to be steady, short enough to follow. */
const SECONDS = 3

export function newRate(now: number = performance.now()): Rate {
  return { startedAt: now, counts: new Map() }
}

export function countIn({ startedAt, counts }: Rate, now: number = performance.now()): void {
  const second = Math.floor((now - startedAt) / 1_000)
  counts.set(second, (counts.get(second) ?? 0) + 1)
  counts.delete(second - SECONDS - 1)
}

/** Events a second over the last whole seconds; null before the first of them has passed. */
export function perSecond({ startedAt, counts }: Rate, now: number = performance.now()): number | null {
  const current = Math.floor((now - startedAt) / 1_000)
  const seconds = Math.min(current, SECONDS)
  if (seconds === 0) return null
  const last = Array.from({ length: seconds }, (_, i) => counts.get(current - 1 - i) ?? 0)
  return Math.round(last.reduce((sum, count) => sum + count, 0) / seconds)
}
