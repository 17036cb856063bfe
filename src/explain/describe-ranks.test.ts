import { expect, test } from 'vitest'
import type { Plan } from '../compile/plan.ts'
import { describeRanks } from './describe-ranks.ts'

const name = { schema: 'millrace', name: 'x' }
const leaderboard: NonNullable<Plan['leaderboard']> = {
  order: [
    { column: 'points', isDescending: true },
    { column: 'id', isDescending: false },
  ],
  bucket: 64,
  trees: [
    { within: [], entries: name, fill: name, check: name },
    { within: ['country'], entries: name, fill: name, check: name },
  ],
  triggers: [],
  readers: [],
  ranked: name,
}

test.each([
  [0, 0],
  [1, 0],
  [64, 0],
  [65, 1],
  [4_000, 1],
  [4_097, 2],
  [1_000_000, 3],
  [10_000_000, 3],
  [100_000_000, 4],
])('of %i rows there are %i levels of counts', (rows, levels) => {
  expect(describeRanks({ leaderboard } as Plan, rows)).toEqual([
    { order: ['points desc', 'id'], within: [], levels, most: 128 },
    { order: ['points desc', 'id'], within: ['country'], levels, most: 128 },
  ])
})

test('a read model that is not ranked has no ranks', () => {
  expect(describeRanks({} as Plan, 10)).toEqual([])
})
