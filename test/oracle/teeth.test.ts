import { expect, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'
import { CAPTURE_FAULTS } from './faults/capture.ts'
import type { Fault } from './faults/fault.ts'
import { failOneUnit, PENDING_FAULTS } from './faults/pending.ts'
import { PATH_FAULTS } from './faults/paths.ts'
import { RECOMPUTE_FAULTS } from './faults/recompute.ts'
import { ROTATION_FAULTS } from './faults/rotation.ts'
import { STRICT_FAULTS } from './faults/strict.ts'
import { switchOn } from './faults/switch-on.ts'
import { WINDOW_FAULTS } from './faults/window.ts'
import { MODELS } from './models.ts'
import { SCHEMA } from './tables.ts'
import { runWorld } from './world.ts'

const OPERATIONS = Number(process.env['MILLRACE_TEETH_OPERATIONS'] ?? 20_000)
/** Longer than any fault has needed, and each small world is run whole. */
const SOUND_OPERATIONS = Math.ceil(OPERATIONS / 4)
const SEED = Number(process.env['MILLRACE_TEETH_SEED'] ?? Date.now() % 1_000_000)

const FAULTS: readonly Fault[] = [
  ...PATH_FAULTS,
  ...CAPTURE_FAULTS,
  ...WINDOW_FAULTS,
  ...ROTATION_FAULTS,
  ...STRICT_FAULTS,
  ...RECOMPUTE_FAULTS,
  ...PENDING_FAULTS,
]

for (const fault of FAULTS) {
  test(`found: ${fault.name}`, async () => {
    const { differences, strikes, seconds } = await run({ ...fault, operations: OPERATIONS })
    if (strikes !== undefined) expect(strikes, 'statements that the fault changed').toBeGreaterThan(0)
    const [first] = differences
    console.info(
      `${String(first?.after)} operations, ${seconds.toFixed(1)} s, ${String(first?.check)}: ${fault.name}`,
    )
    expect(first, `seed ${String(SEED)}`).toBeDefined()
  })
}

const EVERYWHERE = [...new Set(FAULTS.flatMap(({ models }) => models))]

test('with no fault nothing is found in the same worlds', async () => {
  const { differences, operations } = await run({ models: EVERYWHERE, operations: SOUND_OPERATIONS })
  expect(differences, `seed ${String(SEED)}`).toEqual([])
  expect(operations).toBeGreaterThanOrEqual(SOUND_OPERATIONS)
})

test('a unit that cannot be computed waits, and nothing is wrong', async () => {
  const { differences, strikes } = await run({
    models: ['per_author'],
    place: { kind: 'worker', change: failOneUnit },
    operations: SOUND_OPERATIONS,
  })
  expect(strikes).toBeGreaterThan(0)
  expect(differences, `seed ${String(SEED)}`).toEqual([])
})

interface Run extends Pick<Fault, 'models'>, Partial<Pick<Fault, 'place'>> {
  readonly operations: number
}

async function run({ models: names, place, operations }: Run) {
  const startedAt = performance.now()
  const database = await createTestDatabase(SCHEMA)
  try {
    const owner = await database.connect('owner')
    const sound = await installModels(
      owner,
      MODELS.filter(({ name }) => names.includes(name)),
    )
    const { models, worker, strikes } = await switchOn(place, database, sound)
    const tables = [
      ...new Set(models.flatMap(({ plan }) => plan.sources.map(({ relation }) => relation.name))),
    ]
    const outcome = await runWorld(database, models, {
      seed: SEED,
      sessions: 4,
      operations,
      stopOnDifference: true,
      tables,
      worker,
    })
    return {
      ...outcome,
      strikes: place?.kind === 'worker' ? strikes() : undefined,
      seconds: (performance.now() - startedAt) / 1000,
    }
  } finally {
    await database.drop()
  }
}
