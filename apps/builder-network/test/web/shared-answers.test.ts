import { expect, test } from 'vitest'
import { shareAnswers } from '../../src/web/shared-answers.ts'

function clocked(keptMs: number) {
  const clock = { now: 0, reads: 0 }
  const shared = shareAnswers(keptMs, () => clock.now)
  const read = async () => await Promise.resolve((clock.reads += 1))
  return { clock, shared, read }
}

test('who asks while an answer is young gets it, and is told its age', async () => {
  const { clock, shared, read } = clocked(200)
  const both = await Promise.all([shared.of('a', read), shared.of('a', read)])
  expect(both).toEqual([
    { answer: 1, ageMs: 0 },
    { answer: 1, ageMs: 0 },
  ])
  clock.now = 199
  expect(await shared.of('a', read)).toEqual({ answer: 1, ageMs: 199 })
  expect(await shared.of('b', read)).toEqual({ answer: 2, ageMs: 0 })
  clock.now = 200
  expect(await shared.of('a', read)).toEqual({ answer: 3, ageMs: 0 })
})

test('who has written gets an answer that was begun afterwards, and others get it, too', async () => {
  const { shared, read } = clocked(200)
  expect((await shared.of('a', read)).answer).toBe(1)
  expect((await shared.anew('a', read)).answer).toBe(2)
  expect((await shared.of('a', read)).answer).toBe(2)
})

test('an error is told to those who wait for that read, and is not kept', async () => {
  const { shared, read } = clocked(200)
  const fail = async () => await Promise.reject(new Error('no'))
  const both = await Promise.allSettled([shared.of('a', fail), shared.of('a', read)])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect((await shared.of('a', read)).answer).toBe(1)
})

test('with no time to keep it each read is its own', async () => {
  const { shared, read } = clocked(0)
  const both = await Promise.all([shared.of('a', read), shared.of('a', read)])
  expect(both.map(({ answer }) => answer)).toEqual([1, 2])
})

test('however many names there are, the newest are kept', async () => {
  const { shared, read } = clocked(200)
  for (let i = 0; i < 501; i += 1) await shared.of(String(i), read)
  expect((await shared.of('500', read)).answer).toBe(501)
  expect((await shared.of('1', read)).answer).toBe(2)
  expect((await shared.of('0', read)).answer).toBe(502)
})
