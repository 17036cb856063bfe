import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '../../src/pg/client.ts'

/** Something that has been started and not waited for. */
export interface Started<T> {
  readonly result: Promise<T>
}

/** Something that stands still until it is let go. */
export interface Held<T> {
  /** Lets it go on, and waits for its end. */
  release(): Promise<T>
}

interface Blockable {
  readonly pid: number
}

/**
 * Starts something in a session and waits until the server itself says that the session waits for a lock that one of
 * the others holds, or stands before it in the queue for. If it ends instead, the test has failed.
 */
export async function startBlocked<T>(
  observer: Client,
  session: Blockable,
  run: () => Promise<T>,
  by: readonly Blockable[],
): Promise<Started<T>> {
  const state = { isOver: false }
  const result = run().finally(() => {
    state.isOver = true
  })
  // Whoever waits for the result hears of its failure; until then it is nobody's fault.
  result.catch(() => undefined)
  while (!(await waitsFor(observer, session, by))) {
    if (state.isOver) throw new Error(`was not blocked, but ended: ${await outcomeOf(result)}`)
    await pause(LOOK_MS)
  }
  return { result }
}

/** How often a condition is looked at. */
const LOOK_MS = 5

/** Does the session wait for one of these now? */
export async function waitsFor(
  observer: Client,
  session: Blockable,
  by: readonly Blockable[],
): Promise<boolean> {
  const [row] = await observer.query<{ waits: boolean }>(
    'select pg_blocking_pids($1::int) && $2::int[] as waits',
    [session.pid, by.map(({ pid }) => pid)],
  )
  return row?.waits === true
}

/** Waits until a query returns a row. */
export async function untilRow(
  observer: Client,
  query: string,
  values: readonly unknown[] = [],
): Promise<void> {
  while ((await observer.query(query, values)).length === 0) await pause(LOOK_MS)
}

/** Runs something that calls `hold` on its way, and comes back when it stands there. */
export async function startHeld<T>(run: (hold: () => Promise<void>) => Promise<T>): Promise<Held<T>> {
  const reached = signal()
  const released = signal()
  const result = run(async () => {
    reached.send()
    await released.received
  })
  const ended = result.then((value) => {
    throw new Error(`ended before it came to the place: ${JSON.stringify(value)}`)
  })
  await Promise.race([reached.received, ended])
  ended.catch(() => undefined)
  return {
    async release() {
      released.send()
      return await result
    },
  }
}

/** A client that does something else first, before each statement that it passes on. */
export function stepping(client: Client, before: (statement: string) => Promise<void>): Client {
  return {
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      await before(text)
      return await client.query<Row>(text, values)
    },
  }
}

function signal() {
  let send: () => void = () => undefined
  const received = new Promise<void>((resolve) => {
    send = resolve
  })
  return { received, send }
}

async function outcomeOf(result: Promise<unknown>): Promise<string> {
  return await result.then(
    (value) => JSON.stringify(value),
    (error: unknown) => String(error),
  )
}
