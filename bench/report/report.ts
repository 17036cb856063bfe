import type { Machine } from '../load/machine.ts'
import type { CaseResult } from '../load/run-case.ts'

export interface Report {
  readonly machine: Machine
  /** Titles of what was kept, and of what the peers were held against. */
  readonly subject: string
  readonly against: string
  readonly pairs: number
  readonly seconds: number
  readonly results: readonly CaseResult[]
  readonly skipped: readonly { readonly peer: string; readonly reason: string }[]
}
