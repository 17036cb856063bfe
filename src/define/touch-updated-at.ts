import { declaredAt } from './declared-at.ts'

/** Which column is set, and in which tables. */
export interface TouchOptions {
  /** `updatedAt` unless said otherwise: every table that has such a column is meant. */
  readonly column?: string | undefined
  /** In which tables are looked for; `public` unless said otherwise. */
  readonly schema?: string | undefined
  /** Tables that are left alone. */
  readonly except?: readonly string[] | undefined
}

/** A declared `touchUpdatedAt`: what its author wrote, and where. */
export interface TouchUpdatedAt extends TouchOptions {
  readonly kind: 'touchUpdatedAt'
  /** File and line of the declaration. */
  readonly declaredAt: string | undefined
}

/**
 * Sets a column to the time of the transaction whenever a row changes, in every table of a schema that has it: those that come
 * later, too, when `plan` has shown them. An update that changes nothing leaves it as it is, and so does one that sets it itself.
 *
 * ```ts
 * export const touched = touchUpdatedAt({ column: 'updatedAt' })
 * ```
 */
export function touchUpdatedAt(options: TouchOptions = {}): TouchUpdatedAt {
  return Object.freeze({ ...options, kind: 'touchUpdatedAt', declaredAt: declaredAt(touchUpdatedAt) })
}
