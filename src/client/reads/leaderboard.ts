import type { ModelReference } from '../../define/model-reference.ts'
import type { ColumnOf, KeyColumns, KeyFor, KeyValue } from '../../define/row.ts'
import { MillraceError } from '../../errors.ts'
import { rankReaderName } from '../../sql/names.ts'
import { ident, join, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { Ask } from '../statement.ts'
import { keyOf, keyValues } from './key.ts'

type Leaderboard = ModelReference & { readonly leaderboard: NonNullable<ModelReference['leaderboard']> }

/** A row of the read model with its rank. */
export type Ranked<Row> = Row & {
  /** Counted from 1. */
  readonly rank: number
}

/** Whether rows of one score have one rank. */
export interface Sharing {
  /** Rows of one score share a rank, and the next one's leaves a gap: 1, 2, 2, 4. */
  readonly shared?: boolean | undefined
}

/** Among which rows a rank is counted. */
export interface Within<Row = Readonly<Record<string, unknown>>> extends Sharing {
  /** A declared list of columns: the row's rank is that among the rows which agree with it in them. */
  readonly within?: readonly ColumnOf<Row>[] | undefined
}

/** Which rows of a leaderboard are meant, from the first on. */
export interface Top<Row = Readonly<Record<string, unknown>>> extends Sharing {
  /** How many rows: 10 unless said otherwise. */
  readonly n?: number | undefined
  /** How many come before them: 0 unless said otherwise. */
  readonly skip?: number | undefined
  /** The group that is asked about, by the columns of a declared list: `{ country: 'PT' }`. */
  readonly group?: Partial<Row> | undefined
}

/**
 * Reads of a leaderboard, each one statement and in one snapshot. All but `among` take a time in the logarithm of the number of
 * rows, and of `n`. A key that has no row, or one without a score, has no rank: null, or no rows. A list of columns that is not
 * declared is refused with BAD_LEADERBOARD.
 */
export interface LeaderboardReads<Row, Key extends KeyColumns = KeyColumns> {
  /** The first rows, in order. */
  top(page?: Top<Row>): Promise<readonly Ranked<Row>[]>
  /** The rows that follow a row: the next page, wherever the last one's end has moved to. 10 unless said otherwise. */
  after(key: KeyFor<Row, Key>, options?: Within<Row> & Pick<Top, 'n'>): Promise<readonly Ranked<Row>[]>
  /** A row with those before and after it, 5 each way unless said otherwise. */
  around(key: KeyFor<Row, Key>, options?: Within<Row> & Pick<Top, 'n'>): Promise<readonly Ranked<Row>[]>
  /** The rank of a row, counted from 1. */
  rank(key: KeyFor<Row, Key>, options?: Within<Row>): Promise<number | null>
  /** From 100 for the first to 0 for the last: how many of the other rows come after it, in a hundred. */
  percentile(key: KeyFor<Row, Key>, options?: Within<Row>): Promise<number | null>
  /** How many rows are ranked. */
  count(options?: Pick<Top<Row>, 'group'>): Promise<number>
  /** The rows of these keys, ranked among themselves; in a time as the list is long. */
  among(keys: readonly KeyFor<Row, Key>[], options?: Sharing): Promise<readonly Ranked<Row>[]>
}

/** Asks a leaderboard that is installed. */
export function leaderboardReads(
  ask: Ask,
  board: Leaderboard,
): LeaderboardReads<Readonly<Record<string, unknown>>> {
  type Row = Readonly<Record<string, unknown>>
  const rows = async (call: Call) => await readRows<Row>(ask, call)
  return {
    top: async ({ n = 10, skip = 0, group = {}, shared } = {}) =>
      await rows(callOf(board, 'top', listOf(board, Object.keys(group)), { group, n, skip, shared })),
    after: async (key, { n = 10, within = [], shared } = {}) =>
      await rows(callOf(board, 'after', listOf(board, within), { key, n, shared })),
    around: async (key, { n = 5, within = [], shared } = {}) =>
      await rows(callOf(board, 'around', listOf(board, within), { key, n, shared })),
    rank: async (key, { within = [], shared } = {}) =>
      await readNumber(ask, callOf(board, 'rank', listOf(board, within), { key, shared })),
    percentile: async (key, { within = [], shared } = {}) =>
      await readNumber(ask, callOf(board, 'percentile', listOf(board, within), { key, shared })),
    count: async ({ group = {} } = {}) =>
      (await readNumber(ask, callOf(board, 'count', listOf(board, Object.keys(group)), { group }))) ?? 0,
    among: async (keys, { shared } = {}) => await rows(callOf(board, 'among', [], { keys, shared })),
  }
}

interface Call {
  readonly text: Sql
  readonly values: unknown[]
}

interface Arguments {
  readonly group?: Readonly<Record<string, unknown>>
  readonly key?: KeyValue
  readonly keys?: readonly KeyValue[]
  readonly n?: number
  readonly skip?: number
  readonly shared?: boolean | undefined
}

/** The function's own arguments come first, in order; the options by their names. */
function callOf(board: Leaderboard, part: string, within: readonly string[], given: Arguments): Call {
  const { group = {}, key, keys, n, skip, shared } = given
  const columns = keyOf(board)
  const ordered = [
    ...(key === undefined ? within.map((name) => group[name]) : keyValues(columns, key)),
    ...(keys === undefined ? [] : transposed(columns, keys)),
  ]
  const options = Object.entries({ n, skip, shared }).filter(([, value]) => value !== undefined)
  const names = [...ordered.map(() => null), ...options.map(([name]) => name)]
  const args = names.map((name, i) => {
    const value = `$${String(i + 1)}`
    return trusted(name === null ? value : `${name} => ${value}`)
  })
  const { schema, name } = rankReaderName(
    { schema: board.schema ?? 'public', name: board.name },
    part,
    within,
  )
  return {
    text: sql`${ident(schema, name)}(${join(args)})`,
    values: [...ordered, ...options.map(([, value]) => value)],
  }
}

/** An array for each column of the key. */
function transposed(columns: readonly string[], keys: readonly KeyValue[]): readonly unknown[] {
  const rows = keys.map((key) => keyValues(columns, key))
  return columns.map((_, i) => rows.map((row) => row[i]))
}

/** The declared list of these columns, in its own order. */
function listOf({ name, leaderboard }: Leaderboard, columns: readonly string[]): readonly string[] {
  if (columns.length === 0) return []
  const wanted = [...columns].sort().join()
  const list = leaderboard.within.find((it) => [...it].sort().join() === wanted)
  if (list !== undefined) return list
  const declared = leaderboard.within.map((it) => it.join(' and ')).join('; ')
  throw new MillraceError('BAD_LEADERBOARD', {
    detail: `${name} has no ranks within ${columns.join(' and ')}`,
    hint: declared === '' ? 'Declare within.' : `There is: ${declared}.`,
  })
}

async function readRows<Row extends object>(
  ask: Ask,
  { text, values }: Call,
): Promise<readonly Ranked<Row>[]> {
  const rows = await ask<Row & { readonly rank: unknown }>(sql`select * from ${text}`.text, values)
  // Drivers return a bigint as text.
  return rows.map((row) => ({ ...row, rank: Number(row.rank) }))
}

async function readNumber(ask: Ask, { text, values }: Call): Promise<number | null> {
  const [row] = await ask<{ readonly value: unknown }>(sql`select ${text} as value`.text, values)
  return row?.value === null || row?.value === undefined ? null : Number(row.value)
}
