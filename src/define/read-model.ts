import { declaredAt } from './declared-at.ts'
import type { DependencyOptions } from './dependency.ts'
import type { RankOptions } from './leaderboard.ts'
import type { PaceOptions } from './pace.ts'
import type { Query } from './query.ts'
import type { RowOfQuery } from './row-of-query.ts'
import type { Carries, KeyColumns } from './row.ts'
import type { ScheduleOptions } from './schedule.ts'
import type { SettingsOptions } from './settings.ts'

/**
 * How soon a read model shows a committed change. `immediate`: at the commit itself, for its writers apply their own
 * changes. `eventual`: as soon as the worker has drained it. A schedule: when its query was evaluated again, as a whole.
 */
export type Freshness = KeptFreshness | ScheduleOptions

/** Of a read model that follows what changes. */
export type KeptFreshness = 'immediate' | 'eventual'

/**
 * What becomes of a write after which some row of an immediate read model cannot be computed. `fail`: it fails, with an
 * error that names the model and the key. `queue`: it goes through, and that row waits with its error.
 */
export type OnError = 'fail' | 'queue'

/** An index on the stored rows, for those that a list of columns does not describe: partial, unique, of another method. */
export interface IndexOptions {
  /** Entries as in CREATE INDEX: `'score desc'`, `'lower(name)'`. */
  readonly columns: readonly string[]
  /** Its name in the database; one made of the model and the columns unless said otherwise. */
  readonly name?: string | undefined
  /** Whether no two rows may agree in its columns. */
  readonly unique?: boolean | undefined
  /** The condition of a partial index. */
  readonly where?: string | undefined
  /** One of btree (the default), gin, gist, brin and hash. */
  readonly method?: string | undefined
}

/** How a read model is kept: what `readModel` takes beside its name. Wrong options are told when the configuration is loaded, by file and line. */
export interface ReadModelOptions<Key extends KeyColumns = KeyColumns> extends PaceOptions {
  /** The output columns that together identify one row. They may be null. */
  readonly key: Key
  /** Where readers find it; `public` unless said otherwise. */
  readonly schema?: string | undefined
  /** How soon it shows a change: `immediate`, `eventual`, or a schedule. */
  readonly freshness: Freshness
  /** Of an immediate read model; `fail` unless said otherwise. */
  readonly onError?: OnError | undefined
  /**
   * `any`: a list that the query makes without an ORDER BY, as `array_agg(title)` does, is right in every order. Its stored
   * value stays as it is until an element comes, goes or changes.
   */
  readonly order?: 'any' | undefined
  /**
   * Settings under which the query is computed, whoever writes, drains or reads: `{ TimeZone: 'Europe/Berlin' }`. Those that
   * are not named have PostgreSQL's own defaults.
   */
  readonly settings?: SettingsOptions | undefined
  /**
   * Roles that may read it, and no others: policies of row-level security are not kept with the rows. Needed where a source
   * has policies; the role that `roles.reader` names reads it only if it is among them.
   */
  readonly readableBy?: readonly string[] | undefined
  /** The SELECT that is kept. What cannot be kept is refused by a code, with its place in the text (docs/supported-queries.md). */
  readonly query: Query
  /**
   * Tables that stable functions of the query read, each with the way from a changed row to keys. Of a function whose body is
   * a string the declaration is taken on trust.
   */
  readonly dependsOn?: readonly DependencyOptions[] | undefined
  /** Indexes on the stored rows, each a list of entries as in CREATE INDEX, `['votes desc']`, or with options. The key has one of its own. */
  readonly indexes?: readonly (readonly string[] | IndexOptions)[] | undefined
  /**
   * What has this name now, and goes on answering until the read model is complete: then it is renamed, and comes back when the
   * read model is removed. `millrace init` writes it.
   */
  readonly replaces?: ReplacesOptions | undefined
}

/** A view, a materialized view or a table that the team has kept by hand. */
export interface ReplacesOptions {
  /** What it is now. */
  readonly kind: 'view' | 'materialized view' | 'table'
  /** Triggers that keep it up to date, and are disabled with it: `'refresh_feed on public.votes'`. */
  readonly triggers?: readonly string[] | undefined
  /** Names of pg_cron's jobs that do. */
  readonly jobs?: readonly string[] | undefined
}

/**
 * A declared read model: what its author wrote, and where. It is checked when the configuration is loaded. Its type knows the
 * rows and the key (`RowOf`, `KeyOf`).
 */
export interface ReadModel<Row = object, Key extends KeyColumns = KeyColumns>
  extends ReadModelOptions<Key>, Carries<Row> {
  readonly kind: 'readModel'
  /** What readers call it: the name of the relation. */
  readonly name: string
  /** Of a leaderboard: how its rows are ranked. */
  readonly leaderboard?: RankOptions | undefined
  /** File and line of the declaration. */
  readonly declaredAt: string | undefined
}

/**
 * Declares a SELECT with a key, to be kept as a table. The key names columns of its rows, where their type is known: from a query
 * object of Kysely or Drizzle, or from sql<Row>`…`.
 *
 * ```ts
 * export const feed = readModel('feed_projects', {
 *   key: 'id',
 *   freshness: 'eventual',
 *   query: sql`select p.id, p.title, u.username from projects p join users u on u.id = p.user_id`,
 * })
 * ```
 */
export function readModel<Q extends Query, const Key extends KeyColumns<RowOfQuery<Q>>>(
  name: string,
  options: ReadModelOptions<Key> & { readonly query: Q },
): ReadModel<RowOfQuery<Q>, Key> {
  return Object.freeze({ ...options, kind: 'readModel', name, declaredAt: declaredAt(readModel) })
}
