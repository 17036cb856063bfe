import type { Sizes } from '../sizes.ts'
import type { Driven } from './contenders/drive.ts'
import type { KindFigures, Percentiles } from './figures.ts'
import type { Generated } from './generator.ts'
import type { LiveFigures } from './live-connections.ts'
import type { PageKind } from './mix.ts'

/** What a load test found. Times are in milliseconds unless a name says otherwise. */
export interface LoadReport {
  /** No errors, and every page within the limit. */
  readonly ok: boolean
  readonly machine: Machine
  readonly sizes: Sizes
  readonly sessions: number
  readonly thinkMs: number
  readonly warmUpSeconds: number
  readonly generated: Generated
  /** Requests that the web server counted, measured or not. */
  readonly answered: number
  readonly live: LiveFigures
  readonly lags: Readonly<Record<string, Percentiles>>
  readonly workerFailures: readonly string[]
  /** How often the worker's connection broke off, and was made anew. */
  readonly workerLost: number
  readonly eventLoopDelay: Percentiles
  readonly processors: Readonly<Record<ProcessName, Share | null>>
  /** By the server's own count, for one page; null: it does not tell. */
  readonly databaseMs: Costs | null
  /** Of all requests, with what capture and the worker do for them. */
  readonly databaseMsOfAll: number | null
  readonly contenders: readonly ContenderReport[]
}

export type Costs = Readonly<Record<PageKind, number>>

export type ProcessName = 'generator' | 'web' | 'worker' | 'postgres'

export interface Share {
  readonly seconds: number
  /** Of one core. */
  readonly percent: number
}

export interface ContenderReport {
  readonly name: string
  readonly driven: Driven
  readonly databaseMs: Costs | null
}

export interface Machine {
  readonly cores: number
  readonly processor: string
  readonly node: string
  readonly postgres: string
  /** Of the last minute, before the test began. */
  readonly loadBefore: number
}

/** What the plan says of its pages, before and after it: milliseconds. */
export const PROMISED: Readonly<
  Record<PageKind, { readonly before: number; readonly after: number } | null>
> = {
  feed: { before: 800, after: 120 },
  details: { before: 700, after: 100 },
  search: { before: 1_500, after: 150 },
  dashboard: { before: 600, after: 50 },
  leaderboards: { before: 1_200, after: 80 },
  inbox: null,
}

/** Every page is promised within this. */
const LIMIT_MS = 200

/** Kinds that took longer than that at the 99th percentile. */
export function slowKinds(kinds: Readonly<Record<string, KindFigures>>): readonly string[] {
  return Object.entries(kinds).flatMap(([kind, { p99 }]) => (p99 >= LIMIT_MS ? [kind] : []))
}

export function errorsIn(kinds: Readonly<Record<string, KindFigures>>): number {
  return Object.values(kinds).reduce((sum, { errors }) => sum + errors, 0)
}
