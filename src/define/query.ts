import type { Sql } from '../sql/sql.ts'
import type { Carries } from './row.ts'

/** SQL text with the type of its rows: sql<Feed>`select …`. */
export type SqlQuery<Row = object> = Pick<Sql, 'text'> & Carries<Row>

/** A query object of Kysely: anything with `compile()`. Its rows are those that Kysely would return. */
export interface KyselyQuery<Row = object> {
  /** The SQL of the query and its parameters, which are written into it as literals. */
  compile(): { readonly sql: string; readonly parameters: readonly unknown[] }
  /** Never there: it tells the type checker what rows the query gives. */
  readonly expressionType?: Row | undefined
}

/**
 * A query object of Drizzle: anything with `toSQL()`. What counts are the columns' names in SQL, and not the names of the
 * fields that Drizzle gives them.
 */
export interface DrizzleQuery<Fields = unknown> {
  /** The SQL of the query and its parameters, which are written into it as literals. */
  toSQL(): { readonly sql: string; readonly params: readonly unknown[] }
  /** Of Drizzle 0.x, for the type checker only: the fields that are selected. */
  readonly _?: { readonly selectedFields: Fields } | undefined
}

/** What defines a read model: sql`select …`, or a query object of Kysely or Drizzle. */
export type Query<Row = object> = SqlQuery<Row> | KyselyQuery<Row> | DrizzleQuery
