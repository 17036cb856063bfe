import { html, type Html } from './html.ts'

const TONES = 5

/** The first letter of a name, in a colour that stays the same for it. The name itself stands beside it. */
export function avatar(name: string, size: 'small' | 'large' = 'small'): Html {
  const tone = (name.charCodeAt(0) + name.charCodeAt(name.length - 1)) % TONES
  return html`<span class="avatar ${size}" data-tone="${tone}" aria-hidden="true">${name.charAt(0)}</span>`
}
