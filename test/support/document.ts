import { readFileSync } from 'node:fs'

/** A fenced block of a Markdown page. */
export interface Block {
  readonly language: string
  readonly text: string
  /** The line of the fence that opens it, counted from 1. */
  readonly line: number
}

export function blocksOf(page: URL): readonly Block[] {
  const text = readFileSync(page, 'utf8')
  return [...text.matchAll(/^```(?<language>\w+)\n(?<text>.*?)^```$/gms)].map(({ index, groups = {} }) => ({
    language: groups['language'] ?? '',
    text: groups['text'] ?? '',
    line: text.slice(0, index).split('\n').length,
  }))
}

/** `$ command` and what it prints, up to the next one. */
export interface Example {
  readonly command: string
  readonly output: string
}

export function examplesOf({ text }: Block): readonly Example[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...output] = part.split('\n')
      return { command, output: output.join('\n') }
    })
}

/**
 * True if what was printed is what the page shows. A line `…` stands for any number of lines, a duration and a moment for any
 * other; blanks at the ends of lines do not count.
 */
export function isShown(shown: string, printed: string): boolean {
  const parts = normal(shown)
    .split(/^…$/m)
    .map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^\\s*${parts.join('(?:[^]*)')}\\s*$`).test(normal(printed))
}

function normal(text: string): string {
  return text
    .replaceAll(/ +$/gm, '')
    .replaceAll(/\d+(?:\.\d+)? (?=m?s\b)/g, '# ')
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '#')
}

/** Rows as psql lays them out, without its last line and without blanks at the ends of lines. */
export function psqlTable(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, string | number | boolean | null>>[],
): string {
  const cells = rows.map((row) => columns.map((name) => row[name] ?? null))
  const texts = cells.map((row) => row.map((value) => String(value ?? '')))
  const widths = columns.map((name, i) => Math.max(name.length, ...texts.map((row) => row[i]?.length ?? 0)))
  const centred = columns.map((name, i) => {
    const room = (widths[i] ?? 0) - name.length
    return ' '.repeat(Math.floor(room / 2)) + name + ' '.repeat(Math.ceil(room / 2))
  })
  const aligned = texts.map((row, r) =>
    row.map((text, i) =>
      isNumeric(cells[r]?.[i]) ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0),
    ),
  )
  return [
    ` ${centred.join(' | ')}`,
    widths.map((width) => '-'.repeat(width + 2)).join('+'),
    ...aligned.map((row) => ` ${row.join(' | ')}`),
  ]
    .map((line) => line.trimEnd())
    .join('\n')
}

/** The driver gives bigint and numeric as text. */
function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))
}
