import type { MillraceError } from '../errors.ts'
import type { WorkEvent } from '../work/events.ts'
import { work } from '../work/loop.ts'
import { databaseUrl, type DatabaseConfiguration } from './configuration.ts'

/** When a worker ends, how long it sleeps, and who hears of what it does. */
export interface StartWorkerOptions {
  /** Ends the worker as `stop` does. */
  readonly signal?: AbortSignal | undefined
  /** Hears what the worker does. What it throws becomes a warning of the process, and does not stop the worker. */
  readonly onEvent?: ((event: WorkEvent) => void) | undefined
  /** How long an idle worker sleeps between looks at most, in milliseconds: 25 unless said otherwise. */
  readonly maxIdleMs?: number | undefined
}

/** `refused`: it has ended, for going on would be wrong. `disconnected`: it connects again. */
export type WorkerState = 'starting' | 'working' | 'disconnected' | 'refused' | 'stopped'

/** A worker in this process. */
export interface RunningWorker {
  /**
   * Resolves when it has ended: by the signal or by `stop`, never because a connection broke off. Rejects with the error for which it
   * refused to go on (`refused` among the events); nobody has to listen.
   */
  readonly done: Promise<void>
  /** What it is doing now. */
  readonly state: WorkerState
  /** Hears of its events from now on, as `onEvent` does; the answer stops it. */
  listen(onEvent: (event: WorkEvent) => void): () => void
  /** Lets it finish the drain under way; resolves when it has ended, for whatever reason. */
  stop(): Promise<void>
}

/**
 * Keeps all read models of a database fresh from within this process, as `millrace work` does. It connects by itself, also to a server
 * that is not there yet or goes away, with longer and longer waits; several workers of one database share its models.
 */
export function startWorker(
  config: DatabaseConfiguration,
  { signal, onEvent, maxIdleMs }: StartWorkerOptions = {},
): RunningWorker {
  const own = new AbortController()
  const stopped = signal === undefined ? own.signal : AbortSignal.any([own.signal, signal])
  const listeners = new Set(onEvent === undefined ? [] : [onEvent])
  let state: WorkerState = 'starting'
  const done = run()
  // A rejection that nobody handles would end the process of the host.
  const ended = done.catch(() => undefined)
  return {
    done,
    get state() {
      return state
    },
    listen(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    async stop() {
      own.abort()
      await ended
    },
  }

  function tell(event: WorkEvent): void {
    state = STATES[event.kind] ?? state
    for (const listener of listeners) hear(listener, event)
  }

  async function run(): Promise<void> {
    const url = await databaseUrl(config).catch((error: unknown) => {
      tell({ kind: 'refused', error: error as MillraceError })
      throw error
    })
    await work({ url, signal: stopped, onEvent: tell, maxIdleMs })
  }
}

/** Events after which it is in another state; of the last three that has their name. */
const STATES: Readonly<Partial<Record<WorkEvent['kind'], WorkerState>>> = {
  started: 'working',
  disconnected: 'disconnected',
  refused: 'refused',
  stopped: 'stopped',
}

/** The mistakes of a listener stay its own. */
function hear(listener: (event: WorkEvent) => void, event: WorkEvent): void {
  try {
    listener(event)
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error))
  }
}
