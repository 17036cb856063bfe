import type { DrainResult } from './drain.ts'
import type { InstalledModel } from './model.ts'
import type { Rotated } from './rotate.ts'

/** What a worker tells those who watch it: the command line, the status page, metrics. Plain data, no formatting. */
export type WorkEvent =
  | { readonly kind: 'started'; readonly models: readonly InstalledModel[] }
  | { readonly kind: 'models-changed'; readonly models: readonly InstalledModel[] }
  | {
      readonly kind: 'drained'
      readonly model: InstalledModel
      readonly result: DrainResult
      readonly durationMs: number
    }
  | {
      readonly kind: 'failed'
      readonly model: InstalledModel
      readonly error: Error
      readonly retryInMs: number
    }
  | { readonly kind: 'rotated'; readonly rotated: Rotated }
  | { readonly kind: 'disconnected'; readonly error: Error; readonly retryInMs: number }
  | { readonly kind: 'stopped' }
