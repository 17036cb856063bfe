import { expect, test } from 'vitest'
import { drainOnce } from '../../src/embed/drain-once.ts'
import { startWorker } from '../../src/embed/start-worker.ts'
import { liveChanges, type LiveChanges } from '../../src/server/live/live-changes.ts'
import type { TestDatabase } from '../support/database.ts'
import { WAIT_MS } from '../support/patience.ts'
import { SEED } from '../support/seed.ts'
import { isConflict } from './conflicts.ts'
import type { Surroundings, Tally } from './live/come-and-go.ts'
import { PageSubscriber } from './live/page-subscriber.ts'
import { presentPage } from './live/page-world.ts'
import { Subscriber } from './live/subscriber.ts'
import { makeWorld, write } from './live/world.ts'
import { randomFrom, type Random } from './random.ts'

const TRANSACTIONS = Number(process.env['MILLRACE_LIVE_TRANSACTIONS'] ?? 300)
const SUBSCRIBERS = 16
const PAGES = 12
const WRITERS = 2

/**
 * Writers, a worker that is stopped, started and cut off, and subscribers who come and go over two hubs whose connections are cut off as
 * well. Whatever a subscriber is told was once committed, together, and is never older than what he was told before; when everybody
 * rests he has what the model has. Seen to fail where a deletion is not told to one who comes back or to anybody, where a position is the
 * newest transaction instead of the oldest that may be open, where one who comes back is told only what others have not heard, and
 * where updates that nobody has taken are forgotten with a lost connection.
 *
 * Followers of pages hold what they are told and nothing else, and every page that they have held is that of a committed state, none before
 * the one of their last. Seen to fail where a row's digest is that of its key, where whoever comes back is taken to know all or what
 * he has taken is not noted, where a page is read only once, or is a row too short, or in an order without the key, or without a condition.
 */
test('every change arrives or is superseded, none is invented, whoever is restarted or cut off', async () => {
  const database = await makeWorld()
  const { tally, subscribers, pages, hubs, cuts } = await run(database)
  expect(tally.found, `seed ${String(SEED)}`).toEqual([])
  expect(isCovered(tally), 'subscribers who came back and were told the difference').toBe(true)
  expect(cuts()).toBeGreaterThan(3)

  await drainOnce({ database: database.url('worker') })
  const owner = await database.connect('owner')
  const signal = AbortSignal.timeout(WAIT_MS)
  const still: Surroundings = { hubs, tally, commits: () => Promise.resolve(), isOver: () => true }
  const [hub] = hubs() as [LiveChanges]
  for (const subscriber of subscribers) {
    const { subject } = subscriber
    const rows = await subject.rows(owner)
    await subscriber.follow(still, { hub, signal }, rows)
    expect(subscriber.rows, `seed ${String(SEED)}, ${subject.model}`).toEqual(rows)
  }
  for (const follower of pages) {
    const { subject } = follower
    const page = await presentPage(owner, subject)
    await follower.follow(still, { hub, signal }, page)
    expect(follower.page, `seed ${String(SEED)}, ${JSON.stringify(subject)}`).toBe(page)
    expect(await follower.problem(owner), `seed ${String(SEED)}`).toBeUndefined()
  }
  for (const it of hubs()) await it.close()
})

function isCovered({ resumed }: Tally): boolean {
  return resumed.keys > SUBSCRIBERS && resumed.pages > PAGES
}

async function run(database: TestDatabase) {
  const config = { database: database.url('worker') }
  const tally: Tally = { updates: 0, connections: 0, resumed: { keys: 0, pages: 0 }, found: [] }
  let written = 0
  let cuts = 0
  const waiting = new Set<() => void>()
  // A quick machine is through with these before much has been cut off.
  const isOver = () =>
    written >= (isCovered(tally) && cuts > 3 ? TRANSACTIONS : 20 * TRANSACTIONS) || tally.found.length > 0
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
    (_, i) => new Subscriber(randomFrom(SEED * 100 + i)),
  )
  const pages = Array.from({ length: PAGES }, (_, i) => new PageSubscriber(randomFrom(SEED * 100 + 30 + i)))
  await Promise.all([
    ...Array.from({ length: WRITERS }, (_, i) =>
      writeUntilOver(database, randomFrom(SEED * 100 + 50 + i), isOver, commit),
    ),
    ...[...subscribers, ...pages].map((it, i) => it.live(world, randomFrom(SEED * 100 + 60 + i))),
    restart(config, world, randomFrom(SEED * 100 + 90)),
    cutOff(database, world, randomFrom(SEED * 100 + 91)),
  ])
  return { tally, subscribers, pages, hubs: () => hubs, cuts: () => cuts }
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
