import { setTimeout as pause } from 'node:timers/promises'
import { waitFor } from '../../src/client/wait-for.ts'
import type { Client } from '../../src/pg/client.ts'
import { drainOnce } from '../../src/work/drain.ts'
import type { InstalledModel } from '../../src/work/model.ts'
import { rotate } from '../../src/work/rotate.ts'
import type { TestDatabase } from '../support/database.ts'
import { WAIT_MS } from '../support/patience.ts'
import { randomFrom, type Random } from './random.ts'
import { COUNTING_MODELS, type CountingModel } from './token-tables.ts'
import { readKeys, writeRandomly, type Expected, type Written } from './token-writer.ts'

export interface TokenWorldOptions {
  readonly seed: number
  readonly writers: number
  readonly transactions: number
  /** Those that are looked at; the simple ones if not given. */
  readonly counting?: readonly CountingModel[]
  /** Stop at the first wrong answer. */
  readonly stopOnWrong?: boolean
}

export interface TokenOutcome {
  /** A plain read that lacks what the token had been said to have passed. */
  readonly wrong: readonly string[]
  readonly tokens: readonly string[]
  readonly counts: Readonly<Record<Count, number>>
}

const COUNTS = [
  'transactions',
  'conflicts',
  'rolledBack',
  'prepared',
  'queuedNothing',
  'waits',
  'passedAtOnce',
  'notYetPassed',
  'passedToOldSnapshot',
  'notPassedToOldSnapshot',
  'spills',
  'rebuilds',
  'rotations',
] as const
type Count = (typeof COUNTS)[number]

/**
 * Writers take tokens and look, in several ways, for what they wrote: in a plain read after a wait, in the statement that
 * asks, in a snapshot that is older than drains and rotations. Meanwhile workers drain in chunks, rebuild, and empty slots.
 */
export async function runTokenWorld(
  database: TestDatabase,
  models: readonly InstalledModel[],
  options: TokenWorldOptions,
): Promise<TokenOutcome> {
  const world: World = {
    database,
    models,
    options,
    wrong: [],
    tokens: [],
    counts: Object.fromEntries(COUNTS.map((it) => [it, 0])) as Record<Count, number>,
    stop: new AbortController(),
  }
  const random = (stream: number) => randomFrom(options.seed * 1_000 + stream)
  const writers = Array.from({ length: options.writers }, (_, i) => writer(world, i, random(i)))
  const workers = [drainer(world, random(501)), drainer(world, random(502))]
  // Whoever fails ends the world; its error is thrown when all have come to their end.
  const all = [...writers, ...workers].map((it) =>
    it.catch((error: unknown) => {
      world.stop.abort(error)
    }),
  )
  await Promise.all(all.slice(0, writers.length))
  world.stop.abort(DONE)
  await Promise.all(all)
  if (world.stop.signal.reason !== DONE) throw world.stop.signal.reason
  return world
}

const DONE = new Error('all writers have done their part')

interface World extends TokenOutcome {
  readonly database: TestDatabase
  readonly models: readonly InstalledModel[]
  readonly options: TokenWorldOptions
  readonly wrong: string[]
  readonly tokens: string[]
  readonly counts: Record<Count, number>
  readonly stop: AbortController
}

function hasEnded({ options, counts, wrong, stop }: World): boolean {
  if (stop.signal.aborted) return true
  return counts.transactions >= options.transactions || (options.stopOnWrong === true && wrong.length > 0)
}

async function writer(world: World, index: number, random: Random): Promise<void> {
  const [client, reader, older] = [
    await world.database.connect('writer'),
    await world.database.connect('reader'),
    await world.database.connect('reader'),
  ]
  for (let n = 0; !hasEnded(world); n += 1) {
    world.counts.transactions += 1
    const snapshot = random.pick(['none', 'before the commit', 'after the commit', 'after the wait'])
    const name = `token_${String(index)}_${String(n)}`
    const written = await writeRandomly(client, random, { name, models: counted(world) }, async () => {
      if (snapshot === 'before the commit') await openSnapshot(older)
    })
    if (written === null) {
      world.counts.conflicts += 1
      await older.query('rollback')
    } else {
      if (snapshot === 'after the commit') await openSnapshot(older)
      const isEarly = snapshot === 'before the commit' || snapshot === 'after the commit'
      if (isEarly) await lookBack(world, older, written, random)
      await look(world, reader, written, random)
      if (snapshot === 'after the wait') {
        await openSnapshot(older)
        await lookBack(world, older, written, random)
      }
      note(world, written)
    }
  }
}

function counted({ options }: World): readonly CountingModel[] {
  return options.counting ?? COUNTING_MODELS
}

function note({ counts, tokens }: World, written: Written): void {
  if (written.end === 'rolled back') counts.rolledBack += 1
  if (written.end === 'prepared') counts.prepared += 1
  if (written.token === null) return
  if (written.expected.length === 0) counts.queuedNothing += 1
  tokens.push(written.token)
}

/** The snapshot is taken, and no table of Millrace is locked by it. */
async function openSnapshot(client: Client): Promise<void> {
  await client.query('begin isolation level repeatable read')
  await client.query('select 1')
}

/** Asks at once, or waits as an application does; then reads plainly. */
async function look(world: World, reader: Client, written: Written, random: Random): Promise<void> {
  for (const model of counted(world)) {
    const passed = await ask(world, reader, written, model, 'in one statement')
    if (passed !== undefined) world.counts[passed ? 'passedAtOnce' : 'notYetPassed'] += 1
  }
  const all = random.oneIn(2)
  const chosen = all ? counted(world) : [random.pick(counted(world))]
  const models = all ? undefined : chosen.map(({ name }) => name)
  const { signal } = world.stop
  await waitFor(reader, written.token, { models, timeoutMs: WAIT_MS, signal })
  world.counts.waits += 1
  for (const model of chosen) {
    const expected = written.expected.filter((it) => it.model === model)
    const found = await readKeys(reader, model.name, model, keysOf(expected))
    compare(world, expected, found, 'after a wait')
  }
}

/** In a snapshot of before the commit, or in any case of before a rotation. Its end lets go of the queues. */
async function lookBack(world: World, older: Client, written: Written, random: Random): Promise<void> {
  await nextRotation(world)
  const model = random.pick(counted(world))
  const passed = await ask(world, older, written, model, 'in an old snapshot')
  if (passed !== undefined) world.counts[passed ? 'passedToOldSnapshot' : 'notPassedToOldSnapshot'] += 1
  await older.query('rollback')
}

async function nextRotation(world: World): Promise<void> {
  const before = world.counts.rotations
  for (
    let looks = 0;
    looks < 20 && world.counts.rotations === before && !world.stop.signal.aborted;
    looks += 1
  )
    await pause(2)
}

/** Reads and asks in one statement, so in one snapshot: if it is passed there, it is to be read there. */
async function ask(
  world: World,
  reader: Client,
  { token, expected }: Written,
  model: CountingModel,
  how: string,
): Promise<boolean | undefined> {
  const of = expected.filter((it) => it.model === model)
  if (token === null || of.length === 0) return undefined
  const found = await readKeys<{ passed: boolean }>(
    reader,
    model.name,
    model,
    keysOf(of),
    ', millrace.has_passed($2, $3) as passed',
    [token, model.name],
  )
  const [first] = found
  if (first?.passed === true) compare(world, of, found, how)
  return first?.passed
}

function keysOf(expected: readonly Expected[]): readonly number[] {
  return expected.map(({ key }) => key)
}

function compare(
  world: World,
  expected: readonly Expected[],
  found: readonly { readonly key: number; readonly counters: readonly bigint[] }[],
  how: string,
): void {
  for (const { model, key, counters } of expected) {
    const row = found.find((it) => it.key === key)
    if (row !== undefined && counters.every((value, i) => (row.counters[i] ?? -1n) >= value)) continue
    world.wrong.push(
      `${how}: ${model.name} ${String(key)} has ${String(row?.counters)}, written ${String(counters)}`,
    )
  }
}

async function drainer(world: World, random: Random): Promise<void> {
  const worker = await world.database.connect('worker')
  while (!world.stop.signal.aborted) {
    const model = random.pick(world.models)
    const rebuild = random.oneIn(60)
    const chunk = random.pick([1, 2, 5, 10_000])
    const result = await drainOnce(worker, model.plan, { chunk, rebuild, lockTimeoutMs: 500 })
    if (result.status !== 'drained') await pause(2)
    else if (rebuild) world.counts.rebuilds += 1
    else if (result.pending > 0) world.counts.spills += 1
    if (random.oneIn(4)) {
      const { emptied } = await rotate(worker, world.models, { everySlot: true, lockTimeoutMs: 30 })
      world.counts.rotations += emptied
    }
  }
}
