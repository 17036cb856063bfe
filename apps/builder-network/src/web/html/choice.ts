import { html, type Html } from './html.ts'

/** One of a few words. */
export function choice(
  name: string,
  {
    label,
    words,
    chosen,
  }: { readonly label: string; readonly words: readonly string[]; readonly chosen?: string },
): Html {
  return html`<label
    >${label}
    <select name="${name}">
      ${words.map((it) => (it === chosen ? html`<option selected>${it}</option>` : html`<option>${it}</option>`))}
    </select></label
  >`
}
