import type { Sql } from '../sql/sql.ts'

/** A query object of Kysely: anything with `compile()`. */
export interface KyselyQuery {
  compile(): { readonly sql: string; readonly parameters: readonly unknown[] }
}

/** A query object of Drizzle: anything with `toSQL()`. */
export interface DrizzleQuery {
  toSQL(): { readonly sql: string; readonly params: readonly unknown[] }
}

/** What defines a read model: sql`select …`, or a query object of Kysely or Drizzle. */
export type Query = Pick<Sql, 'text'> | KyselyQuery | DrizzleQuery
