import { MillraceError } from '../../errors.ts'
import { ident, join, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { ColumnOf } from '../../define/row.ts'
import { findColumn, type Facts, type IndexColumn } from './facts.ts'

/** An entry of ORDER BY: `'score desc'`, `'due nulls first'`. */
export type OrderEntry<Row = Readonly<Record<string, unknown>>> =
  `${ColumnOf<Row>}${'' | ' asc' | ' desc'}${'' | ' nulls first' | ' nulls last'}`

/** A column by which a page is ordered, as an index has it. */
export type OrderColumn = IndexColumn

const ENTRY = /^(?<name>.+?)(?:\s+(?<direction>asc|desc))?(?:\s+nulls\s+(?<nulls>first|last))?$/i

/** What ORDER BY says, and after it the key: no two rows have one place. */
export function orderOf(
  entries: readonly string[],
  key: readonly string[],
  facts: Facts,
): { readonly asked: readonly OrderColumn[]; readonly whole: readonly OrderColumn[] } {
  const declared = entries.map((it) => orderColumn(it, facts))
  const asked = declared.filter((it, i) => declared.findIndex(({ name }) => name === it.name) === i)
  const own = keyOrder(key, facts)
  const ties = own.filter(({ name }) => asked.every((it) => it.name !== name))
  return { asked: asked.length === 0 ? own : asked, whole: [...asked, ...ties] }
}

/** The columns of the key as its index has them. */
function keyOrder(key: readonly string[], { indexes }: Facts): readonly OrderColumn[] {
  const index = indexes.find(
    (it) =>
      it.length === key.length && it.every(({ name, isDescending }) => key.includes(name) && !isDescending),
  )
  return index ?? key.map((name) => ({ name, isDescending: false, isNullsFirst: false }))
}

function orderColumn(entry: string, facts: Facts): OrderColumn {
  const { name = '', direction, nulls } = ENTRY.exec(entry.trim())?.groups ?? {}
  if (findColumn(facts, name) === undefined) {
    const names = facts.columns.map((it) => it.name).join(', ')
    throw new MillraceError('BAD_PAGE', {
      detail: `orderBy: "${entry}"`,
      hint: `Name a column, with asc or desc and nulls first or last behind it. There is: ${names}.`,
    })
  }
  const isDescending = direction?.toLowerCase() === 'desc'
  // As PostgreSQL has it: nulls are greater than everything else.
  const isNullsFirst = nulls === undefined ? isDescending : nulls.toLowerCase() === 'first'
  return { name, isDescending, isNullsFirst }
}

/** The order from the other end. */
export function turned(order: readonly OrderColumn[]): readonly OrderColumn[] {
  return order.map(({ name, isDescending, isNullsFirst }) => ({
    name,
    isDescending: !isDescending,
    isNullsFirst: !isNullsFirst,
  }))
}

/** As it stands behind ORDER BY. */
export function orderList(order: readonly OrderColumn[], of?: string): Sql {
  return join(
    order.map((it) => sql`${of === undefined ? ident(it.name) : ident(of, it.name)}${trusted(suffixOf(it))}`),
  )
}

/** As it is written in a declaration. */
export function orderText(order: readonly OrderColumn[]): string {
  return order.map((it) => it.name + suffixOf(it)).join(', ')
}

function suffixOf({ isDescending, isNullsFirst }: OrderColumn): string {
  const nulls = isDescending === isNullsFirst ? '' : ` nulls ${isNullsFirst ? 'first' : 'last'}`
  return (isDescending ? ' desc' : '') + nulls
}
