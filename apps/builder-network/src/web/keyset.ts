import { Refusal } from './refusal.ts'
import type { Store } from './store.ts'

/** A list of rows that no read model has in its order and for its viewer, told by SQL. */
export interface List {
  /** A SELECT without ORDER BY and LIMIT; its columns have those of the order. */
  readonly select: string
  readonly values: readonly unknown[]
  /** Of columns that are never null; the last of them tells all rows apart. */
  readonly order: readonly (readonly [column: string, direction: 'asc' | 'desc'])[]
  readonly n: number
}

/** For rows that go by time. */
export const NEWEST_FIRST: List['order'] = [
  ['created_at', 'desc'],
  ['id', 'desc'],
]

export interface Listed<Row> {
  readonly rows: Row[]
  readonly next: string | null
  readonly previous: string | null
}

interface Cursors {
  readonly after?: string | undefined
  readonly before?: string | undefined
}

const PLACE = '_place'

/**
 * A page of a list by keyset: one statement, of `n` rows and the one that says whether there are more. A cursor holds the texts
 * of the order's columns, with all their digits. Fails with 400 where it is of another list.
 */
export async function listRows<Row extends object>(
  store: Pick<Store, 'rows'>,
  list: List,
  { after, before }: Cursors,
): Promise<Listed<Row>> {
  const { n } = list
  const order = before === undefined ? list.order : turned(list.order)
  const cursor = before ?? after
  const place = cursor === undefined ? [] : placeIn(cursor, order.length)
  const text = statement({ ...list, order }, place.length > 0)
  const found = await store
    .rows<Row & Readonly<Record<typeof PLACE, string>>>(text, [...list.values, ...place])
    .catch((error: unknown) => {
      if (place.length > 0 && isBadValue(error)) throw badCursor()
      throw error
    })
  const page = found.slice(0, n)
  const rows = before === undefined ? page : page.toReversed()
  const hasMore = found.length > n
  const cursorOf = (row: (typeof rows)[number] | undefined, is: boolean) =>
    row === undefined || !is ? null : Buffer.from(row[PLACE]).toString('base64url')
  return {
    rows: rows.map(withoutPlace),
    next: cursorOf(rows.at(-1), before !== undefined || hasMore),
    previous: cursorOf(rows[0], before === undefined ? after !== undefined : hasMore),
  }
}

function withoutPlace<Row extends object>(placed: Row): Row {
  return Object.fromEntries(Object.entries(placed).filter(([name]) => name !== PLACE)) as Row
}

function statement({ select, values, order, n }: List, isBehind: boolean): string {
  const columns = order.map(([column]) => `${column}::text`).join(', ')
  return `
    select *, json_build_array(${columns})::text as ${PLACE}
    from (${select}) as listed
    ${isBehind ? `where ${behind(order, values.length + 1)}` : ''}
    order by ${order.map((it) => it.join(' ')).join(', ')}
    limit ${String(n + 1)}`
}

/**
 * The rows behind a place, for columns of which each has a direction of its own. The bound on the first column is what an index is
 * entered by.
 */
function behind(order: List['order'], first: number): string {
  const parameter = (i: number) => `$${String(first + i)}`
  const sign = (direction: string) => (direction === 'asc' ? '>' : '<')
  const steps = order.map(([column, direction], i) => {
    const same = order.slice(0, i).map(([it], j) => `${it} = ${parameter(j)}`)
    return `(${[...same, `${column} ${sign(direction)} ${parameter(i)}`].join(' and ')})`
  })
  const [entry] = order
  const bound = entry === undefined ? 'true' : `${entry[0]} ${sign(entry[1])}= ${parameter(0)}`
  return `${bound} and (${steps.join(' or ')})`
}

function turned(order: List['order']): List['order'] {
  return order.map(([column, direction]) => [column, direction === 'asc' ? 'desc' : 'asc'])
}

function placeIn(cursor: string, length: number): readonly string[] {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(place) && place.length === length && place.every((it) => typeof it === 'string')) {
      return place
    }
  } catch {
    // Told below.
  }
  throw badCursor()
}

/** Data that is not of its column's type: class 22 of the SQLSTATEs. */
function isBadValue(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('22')
}

function badCursor(): Refusal {
  return new Refusal(400, 'bad-cursor', 'The link is of another list: begin again.')
}
