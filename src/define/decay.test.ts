import { expect, test } from 'vitest'
import { exponentialDecay, linearDecay } from './decay.ts'
import { sql } from './sql.ts'

const score = sql`p.points`
const at = sql`p.made`

test.each([
  [undefined, 'its options are undefined'],
  [{ score: 'p.points', at, halfLife: '1 day' }, 'score is the string "p.points"'],
  [{ score, halfLife: '1 day' }, 'at is undefined'],
  [{ score, at }, 'it has no rate'],
  [{ score, at, halfLife: '1 day', ratePerDay: 1 }, 'it has halfLife and ratePerDay'],
  [{ score, at, halfLife: 'soon' }, 'halfLife is the string "soon"'],
  [{ score, at, ratePerDay: 0 }, 'ratePerDay is the number 0'],
  [{ score, at, ratePerDay: Number.NaN }, 'ratePerDay is the number NaN'],
  [{ score, at, halflife: '1 day' }, 'there is no option "halflife"'],
])('%o is no exponential decay', (options, detail) => {
  expect(() => exponentialDecay(options as Parameters<typeof exponentialDecay>[0])).toThrow(
    expect.objectContaining({
      code: 'BAD_DECAY',
      detail,
      file: expect.stringMatching(/decay\.test\.ts:\d+$/) as string,
    }),
  )
})

test.each([
  [{ score, at }, 'it has no rate'],
  [{ score, at, perDay: -1 }, 'perDay is the number -1'],
  [{ score, at, perDay: '2' }, 'perDay is the string "2"'],
])('%o is no linear decay', (options, detail) => {
  expect(() => linearDecay(options as Parameters<typeof linearDecay>[0])).toThrow(
    expect.objectContaining({ code: 'BAD_DECAY', detail }),
  )
})

test.each([
  [1, '0.000011574074074074074074074074074074'],
  [86_400, '1'],
  [1e-9, '0.000000000000011574074074074074074074'],
  [1e9, '11574.074074074074074074074074074074074074'],
  [0.5, '0.000005787037037037037037037037037037'],
])('%d a day is %s a second', (perDay, rate) => {
  expect(linearDecay({ score, at, perDay }).text).toContain(`'${rate}'::text`)
})
