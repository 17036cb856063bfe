import { ident, join, sql, trusted, type Sql } from '../../sql/sql.ts'

/** A column by which rows are ranked, as it stands in an entry of the rank tree. */
export interface PlaceColumn {
  /** Of the stored table. */
  readonly column: string
  /** In the tree: `p1` …. */
  readonly name: string
  readonly type: string
  readonly collation: string | null
  readonly isDescending: boolean
  /**
   * Compared as an array of one. An array that holds a null has its place in an order, as ORDER BY has it (last, and first
   * where the order descends), while a null compares with nothing. And arrays compare by the element type's own order,
   * wherever the operators of that type are.
   */
  readonly isWrapped: boolean
}

/** A column whose values divide the rows into groups: `g1` …. */
export interface GroupColumn {
  readonly column: string
  readonly name: string
  readonly type: string
  readonly collation: string | null
}

/** `onward`: to lower ranks, as the order goes. */
export type Direction = 'onward' | 'back'

/** The place of a row of the stored table, over its alias. */
export function placeOf(places: readonly PlaceColumn[], alias: string): readonly Sql[] {
  return places.map(({ column, isWrapped }) =>
    isWrapped ? sql`array[${ident(alias, column)}]` : ident(alias, column),
  )
}

/** The same expressions over bare columns, for an index. */
export function indexedPlace(places: readonly PlaceColumn[]): readonly Sql[] {
  return places.map(({ column, isWrapped, isDescending }) => {
    const value = isWrapped ? sql`(array[${ident(column)}])` : ident(column)
    return isDescending ? sql`${value} desc` : value
  })
}

/** The place in an entry of the tree, over its alias or a variable. */
export function entryPlace(places: readonly PlaceColumn[], alias: string): readonly Sql[] {
  return places.map(({ name }) => sql`${trusted(alias)}.${trusted(name)}`)
}

export function orderBy(
  places: readonly PlaceColumn[],
  row: readonly Sql[],
  direction: Direction = 'onward',
): Sql {
  return join(
    row.map((value, i) => {
      const falls = (places[i]?.isDescending === true) === (direction === 'onward')
      return falls ? sql`${value} desc` : value
    }),
  )
}

/** Is the row before that place, in the order? */
export function isBefore(places: readonly PlaceColumn[], row: readonly Sql[], place: readonly Sql[]): Sql {
  const ranges = rangesFrom(places, row, place, { direction: 'back', inclusive: false })
  return sql`(${join(
    ranges.map((it) => sql`(${it})`),
    ' or ',
  )})`
}

interface From {
  readonly direction: Direction
  readonly inclusive: boolean
}

/**
 * The rows from a place on as ranges of an index, the nearest first: no one comparison says "after" where some columns
 * rise and others fall. `points desc, at, id` gives two: the same points and `(at, id) > …`, then fewer points.
 */
function rangesFrom(
  places: readonly PlaceColumn[],
  row: readonly Sql[],
  place: readonly Sql[],
  { direction, inclusive }: From,
): readonly Sql[] {
  const at = (values: readonly Sql[], run: readonly number[]) =>
    run.length === 1
      ? (values[run[0] ?? 0] ?? trusted(''))
      : sql`(${join(run.map((i) => values[i] ?? trusted('')))})`
  const runs = runsOf(places)
  const ranges = runs.map((run, r) => {
    const same = runs
      .slice(0, r)
      .flat()
      .map((i) => sql`${row[i] ?? trusted('')} = ${place[i] ?? trusted('')}`)
    const falls = (places[run[0] ?? 0]?.isDescending === true) === (direction === 'onward')
    const orSame = inclusive && r === runs.length - 1 ? '=' : ''
    const beyond = sql`${at(row, run)} ${trusted(`${falls ? '<' : '>'}${orSame}`)} ${at(place, run)}`
    return join([...same, beyond], ' and ')
  })
  return ranges.toReversed()
}

/** Neighbouring columns of one direction: one row comparison serves them. */
function runsOf(places: readonly PlaceColumn[]): readonly (readonly number[])[] {
  const runs: number[][] = []
  places.forEach(({ isDescending }, i) => {
    const last = runs.at(-1)
    if (last !== undefined && places[i - 1]?.isDescending === isDescending) last.push(i)
    else runs.push([i])
  })
  return runs
}

export interface Scan extends From {
  readonly places: readonly PlaceColumn[]
  /** `"millrace"."board_v1" as s`. */
  readonly table: Sql
  /** The place of a row of the table. */
  readonly row: readonly Sql[]
  /** What else is wanted of a row, with its name. */
  readonly also: readonly Sql[]
  readonly where: readonly Sql[]
  /** The place to begin at. */
  readonly place: readonly Sql[]
  readonly limit: Sql
}

/** The nearest rows from a place on, in order: `p1` … and what else was asked for. Each range is limited by itself. */
export function scan({ places, table, row, also, where, place, limit, ...from }: Scan): Sql {
  const names = places.map(({ name }) => trusted(name))
  const columns = join([...also, ...row.map((value, i) => sql`${value} as ${names[i] ?? trusted('')}`)])
  const parts = rangesFrom(places, row, place, from).map(
    (range, i) => sql`(
    select ${trusted(String(i))} as range, ${columns}
    from ${table}
    where ${join([...where, range], ' and ')}
    order by ${orderBy(places, row, from.direction)}
    limit ${limit}
  )`,
  )
  return sql`select *
  from (${join(parts, ' union all ')}) as nearest
  order by nearest.range, ${orderBy(
    places,
    names.map((name) => sql`nearest.${name}`),
    from.direction,
  )}
  limit ${limit}`
}
