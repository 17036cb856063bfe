import { expect, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'
import { SEED } from '../support/seed.ts'
import { MODELS } from './models.ts'
import { SCHEMA } from './tables.ts'
import { runWorld } from './world.ts'

const OPERATIONS = Number(process.env['MILLRACE_ORACLE_OPERATIONS'] ?? 50_000)

test(
  `what is stored and answered is what the query says, over ${String(OPERATIONS)} operations`,
  { timeout: 0 },
  async () => {
    const database = await createTestDatabase(SCHEMA)
    const owner = await database.connect('owner')
    const models = await installModels(owner, MODELS)
    expect(models).toHaveLength(MODELS.length)

    const options = { seed: SEED, sessions: 8, operations: OPERATIONS, untilCovered: true }
    const outcome = await runWorld(database, models, options)
    const { coverage, differences, rowsChanged, ...counts } = outcome
    console.info(JSON.stringify(counts))

    expect(differences.slice(0, 5)).toEqual([])
    expect(counts.operations).toBeGreaterThanOrEqual(OPERATIONS)
    for (const { name } of models) expect(rowsChanged.get(name), `rows changed in ${name}`).toBeGreaterThan(0)
    expect(coverage.emptyCells().slice(0, 20)).toEqual([])
    expect(Math.min(counts.drainChecks, counts.strictChecks, counts.rotations)).toBeGreaterThan(0)
  },
)
