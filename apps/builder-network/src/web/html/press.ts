import { html, type Html } from './html.ts'

export interface Press {
  readonly action: string
  readonly text: string
  /** The page that it comes back to. */
  readonly back: string
  /** What it is for, where the text alone does not say. */
  readonly label?: string
  readonly fields?: Readonly<Record<string, string>>
}

/** A button that does something. */
export function press({ action, text, back, label, fields = {} }: Press): Html {
  return html`<form class="inline" action="${action}" method="post">
    ${Object.entries({ back, ...fields }).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
    )}
    <button class="quiet small" ${label === undefined ? '' : html`aria-label="${label}"`}>${text}</button>
  </form>`
}
