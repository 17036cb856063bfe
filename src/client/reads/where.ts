import { isRecord } from '../../define/is-record.ts'
import { MillraceError } from '../../errors.ts'
import { findColumn, type Column, type Facts } from './facts.ts'

/** Bounds of a column's values; a null is within none. */
export interface Range<Value> {
  /** Greater than this, by the order of the column in the database. */
  readonly gt?: Value | undefined
  /** Greater than this, or equal to it. */
  readonly gte?: Value | undefined
  /** Less than this. */
  readonly lt?: Value | undefined
  /** Less than this, or equal to it. */
  readonly lte?: Value | undefined
}

/** What rows shall have in their columns: a value, null, one of a list, or a value within bounds. All of it at once. */
export type Where<Row> = {
  readonly [Column in keyof Row]?:
    | Row[Column]
    | readonly Row[Column][]
    | (NonNullable<Row[Column]> extends string | number | bigint | Date
        ? Range<NonNullable<Row[Column]>>
        : never)
    | undefined
}

/** One condition on one column. */
export type Condition = { readonly column: Column } & (
  | { readonly kind: 'equal'; readonly value: unknown }
  | { readonly kind: 'oneOf'; readonly values: readonly unknown[]; readonly orNull: boolean }
  | { readonly kind: 'bound'; readonly operation: Bound; readonly value: unknown }
)

export type Bound = keyof Range<unknown>

/** Each bound as an operator. */
export const OPERATORS: Readonly<Record<Bound, string>> = { gt: '>', gte: '>=', lt: '<', lte: '<=' }

export function conditionsOf(where: Readonly<Record<string, unknown>>, facts: Facts): readonly Condition[] {
  return Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => {
      const column = findColumn(facts, name)
      if (column !== undefined) return conditionsOn(column, value)
      const names = facts.columns.map((it) => it.name).join(', ')
      throw bad(`where: there is no column "${name}"`, `There is: ${names}.`)
    })
}

function conditionsOn(column: Column, value: unknown): readonly Condition[] {
  // What is a list or an object itself is compared as a whole.
  if (!column.isPlain || value === null) return [{ column, kind: 'equal', value }]
  if (Array.isArray(value)) {
    const values: readonly unknown[] = value
    const orNull = values.includes(null)
    return [{ column, kind: 'oneOf', values: values.filter((it) => it !== null), orNull }]
  }
  if (!isRecord(value) || value instanceof Date || ArrayBuffer.isView(value))
    return [{ column, kind: 'equal', value }]
  return Object.entries(value)
    .filter(([, bound]) => bound !== undefined)
    .map(([operation, bound]): Condition => {
      if (Object.hasOwn(OPERATORS, operation))
        return { column, kind: 'bound', operation: operation as Bound, value: bound }
      throw bad(
        `where: "${operation}" of column "${column.name}"`,
        'Write a value, null, a list of values, or { gt, gte, lt, lte }.',
      )
    })
}

function bad(detail: string, hint: string): MillraceError {
  return new MillraceError('BAD_PAGE', { detail, hint })
}
