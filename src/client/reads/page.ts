import { MillraceError } from '../../errors.ts'
import type { ModelReference } from '../../define/model-reference.ts'
import { displayName } from '../../sql/names.ts'
import type { Ask } from '../statement.ts'
import { cursorOf, placeIn } from './cursor.ts'
import type { Facts } from './facts.ts'
import { keyOf } from './key.ts'
import { orderList, orderOf, orderText, turned, type OrderColumn, type OrderEntry } from './order.ts'
import { pageStatement, PLACE, type PageSource } from './page-statement.ts'
import { neededIndex, servedOrder } from './served.ts'
import { conditionsOf, type Condition, type Where } from './where.ts'

export interface PageOptions<Row = Readonly<Record<string, unknown>>> {
  /** As in ORDER BY: `'score desc'`, or a list. By the key where nothing is said, and where rows agree in all that is. */
  readonly orderBy?: OrderEntry<Row> | readonly OrderEntry<Row>[] | undefined
  readonly where?: Where<Row> | undefined
  /** How many rows at most, up to 10,000; 10 unless said otherwise. */
  readonly n?: number | undefined
  /** `next` of the page before. */
  readonly after?: string | null | undefined
  /** `previous` of the page behind. */
  readonly before?: string | null | undefined
  /** `allow`: a page that no index serves reads and sorts all rows that the filter lets through. It is refused otherwise. */
  readonly unindexed?: 'allow' | undefined
}

export interface PageOf<Row> {
  readonly rows: readonly Row[]
  /** The cursor for the page behind this one; null: there are no rows there now. */
  readonly next: string | null
  /** For the page before it; null: it is the first. */
  readonly previous: string | null
}

const MOST_ROWS = 10_000

/** Reads pages of a read model. `facts`: of the relation by which it is read. */
export async function readPage<Row extends object>(
  ask: Ask,
  model: ModelReference,
  { facts, source }: { readonly facts: Facts; readonly source: PageSource },
  options: PageOptions,
): Promise<PageOf<Row>> {
  const { n = 10, after = null, before = null, where = {} } = options
  requireSound(options, n)
  const entries = [options.orderBy ?? []].flat()
  const { asked, whole } = orderOf(entries, keyOf(model), facts)
  const conditions = conditionsOf(where, facts)
  const wayOf = (order: readonly OrderColumn[]) => (before === null ? order : turned(order))
  const served = servedOrder(facts, wayOf(asked), conditions)
  if (served === undefined && options.unindexed !== 'allow') throw notServed(model, asked, conditions)

  const name = `${displayName({ schema: model.schema ?? 'public', name: model.name })} ${orderText(whole)}`
  const cursor = after ?? before
  const { text, values } = pageStatement({
    source,
    facts,
    order: wayOf(whole),
    sorted: distinct([...(served ?? []), ...wayOf(whole)]),
    conditions,
    behind: cursor === null ? undefined : placeIn(cursor, name, whole.length),
    limit: n + 1,
  })
  const found = await ask<Row & Placed>(text, values)
  const rows = found.slice(0, n)
  return pageOf(before === null ? rows : rows.toReversed(), {
    cursor: (row) => cursorOf(row[PLACE], name),
    isFirst: before === null ? after === null : found.length <= n,
    isLast: before === null && found.length <= n,
  })
}

function distinct(order: readonly OrderColumn[]): readonly OrderColumn[] {
  return order.filter((it, i) => order.findIndex(({ name }) => name === it.name) === i)
}

type Placed = Readonly<Record<typeof PLACE, string>>

interface Ends<Row> {
  readonly cursor: (row: Row & Placed) => string
  readonly isFirst: boolean
  readonly isLast: boolean
}

function pageOf<Row extends object>(
  rows: readonly (Row & Placed)[],
  { cursor, isFirst, isLast }: Ends<Row>,
): PageOf<Row> {
  const [first] = rows
  const last = rows.at(-1)
  return {
    rows: rows.map(withoutPlace),
    next: isLast || last === undefined ? null : cursor(last),
    previous: isFirst || first === undefined ? null : cursor(first),
  }
}

function withoutPlace<Row extends object>(placed: Row & Placed): Row {
  return Object.fromEntries(Object.entries(placed).filter(([name]) => name !== PLACE)) as Row
}

function requireSound({ after = null, before = null }: PageOptions, n: number): void {
  if (after !== null && before !== null) throw bad('both after and before', 'Give one of them.')
  if (!Number.isInteger(n) || n < 1 || n > MOST_ROWS) {
    throw bad(`n is ${String(n)}`, `Ask for 1 to ${MOST_ROWS.toLocaleString('en')} rows.`)
  }
}

function bad(detail: string, hint: string): MillraceError {
  return new MillraceError('BAD_PAGE', { detail, hint })
}

function notServed(
  model: ModelReference,
  order: readonly OrderColumn[],
  conditions: readonly Condition[],
): MillraceError {
  const filter = conditions.map(({ column }) => column.name)
  const filtered = filter.length === 0 ? '' : ` where ${[...new Set(filter)].join(', ')}`
  const wanted = [...order.map((it) => orderText([it])), ...keyOf(model)]
  return new MillraceError('PAGE_NOT_INDEXED', {
    detail: `${displayName({ schema: model.schema ?? 'public', name: model.name })}${filtered} order by ${orderList(order).text}`,
    hint: `Declare ${neededIndex(wanted, conditions)}, or write unindexed: 'allow' where there are few rows.`,
  })
}
