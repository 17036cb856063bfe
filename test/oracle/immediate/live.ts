import { drainAll } from '../../../src/work/drain-all.ts'
import type { TestDatabase } from '../../support/database.ts'
import { randomFrom } from '../random.ts'
import { check } from './check.ts'
import { drainer } from './drainer.ts'
import { prepareChecks, type Checked } from './reads.ts'
import { COUNTS, type Count, type Session, type Stretch, type World, type WorldOptions } from './world.ts'
import { writer } from './writer.ts'

export async function createWorld(
  database: TestDatabase,
  models: readonly Checked[],
  options: WorldOptions,
): Promise<World> {
  const world: World = {
    database,
    models,
    options,
    tables: await applicationTables(database),
    counts: Object.fromEntries(COUNTS.map((it) => [it, 0])) as Record<Count, number>,
    ends: new Map(),
    deadlocks: new Map(),
    meetings: [],
    found: [],
    recently: [],
    sessions: [],
    stretch: {
      name: 'none',
      habits: { isolations: [], shapes: [], truncates: false },
      operations: 0,
      hasWorkers: false,
    },
    stop: new AbortController(),
  }
  for (let i = 0; i < options.sessions; i += 1) world.sessions.push(await openSession(world))
  return world
}

async function applicationTables(database: TestDatabase): Promise<World['tables']> {
  const owner = await database.connect('owner')
  return await owner.query<World['tables'][number]>(`
    select relname as name, oid::text as oid
    from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r'`)
}

async function openSession({ database, models }: World): Promise<Session> {
  const [client, reader] = [await database.connect('writer'), await database.connect('owner')]
  // What waits so long waits for ever.
  for (const it of [client, reader]) await it.query(`set statement_timeout = '60s'`)
  if (models.length > 0) await prepareChecks(reader, models)
  const [row] = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return { client, reader, pid: row?.pid ?? 0, transaction: undefined }
}

/** Lets all sessions write at once. Whoever fails ends the stretch; its error is thrown when all have come to their end. */
export async function live(world: World, stretch: Stretch, seed: number): Promise<void> {
  const until = world.counts.operations + stretch.operations
  world.stretch = stretch
  world.stop = new AbortController()
  const random = (stream: number) => randomFrom(seed * 1_000 + stream)
  const isOver = () =>
    world.stop.signal.aborted ||
    world.counts.operations >= until ||
    (world.options.stopOnDifference === true && world.found.length > 0) ||
    (world.options.stopOnDeadlock === true && world.deadlocks.size > 0)
  const writers = world.sessions.map((session, i) => writer(world, session, random(i), isOver))
  const workers = stretch.hasWorkers ? [drainer(world, random(501)), drainer(world, random(502))] : []
  const all = [...writers, ...workers].map((it) =>
    it.catch((error: unknown) => {
      world.stop.abort(error)
    }),
  )
  await Promise.all(all.slice(0, writers.length))
  world.stop.abort(DONE)
  await Promise.all(all)
  if (world.stop.signal.reason !== DONE) throw world.stop.signal.reason
}

export const DONE = new Error('all writers have done their part')

/** When all is drained nothing lags, and nothing waits but what cannot be computed. */
export async function settle(world: World): Promise<void> {
  await drainAll(await world.database.connect('worker'), world.models)
  const [session] = world.sessions
  if (session === undefined) return
  world.stretch = {
    ...world.stretch,
    name: `after ${world.stretch.name}`,
    hasWorkers: false,
    isSettled: true,
  }
  await check(world, session.reader, randomFrom(world.options.seed))
}
