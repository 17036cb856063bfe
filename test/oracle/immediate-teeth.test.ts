import { expect, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { SEED, turnOf } from '../support/seed.ts'
import { IMMEDIATE_FAULTS, type ImmediateFault } from './faults/immediate.ts'
import { makeFault, slowDown } from './faults/make-immediate.ts'
import { installBoth } from './immediate/install.ts'
import { createWorld, live, settle } from './immediate/live.ts'
import { IMMEDIATE_MODELS } from './immediate/models.ts'
import { IMMEDIATE_SCHEMA } from './immediate/schema.ts'
import { ALL_ISOLATIONS } from './immediate/transactions.ts'
import type { World } from './immediate/world.ts'

const OPERATIONS = Number(process.env['MILLRACE_IMMEDIATE_TEETH_OPERATIONS'] ?? 20_000)
/** The short size finds one of them. */
const TRIED = Number(process.env['MILLRACE_IMMEDIATE_FAULTS'] ?? 1)

for (const fault of turnOf(IMMEDIATE_FAULTS, TRIED)) {
  test(`found: ${fault.name}`, async () => {
    const { world, seconds } = await run(fault, OPERATIONS)
    const [first] = world.found
    const found = fault.isDeadlock === true ? [...world.deadlocks.keys()][0] : first?.check
    console.info(
      `${String(world.counts.operations)} operations, ${seconds.toFixed(1)} s, ${String(found)}: ${fault.name}`,
    )
    expect(found, `seed ${String(SEED)}`).toBeDefined()
  })
}

test('every fault changes something, whichever are tried', async () => {
  const database = await createTestDatabase(IMMEDIATE_SCHEMA)
  const owner = await database.connect('owner')
  const named = [...new Set(IMMEDIATE_FAULTS.flatMap((it) => it.models))]
  const installed = await installBoth(
    database,
    IMMEDIATE_MODELS.filter(({ name }) => named.includes(name)),
    [],
  )
  for (const { models, place } of IMMEDIATE_FAULTS) {
    await owner.query('begin')
    await makeFault(
      owner,
      installed.filter(({ name }) => models.includes(name)),
      place,
    )
    await owner.query('rollback')
  }
})

test('with no fault nothing is found in the same models', async () => {
  const models = [...new Set(IMMEDIATE_FAULTS.flatMap((it) => it.models))]
  const { world } = await run({ models, habits: ALL_ISOLATIONS, hasWorkers: true }, OPERATIONS / 50)
  expect(world.found, `seed ${String(SEED)}`).toEqual([])
})

type Setting = Omit<ImmediateFault, 'name' | 'because' | 'place'> & Partial<Pick<ImmediateFault, 'place'>>

async function run(
  { models: names, habits, hasWorkers = false, isDeadlock = false, rebuildOneIn = 20, place }: Setting,
  operations: number,
): Promise<{ readonly world: World; readonly seconds: number }> {
  const startedAt = performance.now()
  const database = await createTestDatabase(IMMEDIATE_SCHEMA)
  try {
    const wanted = IMMEDIATE_MODELS.filter(({ name }) => names.includes(name))
    const models = await installBoth(database, wanted, [])
    const worker = await makeFault(await database.connect('owner'), models, place)
    await slowDown(database, models)
    const tables = [
      ...new Set(models.flatMap(({ plan }) => plan.sources.map(({ relation }) => relation.name))),
    ]
    const options = { seed: SEED, sessions: 8, checkOneIn: 3, strictOneIn: 1, rebuildOneIn, tables, worker }
    const world = await createWorld(database, models, {
      ...options,
      stopOnDifference: true,
      stopOnDeadlock: isDeadlock,
    })
    await live(world, { name: 'found', habits, operations, hasWorkers }, SEED)
    if (world.found.length === 0 && !isDeadlock) await settle(world)
    return { world, seconds: (performance.now() - startedAt) / 1000 }
  } finally {
    await database.drop()
  }
}
