import { declaredAt } from './declared-at.ts'
import type { Query } from './query.ts'

/** What makes an object, what takes it away again, and what must stand before it. */
export interface SqlObjectOptions {
  /** Makes it: one statement or several, in the order in which they run. */
  readonly up: Query
  /** Takes it away. */
  readonly down: Query
  /** Names of objects that must stand before it, and of read models that it reads: `'slugify'`, `'feed'`, `'app.feed'`. */
  readonly dependsOn?: readonly string[] | undefined
}

/** A function, view, trigger or whatever else SQL makes, declared with what takes it away again. */
export interface SqlObject extends SqlObjectOptions {
  readonly kind: 'sqlObject'
  /** What the declaration and other declarations call it; nothing in the database need have this name. */
  readonly name: string
  /** File and line of the declaration. */
  readonly declaredAt: string | undefined
}

/**
 * Declares an object of one's own, to be made and removed in the same stream as read models.
 *
 * ```ts
 * export const slugify = sqlObject('slugify', {
 *   up: sql`create or replace function slugify(text) returns text language sql immutable
 *           return lower(regexp_replace($1, '\W+', '-', 'g'))`,
 *   down: sql`drop function slugify(text)`,
 * })
 * ```
 */
export function sqlObject(name: string, options: SqlObjectOptions): SqlObject {
  return Object.freeze({ ...options, kind: 'sqlObject', name, declaredAt: declaredAt(sqlObject) })
}
