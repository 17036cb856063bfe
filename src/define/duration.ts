const UNITS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
}

/** Milliseconds of a length of time in words: `30 seconds`, `1 hour`. Undefined where it is none. */
export function durationMs(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(\d{1,6}) (second|minute|hour|day|week)s?$/.exec(text.trim()) ?? []
  const ms = Number(count) * (UNITS[unit] ?? 0)
  return ms > 0 ? ms : undefined
}

/** The same where milliseconds are a length too: `250 milliseconds`. It may come from JavaScript. */
export function lengthMs(length: unknown): number | undefined {
  if (typeof length !== 'string') return undefined
  const [, count] = /^(\d{1,6}) milliseconds?$/.exec(length.trim()) ?? []
  const ms = count === undefined ? durationMs(length) : Number(count)
  return ms === 0 ? undefined : ms
}
