import type { ClockEdge } from './clocks.ts'
import type { OpenList } from './any-order.ts'
import type { ErrorCode } from '../errors.ts'
import type { Relation } from '../catalog/catalog.ts'
import type { Node, SelectStmt } from '../sql/parse.ts'

/**
 * What the compiler knows about a query before it writes any SQL: plain data.
 *
 * Expressions in here are the parser's trees in which every column reference is `occurrence.column` with the
 * occurrence's own unique alias, columns of derived tables already replaced by what they stand for. So an expression
 * can be moved to any generated query that uses the same aliases.
 */
export interface Analysis {
  /** The query in the forms that the compiler knows (`normalize`). */
  readonly select: SelectStmt
  readonly unit: readonly Unit[]
  /** Output columns that are never null, as the tables have it. */
  readonly notNull: readonly string[]
  readonly occurrences: readonly Occurrence[]
  readonly paths: readonly Path[]
  /** Where units come from, for each world: a superset of them can be listed from there. Null: only the query knows. */
  readonly keys: readonly KeyOrigin[] | null
  /** Columns that are compared with the time. */
  readonly clocks: readonly ClockEdge[]
  readonly folds: Folds
  /** Output columns that hold lists of which every order is right. */
  readonly anyOrder: readonly OpenList[]
}

export interface KeyOrigin {
  /** No table: the unit is constant. */
  readonly table: { readonly alias: string; readonly relation: Relation } | null
  readonly unit: readonly Node[]
}

/** A key column that every barrier lets through. */
export interface Unit {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  /** Its position among the query's output columns. */
  readonly output: number
}

/** One appearance of a table in the query. */
export interface Occurrence {
  /** Unique in the query: the query's own alias, with a number where that is taken. */
  readonly alias: string
  readonly relation: Relation
  /** Every column that the query reads through this occurrence. */
  readonly columns: readonly string[]
  /** Conditions on this occurrence alone that a row must pass to matter at all. */
  readonly filter: readonly Node[]
  /** The how-manieth table of the normalized query it is. */
  readonly ordinal: number
}

/** How the units that a changed row of `occurrence` affects are found. */
export interface Path {
  readonly occurrence: string
  /** Tables passed on the way to the key, the nearest to the change first. Empty: the captured values are the unit. */
  readonly hops: readonly Hop[]
  /** The unit's expressions, over the hops and the occurrence itself. */
  readonly unit: readonly Node[]
  /** The tables on the way are read as they were before the changes, too: the unit is of several of them. */
  readonly readsOld: boolean
  /** As its author says, of a table that only functions read. */
  readonly isDeclared?: boolean
}

export interface Hop {
  readonly alias: string
  /** Null for rows that are computed. */
  readonly relation: Relation | null
  /** The item of FROM, a function or VALUES, that computes them from the tables before; null for a table. */
  readonly computed: Node | null
  /** Conditions that tie this table to those before it; none: each row goes with each. */
  readonly conditions: readonly Node[]
  /** Its columns that equal a column of the same type of a table before it. */
  readonly equals: readonly {
    readonly column: string
    readonly table: string
    readonly equalColumn: string
  }[]
}

/**
 * The output columns that many rows make. `subqueries`: each by itself, in subqueries of a plain root. `groups`: the root
 * groups, all its columns fold or none, and a row is there while its group has rows. `first`: DISTINCT ON, so the row is
 * the first of its group, and all columns but the key are of that one.
 */
export interface Folds {
  readonly kind: 'subqueries' | 'groups' | 'first'
  readonly outputs: readonly FoldedOutput[]
  /** Null where the root has no DISTINCT ON, or is computed anew. */
  readonly first: FirstOfGroup | null
}

/** The first row of each group, as a whole. Expressions are over the occurrence's alias. */
export interface FirstOfGroup {
  readonly occurrence: string
  readonly order: readonly (SortColumn & {
    readonly value: Node
    /** The same under the query's own alias. */
    readonly inQuery: Node
    /** The output column that shows it; null: a hidden column of this type and collation keeps it. */
    readonly output: number | null
    readonly type: string
    readonly collation: string | null
  })[]
  /** Output columns but the key. */
  readonly shown: readonly { readonly output: number; readonly value: Node }[]
}

/** How rows are sorted by a column. */
export interface SortColumn {
  readonly isDescending: boolean
  readonly nullsFirst: boolean
  readonly mayBeNull: boolean
}

/** An output column that may be kept by adding to it what changed rows add. */
export interface FoldedOutput {
  /** Its position among the query's output columns. */
  readonly output: number
  readonly because: string
  /** Null: the column is computed anew. */
  readonly folded: FoldedValue | null
}

export interface FoldedValue {
  /** The column's value, in which the states are columns of `millrace_fold`. */
  readonly value: Node
  /** False where it is a count, a sum or an average as it stands: such can always be computed. */
  readonly mayFail: boolean
  readonly subqueries: readonly FoldedSubquery[]
  readonly carried: readonly Carried[]
}

/** A subquery over one table whose rows hold the unit. */
export interface FoldedSubquery {
  readonly occurrence: string
  /** As it stands in the query, under the query's own aliases; of `groups` the root itself. */
  readonly select: SelectStmt
  readonly states: readonly FoldState[]
  readonly firsts: readonly FirstRow[]
}

/** What is kept for each row: how many source rows there are, what they add up to, or a value of the first of them. */
export interface FoldState {
  /** `s1`, `s2` … within one output column. */
  readonly name: string
  readonly kind: 'count' | 'sum' | 'first'
  /** What is counted, summed or kept, over the occurrence's alias; null: whole rows. */
  readonly argument: Node | null
  /** Rows that it is about, over the occurrence's alias; null: all. */
  readonly filter: Node | null
  readonly type: string
  readonly collation: string | null
  /** How it is computed in the subquery. */
  readonly value: Node
}

/** The first of the rows that pass a filter: by its own value (min and max), or in the order of a LIMIT 1. */
export interface FirstRow {
  /** Over the occurrence's alias; null: all rows. */
  readonly filter: Node | null
  /** States that hold what rows are sorted by; one of them at least is never null where there is a row. */
  readonly order: readonly (SortColumn & { readonly state: string })[]
  /** All states that hold values of this row. */
  readonly states: readonly string[]
}

/** A column of the query's own tables that a folded value reads. */
export interface Carried {
  readonly reference: Node
  /** The output column that holds it; null: a hidden column of this type and collation must. */
  readonly output: number | null
  readonly type: string
  readonly collation: string | null
}

/** Why a query cannot be kept, where, and what to write instead. */
export interface Refusal {
  readonly code: ErrorCode
  readonly detail: string
  readonly hint: string
  /** 0-based, in the user's own text, in UTF-16 units; undefined where the place cannot be told. */
  readonly position: number | undefined
  /** The text that it is a place in, unless that is the query. */
  readonly source?: string
}

/** What an author says of a read model besides its query and key. */
export interface Declared {
  /** `eventual` where nothing is said. */
  readonly freshness?: 'eventual' | 'immediate' | undefined
  /** `any`: a list that the query makes without an order is right in every order. */
  readonly order?: 'any' | undefined
  /** Roles that may read all of it; absent: that is not restricted. */
  readonly readableBy?: readonly string[] | undefined
}

export type Outcome =
  | { readonly kind: 'analysis'; readonly analysis: Analysis }
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] }
