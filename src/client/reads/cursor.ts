import { createHash } from 'node:crypto'
import { MillraceError } from '../../errors.ts'

/** The place of a row in an order: what stands in the ordering columns, as PostgreSQL wrote it in JSON. */
export interface Place {
  /** A JSON array, not touched here: numbers in it may have more digits than a number of JavaScript. */
  readonly values: string
  readonly isNull: readonly boolean[]
}

const VERSION = 1

/** Of which model and order it is; a cursor of another one is no place in this one. */
export function cursorOf(values: string, order: string): string {
  return Buffer.from(JSON.stringify([VERSION, digestOf(order), values])).toString('base64url')
}

/** Reads a cursor that came from outside. What it holds goes into parameters only. */
export function placeIn(cursor: string, order: string, columns: number): Place {
  const [version, digest, values] = partsOf(cursor)
  if (version !== VERSION) throw invalid('it was given by another version of Millrace')
  if (digest !== digestOf(order)) throw invalid('it was given for another order')
  const parsed = typeof values === 'string' ? parsedList(values) : undefined
  if (parsed?.length !== columns) throw invalid('it was changed')
  return { values: values as string, isNull: parsed.map((it) => it === null) }
}

function partsOf(cursor: unknown): readonly unknown[] {
  const text = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString() : ''
  return parsedList(text) ?? []
}

function parsedList(text: string): readonly unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function digestOf(order: string): string {
  return createHash('sha256').update(order).digest('base64url').slice(0, 8)
}

function invalid(detail: string): MillraceError {
  return new MillraceError('CURSOR_INVALID', {
    detail,
    hint: 'Pass on `next` or `previous` of a page with the same orderBy, as it is; or begin with the first page.',
  })
}
