import { expect, test, vi } from 'vitest'
import { newRate, countIn, perSecond } from '../src/rate.ts'
import { WorkerLog, type Status } from '../src/status.ts'
import { oneLine, screen, showStatus } from '../src/terminal.ts'

const STATUS: Status = {
  worker: 'working',
  uptimeSeconds: 3,
  writes: { vote: 1200 },
  writesPerSecond: 400,
  now: { writesPerSecond: 1234, readsPerSecond: null },
  writeMs: { p50: 1, p95: 2 },
  lagMs: { p50: 12.5, p95: null, max: null },
  models: [
    {
      name: 'feed',
      freshness: 'eventual',
      drains: 5,
      units: 1500,
      rowsChanged: 7,
      pending: 0,
      backlog: null,
      setAside: 0,
      lastDrainMs: 3.2,
    },
  ],
  errors: [],
}

test('a log gets one line', () => {
  expect(oneLine(STATUS)).toBe(
    '1,234 writes/s, – reads/s, lag 12.5 ms (95 %: –), 1,500 keys kept fresh, 0 errors',
  )
})

test('a terminal gets columns that line up, and the latest error', () => {
  const lines = screen({ ...STATUS, errors: ['one', 'vote: no such table\\nat line 1'] })
  const [head = '', row = ''] = lines.slice(3, 5)
  expect(head.length).toBe(row.length)
  expect(head.indexOf('drains') + 'drains'.length).toBe(row.indexOf(' 5') + 2)
  expect(lines.at(-1)).toContain('2 errors; the latest: vote: no such table')
})

test('a terminal is redrawn in place, by as many lines as were drawn', () => {
  vi.useFakeTimers()
  const written: string[] = []
  const stream = { isTTY: true, columns: 40, write: (text: string) => written.push(text) > 0 }
  const stop = new AbortController()
  const end = showStatus({ read: () => STATUS, signal: stop.signal, stream: stream })
  vi.advanceTimersByTime(500)
  const lines = (written[0]?.match(/\n/g) ?? []).length
  expect(written).toHaveLength(2)
  expect(written[1]?.startsWith(`\u001b[${String(lines)}A`)).toBe(true)
  for (const line of written[1]?.split('\n') ?? [])
    expect(line.replaceAll(/\u001b\[\d*\w/g, '').length).toBeLessThan(40)

  // After Ctrl-C other lines follow, which must not be written over.
  stop.abort()
  vi.advanceTimersByTime(5_000)
  expect(written).toHaveLength(2)
  end()

  expect(written[2]).not.toMatch(/^\u001b\[\d+A/)
  vi.useRealTimers()
})

test('a rate is that of the last whole seconds', () => {
  const rate = newRate(0)
  expect(perSecond(rate, 500)).toBeNull()
  for (let at = 0; at < 2_000; at += 10) countIn(rate, at)
  expect(perSecond(rate, 1_000)).toBe(100)
  expect(perSecond(rate, 2_000)).toBe(100)
  expect(perSecond(rate, 3_000)).toBe(67)
  expect(perSecond(rate, 9_000)).toBe(0)
})

test('the worker is known by its models before it has drained anything', () => {
  const log = new WorkerLog()
  expect([log.state, log.models]).toEqual(['starting', []])
  log.note({ kind: 'started', models: [{ name: 'feed', plan: { immediate: null } } as never] })
  expect(log.state).toBe('working')
  expect(log.models).toEqual([
    {
      name: 'feed',
      freshness: 'eventual',
      drains: 0,
      units: 0,
      rowsChanged: 0,
      pending: 0,
      setAside: 0,
      lastDrainMs: null,
      backlog: null,
    },
  ])
})
