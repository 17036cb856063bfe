import { html, type Html } from './html.ts'

export interface Stat {
  readonly name: string
  readonly value: number | string
  /** What live changes call it. */
  readonly field?: string
  readonly href?: string
  /** A few words below the name. */
  readonly more?: string
}

/** Figures with what they count. */
export function stats(figures: readonly Stat[]): Html {
  return html`<dl class="stats">
    ${figures.map(
      ({ name, value, field, href, more }) =>
        html`<div>
          <dt>
            ${href === undefined ? name : html`<a href="${href}">${name}</a>`}
            ${more === undefined ? '' : html`<small>${more}</small>`}
          </dt>
          <dd data-field="${field ?? ''}">
            ${typeof value === 'number' ? value.toLocaleString('en-US') : value}
          </dd>
        </div>`,
    )}
  </dl>`
}
