import { withTransaction, type Client } from '../../src/pg/client.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import { drainOnce, type DrainResult } from '../../src/work/drain.ts'
import type { InstalledModel } from '../../src/work/model.ts'
import type { TestDatabase } from '../support/database.ts'
import { compareStored, compareStrictly } from './compare.ts'
import { isConflict } from './conflicts.ts'
import { randomFrom, type Random } from './random.ts'

/** What one kind of query needs of a world: its writes, and where it is compared in a way of its own, that. */
export interface SmallWorld {
  readonly database: TestDatabase
  readonly models: readonly InstalledModel[]
  readonly seed: number
  /** Have the writers written enough? */
  readonly isWritten: (writes: number) => boolean
  /** One transaction. It may fail as any of several writers may. */
  readonly write: (client: Client, random: Random) => Promise<void>
  readonly writers?: number
  /** Rows by which the stored table, as the drain is about to commit it, is not the query. */
  readonly compareDrained?: (client: Client, model: InstalledModel) => Promise<Rows>
  readonly beforeDrain?: (client: Client, random: Random) => Promise<void>
  /** Rows also change as time passes: they are compared only while a snapshot stands. */
  readonly isTimed?: boolean
  readonly onDrain?: (model: InstalledModel, result: DrainResult) => void
  /** Rows by which an answer is not the query. */
  readonly read?: (
    client: Client,
    model: InstalledModel,
    random: Random,
  ) => Promise<{ readonly how: string; readonly rows: Rows }>
}

type Rows = readonly unknown[]

export interface Found {
  readonly model: string
  readonly check: string
  readonly rows: Rows
}

export interface Outcome {
  readonly found: readonly Found[]
  readonly writes: number
  readonly drains: number
  readonly reads: number
}

/** Writers, a worker and two readers, each with random numbers of its own; at the end everything is drained and compared. */
export async function runSmallWorld(world: SmallWorld): Promise<Outcome> {
  const { models, database, seed, onDrain } = world
  const state = new State(world)
  const actors = [...Array<Actor>(world.writers ?? 2).fill(writer), drainer, reader, reader]
  const ended = await Promise.allSettled(
    actors.map((actor, i) => actor(world, state, randomFrom(seed * 100 + i))),
  )
  for (const it of ended) if (it.status === 'rejected') throw it.reason

  if (world.isTimed === true) return state
  await drainAll(await database.connect('worker'), models, { onDrain })
  const owner = await database.connect('owner')
  await withTransaction(owner, { isolation: 'repeatable read' }, async () => {
    for (const model of models) state.report(model, 'at the end', await comparisonOf(world)(owner, model))
  })
  return state
}

class State implements Outcome {
  readonly found: Found[] = []
  writes = 0
  drains = 0
  reads = 0
  #hasFailed = false
  readonly #isWritten: SmallWorld['isWritten']

  constructor({ isWritten }: SmallWorld) {
    this.#isWritten = isWritten
  }

  /** A short run may have written what it should before the worker or a reader has begun: it goes on for these. */
  isOver(): boolean {
    const isSeen = Math.min(this.drains, this.reads) > 0
    return this.#hasFailed || this.found.length > 0 || (isSeen && this.#isWritten(this.writes))
  }

  report({ name }: InstalledModel, check: string, rows: Rows): void {
    if (rows.length > 0) this.found.push({ model: name, check, rows })
  }

  /** The others must not wait for what will not come. */
  async untilOver(turn: () => Promise<void>): Promise<void> {
    try {
      while (!this.isOver()) await turn()
    } catch (error) {
      this.#hasFailed = true
      throw error
    }
  }
}

type Actor = (world: SmallWorld, state: State, random: Random) => Promise<void>

const writer: Actor = async ({ database, write }, state, random) => {
  const client = await database.connect('writer')
  await state.untilOver(async () => {
    try {
      await write(client, random)
    } catch (error) {
      if (!isConflict(error)) throw error
    }
    state.writes += 1
  })
}

const drainer: Actor = async (world, state, random) => {
  const client = await world.database.connect('worker')
  await state.untilOver(async () => {
    for (const model of world.models) {
      await world.beforeDrain?.(client, random)
      const beforeCommit = async (own: Client) => {
        state.report(model, 'drain', await comparisonOf(world)(own, model))
      }
      const result = await drainOnce(client, model.plan, { beforeCommit })
      if (result.status !== 'drained') continue
      state.drains += 1
      world.onDrain?.(model, result)
    }
  })
}

const reader: Actor = async ({ database, models, read = readStrictly }, state, random) => {
  const client = await database.connect('owner')
  await state.untilOver(async () => {
    const model = random.pick(models)
    const { how, rows } = await read(client, model, random)
    state.report(model, how, rows)
    state.reads += 1
  })
}

function comparisonOf({ compareDrained }: SmallWorld) {
  return compareDrained ?? ((client: Client, { plan }: InstalledModel) => compareStored(client, plan))
}

async function readStrictly(client: Client, { plan }: InstalledModel, random: Random) {
  const isolation = random.oneIn(2) ? 'repeatable read' : 'read committed'
  const { how, rows } = await withTransaction(client, { isolation }, () =>
    compareStrictly(client, plan, random),
  )
  return { how: `strict ${how}`, rows }
}

/** A transaction of one statement, or of some. */
export async function writeAll(client: Client, statements: readonly string[]): Promise<void> {
  await withTransaction(client, {}, async () => {
    for (const it of statements) await client.query(it)
  })
}
