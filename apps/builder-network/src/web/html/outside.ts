import { html, type Html } from './html.ts'

/** A link that a user has given: to the web and to nothing else, whatever stands in the database. */
export function outside(url: string | null, text: string): Html {
  if (url === null || !/^https?:\/\//i.test(url)) return html``
  return html`<a href="${url}" rel="nofollow ugc noopener" hx-boost="false">${text}</a>`
}
