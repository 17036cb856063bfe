/**
 * Reading read models, for the processes that only read: it brings neither the compiler nor the worker. What writes and declares
 * is exported by `millrace`.
 *
 * @module millrace/client
 */
export { createClient } from './create-client.ts'
export type { ClientOf } from './create-client.ts'
export { createPool } from '../pg/pool.ts'
export type { PoolOptions } from '../pg/pool.ts'
export type { StatementOptions } from './statement.ts'
export type { ModelReads, ReadsOf, RowReads } from './reads/reads.ts'
export type { PageOf, PageOptions } from './reads/page.ts'
export type { OrderEntry } from './reads/order.ts'
export type { Range, Where } from './reads/where.ts'
export type { Age } from './reads/freshness.ts'
export type { LeaderboardReads, Ranked, Sharing, Top, Within } from './reads/leaderboard.ts'
export type { ModelReference } from '../define/model-reference.ts'
export type { KeyFor, KeyOf, KeyValue, RowOf, UntypedRow } from '../define/row.ts'
export { takeToken } from './take-token.ts'
export { waitFor } from './wait-for.ts'
export type { WaitOptions } from './wait-for.ts'
export { FRESH_HEADER, giveToken, respondFresh, TOKEN_HEADER, tokensAfter, tokensIn } from './http.ts'
export type { FreshOptions, Freshness } from './http.ts'
export type { QueriedRows, Queryable } from './queryable.ts'
export { MillraceError } from '../errors.ts'
export type { ErrorCode } from '../errors.ts'
