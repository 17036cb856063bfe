import { declaredAt } from './declared-at.ts'
import type { Query } from './query.ts'
import type { ScheduleOptions } from './schedule.ts'

/** What is run, and when. */
export interface JobOptions extends ScheduleOptions {
  /** One statement. It runs in a transaction, as the worker's role. */
  readonly run: Query
}

/** A declared job: what its author wrote, and where. It is checked when the configuration is loaded. */
export interface Job extends JobOptions {
  readonly kind: 'job'
  /** What `millrace jobs` calls it. */
  readonly name: string
  /** File and line of the declaration. */
  readonly declaredAt: string | undefined
}

/**
 * Declares a statement to be run on a schedule, by one worker at a time.
 *
 * ```ts
 * export const cleanup = job('forget_sessions', {
 *   every: '0 4 * * *',
 *   timeZone: 'Europe/Berlin',
 *   run: sql`delete from sessions where seen_at < now() - interval '30 days'`,
 * })
 * ```
 */
export function job(name: string, options: JobOptions): Job {
  return Object.freeze({ ...options, kind: 'job', name, declaredAt: declaredAt(job) })
}
