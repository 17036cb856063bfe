import type { MillraceError } from '../errors.ts'
import type { DrainResult } from './drain.ts'
import type { InstalledModel } from './model.ts'
import type { Backlog } from './pace.ts'
import type { Rotated } from './rotate.ts'

/** What a worker tells those who watch it: the command line, the status page, metrics. Plain data, no formatting. */
export type WorkEvent =
  | {
      readonly kind: 'started'
      /** The read models that it tends. */
      readonly models: readonly InstalledModel[]
    }
  | {
      readonly kind: 'models-changed'
      /** Those that are installed now. */
      readonly models: readonly InstalledModel[]
    }
  | {
      readonly kind: 'drained'
      /** The read model that is fresher now. */
      readonly model: InstalledModel
      /** What the drain found and did. */
      readonly result: DrainResult
      /** How far it is with units that were too many for one drain; null where none wait. */
      readonly backlog: Backlog | null
      /** How long the drain took. */
      readonly durationMs: number
    }
  | {
      readonly kind: 'failed'
      /** The read model whose drain failed: its changes stay queued. */
      readonly model: InstalledModel
      /** What the database or the driver said. */
      readonly error: Error
      /** When it is tried again. */
      readonly retryInMs: number
    }
  | {
      readonly kind: 'rotated'
      /** Slots that were emptied, and those that were held on to. */
      readonly rotated: Rotated
    }
  /** Something that is done on a schedule was done, or has failed. */
  | {
      readonly kind: 'job-done'
      /** The job, or the read model that was refreshed, by its name. */
      readonly job: string
      /** Rows that its statement wrote, or that the refresh changed. */
      readonly rowsChanged: number
      /** How long the run took. */
      readonly durationMs: number
    }
  | {
      readonly kind: 'job-failed'
      /** The job, or the read model that should have been refreshed, by its name. */
      readonly job: string
      /** What the database or the driver said. */
      readonly error: Error
      /** Null where it is not known: its connection broke off. */
      readonly retryInMs: number | null
    }
  /** Workers have come or gone, or read models have: these are the ones that this worker tends now. */
  | {
      readonly kind: 'shared'
      /** How many workers there are, this one included. */
      readonly workers: number
      /** The read models that this one tends. */
      readonly models: readonly InstalledModel[]
    }
  | {
      readonly kind: 'disconnected'
      /** How the connection was lost, or could not be made. */
      readonly error: Error
      /** When it connects again. */
      readonly retryInMs: number
    }
  | {
      /** It stops by itself, because going on would be wrong: `work` throws this error. */
      readonly kind: 'refused'
      /** Why: `SCHEMA_NEWER`, for one. */
      readonly error: MillraceError
    }
  | { readonly kind: 'stopped' }
