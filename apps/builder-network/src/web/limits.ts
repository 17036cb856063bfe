import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { Refusal } from './refusal.ts'

/** How much one person, or one address that nobody has signed in from, may do in a minute. */
export interface Limits {
  readonly reads: number
  readonly writes: number
  /** Attempts to sign in to one account from one address. */
  readonly signIns: number
}

export const LIMITS: Limits = { reads: 600, writes: 60, signIns: 10 }

export type Limited = keyof Limits

/** Counts in the memory of this process: of several processes each has its own. Fails with 429. */
export function limiter(limits: Limits): (what: Limited, who: string) => Promise<void> {
  const limiters = {
    reads: new RateLimiterMemory({ points: limits.reads, duration: 60 }),
    writes: new RateLimiterMemory({ points: limits.writes, duration: 60 }),
    signIns: new RateLimiterMemory({ points: limits.signIns, duration: 60 }),
  }
  return async (what, who) => {
    try {
      await limiters[what].consume(who)
    } catch (reason) {
      if (!(reason instanceof RateLimiterRes)) throw reason
      const seconds = Math.ceil(reason.msBeforeNext / 1000)
      throw new Refusal(
        429,
        'too-many-requests',
        `That was too much at once: try again in ${String(seconds)} s.`,
      )
    }
  }
}
