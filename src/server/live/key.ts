import type { KeyValue } from '../../define/row.ts'
import { MillraceError } from '../../errors.ts'

/** A key's columns as text, in order. */
export type KeyTexts = readonly (string | null)[]

/** Reads a key as `get` takes it: a value for a key of one column, an object with one member for each of several. */
export function keyTexts(key: KeyValue, columns: readonly string[]): KeyTexts {
  const [only] = columns
  if (columns.length === 1 && only !== undefined && !isObject(key)) return [textOf(key)]
  if (!isObject(key)) throw badKey(key, columns)
  const unknown = Object.keys(key).filter((it) => !columns.includes(it))
  if (unknown.length > 0) throw badKey(key, columns)
  return columns.map((name) => {
    if (!(name in key)) throw badKey(key, columns)
    return textOf(key[name])
  })
}

function isObject(key: KeyValue | null): key is Readonly<Record<string, unknown>> {
  return typeof key === 'object' && key !== null && !(key instanceof Date)
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value)
  throw new MillraceError('BAD_SUBSCRIPTION', {
    detail: `a key has the value ${JSON.stringify(value)}`,
    hint: 'Write strings, numbers, dates or null.',
  })
}

function badKey(key: unknown, columns: readonly string[]): MillraceError {
  const shape = columns.length === 1 ? `a value of ${columns.join('')}` : `{ ${columns.join(', ')} }`
  return new MillraceError('BAD_SUBSCRIPTION', {
    detail: `${JSON.stringify(key)} is no key of it`,
    hint: `Write ${shape} for each row.`,
  })
}
