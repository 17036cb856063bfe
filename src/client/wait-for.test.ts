import { expect, test } from 'vitest'
import type { Queryable } from './queryable.ts'
import { takeToken } from './take-token.ts'
import { waitFor } from './wait-for.ts'

const TOKEN = '7/5:100'

function failingWith(error: Error): Queryable {
  return { query: () => Promise.reject(error) }
}

test.each([
  ['the driver', Object.assign(new Error('of another cluster'), { code: 'MR002' })],
  ['Drizzle', new Error('Failed query', { cause: Object.assign(new Error('other'), { code: 'MR002' }) })],
  ['Prisma', Object.assign(new Error('Raw query failed'), { code: 'P2010', meta: { code: 'MR002' } })],
])('an error of the database is known as it comes through %s', async (_, error) => {
  await expect(waitFor(failingWith(error), TOKEN)).rejects.toMatchObject({
    code: 'TOKEN_OF_ANOTHER_CLUSTER',
    cause: error,
  })
})

test('any other error is passed on as it is', async () => {
  const error = Object.assign(new Error('connection lost'), { code: 'ECONNRESET' })
  await expect(waitFor(failingWith(error), TOKEN)).rejects.toBe(error)
})

test.each([[null], [[]], [[null]]])('%j is the token of nothing, and nothing is asked', async (token) => {
  await waitFor(failingWith(new Error('asked')), token)
})

test('rows may come as an array or in `rows`', async () => {
  const waiting: Queryable = { query: () => Promise.resolve([{ waiting: ['public.feed'] }]) }
  await expect(waitFor(waiting, TOKEN, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'TOKEN_TIMEOUT' })
  const done: Queryable = { query: () => Promise.resolve({ rows: [{ waiting: [] }], rowCount: 1 }) }
  await waitFor(done, TOKEN, { timeoutMs: 0 })
  expect(await takeToken({ query: () => Promise.resolve({ rows: [{ token: TOKEN }] }) })).toBe(TOKEN)
})

test('the signal ends a wait with its own reason', async () => {
  const stop = new AbortController()
  const reason = new Error('the client has gone')
  let asked = 0
  const client: Queryable = {
    query: () => {
      asked += 1
      if (asked === 3) stop.abort(reason)
      return Promise.resolve([{ waiting: ['public.feed'] }])
    },
  }
  await expect(waitFor(client, TOKEN, { signal: stop.signal, timeoutMs: 60_000 })).rejects.toBe(reason)
  expect(asked).toBe(3)
})

test('what waits is asked in full again when something has been drained, or after a tenth of a second', async () => {
  const answers = [
    { waiting: ['public.feed'], marks: 'feed 1' },
    { waiting: null, marks: 'feed 1' },
    { waiting: ['public.feed'], marks: 'feed 2' },
  ]
  const asked: unknown[] = []
  const client: Queryable = {
    query: (_, values = []) => {
      asked.push(values[2])
      const isAgain = asked.length > answers.length && values[2] === null
      return Promise.resolve([isAgain ? { waiting: [] } : (answers[asked.length - 1] ?? { waiting: null })])
    },
  }
  await waitFor(client, TOKEN, { timeoutMs: 60_000 })
  expect(asked.slice(0, 4)).toEqual([null, 'feed 1', 'feed 1', 'feed 2'])
  expect(asked.at(-1)).toBeNull()
})
