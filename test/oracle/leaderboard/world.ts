import type { Client } from '../../../src/pg/client.ts'
import { drainAll } from '../../../src/work/drain-all.ts'
import { drainOnce } from '../../../src/work/drain.ts'
import type { InstalledModel } from '../../../src/work/model.ts'
import { withTransaction } from '../../../src/pg/client.ts'
import type { TestDatabase } from '../../support/database.ts'
import { compareStored } from '../compare.ts'
import { isConflict } from '../conflicts.ts'
import { randomFrom, type Random } from '../random.ts'
import { compareRanks, compareTrees, type RankDifference, type RankedPlan } from './compare.ts'
import { randomStatement } from './writer.ts'

export interface RankWorldOptions {
  readonly seed: number
  readonly operations: number
  readonly stopOnDifference?: boolean
}

export interface RankOutcome {
  readonly operations: number
  readonly drains: number
  readonly checks: number
  /** Of any tree, the most levels and the most leaves that were seen. */
  readonly levels: number
  readonly leaves: number
  readonly differences: readonly (RankDifference & { readonly model: string; readonly when: string })[]
}

interface State {
  operations: number
  drains: number
  checks: number
  levels: number
  leaves: number
  readonly differences: RankOutcome['differences'][number][]
}

/** Two writers, two workers that drain the same models at once, and a reader: all random, each from a stream of its own. */
export async function runRankWorld(
  database: TestDatabase,
  models: readonly InstalledModel[],
  { seed, operations, stopOnDifference = false }: RankWorldOptions,
): Promise<RankOutcome> {
  await begin(database, models)
  const state: State = { operations: 0, drains: 0, checks: 0, levels: 0, leaves: 0, differences: [] }
  // Where one has failed the others would wait for what it was to do.
  let hasFailed = false
  const isOver = () =>
    hasFailed || isEnough(state, operations) || (stopOnDifference && state.differences.length > 0)
  const actors = [writer, writer, drainer, drainer, reader].map(async (actor, i) => {
    try {
      await actor(database, models, state, isOver, randomFrom(seed * 10 + i))
    } catch (error) {
      hasFailed = true
      throw error
    }
  })
  const ended = await Promise.allSettled(actors)
  for (const it of ended) if (it.status === 'rejected') throw it.reason
  await settle(database, models, state, randomFrom(seed))
  return state
}

/** Who drains or reads may have hardly begun when a short run has written what it should: it goes on for some more. */
function isEnough({ operations, drains, checks }: State, wanted: number): boolean {
  return operations >= wanted && (Math.min(drains, checks) >= LEAST || operations >= 20 * wanted)
}

/** Drains that did something, and looks meanwhile. */
export const LEAST = 4

/** Trees of several levels from the start. */
async function begin(database: TestDatabase, models: readonly InstalledModel[]): Promise<void> {
  const writer = await database.connect('writer')
  await writer.query(`
    insert into players
    select i, 'c' || i % 5, i % 5, null, i % 30, 'n' || i % 40, i % 4, 'calm' from generate_series(1, 150) i`)
  await writer.query(`insert into scores select i, '2026-02-01', i % 60 from generate_series(1, 150) i`)
  await drainAll(await database.connect('worker'), models)
}

type Actor = (
  database: TestDatabase,
  models: readonly InstalledModel[],
  state: State,
  isOver: () => boolean,
  random: Random,
) => Promise<void>

const writer: Actor = async (database, _, state, isOver, random) => {
  const client = await database.connect('writer')
  while (!isOver()) {
    try {
      await withTransaction(client, {}, async () => {
        for (let i = 0; i <= random.below(4); i += 1) await client.query(randomStatement(random))
      })
    } catch (error) {
      if (!isConflict(error)) throw error
    }
    state.operations += 1
  }
}

const drainer: Actor = async (database, models, state, isOver, random) => {
  const client = await database.connect('worker')
  const owner = await database.connect('owner')
  while (!isOver()) {
    const { plan } = random.pick(models)
    const result = await drainOnce(client, plan, {
      chunk: random.oneIn(3) ? 1 + random.below(20) : 10_000,
      lockTimeoutMs: 500,
    })
    if (result.status !== 'drained') continue
    state.drains += 1
    await note(owner, ranked(plan), state)
  }
}

const reader: Actor = async (database, models, state, isOver, random) => {
  const client = await database.connect('owner')
  while (!isOver()) await check(client, random.pick(models), state, random, 'meanwhile')
}

async function check(
  client: Client,
  { plan, name }: InstalledModel,
  state: State,
  random: Random,
  when: string,
): Promise<void> {
  await withTransaction(client, { isolation: 'repeatable read', readOnly: true }, async () => {
    const found = [
      ...(await compareRanks(client, ranked(plan), random)),
      ...(await compareTrees(client, ranked(plan))),
    ]
    state.checks += 1
    state.differences.push(...found.map((it) => ({ ...it, model: name, when })))
  })
}

async function settle(
  database: TestDatabase,
  models: readonly InstalledModel[],
  state: State,
  random: Random,
): Promise<void> {
  const owner = await database.connect('owner')
  const worker = await database.connect('worker')
  await drainAll(worker, models)
  for (const model of models) {
    const rows = await compareStored(owner, model.plan)
    if (rows.length > 0)
      state.differences.push({ question: 'stored', rows, model: model.name, when: 'at the end' })
    await check(owner, model, state, random, 'at the end')
  }
}

async function note(client: Client, plan: RankedPlan, state: State): Promise<void> {
  for (const { entries } of plan.leaderboard.trees) {
    const [seen] = await client.query<{ levels: number; leaves: number }>(`
      with recursive level as (
        select id, 1 as n from ${entries.schema}."${entries.name}" where parent is null
        union all
        select e.id, level.n + 1 from level join ${entries.schema}."${entries.name}" e on e.parent = level.id
      )
      select coalesce(max(n), 0)::int as levels, count(*)::int as leaves from level`)
    state.levels = Math.max(state.levels, seen?.levels ?? 0)
    state.leaves = Math.max(state.leaves, seen?.leaves ?? 0)
  }
}

function ranked(plan: InstalledModel['plan']): RankedPlan {
  if (plan.leaderboard === undefined) throw new Error(`${plan.model.name} is not ranked`)
  return { ...plan, leaderboard: plan.leaderboard }
}
