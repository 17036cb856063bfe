import pg from 'pg'
import type { Action } from './actions/action.ts'
import { ACTIONS, chooseAction, isRead } from './actions/all.ts'
import { randomFrom, type Random } from './random.ts'
import { countIn, newRate, type Rate } from './rate.ts'
import type { Sizes } from './sizes.ts'

export interface SimulateOptions {
  readonly databaseUrl: string
  readonly signal: AbortSignal
  readonly seed: number
  /** Of the community that they are part of. */
  readonly sizes: Sizes
  /** People at once, each with a connection. */
  readonly people: number
  /** Milliseconds that a person thinks between two actions, on average. */
  readonly thinkMs: number
  /** How much each of them does before leaving; absent: until the signal. */
  readonly actions?: number | undefined
}

/** What the simulated users have done so far. Counted as it happens; read it at any time. */
export interface Activity {
  readonly actions: Map<string, number>
  readonly writes: Rate
  readonly reads: Rate
  /** The latest durations of writes, in milliseconds. */
  readonly latencies: number[]
  readonly errors: string[]
}

const KEEP_LATENCIES = 5_000

/** Simulated users who post, vote, comment, award, message and read until the signal. */
export function simulate(options: SimulateOptions): {
  readonly activity: Activity
  readonly done: Promise<void>
} {
  const activity: Activity = {
    actions: new Map(ACTIONS.map(({ name }) => [name, 0])),
    writes: newRate(),
    reads: newRate(),
    latencies: [],
    errors: [],
  }
  const people = Array.from({ length: options.people }, (_, i) =>
    live(options, activity, randomFrom(options.seed * 1_000 + i)),
  )
  return { activity, done: Promise.all(people).then(() => undefined) }
}

/** Errors are told, not hidden: the summary counts them, and a run with an error has failed. */
async function live(options: SimulateOptions, activity: Activity, random: Random): Promise<void> {
  const { databaseUrl, signal, sizes, thinkMs, actions = Infinity } = options
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'simulated user' })
  const lost = new AbortController()
  client.on('error', (error) => {
    if (!lost.signal.aborted) activity.errors.push(`connection lost: ${error.message}`)
    lost.abort()
  })
  const until = AbortSignal.any([signal, lost.signal])
  try {
    await client.connect()
    for (let done = 0; done < actions && !until.aborted; done += 1) {
      const action = chooseAction(random)
      const { text, values } = action.statement(random, sizes)
      const startedAt = performance.now()
      try {
        await client.query(text, values)
        note(activity, action, performance.now() - startedAt)
      } catch (error) {
        activity.errors.push(`${action.name}: ${messageOf(error)}`)
      }
      await pause(thinkMs * 2 * random.next(), until)
    }
  } catch (error) {
    activity.errors.push(`connect: ${messageOf(error)}`)
  } finally {
    await client.end().catch(() => undefined)
  }
}

function note(activity: Activity, { name }: Action, ms: number): void {
  activity.actions.set(name, (activity.actions.get(name) ?? 0) + 1)
  if (isRead(name)) {
    countIn(activity.reads)
    return
  }
  countIn(activity.writes)
  activity.latencies.push(ms)
  if (activity.latencies.length > KEEP_LATENCIES) activity.latencies.shift()
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal.addEventListener('abort', finish)
  })
}
