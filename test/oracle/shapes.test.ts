import { expect, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'
import { SEED } from '../support/seed.ts'
import { SHAPES } from './shapes.ts'
import { SCHEMA } from './tables.ts'
import { runWorld } from './world.ts'

const OPERATIONS = Number(process.env['MILLRACE_SHAPES_OPERATIONS'] ?? 10_000)

test(
  `${String(SHAPES.length)} shapes are kept exactly, over ${String(OPERATIONS)} operations`,
  { timeout: 0 },
  async () => {
    const database = await createTestDatabase(SCHEMA)
    const models = await installModels(await database.connect('owner'), SHAPES)
    expect(models).toHaveLength(SHAPES.length)

    const outcome = await runWorld(database, models, { seed: SEED, sessions: 8, operations: OPERATIONS })
    const { differences, rowsChanged, operations, drainChecks, strictChecks } = outcome
    console.info(JSON.stringify({ operations, drainChecks, strictChecks }))
    expect(differences.slice(0, 5)).toEqual([])
    // A short run comes to most of them.
    const changed = models.filter(({ name }) => (rowsChanged.get(name) ?? 0) > 0).length
    expect(changed / models.length).toBeGreaterThan(OPERATIONS < 50_000 ? 0.8 : 0.99)
    expect(Math.min(drainChecks, strictChecks)).toBeGreaterThan(0)
  },
)
