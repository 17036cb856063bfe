import { expect, test } from 'vitest'
import { drainOnce } from '../../src/embed/drain-once.ts'
import { startWorker } from '../../src/embed/start-worker.ts'
import { liveChanges, type LiveChanges } from '../../src/server/live/live-changes.ts'
import type { TestDatabase } from '../support/database.ts'
import { isConflict } from './conflicts.ts'
import { Subscriber, type Surroundings, type Tally } from './live/subscriber.ts'
import { makeWorld, write } from './live/world.ts'
import { randomFrom, type Random } from './random.ts'

const TRANSACTIONS = Number(process.env['MILLRACE_LIVE_TRANSACTIONS'] ?? 300)
const SUBSCRIBERS = 16
const WRITERS = 2
/** Nothing takes so long but a state that never comes. */
const GIVE_UP_MS = 20_000

/**
 * Writers, a worker that is stopped, started and cut off, and subscribers who come and go over two hubs whose connections are cut off as
 * well. Whatever a subscriber is told was once committed, together, and is never older than what he was told before; when everybody
 * rests he has what the model has. Seen to fail where a deletion is not told to one who comes back or to anybody, where a position is the
 * newest transaction instead of the oldest that may be open, where one who comes back is told only what others have not heard, and
 * where updates that nobody has taken are forgotten with a lost connection.
 */
test('every change arrives or is superseded, none is invented, whoever is restarted or cut off', async () => {
  const seed = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1_000_000)
  const database = await makeWorld()
  const { tally, subscribers, hubs, cuts } = await run(database, seed)
  expect(tally.found, `seed ${String(seed)}`).toEqual([])
  expect(tally.resumed, 'subscribers who came back and were told the difference').toBeGreaterThan(SUBSCRIBERS)
  expect(cuts()).toBeGreaterThan(3)

  await drainOnce({ database: database.url('worker') })
  const owner = await database.connect('owner')
  const signal = AbortSignal.timeout(GIVE_UP_MS)
  const still: Surroundings = { hubs, tally, commits: () => Promise.resolve(), isOver: () => true }
  for (const subscriber of subscribers) {
    const { subject } = subscriber
    const rows = await subject.rows(owner)
    await subscriber.follow(still, hubs()[0] as LiveChanges, signal, rows)
    expect(subscriber.rows, `seed ${String(seed)}, ${subject.model}`).toEqual(rows)
  }
  for (const hub of hubs()) await hub.close()
})

async function run(database: TestDatabase, seed: number) {
  const config = { database: database.url('worker') }
  const tally: Tally = { updates: 0, connections: 0, resumed: 0, found: [] }
  let written = 0
  let cuts = 0
  const waiting = new Set<() => void>()
  // A quick machine is through with these before much has been cut off.
  const isCovered = () => tally.resumed > SUBSCRIBERS && cuts > 3
  const isOver = () => written >= (isCovered() ? TRANSACTIONS : 20 * TRANSACTIONS) || tally.found.length > 0
  const onError = () => (cuts += 1)
  const hubs: LiveChanges[] = [
    liveChanges(config, { maxIdleMs: 20, onError }),
    liveChanges(config, { maxIdleMs: 20, onError }),
  ]
  const world: Surroundings = {
    hubs: () => hubs,
    tally,
    isOver,
    commits: async (count) => {
      const until = written + count
      while (written < until && !isOver()) await new Promise<void>((resolve) => waiting.add(resolve))
    },
  }
  const commit = () => {
    written += 1
    for (const wake of waiting) wake()
    waiting.clear()
  }

  const subscribers = Array.from(
    { length: SUBSCRIBERS },
    (_, i) => new Subscriber(randomFrom(seed * 100 + i)),
  )
  await Promise.all([
    ...Array.from({ length: WRITERS }, (_, i) =>
      writeUntilOver(database, randomFrom(seed * 100 + 50 + i), isOver, commit),
    ),
    ...subscribers.map((it, i) => it.live(world, randomFrom(seed * 100 + 60 + i))),
    restart(config, world, randomFrom(seed * 100 + 90)),
    cutOff(database, world, randomFrom(seed * 100 + 91)),
  ])
  return { tally, subscribers, hubs: () => hubs, cuts: () => cuts }
}

async function writeUntilOver(
  database: TestDatabase,
  random: Random,
  isOver: () => boolean,
  commit: () => void,
) {
  const client = await database.connect('writer')
  while (!isOver()) {
    await write(client, random).catch((error: unknown) => {
      if (!isConflict(error)) throw error
    })
    commit()
  }
}

async function restart(config: { database: string }, { commits, isOver }: Surroundings, random: Random) {
  while (!isOver()) {
    const worker = startWorker(config)
    await commits(20 + random.below(150))
    await worker.stop()
  }
}

/** Ends the sessions of workers and hubs, as a network does that breaks down. */
async function cutOff(database: TestDatabase, { commits, isOver }: Surroundings, random: Random) {
  const superuser = await database.connect('superuser')
  while (!isOver()) {
    await commits(10 + random.below(60))
    await superuser.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = any ($1)`,
      [random.oneIn(2) ? ['millrace live'] : ['millrace worker', 'millrace live']],
    )
  }
}
