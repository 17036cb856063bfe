import type { DrizzleQuery, KyselyQuery } from './query.ts'
import type { Carries, UntypedRow } from './row.ts'

/** The rows of what defines a read model, by the names of its columns in SQL; untyped where the query does not say. */
export type RowOfQuery<Query> =
  Query extends DrizzleQuery<infer Fields>
    ? Query extends { readonly _: object }
      ? RowOfFields<Fields>
      : UntypedRow
    : Query extends KyselyQuery<infer Row>
      ? Query extends { readonly expressionType: unknown }
        ? Known<Row>
        : UntypedRow
      : Query extends Carries<infer Row>
        ? Known<Row>
        : UntypedRow

type Known<Row> = unknown extends Row
  ? UntypedRow
  : Exclude<Row, undefined> extends infer Given extends object
    ? object extends Given
      ? UntypedRow
      : Given
    : UntypedRow

/** A column of a Drizzle table as one that is selected. */
interface DrizzleColumn {
  readonly _: { readonly name: string; readonly data: unknown; readonly notNull: boolean }
}

/** An expression with .as('name'). Its type has no place for the name: what it is called must be what the field is called. */
interface DrizzleExpression {
  readonly _: { readonly brand: 'SQL.Aliased'; readonly type: unknown }
}

/** The types of Drizzle 1.0 do not tell the names of columns: of rows whose names are not known nothing is said. */
type RowOfFields<Fields> =
  string extends NameOf<Fields, keyof Fields & string>
    ? UntypedRow
    : { readonly [Field in keyof Fields & string as NameOf<Fields, Field>]: ValueOf<Fields[Field]> }

type NameOf<Fields, Field extends keyof Fields & string> = Field extends unknown
  ? Fields[Field] extends DrizzleColumn
    ? Fields[Field]['_']['name']
    : Field
  : never

type ValueOf<Field> = Field extends DrizzleColumn
  ? Field['_']['notNull'] extends true
    ? DriverValue<Field['_']>
    : DriverValue<Field['_']> | null
  : Field extends DrizzleExpression
    ? Field['_']['type']
    : unknown

/** What `pg` returns: moments and days as Date, a bigint or a numeric as text, whatever Drizzle's own client makes of them. */
type DriverValue<Column extends { readonly data: unknown }> = Column extends {
  readonly columnType: `PgBigInt${string}` | `PgBigSerial${string}` | `PgNumeric${string}`
}
  ? string
  : Column extends { readonly columnType: `PgDate${string}` | `PgTimestamp${string}` }
    ? Date
    : Column['data']
