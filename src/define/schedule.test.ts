import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SEED } from '../../test/support/seed.ts'
import { durationMs } from './duration.ts'
import { nextAfter, scheduleOf, scheduleProblems, type ScheduleOptions } from './schedule.ts'

/** The next moments from one on, an injected clock that goes from each to the next. */
function moments(options: ScheduleOptions, from: string, count: number): readonly string[] {
  const found: string[] = []
  for (let at = new Date(from); found.length < count;) {
    at = nextAfter(scheduleOf(options), at)
    found.push(at.toISOString().replace(':00.000Z', 'Z'))
  }
  return found
}

test('intervals are aligned, whenever the last run was', () => {
  expect(moments({ every: '5 minutes' }, '2026-05-01T10:02:17Z', 2)).toEqual([
    '2026-05-01T10:05Z',
    '2026-05-01T10:10Z',
  ])
  expect(moments({ every: '30 seconds' }, '2026-05-01T10:02:30Z', 1)).toEqual(['2026-05-01T10:03Z'])
  expect(moments({ every: '1 day' }, '2026-05-01T10:02:17Z', 1)).toEqual(['2026-05-02T00:00Z'])
  const berlin = { every: '1 day', timeZone: 'Europe/Berlin' }
  // Midnight in winter; elapsed time is not shifted in summer.
  expect(moments(berlin, '2026-01-01T10:00:00Z', 1)).toEqual(['2026-01-01T23:00Z'])
  expect(moments(berlin, '2026-07-01T10:00:00Z', 1)).toEqual(['2026-07-01T23:00Z'])
})

test('any moment has a next one, which is later, on the grid, and at most one interval away', () => {
  const intervals = fc.tuple(
    fc.integer({ min: 1, max: 500 }),
    fc.constantFrom('second', 'minute', 'hours', 'days'),
  )
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia')
  const instants = fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  fc.assert(
    fc.property(intervals, zones, instants, ([count, unit], timeZone, instant) => {
      const every = `${String(count)} ${unit}`
      const ms = durationMs(every) ?? 0
      const next = nextAfter({ every, timeZone }, instant)
      expect(next.getTime() - instant.getTime()).toBeGreaterThan(0)
      expect(next.getTime() - instant.getTime()).toBeLessThanOrEqual(ms)
      expect(nextAfter({ every, timeZone }, next).getTime() - next.getTime()).toBe(ms)
    }),
    { seed: SEED },
  )
})

test('a cron expression is read in its zone', () => {
  const nightly = { every: '0 3 * * *', timeZone: 'Europe/Berlin' }
  expect(moments(nightly, '2026-03-27T12:00:00Z', 3)).toEqual([
    '2026-03-28T02:00Z',
    '2026-03-29T01:00Z',
    '2026-03-30T01:00Z',
  ])
  expect(moments({ every: '0 3 * * *' }, '2026-03-28T12:00:00Z', 1)).toEqual(['2026-03-29T03:00Z'])
  expect(moments({ every: '0 9 * * MON-FRI', timeZone: 'Asia/Tokyo' }, '2026-05-01T00:00:00Z', 2)).toEqual([
    '2026-05-04T00:00Z',
    '2026-05-05T00:00Z',
  ])
  expect(moments({ every: '*/20 * * * * *' }, '2026-05-01T00:00:10Z', 2)).toEqual([
    '2026-05-01T00:00:20.000Z',
    '2026-05-01T00:00:40.000Z',
  ])
})

test('a time of day that the clocks leave out comes at the first moment after the gap', () => {
  const daily = { every: '30 2 * * *', timeZone: 'Europe/Berlin' }
  expect(moments(daily, '2026-03-28T12:00:00Z', 2)).toEqual(['2026-03-29T01:00Z', '2026-03-30T00:30Z'])
  const halfAnHour = { every: '15 2 * * *', timeZone: 'Australia/Lord_Howe' }
  expect(moments(halfAnHour, '2026-10-03T00:00:00Z', 2)).toEqual(['2026-10-03T15:30Z', '2026-10-04T15:15Z'])
})

test('a time of day that comes twice counts once', () => {
  const daily = { every: '30 2 * * *', timeZone: 'Europe/Berlin' }
  expect(moments(daily, '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T00:30Z', '2026-10-26T01:30Z'])
})

test('what goes by the clock leaves the gap out and counts the repeated hour twice', () => {
  const hourly = { every: '30 * * * *', timeZone: 'Europe/Berlin' }
  expect(moments(hourly, '2026-03-29T00:00:00Z', 3)).toEqual([
    '2026-03-29T00:30Z',
    '2026-03-29T01:30Z',
    '2026-03-29T02:30Z',
  ])
  const twice = { every: '*/30 2 * * *', timeZone: 'Europe/Berlin' }
  expect(moments(twice, '2026-10-24T12:00:00Z', 4)).toEqual([
    '2026-10-25T00:00Z',
    '2026-10-25T00:30Z',
    '2026-10-25T01:00Z',
    '2026-10-25T01:30Z',
  ])
  expect(moments(twice, '2026-03-28T12:00:00Z', 1)).toEqual(['2026-03-30T00:00Z'])
})

test('a schedule that is good has no problems', () => {
  for (const every of [
    '1 second',
    '5 minutes',
    ' 2 hours ',
    '0 3 * * *',
    '0 0 29 2 *',
    '0 0 3 * * SUN',
    '0 0 L * *',
  ])
    expect(scheduleProblems({ every }), every).toEqual([])
  expect(scheduleProblems({ every: '1 day', timeZone: 'America/New_York', timeout: '90 seconds' })).toEqual(
    [],
  )
  expect(scheduleOf({ every: ' 1 day ' })).toEqual({ every: '1 day', timeZone: 'UTC', timeoutMs: 600_000 })
})

test.each([
  [{ every: '0 seconds' }, '"every" is the string "0 seconds"'],
  [{ every: 'hourly' }, '"every" is the string "hourly"'],
  [{ every: '@daily' }, '"every" is the string "@daily"'],
  [{ every: '1 month' }, '"every" is the string "1 month"'],
  [{ every: '-5 minutes' }, '"every" is the string "-5 minutes"'],
  [{ every: '5 minutes and 3 more words' }, '"every" is the string "5 minutes and 3 more words": '],
  [{ every: '61 * * * *' }, '"every" is the string "61 * * * *": Invalid value for minute: 61'],
  [{ every: '* * * *' }, '"every" is the string "* * * *"'],
  [{ every: '0 0 31 2 *' }, '"every" is the string "0 0 31 2 *", and there is no such time'],
  [{ every: 300 }, '"every" is the number 300'],
  [{}, '"every" is missing'],
  [{ every: '1 day', timeZone: 'Mars/Olympus' }, '"timeZone" is the string "Mars/Olympus"'],
  [{ every: '1 day', timeZone: '+02:00' }, '"timeZone" is the string "+02:00"'],
  [{ every: '1 day', timeZone: 2 }, '"timeZone" is the number 2'],
  [{ every: '1 day', timeout: '2 days' }, '"timeout" is the string "2 days"'],
  [{ every: '1 day', timeout: 60 }, '"timeout" is the number 60'],
  [{ every: '1 day', timezone: 'UTC' }, 'there is no option "timezone"'],
  ['1 day', 'the schedule is the string "1 day"'],
])('%j is refused: %s', (options, detail) => {
  const [problem, ...more] = scheduleProblems(options)
  expect(problem?.detail).toContain(detail)
  expect(problem?.hint).toMatch(/^(Write|Give|Did you mean|There is)/)
  expect(more).toEqual([])
})
