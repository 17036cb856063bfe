import { html, type Html } from './html.ts'

/** To the pages before and behind, by keyset: rows that come or go in between are neither shown twice nor left out. */
export function pager(
  url: URL,
  { previous, next }: { readonly previous: string | null; readonly next: string | null },
): Html {
  if (previous === null && next === null) return html``
  return html`<nav class="pager" aria-label="More">
    ${previous === null ? '' : html`<a rel="prev" href="${withCursor(url, 'before', previous)}">Back</a>`}
    ${next === null ? '' : html`<a rel="next" href="${withCursor(url, 'after', next)}">More</a>`}
  </nav>`
}

function withCursor(url: URL, name: 'before' | 'after', cursor: string): string {
  const query = new URLSearchParams(url.search)
  query.delete('before')
  query.delete('after')
  query.set(name, cursor)
  return `${url.pathname}?${query.toString()}`
}
