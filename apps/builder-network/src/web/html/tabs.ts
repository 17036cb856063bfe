import { html, type Html } from './html.ts'

export interface Tab {
  readonly href: string
  readonly text: string
  readonly isHere: boolean
}

/** Links of which one is the page that is shown. */
export function tabs(label: string, links: readonly Tab[]): Html {
  return html`<nav class="tabs" aria-label="${label}">
    ${links.map(({ href, text, isHere }) =>
      isHere ? html`<a href="${href}" aria-current="page">${text}</a>` : html`<a href="${href}">${text}</a>`,
    )}
  </nav>`
}
