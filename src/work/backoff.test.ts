import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

test('waits double with each failure and end at half a minute', () => {
  const without = (failures: number) => backoffMs(failures, () => 0)
  expect([1, 2, 3, 4].map(without)).toEqual([100, 200, 400, 800])
  expect(without(1_000)).toBe(30_000)
  expect(backoffMs(1, () => 1)).toBe(150)
})
