import { expect, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { SEED } from '../support/seed.ts'
import { installBoth } from './immediate/install.ts'
import { createWorld, live, settle } from './immediate/live.ts'
import { IMMEDIATE_MODELS } from './immediate/models.ts'
import { IMMEDIATE_SCHEMA } from './immediate/schema.ts'
import { ALL_ISOLATIONS, READ_COMMITTED, SINGLE_STATEMENTS, WITH_CASCADES } from './immediate/transactions.ts'
import type { Stretch, World } from './immediate/world.ts'

const OPERATIONS = Number(process.env['MILLRACE_IMMEDIATE_OPERATIONS'] ?? 1_000)
const CHECK_ONE_IN = Number(process.env['MILLRACE_IMMEDIATE_CHECK_ONE_IN'] ?? 2)

const share = (percent: number) => Math.ceil((OPERATIONS * percent) / 100)

/** Those without workers are exact without exception: no writer leaves anything to a worker. */
const STRETCHES: readonly Stretch[] = [
  { name: '1 single statements', habits: SINGLE_STATEMENTS, operations: share(20), hasWorkers: false },
  { name: '2 with cascades', habits: WITH_CASCADES, operations: share(15), hasWorkers: false },
  { name: '3 read committed', habits: READ_COMMITTED, operations: share(25), hasWorkers: false },
  { name: '4 all isolation levels', habits: ALL_ISOLATIONS, operations: share(30), hasWorkers: true },
  { name: '5 read committed again', habits: READ_COMMITTED, operations: share(10), hasWorkers: false },
]

test(
  `immediate models are what their queries say at every commit, over ${String(OPERATIONS)} operations`,
  { timeout: 0 },
  async () => {
    const database = await createTestDatabase(IMMEDIATE_SCHEMA)
    const models = await installBoth(database, IMMEDIATE_MODELS, ['tally', 'letters'])
    for (const { name, plan, immediate } of models)
      expect([name, plan.immediate?.kind]).toEqual([name, immediate?.kind])

    const world = await createWorld(database, models, {
      seed: SEED,
      sessions: 8,
      checkOneIn: CHECK_ONE_IN,
      strictOneIn: 5,
    })
    for (const stretch of STRETCHES) {
      await live(world, stretch, SEED)
      if (stretch.hasWorkers) await settle(world)
    }
    await settle(world)

    console.info(tableOf(world))
    expect(world.found.slice(0, 3)).toEqual([])
    if (world.meetings.length > 0) console.info(world.meetings.join('\n\n'))
    // Over the application's own rows PostgreSQL alone meets some too: two updates that lock the same rows in the same order.
    expect(countOf(world.deadlocks, /^1 .* rows of ours$/), 'of single statements').toBe(0)
    expect(countOf(world.deadlocks, /^2 .* rows of ours$/), 'with cascades').toBe(0)
    const failures = /read committed \| \w+ \| serialization failure$/
    expect(countOf(world.ends, failures), 'serialization failures that nobody expects').toBe(0)
    const { operations, checks, strictChecks, raised, lagging, drains } = world.counts
    expect(operations).toBeGreaterThanOrEqual(OPERATIONS)
    expect(Math.min(checks, strictChecks, raised, lagging, drains)).toBeGreaterThan(0)
  },
)

function countOf(counts: ReadonlyMap<string, number>, pattern: RegExp): number {
  return [...counts].filter(([name]) => pattern.test(name)).reduce((sum, [, count]) => sum + count, 0)
}

/** How transactions ended, by stretch, isolation level and shape; and who met in deadlocks. */
function tableOf({ counts, ends, deadlocks }: World): string {
  const line = ([name, count]: readonly [string, number]) => `${String(count).padStart(7)} ${name}`
  const met = [...deadlocks].map(([name, count]) => line([`deadlocks, ${name}`, count]))
  if (counts.operations < 5_000) return JSON.stringify(counts)
  return [JSON.stringify(counts), ...[...ends].sort().map(line), ...met.sort()].join('\n')
}
