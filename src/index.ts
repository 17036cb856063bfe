/**
 * Millrace keeps read models in PostgreSQL fresh. The words, which mean the same in code, SQL and documentation
 * (docs/glossary.md):
 *
 * - source: a base table that a read model reads, or the stored rows of another read model
 * - read model: a SELECT with a key, kept as a table
 * - key: output columns that identify one row of the read model
 * - unit: the key columns by which rows are queued, locked, recomputed and injected
 * - capture: the statement triggers on a source that record what changed, inside the writer's transaction
 * - change queue: the append-only tables that capture writes to, one queue per source
 * - path: the way from one occurrence of a source in the query to the units it affects
 * - dependency: a table that functions of the query read, and the declared SELECT that leads from its changed rows to units
 * - resolve: turning captured values into units by following a path
 * - recompute: evaluating the query for a set of units and making the stored rows equal to the result
 * - fold: adding queued deltas to stored counts and sums instead of recomputing them
 * - drain: claim, resolve, recompute or fold, record: one transaction
 * - pending: units that wait to be recomputed: of a backfill, a rebuild, a wide change, or set aside with an error
 * - watermark: the snapshot up to which a read model is exact
 * - strict read: a read that is exact now, whatever is still queued
 * - decay: a score that loses worth with age; its rank key is what orders it, which time does not change
 * - token: names a transaction that wrote; a plain read finds what it wrote once the watermark has passed it
 *
 * @module millrace
 */
export { defineConfig } from './define/config.ts'
export type { ConfigOptions, Declaration, Definable, LintOptions, RoleNames } from './define/config.ts'
export { readModel } from './define/read-model.ts'
export { leaderboard } from './define/leaderboard.ts'
export type { Leaderboard, LeaderboardOptions, RankOptions } from './define/leaderboard.ts'
export type { DependencyOptions } from './define/dependency.ts'
export type {
  Freshness,
  IndexOptions,
  KeptFreshness,
  OnError,
  ReadModel,
  ReadModelOptions,
  ReplacesOptions,
} from './define/read-model.ts'
export { exponentialDecay, linearDecay } from './define/decay.ts'
export type { ExponentialDecayOptions, LinearDecayOptions } from './define/decay.ts'
export { sqlObject } from './define/sql-object.ts'
export type { SqlObject, SqlObjectOptions } from './define/sql-object.ts'
export { softDelete } from './define/soft-delete.ts'
export type { SoftDeleteOptions } from './define/soft-delete.ts'
export { touchUpdatedAt } from './define/touch-updated-at.ts'
export type { TouchOptions, TouchUpdatedAt } from './define/touch-updated-at.ts'
export { job } from './define/job.ts'
export type { Job, JobOptions } from './define/job.ts'
export type { PaceOptions } from './define/pace.ts'
export type { ScheduleOptions } from './define/schedule.ts'
export type { SettingsOptions } from './define/settings.ts'
export type { DrizzleQuery, KyselyQuery, Query } from './define/query.ts'
export type { KeyOf, KeyValue, RowOf, UntypedRow } from './define/row.ts'
export { sql } from './define/sql.ts'
export type { Sql } from './sql/sql.ts'
export { ERRORS, MillraceError } from './errors.ts'
export type { ErrorCode, ErrorDetail } from './errors.ts'
export { takeToken } from './client/take-token.ts'
export { waitFor } from './client/wait-for.ts'
export type { WaitOptions } from './client/wait-for.ts'
export { FRESH_HEADER, giveToken, respondFresh, TOKEN_HEADER, tokensAfter, tokensIn } from './client/http.ts'
export type { FreshOptions, Freshness as ResponseFreshness } from './client/http.ts'
export type { QueriedRows, Queryable } from './client/queryable.ts'
export { installModels, removeModels, verifyModels } from './embed/embed.ts'
export type { EmbedOptions } from './embed/embed.ts'
export type { Configuration, DatabaseConfiguration } from './embed/configuration.ts'
export { drainOnce } from './embed/drain-once.ts'
export type { DrainedOnce, DrainOnceOptions, LeftOver } from './embed/drain-once.ts'
export { startWorker } from './embed/start-worker.ts'
export type { RunningWorker, StartWorkerOptions, WorkerState } from './embed/start-worker.ts'
export type { DrainResult } from './work/drain.ts'
export type { WorkEvent } from './work/events.ts'
export type { Backlog } from './work/pace.ts'
export type { Rotated } from './work/rotate.ts'
export type { Drift } from './verify/drift.ts'
export type { VerifiedRefresh } from './verify/refreshed.ts'
export type { Verified } from './verify/verify.ts'
