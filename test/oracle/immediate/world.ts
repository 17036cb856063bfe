import type { Client, Connection } from '../../../src/pg/client.ts'
import type { TestDatabase } from '../../support/database.ts'
import type { Difference } from '../compare.ts'
import type { Checked } from './reads.ts'
import type { Habits, Transaction } from './transactions.ts'

/** A part of the world's time, with one kind of writers. */
export interface Stretch {
  readonly name: string
  readonly habits: Habits
  readonly operations: number
  /** Workers drain, rebuild and empty slots meanwhile. Without them, and with writers that need none, nothing may lag. */
  readonly hasWorkers: boolean
  /** All is drained, and nobody writes. */
  readonly isSettled?: boolean
}

export interface WorldOptions {
  readonly seed: number
  readonly sessions: number
  /** Of so many commits one is checked, by the session that made it; 1: every one. */
  readonly checkOneIn: number
  /** Of so many checks one looks at the strict reads too, which cost more. */
  readonly strictOneIn: number
  readonly stopOnDifference?: boolean
  readonly stopOnDeadlock?: boolean
  /** Write to these tables, and to others only together with them; to all if not given. */
  readonly tables?: readonly string[]
  /** Of so many looks of a worker one begins a rebuild. */
  readonly rebuildOneIn?: number
  /** What the drainers work through, in place of their own connection. */
  readonly worker?: (connection: Client) => Client
}

export interface Found {
  readonly stretch: string
  readonly model: string
  readonly check: string
  readonly rows: readonly Difference[]
  /** How many operations had been drawn by then. */
  readonly after: number
  readonly recently: readonly string[]
}

export interface World {
  readonly database: TestDatabase
  readonly models: readonly Checked[]
  readonly options: WorldOptions
  /** The application's. */
  readonly tables: readonly { readonly name: string; readonly oid: string }[]
  readonly counts: Record<Count, number>
  /** Transactions by stretch, isolation level, shape and end. */
  readonly ends: Map<string, number>
  /** The shapes of those that met in a deadlock, and over what. */
  readonly deadlocks: Map<string, number>
  /** What PostgreSQL said of deadlocks among single statements, and what their sessions were at. */
  readonly meetings: string[]
  readonly found: Found[]
  /** What was run last, newest last. */
  readonly recently: string[]
  readonly sessions: Session[]
  stretch: Stretch
  stop: AbortController
}

export const COUNTS = [
  'operations',
  'commits',
  'checks',
  'strictChecks',
  'ownLooks',
  'lagging',
  'raised',
  'drains',
  'rebuilds',
  'rotations',
] as const
export type Count = (typeof COUNTS)[number]

export interface Session {
  readonly client: Connection
  /** Looks at what is committed, in snapshots of its own. */
  readonly reader: Connection
  readonly pid: number
  /** The transaction that it is at. */
  transaction: Transaction | undefined
}

export function report(world: World, model: string, what: string, rows: readonly Difference[]): void {
  if (rows.length === 0) return
  const { stretch, counts, recently } = world
  world.found.push({
    stretch: stretch.name,
    model,
    check: what,
    rows,
    after: counts.operations,
    recently: recently.slice(-40),
  })
}
