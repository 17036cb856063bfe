import type { WorkEvent } from 'millrace'
import { percentile, type Lag } from './freshness-probe.ts'
import { READS, type Activity } from './simulate.ts'

/** What a run is doing, as plain data: the terminal, the page and the summary all show this. */
export interface Status {
  readonly worker: 'starting' | 'working' | 'disconnected' | 'stopped'
  readonly uptimeSeconds: number
  readonly writes: Readonly<Record<string, number>>
  readonly writesPerSecond: number
  readonly readsPerSecond: number
  readonly writeMs: { readonly p50: number | null; readonly p95: number | null }
  readonly lagMs: { readonly p50: number | null; readonly p95: number | null; readonly max: number | null }
  readonly models: readonly ModelStatus[]
  readonly errors: readonly string[]
}

export interface ModelStatus {
  readonly name: string
  readonly drains: number
  readonly units: number
  readonly rowsChanged: number
  readonly pending: number
  readonly setAside: number
  readonly lastDrainMs: number | null
}

/** Collects what the worker says. */
export class WorkerLog {
  #state: Status['worker'] = 'starting'
  readonly #models = new Map<string, ModelStatus>()
  readonly errors: string[] = []

  note(event: WorkEvent): void {
    switch (event.kind) {
      case 'started':
      case 'models-changed':
        this.#state = 'working'
        break
      case 'drained':
        this.#drained(event)
        break
      case 'failed':
        this.errors.push(`${event.model.name}: ${event.error.message}`)
        break
      case 'disconnected':
        this.#state = 'disconnected'
        this.errors.push(`worker: ${event.error.message}`)
        break
      case 'stopped':
        this.#state = 'stopped'
        break
      case 'rotated':
        break
    }
  }

  get state(): Status['worker'] {
    return this.#state
  }

  get models(): readonly ModelStatus[] {
    return [...this.#models.values()].toSorted((a, b) => a.name.localeCompare(b.name))
  }

  #drained({ model, result, durationMs }: Extract<WorkEvent, { kind: 'drained' }>): void {
    const before = this.#models.get(model.name)
    this.#models.set(model.name, {
      name: model.name,
      drains: (before?.drains ?? 0) + 1,
      units: (before?.units ?? 0) + result.units,
      rowsChanged: (before?.rowsChanged ?? 0) + result.rowsChanged,
      pending: result.pending,
      setAside: (before?.setAside ?? 0) + result.failed.length,
      lastDrainMs: Math.round(durationMs * 10) / 10,
    })
  }
}

export function statusOf(activity: Activity, worker: WorkerLog, lag: Lag, startedAt: number): Status {
  const seconds = (performance.now() - startedAt) / 1000
  const counts = [...activity.actions]
  const writes = counts.filter(([name]) => !READS.includes(name))
  const perSecond = (list: typeof counts) => Math.round((sum(list) / Math.max(seconds, 0.001)) * 10) / 10
  return {
    worker: worker.state,
    uptimeSeconds: Math.round(seconds),
    writes: Object.fromEntries(writes),
    writesPerSecond: perSecond(writes),
    readsPerSecond: perSecond(counts.filter(([name]) => READS.includes(name))),
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

function sum(counts: readonly (readonly [string, number])[]): number {
  return counts.reduce((total, [, count]) => total + count, 0)
}
