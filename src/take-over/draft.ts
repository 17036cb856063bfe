import type { RelationName } from '../compile/plan.ts'
import type { IndexOptions } from '../define/read-model.ts'
import type { ScheduleOptions } from '../define/schedule.ts'

/** A read model that takes the place of what somebody made by hand, as it will be declared. */
export interface Draft {
  /** The name under which readers know it, which stays. */
  readonly relation: RelationName
  /** What it takes the place of; null where it only stands beside a column. */
  readonly replaces: Replaced | null
  readonly query: string
  readonly key: readonly string[]
  readonly freshness: 'eventual' | 'immediate' | ScheduleOptions
  readonly indexes: readonly IndexOptions[]
  /** What its team should know, one sentence each. */
  readonly notes: readonly string[]
  /** The stored rows compared with what the query gives; null where the query is the team's own. */
  readonly comparison: Comparison | null
}

export interface Replaced {
  readonly kind: ReplacedKind
  /** What keeps it up to date now. */
  readonly triggers: readonly TriggerName[]
  /** Names of jobs of pg_cron. */
  readonly jobs: readonly string[]
}

export type ReplacedKind = 'materialized view' | 'table'

export interface TriggerName {
  readonly table: RelationName
  readonly name: string
}

export interface Comparison {
  readonly rows: number
  /** Columns whose stored value differs from the query's, and in how many rows. */
  readonly differing: readonly { readonly column: string; readonly rows: number }[]
  /** Stored rows that the query does not give. */
  readonly unknownRows: number
}

/** Something that was found and stays as it is. */
export interface LeftAlone {
  readonly relation: RelationName
  readonly what: string
  readonly reasons: readonly Reason[]
}

/** As an error that it would be; without a code where no read model would be refused. */
export interface Reason {
  readonly code: string | null
  readonly detail: string
  readonly hint: string | undefined
}
