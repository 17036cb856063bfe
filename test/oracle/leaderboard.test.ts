import { expect, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'
import { SEED } from '../support/seed.ts'
import { BOARDS, SCHEMA } from './leaderboard/boards.ts'
import { LEAST, runRankWorld } from './leaderboard/world.ts'

const OPERATIONS = Number(process.env['MILLRACE_RANK_OPERATIONS'] ?? 40)

test(
  `every answer of a leaderboard is what window functions say, over ${String(OPERATIONS)} transactions`,
  { timeout: 0 },
  async () => {
    const database = await createTestDatabase(SCHEMA)
    const models = await installModels(await database.connect('owner'), BOARDS)
    const { differences, ...counts } = await runRankWorld(database, models, {
      seed: SEED,
      operations: OPERATIONS,
    })
    console.info(JSON.stringify(counts))

    expect(differences.slice(0, 5)).toEqual([])
    expect(counts.levels).toBeGreaterThanOrEqual(4)
    expect(Math.min(counts.drains, counts.checks)).toBeGreaterThanOrEqual(LEAST)
  },
)
