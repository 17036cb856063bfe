import { expect, test } from 'vitest'
import { shareAnswers } from '../../src/web/shared-answers.ts'

function clocked(keptMs: number) {
  const clock = { now: 0, ages: [] as number[], reads: 0 }
  const shared = shareAnswers(
    keptMs,
    (age) => clock.ages.push(age),
    () => clock.now,
  )
  const read = async () => await Promise.resolve((clock.reads += 1))
  return { clock, shared, read }
}

test('who asks while an answer is young gets it, and its age is told', async () => {
  const { clock, shared, read } = clocked(200)
  expect(await Promise.all([shared.of('a', read), shared.of('a', read)])).toEqual([1, 1])
  clock.now = 199
  expect(await shared.of('a', read)).toBe(1)
  expect(await shared.of('b', read)).toBe(2)
  clock.now = 200
  expect(await shared.of('a', read)).toBe(3)
  expect(clock.ages).toEqual([0, 199])
})

test('who has written gets an answer that was begun afterwards, and others get it, too', async () => {
  const { shared, read } = clocked(200)
  expect(await shared.of('a', read)).toBe(1)
  expect(await shared.anew('a', read)).toBe(2)
  expect(await shared.of('a', read)).toBe(2)
})

test('an error is told to those who wait for that read, and is not kept', async () => {
  const { shared, read } = clocked(200)
  const fail = async () => await Promise.reject(new Error('no'))
  const both = await Promise.allSettled([shared.of('a', fail), shared.of('a', read)])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await shared.of('a', read)).toBe(1)
})

test('with no time to keep it each read is its own', async () => {
  const { shared, read } = clocked(0)
  expect(await Promise.all([shared.of('a', read), shared.of('a', read)])).toEqual([1, 2])
})

test('however many names there are, the newest are kept', async () => {
  const { shared, read } = clocked(200)
  for (let i = 0; i < 501; i += 1) await shared.of(String(i), read)
  expect(await shared.of('500', read)).toBe(501)
  expect(await shared.of('1', read)).toBe(2)
  expect(await shared.of('0', read)).toBe(502)
})
