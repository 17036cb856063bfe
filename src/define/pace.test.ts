import { expect, test } from 'vitest'
import { DEFAULT_PACE, paceOf, paceProblems } from './pace.ts'

test('what is left out has its default', () => {
  expect(paceProblems({})).toEqual([])
  expect(paceOf({})).toEqual(DEFAULT_PACE)
  expect(paceOf({ maxLag: '2 minutes', batch: 500, pause: '250 milliseconds' })).toEqual({
    maxLagMs: 120_000,
    batch: 500,
    pauseMs: 250,
  })
})

test.each([
  [{ maxLag: '5' }, '"maxLag" is the string "5"'],
  [{ maxLag: 5 }, '"maxLag" is the number 5'],
  [{ maxLag: '2 days' }, '"maxLag" is the string "2 days"'],
  [{ pause: '0 milliseconds' }, '"pause" is the string "0 milliseconds"'],
  [{ pause: '2 hours', maxLag: '1 day' }, '"pause" is the string "2 hours"'],
  [{ pause: '1 minute' }, '"pause" is the string "1 minute", and "maxLag" a minute'],
  [
    { pause: '10 seconds', maxLag: '5 seconds' },
    '"pause" is the string "10 seconds", and "maxLag" the string "5 seconds"',
  ],
  [{ batch: 0 }, '"batch" is the number 0'],
  [{ batch: 1.5 }, '"batch" is the number 1.5'],
  [{ batch: '10' }, '"batch" is the string "10"'],
  [{ batch: 1_000_000 }, '"batch" is the number 1000000'],
])('%j', (options, detail) => {
  const problems = paceProblems(options)
  expect(problems.map((it) => it.detail)).toEqual([detail])
  expect(problems[0]?.hint).not.toBe('')
})
