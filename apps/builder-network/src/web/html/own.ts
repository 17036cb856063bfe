import { html, type Html } from './html.ts'
import { part } from './part.ts'

/** A part of a page that is fetched anew when something of the viewer's own changes (assets/mine.js). */
export function own(
  id: string,
  url: URL,
  content: Html,
  { withUser }: { readonly withUser?: string } = {},
): Html {
  const other = withUser === undefined ? '' : html`data-with="${withUser}"`
  return part(id, url, content, html`data-own ${other}`)
}
