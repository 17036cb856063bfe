import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { WAIT_MS } from '../../../../test/support/patience.ts'
import { hasCome, nextArrival } from '../../src/load/arrivals.ts'
import { newRecorder, newTimes } from '../../src/load/figures.ts'
import { AFTER_WRITE, generate } from '../../src/load/generator.ts'
import { chooseKind, PAGE_KINDS, shareOf, WRITE_KINDS, type Kind } from '../../src/load/mix.ts'
import { randomFrom } from '../../src/random.ts'

const MANY = 200_000

test('sessions think for exponential times, each as long as the others', () => {
  const random = randomFrom(7)
  const crowd = { sessions: 50, thinkMs: 10_000 }
  const meanMs = crowd.thinkMs / crowd.sessions
  const visits = new Array<number>(crowd.sessions).fill(0)
  let at = 0
  let longGaps = 0
  for (let i = 0; i < MANY; i += 1) {
    const next = nextArrival(at, crowd, random)
    if (next.at - at > meanMs) longGaps += 1
    visits[next.session] = (visits[next.session] ?? 0) + 1
    at = next.at
  }
  expect(at / MANY / meanMs).toBeCloseTo(1, 1)
  // Of exponential times, one of e is longer than the mean; of uniform ones it would be a half.
  expect(longGaps / MANY).toBeCloseTo(1 / Math.E, 2)
  const fair = MANY / crowd.sessions
  expect(visits.filter((count) => Math.abs(count - fair) > fair / 5)).toEqual([])
})

test('sessions come one after another, and until all are there so many fewer arrive', () => {
  const random = randomFrom(5)
  const crowd = { sessions: 50, thinkMs: 10_000, joinMs: 20_000_000 }
  const since = 1_000
  const quarters = [0, 0, 0, 0]
  const early = new Set<number>()
  let after = 0
  for (let at = since; after < MANY / 2;) {
    const next = nextArrival(at, crowd, random)
    at = next.at
    if (!hasCome(next, crowd, since)) continue
    const quarter = Math.floor((4 * (at - since)) / crowd.joinMs)
    if (quarter === 0) early.add(next.session)
    if (quarter < 4) quarters[quarter] = (quarters[quarter] ?? 0) + 1
    else after += 1
  }
  expect([...early].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 13 }, (_, i) => i))
  // While they come evenly, the rate grows evenly: the quarters are as 1, 3, 5 and 7 of 32.
  const all = (crowd.joinMs / crowd.thinkMs) * crowd.sessions
  const parts = quarters.map((count) => (32 * count) / all)
  expect(parts.map((it) => Math.round(it))).toEqual([1, 3, 5, 7])
  expect(hasCome({ session: 49, at: 0 }, { sessions: 50, joinMs: 0 }, 0)).toBe(true)
})

test('kinds come as often as their share says, and shares are all of it', () => {
  const random = randomFrom(3)
  const kinds: readonly Kind[] = [...PAGE_KINDS, ...WRITE_KINDS]
  const counts = new Map<Kind, number>()
  for (let i = 0; i < MANY; i += 1) {
    const kind = chooseKind(random)
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  for (const kind of kinds) expect((counts.get(kind) ?? 0) / MANY).toBeCloseTo(shareOf(kind), 2)
  expect(kinds.reduce((sum, kind) => sum + shareOf(kind), 0)).toBeCloseTo(1, 10)
  expect([shareOf('feed'), shareOf('vote')]).toEqual([expect.closeTo(0.4), expect.closeTo(0.05)])
})

test('percentiles of a histogram are those of the times in it, to three digits', () => {
  const times = newTimes()
  expect(times.percentiles()).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 })
  for (let ms = 1_000; ms >= 1; ms -= 1) times.record(ms)
  const { p50, p95, p99, max } = times.percentiles()
  for (const [found, meant] of [
    [p50, 500],
    [p95, 950],
    [p99, 990],
    [max, 1_000],
  ] as const) {
    expect(Math.abs(found - meant) / meant).toBeLessThan(0.002)
  }

  const recorder = newRecorder()
  recorder.note('feed', 2)
  recorder.note('feed', 4)
  for (let i = 0; i < 3; i += 1) recorder.fail('feed', '500')
  expect(recorder.kinds()).toMatchObject({
    feed: { count: 2, errors: 3, max: expect.closeTo(4, 1) as unknown },
  })
  expect(recorder.errors()).toEqual(['feed: 500 (3 times)'])
})

test('slow answers hold no arrival back, and all the time that they took is told', async () => {
  const held: (() => void)[] = []
  let isHolding = true
  const server = createServer((request, response) => {
    const answer = () => {
      const isForm = request.method === 'POST'
      response.writeHead(isForm ? 303 : 200, isForm ? { Location: '/' } : {}).end()
    }
    if (isHolding) held.push(answer)
    else answer()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const ids = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']
  const session = { token: 't', userId: ids[0] ?? '', username: 'ada', role: 'builder' }
  const generator = generate({
    origin: `http://127.0.0.1:${String(port)}`,
    sessions: Array.from({ length: 20 }, () => session),
    world: { projects: ids, usernames: ['ada', 'ben'], userIds: ids, chains: ids },
    thinkMs: 50,
    giveUpMs: WAIT_MS,
    joinMs: 0,
    seed: 1,
    signal: new AbortController().signal,
  })
  generator.measure()
  // More than there are sessions: none of them waits for its answer.
  await expect.poll(() => held.length).toBeGreaterThan(60)
  const heldAt = performance.now()
  await expect.poll(() => held.length).toBeGreaterThan(120)
  const heldMs = performance.now() - heldAt
  isHolding = false
  for (const answer of held) answer()
  const { kinds, sent, errors } = await generator.finish()
  server.close()

  expect(errors).toEqual([])
  const counted = Object.values(kinds).reduce((sum, { count }) => sum + count, 0)
  expect(counted).toBe(sent)
  const { [AFTER_WRITE]: followed, ...asked } = kinds
  const writes = WRITE_KINDS.reduce((sum, kind) => sum + (asked[kind]?.count ?? 0), 0)
  expect(followed?.count).toBe(writes)
  expect(Math.max(...Object.values(asked).map(({ max }) => max))).toBeGreaterThanOrEqual(heldMs)
})
