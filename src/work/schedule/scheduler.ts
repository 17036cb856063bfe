import type { Client } from '../../pg/client.ts'
import { cancelledBy } from '../../pg/cancel.ts'
import type { WorkEvent } from '../events.ts'
import { connectRunner } from '../session.ts'
import { readDueJobs, type DueJob } from './job.ts'
import { runJob, type RunOutcome } from './run.ts'

/** What a worker knows of the jobs. It outlasts the worker's connection, as the runs do that are under way. */
export interface Scheduler {
  readonly url: string
  readonly signal: AbortSignal
  readonly onEvent: (event: WorkEvent) => void
  jobs: readonly DueJob[]
  /** By this process's own clock, in milliseconds. */
  readAt: number
  snapshot: string | undefined
  /** A run of this worker has ended since they were read. */
  isStale: boolean
  readonly runs: Map<string, Promise<void>>
}

export interface Look {
  readonly snapshot: string | undefined
  /** 0 for the worker that has been there for longest: it comes first. */
  readonly place: number
  readonly now: number
}

/** How often the jobs are read, where something was committed, or one is under way. */
const READ_EVERY_MS = 1_000
/** Where nothing was: the server's clock may have been set. */
const READ_IDLE_MS = 60_000
/** A job that nobody has begun for so long is begun by the next worker, up to the fourth. */
const STEP_IN_MS = 250
const MOST_STEPS = 4
/** So many at a time in one worker: each is a session, and may be heavy. */
const MAX_RUNS = 2

export function newScheduler({
  url,
  signal,
  onEvent,
}: Pick<Scheduler, 'url' | 'signal' | 'onEvent'>): Scheduler {
  return {
    url,
    signal,
    onEvent,
    jobs: [],
    readAt: -Infinity,
    snapshot: undefined,
    isStale: true,
    runs: new Map(),
  }
}

/**
 * Begins what is due. The jobs can only have changed if something was committed, so in an idle database this asks the
 * server nothing; it counts the time until the next one by itself.
 */
export async function beginDueJobs(client: Client, scheduler: Scheduler, look: Look): Promise<void> {
  if (isOld(scheduler, look)) {
    const jobs = await readDueJobs(client)
    Object.assign(scheduler, { jobs, readAt: look.now, snapshot: look.snapshot, isStale: false })
  }
  for (const { name } of scheduler.jobs.filter((it) => isMine(it, scheduler, look))) {
    if (scheduler.runs.size >= MAX_RUNS) return
    begin(scheduler, name)
  }
}

/** Milliseconds until this worker has something to begin; never less than nothing. */
export function untilNextJob(scheduler: Scheduler, { place, now }: Omit<Look, 'snapshot'>): number {
  const waits = scheduler.jobs
    .filter(({ name, isRunning }) => !isRunning && !scheduler.runs.has(name))
    .map(({ dueInMs }) => scheduler.readAt + dueInMs + patience(place) - now)
  return Math.max(0, Math.min(Infinity, ...waits))
}

/** Waits for the runs that are under way: the signal has cancelled them. */
export async function endOfRuns({ runs }: Scheduler): Promise<void> {
  await Promise.all(runs.values())
}

function isOld({ readAt, snapshot: known, jobs, isStale }: Scheduler, { snapshot, now }: Look): boolean {
  if (isStale) return true
  const ageMs = now - readAt
  // A run that ends with its session leaves no trace, as long as it has written nothing.
  const isUnderWay = jobs.some(({ dueInMs, isRunning }) => isRunning || dueInMs < ageMs)
  return ageMs >= (snapshot !== known || isUnderWay ? READ_EVERY_MS : READ_IDLE_MS)
}

function isMine(
  { name, dueInMs, isRunning }: DueJob,
  { readAt, runs }: Scheduler,
  { place, now }: Look,
): boolean {
  return !isRunning && !runs.has(name) && now >= readAt + dueInMs + patience(place)
}

function patience(place: number): number {
  return STEP_IN_MS * Math.min(place, MOST_STEPS)
}

function begin(scheduler: Scheduler, name: string): void {
  const run = runDue(scheduler, name)
    .then(
      () => {
        scheduler.isStale = true
      },
      (error: unknown) => {
        if (!(error instanceof Error)) throw error
        scheduler.onEvent({ kind: 'job-failed', job: name, error, retryInMs: null })
      },
    )
    .finally(() => {
      scheduler.runs.delete(name)
    })
  scheduler.runs.set(name, run)
  // Not again before the next reading, which tells whether it is due still.
  scheduler.jobs = scheduler.jobs.map((it) => (it.name === name ? { ...it, isRunning: true } : it))
}

/** In a session of its own, so that drains go on meanwhile. */
async function runDue({ url, signal, onEvent }: Scheduler, name: string): Promise<void> {
  const client = await connectRunner(url, { isDirect: true })
  try {
    const outcome = await cancelledBy(signal, { client, url }, () =>
      runJob(client, name, { cause: 'schedule', isStopped: () => signal.aborted }),
    )
    tell(name, outcome, onEvent)
  } finally {
    await client.end().catch(() => undefined)
  }
}

function tell(job: string, outcome: RunOutcome, onEvent: (event: WorkEvent) => void): void {
  switch (outcome.status) {
    case 'completed': {
      const { rowsChanged, durationMs } = outcome
      onEvent({ kind: 'job-done', job, rowsChanged, durationMs })
      return
    }
    case 'failed':
      onEvent({ kind: 'job-failed', job, error: outcome.error, retryInMs: outcome.retryInMs })
      return
    case 'busy':
    case 'not-due':
    case 'stopped':
      return
  }
}
