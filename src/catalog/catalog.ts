import type { DecayKind } from '../sql/decay.ts'

/** What the database says about the query and about the tables that it reads: plain data, no connection. */
export interface CanonicalQuery {
  /** The user's own text; positions in refusals point into it. */
  readonly userText: string
  /** The same SELECT as the server prints it: names qualified, stars expanded. */
  readonly text: string
  readonly columns: readonly OutputColumn[]
  readonly relations: readonly Relation[]
  readonly calls: readonly Call[]
  /** Scores that decay: readers see one column for each, the query has two, which time does not change. */
  readonly decays: readonly Decay[]
  /** Where the declaration says under which settings it is computed. */
  readonly pinned?: Pinned
  /** Tables that are declared to be read by functions of the query. */
  readonly dependencies: readonly Dependency[]
}

export interface Dependency {
  /** The table whose rows change. */
  readonly relation: Relation
  /** `select … from <the table> as changed cross join lateral (<the declared SELECT>) as declared`; its `userText` is the SELECT. */
  readonly query: CanonicalQuery
}

export interface Decay {
  /** As the author of the query named it. */
  readonly column: string
  readonly kind: DecayKind
  /** By the second, as a decimal number. */
  readonly rate: string
  /** The query's columns. */
  readonly score: string
  readonly at: string
  /** Readers find by this name what rows are ordered by, which time does not change. */
  readonly rankKey: string
}

/** What makes a query's answer the same in every session. */
export interface Pinned {
  /** By name, as they were declared and as the server has them. */
  readonly settings: Readonly<Record<string, string>>
  /** The query before its calls were replaced, whose answer is meant under these settings. */
  readonly text: string
  readonly calls: readonly PinnedCall[]
}

/** A call that is computed by a function of ours, under settings of its own. */
export interface PinnedCall {
  readonly name: { readonly schema: string; readonly name: string }
  readonly call: Call
  /** Those that matter to it. */
  readonly values: Readonly<Record<string, string>>
}

export interface OutputColumn {
  readonly name: string
  /** As `format_type` prints it under an empty search_path. */
  readonly type: string
  /** Qualified and quoted; null where it is the type's own. */
  readonly collation: string | null
  /** False for types such as json, xml and point that have no btree ordering, so cannot be part of a key. */
  readonly sortable: boolean
}

export interface Relation {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** The read model whose stored rows it holds, or that is read by this name; absent: it is no part of one. */
  readonly readModel?: NamedModel
  /** `pg_class.relkind`: r table, p partitioned table, v view, m materialized view, f foreign table. */
  readonly kind: string
  /** `pg_class.relpersistence`: p permanent, u unlogged, t temporary. */
  readonly persistence: string
  readonly rowSecurity: boolean
  /** The SELECT of a view as the server prints it; null for whatever is no view. */
  readonly definition: string | null
  readonly hasChildren: boolean
  readonly isPartition: boolean
  readonly hasForeignPartitions: boolean
  readonly columns: readonly Column[]
  /** Column sets that are unique and not null: one row at most for each value. */
  readonly uniqueKeys: readonly (readonly string[])[]
  /** Validated foreign keys: when a transaction commits, each of its rows has a parent, or a null in `columns`. */
  readonly foreignKeys: readonly ForeignKey[]
  /** Leading columns of each usable, unconditional index, in order; expressions end the list. */
  readonly indexes: readonly { readonly name: string; readonly columns: readonly string[] }[]
}

/** A read model that a query may name. */
export interface NamedModel {
  /** The name by which it is read. */
  readonly model: { readonly schema: string; readonly name: string }
  /** The table of its rows. */
  readonly storage: { readonly schema: string; readonly name: string }
  /** Columns by which stored rows are unique, a null being a value like others. */
  readonly key: readonly string[]
  /** Columns that are never null, although their table does not say so. */
  readonly notNull: readonly string[]
  /** Who may read it is restricted: its rows are as those of a table with row-level security. */
  readonly isRestricted: boolean
}

export interface ForeignKey {
  readonly columns: readonly string[]
  readonly parentOid: number
  readonly parentColumns: readonly string[]
}

export interface Column {
  readonly name: string
  readonly attnum: number
  readonly type: string
  readonly typeOid: number
  readonly collation: string | null
  readonly notNull: boolean
  /** Equal values are the same to the last bit: not so for 1.0 and 1.00 of a numeric without scale. */
  readonly identical: boolean
  /** `pg_attribute.attgenerated`: '' ordinary, s stored, v virtual. */
  readonly generated: string
}

/** A function, operator, aggregate or cast in the query, exactly as the server resolved it. */
export interface Call {
  readonly kind: 'function' | 'aggregate' | 'window' | 'cast' | 'value-function'
  /** The bare name as it is written: `lower`, `=`, `count`; for a cast the target type. */
  readonly name: string
  /** The operators that call it: `-` of `int4mi`. */
  readonly operators: readonly string[]
  /** For messages: `lower(text)`. */
  readonly signature: string
  readonly builtin: boolean
  /** `pg_proc.provolatile`: i immutable, s stable, v volatile. */
  readonly volatility: string
  readonly returnsSet: boolean
  readonly argumentTypes: readonly string[]
  /** `unknown` for the few nodes that do not say. */
  readonly resultType: string
  /** Of a stable function that is none of the server's own: what the catalog tells of its body; null of any other call. */
  readonly body: FunctionBody | null
  /** Reads or prints a value whose text depends on a setting: TimeZone, DateStyle, extra_float_digits … */
  readonly settingTypes: readonly string[]
  /** In how many places of the query it stands. */
  readonly count: number
}

/** Has what is read by this name, or holds this table, the stored rows of a read model? */
export function isModel(
  { model, storage }: Pick<NamedModel, 'model' | 'storage'>,
  { schema, name }: { readonly schema: string; readonly name: string },
): boolean {
  return [model, storage].some((it) => it.schema === schema && it.name === name)
}

export interface FunctionBody {
  /** `atomic`: BEGIN ATOMIC, resolved when the function was made. `text`: resolved whenever it is run. */
  readonly kind: 'atomic' | 'text' | 'compiled'
  /** The function sets its own search_path. */
  readonly pinsSearchPath: boolean
  /** Of an atomic body: the tables that it reads, also by views and by other atomic functions. */
  readonly reads: readonly { readonly schema: string; readonly name: string }[]
  /** Of an atomic body: what it calls. */
  readonly calls: readonly Call[]
}

export function findRelation(catalog: CanonicalQuery, schema: string, name: string): Relation | undefined {
  return catalog.relations.find((it) => it.schema === schema && it.name === name)
}
