import { html, type Html } from './html.ts'

/** What stands where a list has nothing yet: what will come here, and what to do about it. */
export function empty(
  title: string,
  text: string,
  next?: { readonly href: string; readonly text: string },
): Html {
  return html`<div class="empty">
    <h2>${title}</h2>
    <p>${text}</p>
    ${next === undefined ? '' : html`<a class="button" href="${next.href}">${next.text}</a>`}
  </div>`
}
