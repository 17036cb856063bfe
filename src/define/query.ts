import type { Sql } from '../sql/sql.ts'
import type { Carries } from './row.ts'

/** SQL text with the type of its rows: sql<Feed>`select …`. */
export type SqlQuery<Row = object> = Pick<Sql, 'text'> & Carries<Row>

/** A query object of Kysely: anything with `compile()`. Its rows are those that Kysely would return. */
export interface KyselyQuery<Row = object> {
  compile(): { readonly sql: string; readonly parameters: readonly unknown[] }
  readonly expressionType?: Row | undefined
}

/**
 * A query object of Drizzle: anything with `toSQL()`. What counts are the columns' names in SQL, and not the names of the
 * fields that Drizzle gives them.
 */
export interface DrizzleQuery<Fields = unknown> {
  toSQL(): { readonly sql: string; readonly params: readonly unknown[] }
  readonly _?: { readonly selectedFields: Fields } | undefined
}

/** What defines a read model: sql`select …`, or a query object of Kysely or Drizzle. */
export type Query<Row = object> = SqlQuery<Row> | KyselyQuery<Row> | DrizzleQuery
