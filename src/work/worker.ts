import type { Connection } from '../pg/client.ts'
import type { WorkEvent } from './events.ts'
import { readModels, type InstalledModel } from './model.ts'
import { readShare, type Share } from './share.ts'

/** The state of one connected worker. */
export interface Worker {
  readonly client: Connection
  readonly signal: AbortSignal
  readonly onEvent: (event: WorkEvent) => void
  readonly maxIdleMs: number
  models: readonly InstalledModel[]
  share: Share
  /** The snapshot that was current when every model was last found idle: as long as it is, nothing has committed. */
  idleAt: string | undefined
  idleMs: number
  /** Models that failed, or that another drain held, by storage: how often in a row, and when to try again. */
  readonly waits: Map<string, Wait>
  readonly lastRun: Map<string, number>
}

export interface Wait {
  readonly count: number
  readonly until: number
}

export const MIN_IDLE_MS = 2

/** Everything that a worker remembers ends with its connection. */
export async function newWorker(
  client: Connection,
  { signal, onEvent, maxIdleMs }: Pick<Worker, 'signal' | 'onEvent' | 'maxIdleMs'>,
): Promise<Worker> {
  return {
    client,
    signal,
    onEvent,
    maxIdleMs,
    models: await readModels(client),
    share: await readShare(client),
    idleAt: undefined,
    idleMs: MIN_IDLE_MS,
    waits: new Map(),
    lastRun: new Map(),
  }
}

/** The models that fall to this worker, and those that fall to others. */
export function sharedOut({ models, share }: Worker): {
  readonly mine: readonly InstalledModel[]
  readonly others: readonly InstalledModel[]
} {
  const isMine = ({ storage }: InstalledModel) => share.storages.includes(storage)
  return { mine: models.filter(isMine), others: models.filter((model) => !isMine(model)) }
}
