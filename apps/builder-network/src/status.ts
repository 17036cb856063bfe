import type { Freshness, WorkEvent } from 'millrace'
import { percentile, type Lag } from './freshness-probe.ts'
import { isRead } from './actions/all.ts'
import { perSecond } from './rate.ts'
import type { Activity } from './simulate.ts'

/** What a run is doing, as plain data: the terminal, the page and the summary all show this. */
export interface Status {
  /** elsewhere: in another process, which tells us nothing. */
  readonly worker: 'elsewhere' | 'starting' | 'working' | 'disconnected' | 'stopped'
  readonly uptimeSeconds: number
  readonly writes: Readonly<Record<string, number>>
  /** Over the whole run. */
  readonly writesPerSecond: number
  /** Lately; null in the first second. */
  readonly now: { readonly writesPerSecond: number | null; readonly readsPerSecond: number | null }
  readonly writeMs: { readonly p50: number | null; readonly p95: number | null }
  readonly lagMs: { readonly p50: number | null; readonly p95: number | null; readonly max: number | null }
  readonly models: readonly ModelStatus[]
  readonly errors: readonly string[]
}

export interface ModelStatus {
  readonly name: string
  /** Of an immediate one the worker drains only what its writers could not apply themselves. */
  readonly freshness: Freshness
  readonly drains: number
  readonly units: number
  readonly rowsChanged: number
  readonly pending: number
  /** How far it is with units that were too many for one drain; null where none wait. */
  readonly backlog: { readonly done: number; readonly total: number } | null
  readonly setAside: number
  readonly lastDrainMs: number | null
}

type Model = Extract<WorkEvent, { kind: 'started' }>['models'][number]

/** Collects what the worker says. */
export class WorkerLog {
  #state: Status['worker']
  readonly #models = new Map<string, ModelStatus>()
  readonly errors: string[] = []

  constructor(state: 'starting' | 'elsewhere' = 'starting') {
    this.#state = state
  }

  note(event: WorkEvent): void {
    switch (event.kind) {
      case 'started':
      case 'models-changed':
        this.#state = 'working'
        for (const model of event.models) this.#models.set(model.name, this.#statusOf(model))
        break
      case 'drained':
        this.#drained(event)
        break
      case 'failed':
        this.errors.push(`${event.model.name}: ${event.error.message}`)
        break
      case 'job-failed':
        this.errors.push(`${event.job}: ${event.error.message}`)
        break
      case 'disconnected':
        this.#state = 'disconnected'
        this.errors.push(`worker: ${event.error.message}`)
        break
      case 'stopped':
        this.#state = 'stopped'
        break
      case 'refused':
        this.errors.push(`worker: ${event.error.message}`)
        break
      case 'job-done':
      case 'rotated':
      case 'shared':
        break
    }
  }

  get state(): Status['worker'] {
    return this.#state
  }

  get models(): readonly ModelStatus[] {
    return [...this.#models.values()].toSorted((a, b) => a.name.localeCompare(b.name))
  }

  #statusOf(model: Model): ModelStatus {
    return this.#models.get(model.name) ?? unused(model)
  }

  #drained({ model, result, backlog, durationMs }: Extract<WorkEvent, { kind: 'drained' }>): void {
    const before = this.#statusOf(model)
    this.#models.set(model.name, {
      ...before,
      drains: before.drains + 1,
      units: before.units + result.units,
      rowsChanged: before.rowsChanged + result.rowsChanged,
      pending: result.pending,
      backlog,
      setAside: before.setAside + result.failed.length,
      lastDrainMs: Math.round(durationMs * 10) / 10,
    })
  }
}

function unused({ name, plan }: Model): ModelStatus {
  const freshness = plan.immediate === null ? 'eventual' : 'immediate'
  return {
    name,
    freshness,
    drains: 0,
    units: 0,
    rowsChanged: 0,
    pending: 0,
    backlog: null,
    setAside: 0,
    lastDrainMs: null,
  }
}

export function statusOf(activity: Activity, worker: WorkerLog, lag: Lag, startedAt: number): Status {
  const seconds = (performance.now() - startedAt) / 1000
  const writes = [...activity.actions].filter(([name]) => !isRead(name))
  const written = writes.reduce((total, [, count]) => total + count, 0)
  return {
    worker: worker.state,
    uptimeSeconds: Math.round(seconds),
    writes: Object.fromEntries(writes),
    writesPerSecond: Math.round((written / Math.max(seconds, 0.001)) * 10) / 10,
    now: { writesPerSecond: perSecond(activity.writes), readsPerSecond: perSecond(activity.reads) },
    writeMs: { p50: percentile(activity.latencies, 0.5), p95: percentile(activity.latencies, 0.95) },
    lagMs: {
      p50: percentile(lag.samples, 0.5),
      p95: percentile(lag.samples, 0.95),
      max: percentile(lag.samples, 1),
    },
    models: worker.models,
    errors: [...activity.errors, ...worker.errors],
  }
}
