import { expect, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'
import { SEED, turnOf } from '../support/seed.ts'
import { CAPTURE_FAULTS } from './faults/capture.ts'
import type { Fault } from './faults/fault.ts'
import { FOLD_FAULTS } from './faults/fold.ts'
import { failOneUnit, PENDING_FAULTS } from './faults/pending.ts'
import { PATH_FAULTS } from './faults/paths.ts'
import { RECOMPUTE_FAULTS } from './faults/recompute.ts'
import { ROTATION_FAULTS } from './faults/rotation.ts'
import { STRICT_FAULTS } from './faults/strict.ts'
import { expectChange, switchOn } from './faults/switch-on.ts'
import { WINDOW_FAULTS } from './faults/window.ts'
import { MODELS } from './models.ts'
import { SCHEMA } from './tables.ts'
import { runWorld } from './world.ts'

const OPERATIONS = Number(process.env['MILLRACE_TEETH_OPERATIONS'] ?? 20_000)
/** Nearly every fault is found by then. */
const SOUND_OPERATIONS = Math.ceil(OPERATIONS / 8)

const FAULTS: readonly Fault[] = [
  ...PATH_FAULTS,
  ...CAPTURE_FAULTS,
  ...WINDOW_FAULTS,
  ...ROTATION_FAULTS,
  ...STRICT_FAULTS,
  ...RECOMPUTE_FAULTS,
  ...PENDING_FAULTS,
  ...FOLD_FAULTS,
]

/** The short size finds some of them. */
const TRIED = Number(process.env['MILLRACE_FAULTS'] ?? 8)

for (const fault of turnOf(FAULTS, TRIED)) {
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

test('every fault changes something, whichever are tried', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const models = await installModels(
    owner,
    MODELS.filter(({ name }) => EVERYWHERE.includes(name)),
  )
  for (const { models: names, place } of FAULTS) {
    await expectChange(
      place,
      owner,
      models.filter((it) => names.includes(it.name)),
    )
  }
})

/** In the short size one of them. */
for (const needsTruncate of turnOf([false, true], TRIED < FAULTS.length ? 1 : 2)) {
  const often = needsTruncate ? ', truncated often' : ''
  test(`with no fault nothing is found in the same models${often}`, async () => {
    const { differences, ...counts } = await run({
      models: EVERYWHERE,
      needsTruncate,
      operations: SOUND_OPERATIONS,
    })
    expect(differences, `seed ${String(SEED)}`).toEqual([])
    expect(counts.operations).toBeGreaterThanOrEqual(SOUND_OPERATIONS)
    expect(Math.min(counts.drainChecks, counts.strictChecks, counts.rotations)).toBeGreaterThan(0)
  })
}

test('a unit that cannot be computed waits, and nothing is wrong', async () => {
  const { differences, strikes } = await run({
    models: ['per_author'],
    place: { kind: 'worker', start: failOneUnit },
    operations: SOUND_OPERATIONS,
  })
  expect(strikes).toBeGreaterThan(0)
  expect(differences, `seed ${String(SEED)}`).toEqual([])
})

interface Run extends Pick<Fault, 'models' | 'needsTruncate'>, Partial<Pick<Fault, 'place'>> {
  readonly operations: number
}

async function run({ models: names, place, needsTruncate = false, operations }: Run) {
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
      truncateOnceIn: needsTruncate ? 3 : 60,
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
