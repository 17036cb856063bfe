import { nextAfter } from '../../define/schedule.ts'
import { MillraceError } from '../../errors.ts'
import { failPoint } from '../../fail-points.ts'
import { withTransaction, type Connection } from '../../pg/client.ts'
import { readJob, type Job } from './job.ts'
import { ADVANCE, BEGIN_RUN, CLOCK, COMPLETE_RUN, END_RUN, PRUNE_RUNS, TRY_LOCK, UNLOCK } from './job.sql.ts'
import { refresh } from './refresh.ts'

export interface RunOptions {
  /** `schedule`: only if it is due. */
  readonly cause: 'schedule' | 'install' | 'request'
  /** True if a failure is due to the worker's own end. */
  readonly isStopped?: (() => boolean) | undefined
}

/**
 * busy: another session runs it. not-due: another has just done it. Failures of the schedule are tried again by themselves
 * (`retryInMs`); a run that was stopped is still due.
 */
export type RunOutcome =
  | { readonly status: 'busy' | 'not-due' }
  | { readonly status: 'completed'; readonly rowsChanged: number; readonly durationMs: number }
  | { readonly status: 'stopped' }
  | { readonly status: 'failed'; readonly error: Error; readonly retryInMs: number | null }

/** So many runs of each job are kept in the log. */
const KEPT_RUNS = 200
/** For all that is not the job's own work. */
const BOOKKEEPING_MS = 30_000

/**
 * Does one job, in one transaction together with the note that it is done. No two sessions run a job at once: the session holds
 * the job's advisory lock. The session must be the server's own, and nobody else's.
 */
export async function runJob(client: Connection, name: string, options: RunOptions): Promise<RunOutcome> {
  try {
    return await runAlone(client, name, options)
  } catch (error) {
    // Whichever statement was cancelled: nothing of the run stands, and the next one finds it lost in the log.
    if (options.isStopped?.() === true) return { status: 'stopped' }
    throw error
  }
}

async function runAlone(client: Connection, name: string, options: RunOptions): Promise<RunOutcome> {
  const [lock] = await client.query<{ locked: boolean }>(TRY_LOCK, [name])
  if (lock?.locked !== true) return { status: 'busy' }
  try {
    return await runLocked(client, name, options)
  } finally {
    // If the connection is gone, so is the lock.
    await client.query(UNLOCK, [name]).catch(() => undefined)
  }
}

async function runLocked(client: Connection, name: string, options: RunOptions): Promise<RunOutcome> {
  const startedAt = performance.now()
  const job = await readJob(client, name)
  if (job === undefined) throw new MillraceError('JOB_UNKNOWN', { detail: `"${name}"` })
  const [run] = await client.query<{ id: string }>(BEGIN_RUN, [name, options.cause])
  if (run === undefined) return { status: 'not-due' }

  await failPoint('job.begun')
  try {
    const rowsChanged = await withTransaction(client, { isolation: isolationOf(job) }, () =>
      work(client, job, run.id),
    )
    await failPoint('job.committed')
    await client.query(PRUNE_RUNS, [name, KEPT_RUNS])
    return { status: 'completed', rowsChanged, durationMs: performance.now() - startedAt }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return await noteFailure(client, run.id, error, options)
  }
}

/** A refresh reads many tables at one moment; a statement is the user's own, who knows the server's default. */
function isolationOf({ action }: Job): 'repeatable read' | 'read committed' {
  return action.kind === 'refresh' ? 'repeatable read' : 'read committed'
}

async function work(client: Connection, job: Job, run: string): Promise<number> {
  await client.query(`set local statement_timeout = ${String(job.timeoutMs)}`)
  const { rowsChanged, digest } = await perform(client, job)
  await client.query(`set local statement_timeout = ${String(BOOKKEEPING_MS)}`)
  await failPoint('job.performed')

  const [clock] = await client.query<{ nowMs: number }>(CLOCK)
  const next = nextAfter(job, new Date(clock?.nowMs ?? Date.now()))
  const advanced = await client.query(ADVANCE, [job.name, job.nextAt, next.toISOString(), digest])
  if (advanced.length === 0) {
    throw new MillraceError('MODEL_CHANGED', { detail: job.name, hint: 'It will run as it is declared now.' })
  }
  await client.query(COMPLETE_RUN, [run, rowsChanged])
  await failPoint('job.noted')
  return rowsChanged
}

interface Performed {
  readonly rowsChanged: number
  readonly digest: string | null
}

async function perform(client: Connection, { action }: Job): Promise<Performed> {
  switch (action.kind) {
    case 'refresh':
      return await refresh(client, action.plan)
    case 'statement': {
      const { searchPath, text } = action
      if (searchPath !== null)
        await client.query(`select set_config('search_path', $1, true)`, [
          searchPath.map((it) => `"${it.replaceAll('"', '""')}"`).join(', '),
        ])
      return { rowsChanged: await client.execute(text), digest: null }
    }
  }
}

async function noteFailure(
  client: Connection,
  run: string,
  error: Error,
  { isStopped = () => false }: RunOptions,
): Promise<RunOutcome> {
  const status = isStopped() ? 'stopped' : 'failed'
  const [retry] = await client.query<{ retryInMs: number }>(END_RUN, [run, status, error.message])
  return status === 'stopped' ? { status } : { status, error, retryInMs: retry?.retryInMs ?? null }
}
