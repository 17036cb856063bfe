import { isRecord } from '../../define/is-record.ts'
import type { KeyValue } from '../../define/row.ts'
import { MillraceError } from '../../errors.ts'

/** What a client asks to follow: rows by their keys, or the first rows of an order. */
export type Wish = {
  /** The read model, by the name in the address. */
  readonly model: string
} & Followable

export type Followable =
  | {
      /** Keys of rows, as JSON has them; absent where a page is followed. */
      readonly keys: readonly KeyValue[]
      readonly page?: undefined
    }
  | {
      /** The first rows of an order; absent where rows are followed. */
      readonly page: WishedPage
      readonly keys?: undefined
    }

/** As a client has written it: values in `where` are what JSON has, and not of their columns' types yet. */
export interface WishedPage {
  /** As in ORDER BY, not checked yet: `['votes desc']`. */
  readonly orderBy: readonly string[]
  /** What rows shall have in their columns, as the `where` of a page. */
  readonly where: Readonly<Record<string, unknown>>
  /** How many rows: 10 unless said otherwise. */
  readonly n: number
}

/** Longer is nothing that a column can be called, and a direction. */
const MAX_ENTRY_LENGTH = 100
const DEFAULT_ROWS = 10

/** Reads `keys` or `page` of an address. Whether there are such columns, and an index, is for the database to say. */
export function wishIn(search: URLSearchParams): Followable {
  const [keys, page] = [search.get('keys'), search.get('page')]
  if (page !== null && keys === null) return { page: pageIn(parsed(page)) }
  const list = page === null && keys !== null ? parsed(keys) : undefined
  if (!Array.isArray(list) || list.length === 0)
    throw bad(`keys=${String(keys)}`, 'Write ?keys=[1,2], or ?page={"orderBy":["votes desc"]}.')
  return { keys: list as readonly KeyValue[] }
}

function pageIn(value: unknown): WishedPage {
  const { orderBy = [], where = {}, n = DEFAULT_ROWS, ...more } = isRecord(value) ? value : { value }
  const entries: readonly unknown[] = [orderBy].flat()
  if (Object.keys(more).length > 0 || !entries.every(isEntry) || !isRecord(where) || typeof n !== 'number')
    throw bad(
      `page=${JSON.stringify(value)}`,
      'Write {"orderBy":["votes desc"],"where":{"category":"energy"},"n":10}, and nothing else.',
    )
  return { orderBy: entries, where, n }
}

function isEntry(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_ENTRY_LENGTH
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function bad(detail: string, hint: string): MillraceError {
  return new MillraceError('BAD_SUBSCRIPTION', { detail, hint })
}
