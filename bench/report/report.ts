import type { Machine } from '../load/machine.ts'
import type { CaseResult } from '../load/run-case.ts'

export interface Report {
  readonly machine: Machine
  readonly pairs: number
  readonly seconds: number
  readonly results: readonly CaseResult[]
  readonly skipped: readonly { readonly peer: string; readonly reason: string }[]
}
