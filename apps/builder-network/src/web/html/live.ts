import { html, type Html } from './html.ts'
import { part } from './part.ts'

export interface LiveList {
  /** A read model that may be followed: see live/wishes.ts. */
  readonly model: string
  readonly orderBy: readonly string[]
  readonly where?: Readonly<Record<string, unknown>>
  readonly n: number
  /** Where one row is had as HTML, `{key}` in the place of its key. */
  readonly card: string
}

/**
 * Attributes of a list that follows its page of a read model, where it shows the first one. Its children have their keys in `data-key`,
 * and columns of the row in elements with `data-field`.
 */
export function live({ model, card, ...page }: LiveList, url: URL): Html {
  if (url.searchParams.has('after') || url.searchParams.has('before')) return html``
  return html`data-live="${model}" data-page="${JSON.stringify(page)}" data-card="${card}"`
}

/** A value of a column: what is in JSON, a number, or none. */
type Shown = readonly object[] | number | null

/** Attributes of an element that follows one row of a read model: columns of it stand in elements with `data-field`. */
export function liveRow(model: string, key: string): Html {
  return html`data-row="${model}" data-key="${key}"`
}

/**
 * A part within such an element, or the element itself, that shows what no column has: it is fetched anew when one of the columns `shows` has
 * another value than it had when the page was made.
 */
export function livePart(
  id: string,
  url: URL,
  content: Html,
  {
    shows,
    attributes = html``,
  }: { readonly shows: Readonly<Record<string, Shown>>; readonly attributes?: Html },
): Html {
  return part(id, url, content, html`data-shows="${JSON.stringify(textsOf(shows))}" ${attributes}`)
}

/** As assets/live.js writes what it is told: numbers may come as text, and what is in JSON as what it is. */
function textsOf(values: Readonly<Record<string, Shown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  )
}
