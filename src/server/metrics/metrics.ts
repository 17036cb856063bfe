import type * as PromClient from 'prom-client'
import type { Registry } from 'prom-client'
import type { RunningWorker } from '../../embed/start-worker.ts'
import { MillraceError } from '../../errors.ts'
import type { WorkEvent } from '../../work/events.ts'
import { displayName } from '../../sql/names.ts'
import type { LiveChanges } from '../live/live-changes.ts'
import type { DatabaseState } from '../state.ts'

/** What figures are taken from. */
export interface Measured {
  /** Asked at each scrape. */
  readonly readState: () => Promise<DatabaseState>
  readonly worker?: RunningWorker | undefined
  readonly live?: LiveChanges | undefined
}

export interface Metrics {
  /** The exposition format of Prometheus. */
  text(): Promise<{ readonly body: string; readonly contentType: string }>
}

type Prometheus = typeof PromClient

/** From the time that one trivial drain takes to that of a large backfill's portion, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

/**
 * Figures for Prometheus, by `prom-client`, which is loaded here and nowhere else: fails with PEER_MISSING where it is not
 * installed. `registry`: one of the application's own; else there is one with nothing but these.
 */
export async function newMetrics(measured: Measured, registry?: object): Promise<Metrics> {
  const prometheus = await import('prom-client').catch((error: unknown) => {
    throw new MillraceError('PEER_MISSING', {
      detail: 'prom-client',
      hint: 'Install it: npm install prom-client.',
      cause: error,
    })
  })
  const own = (registry as Registry | undefined) ?? new prometheus.Registry()
  countEvents(prometheus, own, measured.worker)
  const setState = stateGauges(prometheus, own)
  const { live } = measured
  if (live !== undefined) liveGauges(prometheus, own, live)
  return {
    async text() {
      const up = await measured.readState().catch(() => undefined)
      setState(up)
      return { body: await own.metrics(), contentType: own.contentType }
    },
  }
}

/** What the worker of this process does. */
function countEvents(
  { Counter, Gauge, Histogram }: Prometheus,
  registry: Registry,
  worker?: RunningWorker,
): void {
  if (worker === undefined) return
  const registers = [registry]
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers })
  const counted = {
    drains: counter('millrace_drains_total', 'Drains that did something', 'model'),
    units: counter('millrace_drained_units_total', 'Units that were recomputed or folded', 'model'),
    rows: counter('millrace_rows_changed_total', 'Stored rows that were written or deleted', 'model'),
    failures: counter('millrace_drain_failures_total', 'Drains that failed, and units set aside', 'model'),
    jobs: counter('millrace_job_runs_total', 'Runs of jobs', 'job', 'status'),
    disconnects: counter('millrace_worker_disconnects_total', 'Connections of the worker that broke off'),
    seconds: new Histogram({
      name: 'millrace_drain_duration_seconds',
      help: 'How long a drain took',
      labelNames: ['model'],
      buckets: BUCKETS,
      registers,
    }),
  }
  new Gauge({
    name: 'millrace_worker_up',
    help: 'Whether the worker of this process is connected and at work',
    registers,
    collect() {
      this.set(worker.state === 'working' ? 1 : 0)
    },
  })
  worker.listen((event) => {
    count(event, counted)
  })
}

type Counted = Record<'drains' | 'units' | 'rows' | 'failures' | 'jobs' | 'disconnects', Counting> & {
  readonly seconds: { observe(labels: Record<string, string>, value: number): void }
}

interface Counting {
  inc(labels: Record<string, string>, value?: number): void
}

function count(event: WorkEvent, counted: Counted): void {
  if (event.kind === 'drained') countDrain(event, counted)
  if (event.kind === 'failed') counted.failures.inc({ model: displayName(event.model) })
  if (event.kind === 'job-done') counted.jobs.inc({ job: event.job, status: 'completed' })
  if (event.kind === 'job-failed') counted.jobs.inc({ job: event.job, status: 'failed' })
  if (event.kind === 'disconnected') counted.disconnects.inc({})
}

function countDrain(
  { model, result, durationMs }: Extract<WorkEvent, { kind: 'drained' }>,
  { drains, units, rows, failures, seconds }: Counted,
): void {
  const labels = { model: displayName(model) }
  drains.inc(labels)
  units.inc(labels, result.units)
  rows.inc(labels, result.rowsChanged)
  if (result.failed.length > 0) failures.inc(labels, result.failed.length)
  seconds.observe(labels, durationMs / 1_000)
}

/** What the database says, whoever works. */
function stateGauges({ Gauge }: Prometheus, registry: Registry): (state: DatabaseState | undefined) => void {
  const registers = [registry]
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers })
  const up = gauge('millrace_database_up', 'Whether the database answered, and Millrace is installed there')
  const workers = gauge('millrace_workers', 'Workers that are connected to the database, of any process')
  const age = gauge('millrace_watermark_age_seconds', 'Since the last drain that did something', 'model')
  const queued = gauge('millrace_queued_changes', 'Changes that wait to be drained', 'model')
  const pending = gauge('millrace_pending_units', 'Units that wait to be recomputed', 'model')
  const setAside = gauge('millrace_set_aside_units', 'Units that are set aside with an error', 'model')
  const byModel = [age, queued, pending, setAside]
  return (state) => {
    up.set(state === undefined ? 0 : 1)
    workers.set(state?.workers ?? 0)
    // One that was removed must not stand there for ever.
    for (const it of byModel) it.reset()
    for (const it of state?.models ?? []) {
      const labels = { model: it.model }
      age.set(labels, it.ageMs / 1_000)
      queued.set(labels, it.changes)
      pending.set(labels, it.units - it.setAside)
      setAside.set(labels, it.setAside)
    }
  }
}

function liveGauges({ Gauge }: Prometheus, registry: Registry, live: LiveChanges): void {
  const figures = {
    millrace_live_subscriptions: ['Subscriptions that are open', () => live.size.subscriptions],
    millrace_live_keys: ['Keys that are followed', () => live.size.keys],
    millrace_live_pages: ['Pages that are followed', () => live.size.pages],
  } as const
  for (const [name, [help, read]] of Object.entries(figures)) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  }
}
