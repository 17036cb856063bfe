import { ident, join, sql, trusted, type Sql } from '../../sql/sql.ts'
import { bitOf, maskLiteral } from './changed-bits.ts'

/** Events whose triggers see the changed rows, in transition tables `old_rows` and `new_rows`. */
export const ROW_EVENTS = ['insert', 'update', 'delete'] as const
export type RowEvent = (typeof ROW_EVENTS)[number]

export interface UsedColumn {
  readonly name: string
  readonly attnum: number
}

/**
 * The changed rows of a statement as `o` (old image) and `n` (new image). Those of an UPDATE are paired by position. Any
 * pairing is right: what counts is which images went and which came, and a pair that agrees in all columns that an
 * occurrence reads took nothing from it and gave it nothing. The server happens to keep both transition tables in one
 * order, so the pairing is also tight. `difference.changed` tells in which of the columns the images differ.
 */
export function changedRows(event: RowEvent, used: readonly UsedColumn[]): Sql {
  if (event === 'insert') return sql`new_rows as n`
  if (event === 'delete') return sql`old_rows as o`

  const list = (alias: string) =>
    join([sql`row_number() over () as position`, ...used.map(({ name }) => ident(alias, name))])
  const bits = used.map(
    ({ name, attnum }) =>
      sql`case when record_image_ne(row(${ident('o', name)}), row(${ident('n', name)})) then ${trusted(maskLiteral(bitOf(attnum)))} else 0 end`,
  )
  const changed = bits.length === 0 ? trusted('0') : join(bits, '\n                 | ')
  return sql`(select ${list('o')} from old_rows as o) as o
      full join (select ${list('n')} from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else ${changed} end as changed
      ) as difference`
}

/** Images of the changed rows, those that went with -1 and those that came with 1 in the column `sign`. */
export function signedImages(event: RowEvent, columns: readonly string[], sign: Sql): Sql {
  const images = (table: string, value: string) => {
    const list = [sql`${trusted(value)}::bigint as ${sign}`, ...columns.map((name) => ident(name))]
    return sql`select ${join(list)} from ${trusted(table)}`
  }
  const old = images('old_rows', '-1')
  const fresh = images('new_rows', '1')
  return { insert: fresh, delete: old, update: sql`${old} union all ${fresh}` }[event]
}
