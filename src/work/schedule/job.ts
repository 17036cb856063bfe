import type { RefreshPlan } from '../../compile/refresh/refresh-plan.ts'
import type { Client } from '../../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../../pg/errors.ts'
import { DUE_JOBS, JOB } from './job.sql.ts'

/** Something that is done on a schedule, as it is installed. */
export interface Job {
  readonly name: string
  readonly action: JobAction
  readonly every: string
  readonly timeZone: string
  readonly timeoutMs: number
  /** PostgreSQL's own text, to the microsecond. */
  readonly nextAt: string
  /** Failures in a row. */
  readonly failures: number
}

export type JobAction =
  | { readonly kind: 'refresh'; readonly plan: RefreshPlan }
  | { readonly kind: 'statement'; readonly text: string; readonly searchPath: readonly string[] | null }

interface JobRow extends Omit<Job, 'action'> {
  readonly statement: string | null
  readonly searchPath: readonly string[] | null
  readonly plan: RefreshPlan | null
}

export async function readJob(client: Client, name: string): Promise<Job | undefined> {
  const [row] = await client.query<JobRow>(JOB, [name])
  if (row === undefined) return undefined
  const { statement, searchPath, plan, ...job } = row
  if (plan !== null) return { ...job, action: { kind: 'refresh', plan } }
  return { ...job, action: { kind: 'statement', text: statement ?? '', searchPath } }
}

/** A job as a worker looks at it: when it is due, and whether a session runs it now. */
export interface DueJob {
  readonly name: string
  /** By the server's clock; negative where it is late. */
  readonly dueInMs: number
  readonly isRunning: boolean
}

export async function readDueJobs(client: Client): Promise<readonly DueJob[]> {
  try {
    return await client.query<DueJob>(DUE_JOBS)
  } catch (error) {
    // Millrace's schema is older than this worker, until somebody migrates.
    if (hasSqlState(error, SQLSTATE.UNDEFINED_TABLE)) return []
    throw error
  }
}
