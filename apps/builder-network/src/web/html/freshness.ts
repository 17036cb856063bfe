import { html, type Html } from './html.ts'

/** How old a list is. `ms`: milliseconds; null: not known. */
export function freshness(ms: number | null): Html {
  const text = ms === null ? 'age not known' : ms < 1000 ? 'less than a second old' : `${old(ms)} old`
  const state = ms === null ? 'unknown' : ms < 5_000 ? 'fresh' : 'old'
  return html`<p class="freshness" data-state="${state}">${text}</p>`
}

function old(ms: number): string {
  const seconds = ms / 1000
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${String(Math.round(seconds / 60))} minutes`
}
