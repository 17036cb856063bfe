import { html, type Html } from './html.ts'

/**
 * A part of a page that is fetched anew when something of the viewer's own changes (assets/mine.js says when). Without
 * scripts it is what it was when the page came.
 */
export function own(
  id: string,
  url: URL,
  content: Html,
  { withUser }: { readonly withUser?: string } = {},
): Html {
  return html`<section
    id="${id}"
    data-own
    ${withUser === undefined ? '' : html`data-with="${withUser}"`}
    hx-get="${url.pathname}${url.search}"
    hx-trigger="mine"
    hx-select="#${id}"
    hx-target="#${id}"
    hx-swap="outerMorph"
  >
    ${content}
  </section>`
}
