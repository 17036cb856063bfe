/** Every failure that a user can meet. The name is the code; docs/errors.md has a section for each (a test checks). */
export const ERRORS = {
  BAD_CONFIG: 'the configuration cannot be used',
  QUERY_NOT_ONE_SELECT: 'a read model is defined by exactly one SELECT',
  QUERY_INVALID: 'PostgreSQL rejects this query',
} as const

export type ErrorCode = keyof typeof ERRORS

export interface ErrorDetail {
  /** What exactly was found: names, numbers, the offending SQL. */
  readonly detail?: string | undefined
  /** What the reader can do about it, as a full sentence. */
  readonly hint?: string | undefined
  /** Where in the query it was found, as a 0-based offset into the user's own text, in UTF-16 units. */
  readonly position?: number | undefined
  /** The user's own text that `position` points into. */
  readonly source?: string | undefined
  /** File (and line) of the declaration. */
  readonly file?: string | undefined
  readonly cause?: unknown
}

/** A failure with PostgreSQL's four parts: message, detail, hint, position; and a code that never changes. */
export class MillraceError extends Error {
  override readonly name = 'MillraceError'
  readonly code: ErrorCode
  readonly detail: string | undefined
  readonly hint: string | undefined
  readonly position: number | undefined
  readonly source: string | undefined
  readonly file: string | undefined

  constructor(code: ErrorCode, { detail, hint, position, source, file, cause }: ErrorDetail = {}) {
    super(detail === undefined ? ERRORS[code] : `${ERRORS[code]}: ${detail}`, { cause })
    this.code = code
    this.detail = detail
    this.hint = hint
    this.position = position
    this.source = source
    this.file = file
  }
}
