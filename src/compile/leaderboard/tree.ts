import { rankFunctionName } from '../../sql/names.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { RelationName } from '../plan.ts'
import { indexedPlace, placeOf, type GroupColumn, type PlaceColumn } from './order.ts'

/**
 * The ranks of one leaderboard, of all rows or within the groups of some columns, as a counted B-tree kept in a table: a leaf
 * stands for the rows from its place up to the next leaf's and counts them, an inner entry for its children. A rank is
 * the sum of what stands before on each level and of a scan of one leaf, so it takes time in the logarithm of the
 * rows. (Counted B-trees: Tatham, 2001, after the order-statistic trees of Cormen et al., chapter 14; the spans of the
 * skip lists of Redis's sorted sets do the same.)
 *
 * What always holds at the end of a statement on the stored table: a leaf's `rows` is the number of ranked rows from its place
 * to the next leaf's; an inner entry's is the sum of its children's, and its place is its first child's; the first
 * leaf's place is that of the first row of its group, or before it. At the end of a transaction entries are neither too
 * full nor, where a neighbour could take them in, too empty.
 */
export interface RankTree {
  readonly storage: RelationName
  readonly entries: RelationName
  readonly groups: readonly GroupColumn[]
  readonly places: readonly PlaceColumn[]
  /** Rows of a leaf, and children of an inner entry, when they are made; twice as many split, less than half are merged. */
  readonly bucket: number
}

/**
 * Plans that are kept see a table that may grow a thousandfold: only the indexes made for a question may answer it. Before
 * version 18 what is switched off counts as endlessly dear, and what is dear would be compiled to machine code.
 */
const OFF = [
  'enable_seqscan',
  'enable_bitmapscan',
  'enable_sort',
  'enable_incremental_sort',
  'enable_hashjoin',
  'enable_mergejoin',
  'jit',
]
export const SETTINGS = trusted(
  ['set search_path = pg_catalog, pg_temp', ...OFF.map((it) => `set ${it} = off`)].join('\n'),
)
export const SAFE_PATH = trusted('set search_path = pg_catalog, pg_temp')

export function storageOf({ storage }: RankTree): Sql {
  return qualified(storage)
}

export function entriesOf({ entries }: RankTree): Sql {
  return qualified(entries)
}

/** One of the functions over a tree. */
export function functionOf({ entries }: RankTree, part: string): Sql {
  return qualified(rankFunctionName(entries, part))
}

export const groupNames = ({ groups }: RankTree) => groups.map(({ name }) => trusted(name))
export const placeNames = ({ places }: RankTree) => places.map(({ name }) => trusted(name))

/** `"s"."country"` … */
export function groupOf({ groups }: RankTree, alias: string): readonly Sql[] {
  return groups.map(({ column }) => ident(alias, column))
}

/** Of an entry and of another entry, or a variable: are they of one group? */
export function sameGroup({ groups }: RankTree, a: string, b: string): readonly Sql[] {
  return groups.map(({ name }) => trusted(`${a}.${name} = ${b}.${name}`))
}

/** A row of the stored table, of the group of an entry. */
export function inGroup(tree: RankTree, alias: string, entry: string): readonly Sql[] {
  const same = tree.groups.map(
    ({ column, name }) => sql`${ident(alias, column)} = ${trusted(`${entry}.${name}`)}`,
  )
  return [...same, ...isRanked(tree, alias)]
}

/** A row is ranked if it has a score, and is of a group if it has a value in each of its columns. */
export function isRanked({ places, groups }: RankTree, alias: string | null): readonly Sql[] {
  const [score] = places
  return [...(score === undefined ? [] : [score]), ...groups].map(({ column }) =>
    alias === null ? sql`${ident(column)} is not null` : sql`${ident(alias, column)} is not null`,
  )
}

/** The row of the stored table as an entry that counts `rows`. */
export function asEntry(tree: RankTree, alias: string, rows: Sql): Sql {
  const values = [...groupOf(tree, alias), ...placeOf(tree.places, alias)]
  return sql`row(null, null, true, ${rows}, ${join(values)})::${entriesOf(tree)}`
}

/** The table of the tree, and the index of the stored table in the order of the ranks. */
export function treeTables(tree: RankTree): readonly Sql[] {
  const { groups, places, entries, storage } = tree
  const columns = [...groups, ...places].map(
    ({ name, type, collation }) =>
      sql`${trusted(name)} ${trusted(collation === null ? type : `${type} collate ${collation}`)} not null`,
  )
  const ordered = places.map(({ name, isDescending }) => trusted(isDescending ? `${name} desc` : name))
  const groupColumns = groups.map(({ column }) => ident(column))
  // With the bare column beside its array the index alone answers, where the rows' pages are all visible.
  const bare = places.filter((it) => it.isWrapped).map(({ column }) => ident(column))
  const include = bare.length === 0 ? trusted('') : sql` include (${join(bare)})`
  const index = (part: string) => ident(rankFunctionName(entries, part).name)
  return [
    sql`create table if not exists ${entriesOf(tree)} (
  id bigint generated by default as identity primary key,
  -- null: the root of its group
  parent bigint,
  is_leaf boolean not null,
  rows bigint not null,
  ${join(columns, ',\n  ')}
) with (fillfactor = 70)`,
    sql`create index if not exists ${index('parent')} on ${entriesOf(tree)} (${join([trusted('parent'), ...groupNames(tree)])})`,
    sql`create unique index if not exists ${index('leaf')} on ${entriesOf(tree)} (${join([...groupNames(tree), ...ordered])}) where is_leaf`,
    sql`create index if not exists ${index('order')} on ${qualified(storage)} (${join([...groupColumns, ...indexedPlace(places)])})${include} where ${join(isRanked(tree, null), ' and ')}`,
  ]
}
