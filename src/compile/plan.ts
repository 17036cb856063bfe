/** A table or view as its two bare names; quoted only where it is put into SQL. */
export interface RelationName {
  readonly schema: string
  readonly name: string
}

/**
 * Everything that is needed at run time to keep one read model: plain data and SQL text. It is stored with the
 * model (`millrace.model.plan`), so that a worker needs neither the configuration nor the parser.
 *
 * Conventions of every statement in here:
 * - `$1::text` is the snapshot of the last watermark, `$2::text` its horizon (`pg_snapshot_xmin` of it, an xid8);
 *   together they bound the window: rows visible now that were not visible in that snapshot.
 * - units travel as text, one column per unit column (`u1`, `u2` …), and as one `text[]` per unit column back.
 */
export interface Plan {
  readonly format: 1
  readonly model: RelationName
  readonly version: number
  /** How writers keep it up to date themselves; null where they only queue what they change. */
  readonly immediate: PlanImmediate | null
  /**
   * The user's SELECT as the server printed it: every name qualified, every star expanded. It answers what readers see, decayed
   * scores of the moment included.
   */
  readonly query: string
  /**
   * Columns of the stored table that are written, in order: those of the query first, then the states of folds. Readers do
   * not see hidden ones.
   */
  readonly columns: readonly PlanColumn[]
  /** Names of the columns that identify a row. */
  readonly key: readonly string[]
  /** The key columns by which rows are queued, recomputed and injected. A subset of `key`, never empty. */
  readonly unit: readonly UnitColumn[]
  readonly sources: readonly PlanSource[]
  readonly paths: readonly PlanPath[]
  /** Columns that the query compares with the time: rows are looked for by them as time passes. */
  readonly clocks: readonly { readonly relation: RelationName; readonly columns: readonly string[] }[]
  /** Output columns kept by adding deltas or by comparing rows, and why the others are not. */
  readonly folds: readonly PlanFold[]
  readonly storage: RelationName
  /** Units that wait: `u1` …, cause, error, attempts, retry_at. */
  readonly pending: RelationName
  readonly strictView: RelationName
  /** A function `(order_by text, page_size bigint, skip bigint, matching jsonb)` that returns rows of the strict view. */
  readonly strictPage: RelationName
  readonly install: PlanInstall
  readonly statements: PlanStatements
  /** Of a model that says under which settings it is computed. */
  readonly settings?: PlanSettings
  /** Roles that may read it, where that is restricted. */
  readonly readableBy?: readonly string[]
  /** Scores that decay: kept as two hidden columns, from which PostgreSQL computes a third, the rank key. */
  readonly decays?: readonly PlanDecay[]
  /** Of an eventual model that says how it is drained. */
  readonly pace?: PlanPace
  /** The read models whose stored rows are among its sources; absent: there are none. */
  readonly models?: readonly PlanModel[]
  /** Columns of the query that are never null; absent in plans of an earlier version. */
  readonly notNull?: readonly string[]
  /** How other models read it; absent in plans of an earlier version. */
  readonly chain?: PlanChain
  /** Of a leaderboard: how its rows are ranked. */
  readonly leaderboard?: PlanLeaderboard
  /** What it takes the place of, where that still stands (`take-over.ts`). */
  readonly replaces?: PlanReplaced
}

/** A view, materialized view or table of the team's own that has the model's name until the model is complete. */
export interface PlanReplaced {
  readonly kind: 'view' | 'materialized view' | 'table'
  /** What keeps it up to date, and is silenced with it. */
  readonly triggers: readonly { readonly table: RelationName; readonly name: string }[]
  /** Names of jobs of pg_cron. */
  readonly jobs: readonly string[]
}

/** A read model that another one reads. */
export interface PlanModel {
  readonly model: RelationName
  readonly storage: RelationName
}

/** A model as a part of the models that read it (`chain.ts`). */
export interface PlanChain {
  /** What it means: its query, with the query of each model that it reads in place of its name. */
  readonly query: string
  /** The tables that this reads; of a refreshed model the tables and views that it names. */
  readonly sources: readonly RelationName[]
  /**
   * Its strict read in parts that have names of their own, so that each stands once in a statement however many read it: those
   * of the models below it first, its own windows, trust and queued units last. `live`: a SELECT of the rows of its queued
   * units as they are now. Null where only the whole query can answer: it is refreshed, or reads one that is.
   */
  readonly strict: { readonly parts: readonly ChainPart[]; readonly live: string } | null
  /** Signatures of functions that whoever evaluates `query` calls, or reads strictly; absent: there are none. */
  readonly functions?: readonly string[]
}

/** A common table expression: its quoted name, and the whole of it. */
export interface ChainPart {
  readonly name: string
  readonly sql: string
}

/** Rank trees beside the stored table (`leaderboard/tree.ts`), kept by its triggers in the transaction that writes it. */
export interface PlanLeaderboard {
  /** Score, ties, key: no two rows have one place. */
  readonly order: readonly { readonly column: string; readonly isDescending: boolean }[]
  readonly bucket: number
  /** Of all rows, and within each declared list of columns. */
  readonly trees: readonly {
    readonly within: readonly string[]
    readonly entries: RelationName
    /** A function `()` that makes the tree anew from the stored rows. */
    readonly fill: RelationName
    /** A function `() → bigint`: how many entries are wrong. */
    readonly check: RelationName
  }[]
  /** Statements that make the triggers of the stored table. */
  readonly triggers: readonly string[]
  /** Functions for readers, each of a name of its own. */
  readonly readers: readonly RelationName[]
  /** The row type of their answers. */
  readonly ranked: RelationName
}

export interface PlanDecay {
  /** As readers see it: the score of the moment. */
  readonly column: string
  readonly kind: 'exponential' | 'linear'
  /** By the second, as a decimal number: λ of score·e^(−λ·age), c of score − c·age. */
  readonly rate: string
  /** Stored columns. */
  readonly score: string
  readonly at: string
  readonly rankKey: string
}

/** All statements call functions that have these settings, so they need not be set for any of them. */
export interface PlanSettings {
  readonly values: Readonly<Record<string, string>>
  /** The query without these functions: what it gives under the settings is what is kept. */
  readonly query: string
  /** Signatures of the functions. Whoever reads strictly, or drains, calls them. */
  readonly functions: readonly string[]
}

export interface PlanPace {
  /** A change may wait so long. */
  readonly maxLagMs: number
  /** Units that one drain recomputes at most. */
  readonly batch: number
  /** At least so long from the end of a drain to the next. */
  readonly pauseMs: number
}

/**
 * `fold`: the writer's statement adds what it changes. `recompute`: the transaction computes the rows that it affects, behind
 * locks, when it commits.
 */
export interface PlanImmediate {
  readonly kind: 'fold' | 'recompute'
  /** Why it is not a fold; null where it is. */
  readonly because: string | null
  readonly onError: 'fail' | 'queue'
  /** The function by which a transaction applies, when it commits, what it has queued. */
  readonly apply: RelationName
}

export interface PlanColumn {
  readonly name: string
  /** As `format_type` prints it, qualified: `character varying(80)`, `public.mood`. */
  readonly type: string
  /** Qualified and quoted, only where it differs from the type's own. */
  readonly collation: string | null
  readonly hidden: boolean
  /** Of a list whose order says nothing: how it holds its elements. */
  readonly elements?: 'array' | 'json' | 'jsonb'
}

export interface UnitColumn {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
}

/** A base table that is captured for this model. */
export interface PlanSource {
  readonly relation: RelationName
  /** The append-only table that capture writes to; shared by all models of the source. */
  readonly queue: RelationName
  /** Columns whose old and new values must be in the queue, as `old_…` and `new_…`. */
  readonly captured: readonly CapturedColumn[]
  /** One per occurrence in the query: which changes matter to it. */
  readonly interests: readonly Interest[]
  /** All columns that the query reads, as they were when it was compiled; absent in plans of an earlier version. */
  readonly shape?: readonly SourceColumn[]
  /** What the writers of this source do for an immediate model; null for an eventual one. */
  readonly applied: Applied | null
}

export interface Applied {
  /** Bare name of the model's function in `millrace`: `PlanImmediate.apply`. */
  readonly apply: string
  /** PL/pgSQL statements over `old_rows` and `new_rows` that add what changed; null where nothing is added in place. */
  readonly inPlace: Readonly<Record<'insert' | 'update' | 'delete', string>> | null
  /** While the model is being made: writers leave their changes to the worker. */
  readonly isLeft?: boolean
}

export interface CapturedColumn {
  readonly column: string
  readonly type: string
  readonly collation: string | null
}

/** What the statements of a read model take for granted of a column of a source. */
export interface SourceColumn extends CapturedColumn {
  readonly attnum: number
  /** Paths rely on it: where no null can come, none is looked for. */
  readonly isNeverNull: boolean
}

/**
 * Which changes of a source matter to one occurrence of it: an UPDATE if one of `columns` changed, and a row image
 * only if it passes the filter, an immutable condition that is given over the alias `o` (old image) and `n` (new).
 */
export interface Interest {
  readonly columns: readonly { readonly name: string; readonly attnum: number }[]
  readonly filter: { readonly old: string; readonly new: string } | null
}

/** The way from one occurrence of a source to the units that it affects. */
export interface PlanPath {
  readonly source: RelationName
  /** The alias under which the occurrence stands in the canonical query. */
  readonly alias: string
  /** `declared`: as a dependency says, from a table that functions of the query read. */
  readonly kind: 'direct' | 'indirect' | 'declared'
  readonly strategy: 'recompute' | 'fold'
  /** The source's own columns that the path begins with: recompute comes in by them, the other way. */
  readonly columns: readonly string[]
  /** Tables passed on the way to the key, nearest the change first, each with the columns it is entered by. */
  readonly hops: readonly { readonly relation: RelationName; readonly columns: readonly string[] }[]
  /** A SELECT of the unit columns (`u1` …) from the rows of `"batch"`, the source's window. */
  readonly sql: string
}

export interface PlanFold {
  readonly column: string
  readonly foldable: boolean
  readonly because: string
}

/**
 * DDL that makes this version's own objects; capture is assembled per source, over all its models (`capture.ts`). Nothing but what
 * `expose` and `named` make has a name that another version of the model has, too.
 */
export interface PlanInstall {
  /** What rows are stored in, and what that needs. Run once. */
  readonly up: readonly string[]
  readonly down: readonly string[]
  /** Declared indexes of the stored table; absent in plans of an earlier version, where `up` makes them. */
  readonly indexes?: readonly PlanIndex[]
  /** The functions by which writers apply their changes, and the one that looks for hidden rows. They can be replaced. */
  readonly functions: { readonly up: readonly string[]; readonly down: readonly string[] }
  /** Run when the first backfill is complete, before readers have a name; absent: nothing. */
  readonly filled?: readonly string[]
  /** Makes the views that readers use, and the function for pages. */
  readonly expose: readonly string[]
  readonly conceal: readonly string[]
  /** Gives the version what else carries names for readers or people, and takes it away; absent: nothing. */
  readonly named?: { readonly up: readonly string[]; readonly down: readonly string[] }
}

export interface PlanIndex {
  /** Bare name, in the schema of the stored table, as long as the version is not in use; then `name`. */
  readonly made: string
  readonly name: string
  readonly sql: string
  /** The same without keeping writers waiting, to be run outside of a transaction. */
  readonly concurrently: string
}

export interface PlanStatements {
  /** `$1, $2` → `{ changes: bigint, rebuild: text | null }`: size of the window, and why a rebuild is needed. */
  readonly window: string
  /** `$1, $2, $3::bigint` → units (`u1` … as text) that must be recomputed, at most `$3` of them. */
  readonly resolve: string
  /** `$1, $2, $3::text` (cause): the same units, all of them, into the pending table. → `{ units: bigint }` */
  readonly spill: string
  /** `$1::text` (cause): every unit there is, stored ones included, into the pending table. → `{ units: bigint }` */
  readonly enumerate: string
  /**
   * Null where nothing folds. `add`: `$1, $2` → `{ rows: bigint }`, adds the window's deltas to the stored rows; null where
   * nothing is added up. `firsts`, to be run after it, each the same: the rows that came take their places. `resolve` and
   * `spill` find the folded units too, for a window whose deltas could not be added.
   */
  readonly fold: {
    readonly add: string | null
    readonly firsts?: readonly string[]
    readonly resolve: string
    readonly spill: string
  } | null
  /**
   * One statement per pattern of nulls in the unit (`nulls[i]`: unit column i is null in all of the batch). Parameters:
   * one `text[]` for each column that is not null, in order; none of them where all are null.
   * → `{ written: bigint, removed: bigint, duplicates: jsonb | null }`. `duplicates` holds a key that two rows share;
   * then nothing was written. Otherwise the units are no longer pending.
   */
  readonly recompute: readonly { readonly nulls: readonly boolean[]; readonly sql: string }[]
  /**
   * `$1::bigint` (limit) → `{ key: jsonb, stored: jsonb | null, actual: jsonb | null }`: rows (column → text) of the stored
   * table that differ from the query, units that are queued or pending left out. One statement, one snapshot.
   */
  readonly compare: string
  /** Like `compare`, for the units given as in `recompute`, with the limit as the last parameter. */
  readonly compareUnits: readonly { readonly nulls: readonly boolean[]; readonly sql: string }[]
  /**
   * Where it reads other models: the CTEs `millrace_dirty` and `millrace_trust` as far as its own queues tell, for comparing it
   * with the stored rows of those. Absent where it is those of the strict read.
   */
  readonly queued?: string
  /**
   * Parts of a strict read, put together in the view and in the function for pages: `with` (CTE list, without the word),
   * and three SELECTs of all visible columns, of which each row is in exactly one. For a decayed score they have its rank key.
   */
  readonly strict: {
    readonly with: string
    readonly stored: string
    readonly live: string
    readonly blind: string
  }
}
