import { describe } from './describe.ts'

/** PostgreSQL would cut a longer name off, in bytes, and two names could become one. */
const MAX_BYTES = 63

/** What is wrong with a name of a table, column, schema or role; undefined if nothing is. */
export function nameProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return `is ${describe(value)} and not a name`
  if (value.includes('\0')) return 'contains a null character'
  if (Buffer.byteLength(value) > MAX_BYTES) {
    return `has ${String(Buffer.byteLength(value))} bytes, and PostgreSQL allows ${String(MAX_BYTES)}`
  }
  return undefined
}
