import { relative } from 'node:path'
import { problemsOf } from '../define/problems.ts'
import { ERRORS, type ErrorCode, type MillraceError } from '../errors.ts'
import { blanksFor } from './display-width.ts'
import { firstLineOf, placeOf } from './locate-source.ts'
import { PLAIN, type Style } from './style.ts'

/** An error as data: what `--json` prints and what the terminal's text is made of. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly detail: string | null
  readonly hint: string | null
  /** Relative to the working directory. */
  readonly file: string | null
  readonly line: number | null
  /** The place in the SQL: its line there, counted from 1, and how far into the line. */
  readonly sql: { readonly line: number; readonly column: number; readonly text: string } | null
}

/** The failure and all others that were found with it. */
export function failuresOf(error: MillraceError, cwd: string): readonly Failure[] {
  return problemsOf(error).map((it) => failureOf(it, cwd))
}

function failureOf({ code, detail, hint, file, position, source }: MillraceError, cwd: string): Failure {
  const place = placeOf(file)
  const sql = source === undefined || position === undefined ? null : lineAt(source, position)
  const firstLine = sql === null ? undefined : firstLineOf(place, source ?? '')
  const line = sql === null || firstLine === undefined ? place.line : firstLine + sql.line - 1
  return {
    code,
    message: ERRORS[code],
    detail: detail ?? null,
    hint: hint ?? null,
    file: place.file === undefined ? null : shorter(relative(cwd, place.file), place.file),
    line: line ?? null,
    sql,
  }
}

/** The line of a text that an offset falls in. */
function lineAt(source: string, position: number): NonNullable<Failure['sql']> {
  const offset = Math.min(position, source.length)
  const start = source.lastIndexOf('\n', offset - 1) + 1
  const end = source.indexOf('\n', offset)
  const text = source.slice(start, end === -1 ? undefined : end).replace(/\r$/, '')
  return { line: source.slice(0, start).split('\n').length, column: offset - start + 1, text }
}

function shorter(a: string, b: string): string {
  return a.length < b.length ? a : b
}

/**
 * Lays failures out for a reader, like PostgreSQL's own client:
 *
 *     error: PostgreSQL rejects this query (QUERY_INVALID)
 *       column p.titel does not exist
 *       at models/feed.ts:14
 *     14 |   select p.id, p.titel
 *        |                ^
 *       hint: Perhaps you meant to reference the column "p.title".
 */
export function renderFailures(failures: readonly Failure[], style: Style = PLAIN): string {
  return failures.map((it) => renderFailure(it, style)).join('\n')
}

function renderFailure({ code, message, detail, hint, file, line, sql }: Failure, style: Style): string {
  const place = file === null ? undefined : `${file}${line === null ? '' : `:${String(line)}`}`
  const lines = [
    `${style.error('error:')} ${style.strong(message)} ${style.faint(`(${code})`)}`,
    ...(detail === null ? [] : indented(detail)),
    ...(place === undefined ? [] : [`  ${style.faint('at')} ${place}`]),
    ...(sql === null ? [] : renderSql(sql, line ?? sql.line, style)),
    ...(hint === null ? [] : [`  ${style.good('hint:')} ${hint}`]),
  ]
  return lines.map((it) => `${it}\n`).join('')
}

function indented(text: string): readonly string[] {
  return text.split('\n').map((it) => `  ${it}`)
}

function renderSql(
  { text, column }: NonNullable<Failure['sql']>,
  line: number,
  style: Style,
): readonly string[] {
  const number = String(line)
  const gutter = ' '.repeat(number.length)
  const before = text.slice(0, column - 1)
  return [
    `${style.faint(`${number} |`)} ${text}`,
    `${style.faint(`${gutter} |`)} ${blanksFor(before)}${style.error('^')}`,
  ]
}
