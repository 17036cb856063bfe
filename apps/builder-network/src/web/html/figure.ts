import { raw, type Html } from './html.ts'

const numbers = new Intl.NumberFormat('en-US')

/** A number of a column, which live changes write anew (assets/live.js). */
export function figure(field: string, value: number, className = ''): Html {
  return raw(bold(field, value, className))
}

/** The same on one line with what it counts: `1 comment`, `1,204 votes up`. */
export function counted(field: string, value: number, what: string, more = ''): Html {
  const plural = `<span data-plural${value === 1 ? ' hidden' : ''}>s</span>`
  return raw(`<span class="figure">${bold(field, value)} ${what}${plural}${more}</span>`)
}

/** As text, for a list has dozens of them: nothing in it is what somebody wrote. */
function bold(field: string, value: number, className = ''): string {
  return `<b class="${className}" data-field="${field}" data-number>${numbers.format(value)}</b>`
}
