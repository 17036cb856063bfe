import { setTimeout as sleep } from 'node:timers/promises'
import { MillraceError } from '../errors.ts'
import { hasSqlState, SQLSTATE } from '../pg/errors.ts'

/** How to ask for a lock without making others queue behind a long wait: briefly, and again. */
export interface LockRetry {
  /** How long one attempt waits: all who come after it wait as long at most. */
  readonly timeoutMs: number
  readonly attempts: number
  readonly signal?: AbortSignal | undefined
}

export const LOCK_RETRY: LockRetry = { timeoutMs: 500, attempts: 60 }

/** Runs a transaction that needs a strong lock until it gets it. */
export async function withLockRetry(retry: LockRetry, run: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    retry.signal?.throwIfAborted()
    try {
      await run()
      return
    } catch (error) {
      if (!hasSqlState(error, SQLSTATE.LOCK_NOT_AVAILABLE, SQLSTATE.DEADLOCK_DETECTED)) throw error
      if (attempt >= retry.attempts) {
        throw new MillraceError('LOCK_NOT_AVAILABLE', {
          detail: `${String(attempt)} attempts of ${String(retry.timeoutMs)} ms`,
          hint: 'Look in pg_stat_activity for a transaction that has been open for long, end it, and run the command again.',
          cause: error,
        })
      }
    }
    // Longer each time, up to two seconds, and never in step with another program that does the same.
    await sleep(Math.min(2_000, 100 * attempt) * (0.5 + Math.random()), undefined, { signal: retry.signal })
  }
}
