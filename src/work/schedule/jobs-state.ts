import type { Client } from '../../pg/client.ts'
import { JOB_STATES } from './job.sql.ts'

/** A job as people want to see it. Times are ISO 8601, in UTC. */
export interface JobState {
  readonly name: string
  readonly kind: 'refresh' | 'statement'
  readonly every: string
  readonly timeZone: string
  /** waiting: for its time. failing: it failed, and is tried again. late: its time has come, and nobody has begun. */
  readonly state: 'waiting' | 'running' | 'failing' | 'late'
  /** When it is due, or is tried again. */
  readonly nextAt: string
  readonly failures: number
  readonly lastRun: LastRun | null
}

export interface LastRun {
  readonly startedAt: string
  readonly durationMs: number | null
  readonly status: 'running' | 'completed' | 'failed' | 'stopped' | 'lost'
  readonly rowsChanged: number | null
  readonly error: string | null
}

/** A job that is due is begun within milliseconds by a worker; after so long none is there, or it has too much to do. */
const LATE_MS = 5_000

/** Every job, in the order of their names; one of them where a name is given. */
export async function readJobStates(client: Client, name?: string): Promise<readonly JobState[]> {
  return await client.query<JobState>(JOB_STATES, [LATE_MS, name ?? null])
}
