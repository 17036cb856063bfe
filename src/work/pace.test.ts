import { expect, test } from 'vitest'
import { nextBacklog, nextLimit, type Backlog } from './pace.ts'

test('a drain that takes long is followed by smaller ones, down to a few units', () => {
  expect(nextLimit({ limit: 10_000, units: 10_000, durationMs: 1_000 }, 10_000)).toBe(2_500)
  expect(nextLimit({ limit: 200, units: 200, durationMs: 60_000 }, 10_000)).toBe(100)
  // A batch that is smaller than that is what the user wants.
  expect(nextLimit({ limit: 10, units: 10, durationMs: 1_000 }, 10)).toBe(10)
})

test('and grows again when there is time, up to the batch', () => {
  expect(nextLimit({ limit: 2_500, units: 2_500, durationMs: 100 }, 10_000)).toBe(5_000)
  expect(nextLimit({ limit: 8_000, units: 8_000, durationMs: 100 }, 10_000)).toBe(10_000)
  expect(nextLimit({ limit: 2_500, units: 3, durationMs: 1 }, 10_000)).toBe(2_500)
})

test('progress never goes back, also where more comes to wait meanwhile', () => {
  let backlog: Backlog | null = null
  const seen: (Backlog | null)[] = []
  for (const drain of [
    { units: 100, untried: 300 },
    { units: 100, untried: 200 },
    { units: 0, untried: 900 },
    { units: 900, untried: 0 },
  ]) {
    backlog = nextBacklog(backlog, drain)
    seen.push(backlog)
  }
  expect(seen).toEqual([
    { done: 100, total: 400 },
    { done: 200, total: 400 },
    { done: 200, total: 1100 },
    { done: 1100, total: 1100 },
  ])
  expect(nextBacklog(null, { units: 5, untried: 0 })).toBeNull()
})
