import { MillraceError } from '../errors.ts'
import { Sql } from '../sql/sql.ts'
import { declaredAt } from './declared-at.ts'
import { describe } from './describe.ts'
import type { Carries, UntypedRow } from './row.ts'

/**
 * A SELECT, or a piece of one, as its author wrote it. Only other pieces can be put in: a read model is part of the
 * database's schema, so there is no value that could come from outside.
 *
 * The text is taken as it stands, backslashes too: what works in psql can be pasted.
 *
 * ```ts
 * const visible = sql`not p.is_deleted`
 * sql`select p.id, p.title from projects p where ${visible}`
 * ```
 *
 * `Row` says what its rows are, as `pg` returns them: bigint and numeric as text, moments and dates as Date. Nothing checks it
 * here; `millrace types` writes such types from the database.
 *
 * ```ts
 * sql<{ id: number; title: string | null }>`select p.id, p.title from projects p`
 * ```
 */
export function sql<Row extends object = UntypedRow>(
  strings: TemplateStringsArray,
  ...parts: readonly Sql[]
): Sql & Carries<Row> {
  parts.forEach((part, i) => {
    if (!isPiece(part)) throw notSql(strings, i, part, declaredAt(sql))
  })
  return new Sql(String.raw(strings, ...parts))
}

/** By class and not by shape: an object that came from outside, say from JSON, may have a `text` too. */
function isPiece(part: unknown): part is Sql {
  return part instanceof Sql
}

function notSql(strings: TemplateStringsArray, index: number, part: unknown, file: string | undefined) {
  const source = String.raw({ raw: strings }, ...strings.raw.slice(1).map((_, i) => `\${${String(i + 1)}}`))
  const before = strings.raw.slice(0, index + 1).join('').length
  const markers = Array.from({ length: index }, (_, i) => `\${${String(i + 1)}}`).join('').length
  return new MillraceError('BAD_SQL_PART', {
    detail: `part ${String(index + 1)} is ${describe(part)}`,
    hint: 'Put in another sql`…` piece, or write the value into the SQL itself.',
    position: before + markers,
    source,
    file,
  })
}
