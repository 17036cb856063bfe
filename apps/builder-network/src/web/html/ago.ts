import { html, type Html } from './html.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const STEPS = [
  [365 * DAY, 'year'],
  [30 * DAY, 'month'],
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
] as const
const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** When something was, as people say it. `at`: ISO 8601; without a zone it is in UTC. */
export function ago(at: string, now = Date.now()): Html {
  const iso = /(Z|[+-]\d\d:?\d\d)$/.test(at) ? at : `${at}Z`
  return html`<time datetime="${iso}">${inWords((now - Date.parse(iso)) / 1000)}</time>`
}

const phrases = new Map<string, string>()

/** Phrases are few, and making one takes long. */
function phrase(n: number, unit: Intl.RelativeTimeFormatUnit): string {
  const name = `${String(n)} ${unit}`
  const known = phrases.get(name) ?? words.format(-n, unit)
  phrases.set(name, known)
  return known
}

function inWords(seconds: number): string {
  for (const [length, unit] of STEPS) {
    if (seconds >= length) return phrase(Math.floor(seconds / length), unit)
  }
  return 'just now'
}
