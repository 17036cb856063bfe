import { MillraceError } from '../../errors.ts'
import type { ModelReference } from '../../define/model-reference.ts'
import { displayName } from '../../sql/names.ts'
import type { Ask } from '../statement.ts'
import { cursorOf, placeIn } from './cursor.ts'
import type { Facts } from './facts.ts'
import { keyOf } from './key.ts'
import { orderList, orderOf, orderText, turned, type OrderColumn, type OrderEntry } from './order.ts'
import { pageStatement, PLACE, type PageRequest, type PageSource } from './page-statement.ts'
import { neededIndex, servedOrder } from './served.ts'
import { conditionsOf, type Condition, type Where } from './where.ts'

/** Which rows a page has, in which order, and from where on. */
export interface PageOptions<Row = Readonly<Record<string, unknown>>> {
  /** As in ORDER BY: `'score desc'`, or a list. By the key where nothing is said, and where rows agree in all that is. */
  readonly orderBy?: OrderEntry<Row> | readonly OrderEntry<Row>[] | undefined
  /** Which rows are meant: `{ author: 7 }`. All of them where it is left out. */
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

/** A page, and the ways to the pages beside it. */
export interface PageOf<Row> {
  /** As many as were asked for, or as there are. */
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
  const { n = 10, after = null, before = null } = options
  requireSound(options, n)
  const { whole, request } = asked(model, facts, options, before === null ? (it) => it : turned)
  const name = `${displayName({ schema: model.schema ?? 'public', name: model.name })} ${orderText(whole)}`
  const cursor = after ?? before
  const { text, values } = pageStatement({
    ...request,
    source,
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

/** The first rows of an order, for those who read them again and again: as `readPage` asks for them, and not one more. */
export function firstRows(
  model: Named,
  { facts, source }: { readonly facts: Facts; readonly source: PageSource },
  options: PageOptions & { readonly n: number },
): PageRequest {
  const { request } = asked(model, facts, options, (it) => it)
  return { ...request, source, behind: undefined, limit: options.n }
}

type Named = Pick<ModelReference, 'name' | 'schema' | 'key'>

/** What options mean, read in this way from the beginning or from the end. `whole`: the order as it is declared, with the key. */
function asked(
  model: Named,
  facts: Facts,
  { orderBy = [], where = {}, unindexed }: PageOptions,
  wayOf: (order: readonly OrderColumn[]) => readonly OrderColumn[],
): {
  readonly whole: readonly OrderColumn[]
  readonly request: Pick<PageRequest, 'facts' | 'order' | 'sorted' | 'conditions'>
} {
  const order = orderOf([orderBy].flat(), keyOf(model), facts)
  const conditions = conditionsOf(where, facts)
  const served = servedOrder(facts, wayOf(order.asked), conditions)
  if (served === undefined && unindexed !== 'allow') throw notServed(model, order.asked, conditions)
  const sorted = distinct([...(served ?? []), ...wayOf(order.whole)])
  return { whole: order.whole, request: { facts, order: wayOf(order.whole), sorted, conditions } }
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
  model: Named,
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
