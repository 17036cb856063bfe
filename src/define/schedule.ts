import { Cron } from 'croner'
import { describe } from './describe.ts'
import { durationMs } from './duration.ts'
import { isRecord } from './is-record.ts'
import { suggest } from './suggest.ts'

/** When something is done again and again. */
export interface ScheduleOptions {
  /**
   * A length of time (`'30 seconds'`, `'5 minutes'`, `'1 day'`), or a cron expression (`'0 3 * * *'`: minute, hour, day of
   * the month, month, day of the week; six fields begin with the second).
   */
  readonly every: string
  /** The zone that the clock is read in, `'Europe/Berlin'`; UTC unless said otherwise. */
  readonly timeZone?: string | undefined
  /** A run that takes longer is broken off; `'10 minutes'` unless said otherwise. */
  readonly timeout?: string | undefined
}

/** A schedule that was checked. */
export interface Schedule {
  readonly every: string
  readonly timeZone: string
  readonly timeoutMs: number
}

export interface ScheduleProblem {
  readonly detail: string
  readonly hint: string
}

const OPTIONS = ['every', 'timeZone', 'timeout']
const TIMEOUT = '10 minutes'
/** The server counts a statement's time in a 32-bit number of milliseconds. */
const MAX_TIMEOUT_MS = 86_400_000

const EVERY_HINT = `Write a length of time, every: '5 minutes', or a cron expression, every: '0 3 * * *'.`

/** Where intervals are counted from: midnight of this day in the schedule's zone. */
const ANCHOR = { cron: '0 0 1 1 *', after: new Date('1999-12-30T12:00:00Z') }

/** Everything that is wrong with a schedule; `more`: options that stand beside it. */
export function scheduleProblems(options: unknown, more: readonly string[] = []): readonly ScheduleProblem[] {
  if (!isRecord(options)) return [{ detail: `the schedule is ${describe(options)}`, hint: EVERY_HINT }]

  const { every, timeZone, timeout } = options
  const zone = timeZoneProblems(timeZone)
  const known = [...OPTIONS, ...more]
  return [
    ...zone,
    ...everyProblems(every, zone.length === 0 && typeof timeZone === 'string' ? timeZone : 'UTC'),
    ...timeoutProblems(timeout),
    ...Object.keys(options)
      .filter((it) => !known.includes(it))
      .map((it) => ({ detail: `there is no option "${it}"`, hint: suggest(it, known) })),
  ]
}

/** A schedule without problems, with its defaults filled in. */
export function scheduleOf({ every, timeZone = 'UTC', timeout = TIMEOUT }: ScheduleOptions): Schedule {
  return { every: every.trim(), timeZone, timeoutMs: durationMs(timeout) ?? 0 }
}

/**
 * The first moment after `instant` at which it is time. Intervals are aligned: they are counted in elapsed time from midnight
 * of 1 January 2000 in the zone, whenever the last run was. Cron expressions follow Vixie's cron where clocks change: a
 * time of day that is left out comes at the first moment after the gap, one that comes twice counts once; a field with `*`
 * goes by the clock, so it leaves the gap out and counts the hour that is repeated twice.
 */
export function nextAfter({ every, timeZone }: Pick<Schedule, 'every' | 'timeZone'>, instant: Date): Date {
  const everyMs = durationMs(every)
  const next =
    everyMs === undefined ? nextOfCron(every, timeZone, instant) : aligned(everyMs, timeZone, instant)
  if (next === null) throw new Error(`"${every}" has no next time`)
  return next
}

function aligned(everyMs: number, timeZone: string, instant: Date): Date {
  const anchorMs = nextOfCron(ANCHOR.cron, timeZone, ANCHOR.after)?.getTime() ?? 0
  const passed = Math.floor((instant.getTime() - anchorMs) / everyMs)
  return new Date(anchorMs + (passed + 1) * everyMs)
}

function nextOfCron(expression: string, timeZone: string, after: Date): Date | null {
  return cron(expression, timeZone).nextRun(after)
}

/** It starts no timer: when something runs is decided by the database's clock. */
function cron(expression: string, timezone: string): Cron {
  return new Cron(expression, { timezone, paused: true, mode: '5-or-6-parts' })
}

function everyProblems(every: unknown, timeZone: string): readonly ScheduleProblem[] {
  if (every === undefined) return [{ detail: '"every" is missing', hint: EVERY_HINT }]
  if (typeof every !== 'string') return [{ detail: `"every" is ${describe(every)}`, hint: EVERY_HINT }]
  if (durationMs(every) !== undefined) return []
  const found = `"every" is ${describe(every)}`
  // What is neither of two or three words like `5 minutes` nor of five fields was meant to be the former.
  if (!/^\S+(?:\s+\S+){4,5}$/.test(every.trim())) return [{ detail: found, hint: EVERY_HINT }]
  try {
    return cron(every.trim(), timeZone).nextRun() === null
      ? [{ detail: `${found}, and there is no such time`, hint: EVERY_HINT }]
      : []
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)
    return [{ detail: `${found}: ${why}`, hint: EVERY_HINT }]
  }
}

function timeZoneProblems(timeZone: unknown): readonly ScheduleProblem[] {
  if (timeZone === undefined) return []
  const hint = `Give the name of a time zone: timeZone: 'Europe/Berlin'.`
  const isName = typeof timeZone === 'string' && /^[A-Za-z]/.test(timeZone)
  return isName && isTimeZone(timeZone) ? [] : [{ detail: `"timeZone" is ${describe(timeZone)}`, hint }]
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function timeoutProblems(timeout: unknown): readonly ScheduleProblem[] {
  if (timeout === undefined) return []
  const ms = typeof timeout === 'string' ? durationMs(timeout) : undefined
  if (ms !== undefined && ms <= MAX_TIMEOUT_MS) return []
  const hint = `Write a length of time of a day at most: timeout: '10 minutes'.`
  return [{ detail: `"timeout" is ${describe(timeout)}`, hint }]
}
