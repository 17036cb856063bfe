import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

/** Times in milliseconds. */
export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** What came of the requests of one kind. */
export interface KindFigures extends Percentiles {
  readonly count: number
  readonly errors: number
}

/** Collects times, as an HDR histogram: three digits of each, however many there are. */
export interface Times {
  readonly record: (ms: number) => void
  readonly count: () => number
  readonly percentiles: () => Percentiles
}

const MICROSECONDS = 1_000

export function newTimes(): Times {
  const histogram = createHistogram({ figures: 3 })
  return {
    record: (ms) => {
      histogram.record(Math.max(1, Math.round(ms * MICROSECONDS)))
    },
    count: () => histogram.count,
    percentiles: () => percentilesOf(histogram, MICROSECONDS),
  }
}

/** Of a histogram in any unit of which there are `unitsInMs` in a millisecond; zeros where nothing was recorded. */
export function percentilesOf(
  histogram: Pick<RecordableHistogram, 'count' | 'max' | 'percentile'>,
  unitsInMs: number,
): Percentiles {
  if (histogram.count === 0) return { p50: 0, p95: 0, p99: 0, max: 0 }
  const ms = (units: number) => Math.round((units / unitsInMs) * 100) / 100
  const [p50, p95, p99] = [50, 95, 99].map((it) => ms(histogram.percentile(it)))
  return { p50: p50 ?? 0, p95: p95 ?? 0, p99: p99 ?? 0, max: ms(histogram.max) }
}

export interface Recorder {
  readonly note: (kind: string, ms: number) => void
  readonly fail: (kind: string, what: string) => void
  readonly kinds: () => Readonly<Record<string, KindFigures>>
  /** The first of each sort, with how often it came. */
  readonly errors: () => readonly string[]
}

interface Kept {
  readonly times: Times
  errors: number
}

export function newRecorder(): Recorder {
  const kinds = new Map<string, Kept>()
  const errors = new Map<string, number>()
  const keptOf = (kind: string): Kept => {
    const kept = kinds.get(kind) ?? { times: newTimes(), errors: 0 }
    kinds.set(kind, kept)
    return kept
  }
  return {
    note: (kind, ms) => {
      keptOf(kind).times.record(ms)
    },
    fail: (kind, what) => {
      keptOf(kind).errors += 1
      const text = `${kind}: ${what}`
      errors.set(text, (errors.get(text) ?? 0) + 1)
    },
    kinds: () => Object.fromEntries([...kinds].map(([kind, kept]) => [kind, figuresOf(kept)])),
    errors: () =>
      [...errors].map(([text, count]) => (count === 1 ? text : `${text} (${String(count)} times)`)),
  }
}

function figuresOf({ times, errors }: Kept): KindFigures {
  return { count: times.count(), errors, ...times.percentiles() }
}
