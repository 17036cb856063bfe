import { html, type Html } from './html.ts'

export interface LiveList {
  /** A read model that may be followed: see live/lists.ts. */
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
