import { randomFrom, type Random } from '../random.ts'
import { letArrive, type Arrival } from './arrivals.ts'
import { openBrowser, type Browser } from './browser.ts'
import { newRecorder, newTimes, type KindFigures, type Percentiles, type Recorder } from './figures.ts'
import { chooseKind, type Kind } from './mix.ts'
import { requestOf } from './requests.ts'
import type { Session } from './sessions.ts'
import type { World } from './world.ts'

/** The page that a browser goes on to when its form has been taken. */
export const AFTER_WRITE = 'page after a write'

export interface GeneratorOptions {
  readonly origin: string
  readonly sessions: readonly Session[]
  readonly world: World
  readonly thinkMs: number
  readonly giveUpMs: number
  readonly joinMs: number
  readonly seed: number
  readonly signal: AbortSignal
}

export interface Generated {
  readonly kinds: Readonly<Record<string, KindFigures>>
  readonly errors: readonly string[]
  /** How much later than meant requests were sent, by the generator's own fault. It is in the times of the answers. */
  readonly lateMs: Percentiles
  readonly seconds: number
  /** Sent altogether, measured or not. */
  readonly sent: number
}

/** Sessions that look at pages and send forms, measured from `measure` to `finish`. */
export interface Generator {
  /** Forgets what was before. */
  readonly measure: () => void
  /** Waits for the answers that are due, and tells what came of all requests since `measure`. */
  readonly finish: () => Promise<Generated>
}

interface State {
  recorder: Recorder
  late: ReturnType<typeof newTimes>
  from: number
  sent: number
  readonly open: Set<Promise<void>>
}

export function generate(options: GeneratorOptions): Generator {
  const random = randomFrom(options.seed)
  const browser = openBrowser(options.origin, options.giveUpMs)
  const state: State = {
    recorder: newRecorder(),
    late: newTimes(),
    from: performance.now(),
    sent: 0,
    open: new Set(),
  }
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const { thinkMs, joinMs } = options
  const crowd = { sessions: options.sessions.length, thinkMs, joinMs }
  const arriving = letArrive(crowd, { random, end: Infinity, signal }, (arrival) => {
    const visiting = visit(arrival, options, { random, browser, state })
    state.open.add(visiting)
    void visiting.finally(() => state.open.delete(visiting))
  })
  return {
    measure: () => {
      Object.assign(state, { recorder: newRecorder(), late: newTimes(), from: performance.now() })
    },
    finish: async () => {
      const seconds = (performance.now() - state.from) / 1_000
      stop.abort()
      await arriving
      await Promise.all(state.open)
      await browser.close()
      const { recorder, late, sent } = state
      return { kinds: recorder.kinds(), errors: recorder.errors(), lateMs: late.percentiles(), seconds, sent }
    },
  }
}

interface Visiting {
  readonly random: Random
  readonly browser: Browser
  readonly state: State
}

/** One request, and the page after it where it was a form. What was meant before the measurement began is not in it. */
async function visit(
  { at, session: number }: Arrival,
  { sessions, world }: GeneratorOptions,
  { random, browser, state }: Visiting,
): Promise<void> {
  const { recorder } = state
  const session = sessions[number]
  if (session === undefined) return
  if (at >= state.from) state.late.record(performance.now() - at)
  const kind = chooseKind(random)
  const request = requestOf(kind, random, world, session)
  const send = async (name: Kind | typeof AFTER_WRITE, meant: number, asked: typeof request) => {
    state.sent += 1
    try {
      const { location } = await browser.send(session, asked)
      recorder.note(name, performance.now() - meant)
      return location
    } catch (error) {
      recorder.fail(name, `${shapeOf(asked.path)}: ${error instanceof Error ? error.message : String(error)}`)
      return null
    }
  }
  const location = await send(kind, at, request)
  if (location !== null) await send(AFTER_WRITE, performance.now(), { path: location })
}

/** A path without what is different each time, so that errors of one sort are told once. */
function shapeOf(path: string): string {
  return path
    .replace(/\?.*/, '')
    .replaceAll(/[0-9a-f-]{36}/g, ':id')
    .replace(/(?<=^\/messages\/).*/, ':username')
}
