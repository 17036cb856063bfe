import type { RelationName } from '../compile/plan.ts'
import type { Connection } from '../pg/client.ts'
import type { WorkEvent } from './events.ts'
import { requireSchema } from '../catalog/schema-version.ts'
import { readDrained, readInstalled, type InstalledModel } from './model.ts'
import type { Scheduler } from './schedule/scheduler.ts'
import { readShare, tended, type Share } from './share.ts'
import { NO_LOOK, type Look } from './touched.ts'
import { watch, type Watches } from './watch.ts'

/** The state of one connected worker. */
export interface Worker {
  readonly client: Connection
  readonly signal: AbortSignal
  readonly onEvent: (event: WorkEvent) => void
  readonly maxIdleMs: number
  readonly scheduler: Scheduler
  models: readonly InstalledModel[]
  /** What was installed when these models were read. */
  installed: string
  share: Share
  watches: Watches
  look: Look
  /** When the round under way began, in which each model is looked at once, and for how long it has drained. */
  roundAt: number
  workedMs: number
  /** Queues that are to be rotated yet. */
  rotation: readonly RelationName[]
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

/** What comes round at its own times, and was just done or is not urgent when a worker begins. */
const REGULAR = ['share', 'models', 'rotate', 'prune']

/** Everything that a worker remembers ends with its connection. */
export async function newWorker(
  client: Connection,
  { signal, onEvent, maxIdleMs, scheduler }: Pick<Worker, 'signal' | 'onEvent' | 'maxIdleMs' | 'scheduler'>,
): Promise<Worker> {
  await requireSchema(client)
  // Asked first: what is installed in between is then read again.
  const installed = await readInstalled(client)
  const models = await readDrained(client)
  const share = await readShare(client)
  const now = performance.now()
  return {
    client,
    signal,
    onEvent,
    maxIdleMs,
    scheduler,
    models,
    installed,
    share,
    watches: watch(new Map(), share.standings, now, models),
    look: NO_LOOK,
    roundAt: now,
    workedMs: 0,
    rotation: [],
    idleMs: MIN_IDLE_MS,
    waits: new Map(),
    lastRun: new Map(REGULAR.map((name) => [name, now])),
  }
}

/** The models that fall to this worker. */
export function tendedModels({ models, share }: Worker): readonly InstalledModel[] {
  const storages = tended(share)
  return models.filter(({ storage }) => storages.includes(storage))
}
