import { expect, test } from 'vitest'
import { FRESH_HEADER, giveToken, respondFresh, TOKEN_HEADER, tokensAfter, tokensIn } from './http.ts'
import type { Queryable } from './queryable.ts'

const [A, B, C] = ['7/5:100', '7/5:101', '7/5:102'] as const

/** Answers a number of times that a model is waiting, and then that none is. */
function database({ waitingTimes = 0, failingOn = [] as readonly string[] } = {}) {
  const asked: unknown[] = []
  const client: Queryable = {
    query: (_, [tokens] = []) => {
      asked.push(tokens)
      const failing = failingOn.find((it) => (tokens as readonly string[]).includes(it))
      if (failing !== undefined)
        return Promise.reject(Object.assign(new Error('of another cluster'), { code: 'MR002' }))
      return Promise.resolve([{ waiting: asked.length > waitingTimes ? [] : ['public.feed'] }])
    },
  }
  return { client, asked }
}

function request(...tokens: readonly string[]): Request {
  const headers = new Headers()
  for (const token of tokens) giveToken(headers, token)
  return new Request('http://localhost/feed', { headers })
}

test('tokens travel as a list in one header, each once; no token leaves no header', () => {
  const headers = new Headers()
  giveToken(headers, null)
  expect(headers.has(TOKEN_HEADER)).toBe(false)
  for (const token of [A, B, A]) giveToken(headers, token)
  expect(headers.get(TOKEN_HEADER)).toBe(`${A}, ${B}, ${A}`)
  expect(tokensIn(headers)).toEqual([A, B])
  expect(tokensIn(new Headers({ [TOKEN_HEADER]: ' ,' }))).toEqual([])
})

test('a reader waits for all tokens of the request, and says that its answer is fresh', async () => {
  const { client, asked } = database({ waitingTimes: 2 })
  const response = await respondFresh(request(A, B), { client }, () => Response.json({ rows: 1 }))
  expect(asked).toEqual([
    [A, B],
    [A, B],
    [A, B],
  ])
  expect(response.headers.get(FRESH_HEADER)).toBe('true')
  expect(response.headers.get('Vary')).toBe(TOKEN_HEADER)
  expect(await response.json()).toEqual({ rows: 1 })
})

test('at the limit it reads all the same, and says that the answer may not be fresh', async () => {
  const { client } = database({ waitingTimes: Infinity })
  const response = await respondFresh(
    request(A),
    { client, timeoutMs: 0 },
    () => new Response(null, { status: 204 }),
  )
  expect([response.status, response.headers.get(FRESH_HEADER)]).toEqual([204, 'false'])
})

test('a request without tokens is answered at once, with no word on freshness', async () => {
  const { client, asked } = database()
  const response = await respondFresh(request(), { client }, () => new Response('rows'))
  expect(asked).toEqual([])
  expect(response.headers.has(FRESH_HEADER)).toBe(false)
})

test('a token of another database does not keep it from waiting for the others', async () => {
  const { client, asked } = database({ failingOn: [A] })
  const response = await respondFresh(request(A, B), { client }, () => new Response('rows'))
  expect(asked).toEqual([[A, B], [A], [B]])
  expect(response.headers.get(FRESH_HEADER)).toBe('unknown')

  const slow = database({ failingOn: [A], waitingTimes: Infinity })
  const stale = await respondFresh(
    request(A, B),
    { client: slow.client, timeoutMs: 0 },
    () => new Response('rows'),
  )
  expect(stale.headers.get(FRESH_HEADER)).toBe('false')
})

test('more tokens than can be waited for are not asked about one by one', async () => {
  const { client, asked } = database()
  const many = Array.from({ length: 101 }, (_, i) => `7/5:${String(1_000 + i)}`)
  const response = await respondFresh(request(...many), { client }, () => new Response('rows'))
  expect(asked).toEqual([])
  expect(response.headers.get(FRESH_HEADER)).toBe('unknown')
})

test('an error of the database is not taken for an answer that is not fresh', async () => {
  const client: Queryable = { query: () => Promise.reject(new Error('connection lost')) }
  await expect(respondFresh(request(A), { client }, () => new Response('rows'))).rejects.toThrow(
    'connection lost',
  )
})

test('what a response leaves unchanged can be given headers too', async () => {
  const { client } = database()
  const respond = () => Response.redirect('http://localhost/elsewhere', 302)
  const response = await respondFresh(request(A), { client }, respond)
  expect([response.status, response.headers.get('Location'), response.headers.get(FRESH_HEADER)]).toEqual([
    302,
    'http://localhost/elsewhere',
    'true',
  ])
})

test.each([
  ['keeps all while the answer is not fresh', 'false', [A, B]],
  ['forgets what was sent and passed', 'true', [B]],
  ['forgets what was sent and is unknown', 'unknown', [B]],
  ['keeps all when nothing is said', null, [A, B]],
])('a client %s', (_, fresh, expected) => {
  const response = new Response(null, { headers: fresh === null ? {} : { [FRESH_HEADER]: fresh } })
  expect(tokensAfter([A, B], [A], response)).toEqual(expected)
})

test('a client adds what a response brings, beside what it has', () => {
  const response = new Response(null, { headers: { [FRESH_HEADER]: 'true', [TOKEN_HEADER]: C } })
  expect(tokensAfter([A, B], [A], response)).toEqual([B, C])
})
