import { isDatabaseError } from '../../pg/errors.ts'
import type { Random } from '../random.ts'
import type { Stage, Step } from './play.ts'
import { drawStatement, type Drawing } from './statements.ts'

/** What each session is about to do, as far as it matters to the next step. */
export interface Script extends Drawing {
  readonly states: SessionState[]
  /** To be called when the server has refused a statement of the session. */
  failed(step: Step): void
}

/** none: no transaction is open. failed: the server takes nothing but its end. */
type SessionState = 'none' | 'open' | 'failed'

export function newScript(drawing: Drawing): Script {
  const states: SessionState[] = []
  return {
    ...drawing,
    states,
    failed(step) {
      if ('session' in step && states[step.session] === 'open') states[step.session] = 'failed'
    },
  }
}

const BEGIN = [
  'begin',
  'begin',
  'begin isolation level repeatable read',
  'begin isolation level serializable',
]

/** Draws the next step: mostly a write of some session, now and then the end of a transaction, a drain or a strict read. */
export async function drawStep(script: Script, stage: Stage): Promise<Step> {
  const { random, states } = script
  if (random.oneIn(12)) return { kind: 'drain' }
  const session = random.below(stage.sessions.length)
  const state = states[session] ?? 'none'
  if (random.oneIn(15) && state !== 'failed') return { kind: 'read strictly', session }
  const control = controlOf(state, random)
  if (control !== undefined) {
    states[session] = control === 'commit' || control === 'rollback' ? 'none' : 'open'
    return { kind: 'run', session, sql: control }
  }
  const client = stage.sessions[session]
  if (client === undefined) throw new Error(`there is no session ${String(session)}`)
  try {
    return { kind: 'run', session, sql: await drawStatement(client, script) }
  } catch (error) {
    // A serializable transaction may be refused even to read.
    if (!isDatabaseError(error)) throw error
    states[session] = 'none'
    return { kind: 'run', session, sql: 'rollback' }
  }
}

/** What begins or ends a transaction, or a part of one; undefined: the session writes. */
function controlOf(state: SessionState, random: Random): string | undefined {
  if (state === 'failed') return random.oneIn(3) ? 'commit' : 'rollback'
  if (state === 'none') return random.oneIn(3) ? random.pick(BEGIN) : undefined
  if (random.oneIn(4)) return random.oneIn(5) ? 'rollback' : 'commit'
  return undefined
}
