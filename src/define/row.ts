/** Rows of which nothing is known: any column may be asked for, and its value is `unknown`. */
export type UntypedRow = Readonly<Record<string, unknown>>

declare const ROW: unique symbol

/** Remembers, for the type checker only, what rows a query gives. */
export interface Carries<Row> {
  readonly [ROW]?: Row
}

/** Columns of a row, by name. */
export type ColumnOf<Row> = keyof Row & string

/** The key of a read model as it is declared: one column, or a list. */
export type KeyColumns<Row = UntypedRow> = ColumnOf<Row> | readonly ColumnOf<Row>[]

/** A value of a key of one column; for several, an object with one member for each. */
export type KeyValue = string | number | bigint | boolean | Date | Readonly<Record<string, unknown>>

/**
 * The rows of a read model, or of a query:
 *
 * ```ts
 * type FeedRow = RowOf<typeof feed>
 * ```
 */
export type RowOf<Declared extends Carries<object>> =
  Declared extends Carries<infer Row> ? Exclude<Row, undefined> : never

/** What `get` takes to find one row: a value for a key of one column, an object for several. */
export type KeyOf<Declared extends Carries<object> & { readonly key: KeyColumns }> = KeyFor<
  RowOf<Declared>,
  Declared['key']
>

/** The same from a row and the columns of its key. */
export type KeyFor<Row, Key extends KeyColumns> =
  string extends ColumnOf<Row>
    ? KeyValue
    : Key extends string
      ? Row[Key & keyof Row]
      : Pick<Row, Key[number] & keyof Row>
