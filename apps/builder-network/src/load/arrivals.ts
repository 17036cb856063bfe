import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Random } from '../random.ts'

export interface Crowd {
  readonly sessions: number
  /** Milliseconds that each of them thinks on average, exponentially distributed. */
  readonly thinkMs: number
  /** They come one after another, evenly over so many milliseconds, and stay; 0: all are there from the beginning. */
  readonly joinMs: number
}

/** Who comes, and when that was meant to be, in the milliseconds of `performance.now()`. */
export interface Arrival {
  readonly session: number
  readonly at: number
}

/**
 * The next arrival after a moment. Sessions that each think for exponential times, whatever becomes of what they asked before, are
 * Poisson processes; all of them together are one, of so many times the rate, in which each arrival is anybody's.
 */
export function nextArrival(
  after: number,
  { sessions, thinkMs }: Omit<Crowd, 'joinMs'>,
  random: Random,
): Arrival {
  const gapMs = (-Math.log(1 - random.next()) * thinkMs) / sessions
  return { at: after + gapMs, session: random.below(sessions) }
}

/** Whether an arrival is of somebody who has come. What others would have done falls away: what is left is as random as before. */
export function hasCome(
  { session, at }: Arrival,
  { sessions, joinMs }: Omit<Crowd, 'thinkMs'>,
  since: number,
): boolean {
  return session * joinMs <= (at - since) * sessions
}

/**
 * Calls `arrive` at each arrival until the moment `end`, or the signal. The clock alone decides when: slow answers hold nothing
 * back. Where this process itself is late, arrivals that it has missed come at once, with the moments they were meant for.
 */
export async function letArrive(
  crowd: Crowd,
  { random, end, signal }: { readonly random: Random; readonly end: number; readonly signal: AbortSignal },
  arrive: (arrival: Arrival) => void,
): Promise<void> {
  const isOver = () => signal.aborted
  const since = performance.now()
  for (
    let arrival = nextArrival(since, crowd, random);
    arrival.at < end && !isOver();
    arrival = nextArrival(arrival.at, crowd, random)
  ) {
    const waitMs = arrival.at - performance.now()
    // Timers fire at whole milliseconds. Without a wait, what has been answered must be taken in all the same.
    if (waitMs >= 1) await setTimeout(waitMs, undefined, { signal }).catch(() => undefined)
    else await setImmediate()
    if (!isOver() && hasCome(arrival, crowd, since)) arrive(arrival)
  }
}
