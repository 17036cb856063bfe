import type { JobDefinition } from '../define/resolve-job.ts'
import type { ModelDefinition } from '../migrate/compile-model.ts'
import type { RefreshedDefinition } from '../migrate/compile-refreshed.ts'
import type { ServerWishes } from '../migrate/server/server.ts'
import type { Client } from '../pg/client.ts'
import type { InstalledModel } from '../work/model.ts'

/** Something that is not as it should be. `error`: readers get stale rows, or will; `warning`: it works, at a price. */
export interface Finding {
  /** The name of the check, which is that of its file. */
  readonly check: string
  readonly severity: 'error' | 'warning'
  /** What it is about: a read model, a source, a table. */
  readonly object: string
  readonly message: string
  /** What mends it, step by step. */
  readonly remedy: readonly Remedy[]
}

/** A statement for psql, by somebody who may; or a command for the shell. */
export type Remedy =
  { readonly kind: 'sql'; readonly sql: string } | { readonly kind: 'command'; readonly command: string }

/** What a check is given to look at. */
export interface Examination {
  readonly client: Client
  readonly models: readonly InstalledModel[]
  readonly declared: readonly ModelDefinition[]
  /** What is declared to be done on a schedule. */
  readonly schedule: {
    readonly refreshed: readonly RefreshedDefinition[]
    readonly jobs: readonly JobDefinition[]
  }
  readonly searchPath: readonly string[] | undefined
  /** Extensions and settings that are wanted. */
  readonly wishes?: ServerWishes | undefined
  /** The role that drains, if it is another than the owner. */
  readonly workerRole: string | undefined
  readonly limits: Limits
}

export interface Limits {
  /** A change that waits longer is an error, where the model's own `maxLag` says nothing else. */
  readonly maxLagMs: number
  /** A transaction that keeps a slot of a queue from being emptied for longer is an error. */
  readonly maxHoldMs: number
  readonly maxQueueBytes: number
  /** A worker that does nothing at all for longer hangs. */
  readonly maxSilentMs: number
  /** How long to watch what is under way before calling it stuck. */
  readonly patienceMs: number
}

export type Check = (examination: Examination) => Promise<readonly Omit<Finding, 'check'>[]>

export function runSql(text: string): Remedy {
  return { kind: 'sql', sql: text }
}

export function runCommand(command: string): Remedy {
  return { kind: 'command', command }
}
