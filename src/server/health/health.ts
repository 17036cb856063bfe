import type { WorkerState } from '../../embed/start-worker.ts'
import { MillraceError } from '../../errors.ts'
import type { DatabaseState, ModelStanding } from '../state.ts'

/** How it stands: what `…/health` answers. */
export interface Health {
  /** `ok`: all is well. `degraded`: it answers, and something should be looked at. `down`: it cannot do its work. */
  readonly status: 'ok' | 'degraded' | 'down'
  /** Why it is not ok; none where it is. */
  readonly reasons: readonly Reason[]
}

/** One thing that is not as it should be. */
export interface Reason {
  /**
   * What it is about: the database, its schema millrace, the worker of this process, a read model that is being built, is behind or
   * has units set aside.
   */
  readonly kind: 'database' | 'schema' | 'worker' | 'building' | 'lag' | 'set-aside'
  /** The read model that it is about. */
  readonly model?: string
  /** The same as a sentence for people. */
  readonly message: string
}

export interface Looked {
  /** What the database said, or the error by which it did not. */
  readonly state: DatabaseState | Error
  /** Of the worker in this process; undefined where there is none. */
  readonly worker: WorkerState | undefined
}

/** Is there any use in letting this process live on? */
export function liveness({ worker }: Pick<Looked, 'worker'>): Health {
  const hasEnded = worker === 'refused' || worker === 'stopped'
  return hasEnded ? down({ kind: 'worker', message: `the worker has ${WORDS[worker]}` }) : OK
}

/** Can it do its work now? */
export function readiness({ state, worker }: Looked): Health {
  if (state instanceof Error) return down(databaseReason(state))
  if (worker !== undefined && worker !== 'working') {
    return down({ kind: 'worker', message: `the worker: ${WORDS[worker]}` })
  }
  return OK
}

/** All that is known: whether it can work, and what is behind. */
export function health(looked: Looked): Health {
  const ready = readiness(looked)
  if (ready.status === 'down' || looked.state instanceof Error) return ready
  const { models, workers } = looked.state
  const nobody: readonly Reason[] =
    workers === 0 && models.length > 0
      ? [{ kind: 'worker', message: 'no worker is connected to the database' }]
      : []
  const reasons = [...nobody, ...models.flatMap(modelReasons)]
  return reasons.length === 0 ? OK : { status: 'degraded', reasons }
}

const OK: Health = { status: 'ok', reasons: [] }

function down(reason: Reason): Health {
  return { status: 'down', reasons: [reason] }
}

/** Who asks may be anybody: where the database is, and what it says to others, is not told. */
function databaseReason(error: Error): Reason {
  return error instanceof MillraceError
    ? { kind: 'schema', message: error.message }
    : { kind: 'database', message: 'the database does not answer' }
}

/** States in words. */
const WORDS: Readonly<Record<WorkerState, string>> = {
  starting: 'not connected yet',
  working: 'at work',
  disconnected: 'disconnected',
  refused: 'refused to go on',
  stopped: 'stopped',
}

function modelReasons({
  model,
  state,
  changes,
  ageMs,
  maxLagMs,
  setAside,
}: ModelStanding): readonly Reason[] {
  const reasons: Reason[] = []
  if (state !== 'ready') reasons.push({ kind: 'building', model, message: 'it is being filled' })
  if (changes > 0 && ageMs > maxLagMs) {
    const waiting = changes === 1 ? '1 change waits' : `${String(changes)} changes wait`
    const message = `${waiting}, and it was last drained ${String(Math.round(ageMs / 1_000))} s ago`
    reasons.push({ kind: 'lag', model, message })
  }
  if (setAside > 0) {
    reasons.push({
      kind: 'set-aside',
      model,
      message: `${String(setAside)} units are set aside with an error`,
    })
  }
  return reasons
}
