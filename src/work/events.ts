import type { MillraceError } from '../errors.ts'
import type { DrainResult } from './drain.ts'
import type { InstalledModel } from './model.ts'
import type { Backlog } from './pace.ts'
import type { Rotated } from './rotate.ts'

/** What a worker tells those who watch it: the command line, the status page, metrics. Plain data, no formatting. */
export type WorkEvent =
  | { readonly kind: 'started'; readonly models: readonly InstalledModel[] }
  | { readonly kind: 'models-changed'; readonly models: readonly InstalledModel[] }
  | {
      readonly kind: 'drained'
      readonly model: InstalledModel
      readonly result: DrainResult
      /** How far it is with units that were too many for one drain; null where none wait. */
      readonly backlog: Backlog | null
      readonly durationMs: number
    }
  | {
      readonly kind: 'failed'
      readonly model: InstalledModel
      readonly error: Error
      readonly retryInMs: number
    }
  | { readonly kind: 'rotated'; readonly rotated: Rotated }
  /** Something that is done on a schedule was done, or has failed. */
  | {
      readonly kind: 'job-done'
      readonly job: string
      readonly rowsChanged: number
      readonly durationMs: number
    }
  | {
      readonly kind: 'job-failed'
      readonly job: string
      readonly error: Error
      /** Null where it is not known: its connection broke off. */
      readonly retryInMs: number | null
    }
  /** Workers have come or gone, or read models have: these are the ones that this worker tends now. */
  | { readonly kind: 'shared'; readonly workers: number; readonly models: readonly InstalledModel[] }
  | { readonly kind: 'disconnected'; readonly error: Error; readonly retryInMs: number }
  /** It stops by itself, because going on would be wrong: `work` throws this error. */
  | { readonly kind: 'refused'; readonly error: MillraceError }
  | { readonly kind: 'stopped' }
