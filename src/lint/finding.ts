/** Something that a linter found in a script. */
export interface Finding {
  /** `truncate-source`, or a rule of Squawk's. */
  readonly rule: string
  readonly from: 'millrace' | 'squawk'
  readonly level: 'error' | 'warning'
  readonly file: string
  /** Counted from 1, the column in UTF-16 units. */
  readonly line: number
  readonly column: number
  /** The line that it stands on. */
  readonly text: string
  /** Lower case, without a full stop. */
  readonly message: string
  /** What to do about it, as sentences. */
  readonly help: string | null
  readonly url: string | null
  /** `--fix` rewrites it. */
  readonly canFix: boolean
}

/** The line and column of an offset. */
export function placeIn(text: string, offset: number): Pick<Finding, 'line' | 'column' | 'text'> {
  const at = Math.min(offset, text.length)
  const start = text.lastIndexOf('\n', at - 1) + 1
  const end = text.indexOf('\n', at)
  return {
    line: text.slice(0, start).split('\n').length,
    column: at - start + 1,
    text: text.slice(start, end === -1 ? undefined : end).replace(/\r$/, ''),
  }
}
