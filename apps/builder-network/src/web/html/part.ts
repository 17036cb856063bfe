import { html, type Html } from './html.ts'

/**
 * A part of a page that is fetched anew at the event `again`, from the address of the page (assets/parts.js says when). Without scripts it is
 * what it was when the page came.
 */
export function part(id: string, url: URL, content: Html, attributes: Html): Html {
  return html`<section
    id="${id}"
    ${attributes}
    hx-get="${url.pathname}${url.search}"
    hx-trigger="again"
    hx-select="#${id}"
    hx-target="#${id}"
    hx-swap="outerMorph"
  >
    ${content}
  </section>`
}
