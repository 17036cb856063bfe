import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_MS = 50

/**
 * Looks again until what was found is fine, or patience is at its end: what a worker is about to do is no finding.
 * Returns the last look.
 */
export async function lookUntil<T>(
  patienceMs: number,
  look: () => Promise<T>,
  isFine: (now: T, first: T) => boolean,
): Promise<T> {
  const first = await look()
  let now = first
  for (let waited = 0; waited < patienceMs && !isFine(now, first); waited += LOOK_MS) {
    await sleep(LOOK_MS)
    now = await look()
  }
  return now
}
