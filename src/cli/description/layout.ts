import { displayWidth } from '../display-width.ts'
import { grouped } from '../progress.ts'
import type { Style } from '../style.ts'

/** A title with lines under it, and a blank line after. */
export function section(title: string, style: Style, lines: readonly string[]): string {
  return [style.strong(title), ...lines.map((it) => `  ${it}`), ''].join('\n')
}

/** Rows whose cells stand under one another; the last cell of a row is as wide as it is. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const width = (column: number) =>
    Math.max(...rows.map((row) => (column < row.length - 1 ? displayWidth(row[column] ?? '') : 0)))
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : padded(cell, width(i))))
      .join('  ')
      .trimEnd(),
  )
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** A number as one would say it: exact where it is small, two digits where it is an estimate of many. */
export function about(number: number): string {
  if (number < 10) return String(Math.round(number * 10) / 10)
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(number)) - 1)
  return grouped(Math.round(number / unit) * unit)
}

export function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`
}
