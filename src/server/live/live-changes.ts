import type { DatabaseConfiguration } from '../../embed/configuration.ts'
import type { PageOptions } from '../../client/reads/page.ts'
import type { RelationName } from '../../compile/plan.ts'
import type { KeyColumns, KeyFor, KeyValue, UntypedRow } from '../../define/row.ts'
import type { ReadModel } from '../../define/read-model.ts'
import { MillraceError } from '../../errors.ts'
import { followKeys, followPage, type FollowOptions } from './follow.ts'
import { newHub, type Hub } from './hub.ts'
import type { PageWish } from './page.ts'
import type { Row } from './topic.ts'

/** How soon changes are noticed, and who hears of what goes wrong. */
export interface LiveOptions {
  /** A change is noticed so late at most while nothing else happens, in milliseconds; 100 unless said otherwise. */
  readonly maxIdleMs?: number | undefined
  /** Hears of connections that broke off. They are made anew, and no change is lost. */
  readonly onError?: ((error: Error) => void) | undefined
}

/** From where on a subscription is told, and when it ends. */
export interface ResumeOptions {
  /**
   * The `id` of the last update that was taken, by this or any other process: what has changed since is told, and of keys once more
   * what was written beside a transaction that outlasted that update.
   */
  readonly after?: string | undefined
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined
}

/** Which rows are followed, by their keys. */
export interface SubscribeOptions<Key> extends ResumeOptions {
  /** The rows to follow, 1,000 at most: as `get` takes them, a value for a key of one column, an object for several. */
  readonly keys: readonly Key[]
}

/** Which page is followed. */
export interface SubscribePageOptions<LiveRow = UntypedRow> extends ResumeOptions {
  /** The first rows of an order, as the client's `page` takes it; 100 rows at most. */
  readonly page: LivePageOptions<LiveRow>
}

/** What a page that is followed may ask for, as the page of a client does. */
export type LivePageOptions<LiveRow = UntypedRow> = Pick<
  PageOptions<LiveRow>,
  'orderBy' | 'where' | 'n' | 'unindexed'
>

/** What has changed since the update before; the first one has all rows. All of it is of one moment. */
export interface LiveUpdate<LiveRow = Row, Key = KeyValue> {
  /** Up to where everything is told: `after` of the next subscription. */
  readonly id: string
  /** One for each row that differs from what was told of it last. */
  readonly changes: readonly LiveChange<LiveRow, Key>[]
}

/** A row as it is now. */
export interface LiveChange<LiveRow = Row, Key = KeyValue> {
  /** As it was asked for. */
  readonly key: Key
  /** Null: there is none (any more). */
  readonly row: LiveRow | null
}

/**
 * What a page has come to, of one moment: its keys, and the rows that the update before did not have; the first one has all. Subscriptions
 * that are told the same get the same object.
 */
export interface LivePageUpdate<LiveRow = Row, Key = KeyValue> {
  /** Up to where everything is told: `after` of the next subscription. */
  readonly id: string
  /** The keys of the page, in its order. What was in it before and is not here has left it. */
  readonly order: readonly Key[]
  /** Rows that have come in, or are not what they were. */
  readonly changes: readonly { readonly key: Key; readonly row: LiveRow }[]
}

/** Live changes of a database: what `liveChanges` makes. */
export interface LiveChanges {
  /**
   * Follows rows of a read model. Of what happens to a row while it is not asked for, only the last state is told. Fails with
   * MODEL_UNKNOWN, BAD_SUBSCRIPTION, or what the database says; a connection that breaks off is no failure.
   *
   * ```ts
   * for await (const { changes } of live.subscribe(feed, { keys: [1, 2], signal })) show(changes)
   * ```
   */
  subscribe<LiveRow extends object, Key extends KeyColumns>(
    model: ReadModel<LiveRow, Key>,
    options: SubscribeOptions<KeyFor<LiveRow, Key>>,
  ): AsyncIterable<LiveUpdate<LiveRow, KeyFor<LiveRow, Key>>>
  /**
   * Follows the first rows of a read model in an order. Fails as the client's `page` does too: with BAD_PAGE, and with
   * PAGE_NOT_INDEXED where no index serves it.
   *
   * ```ts
   * const page = { orderBy: 'votes desc', where: { category: 'energy' }, n: 10 } as const
   * for await (const { order, changes } of live.subscribe(feed, { page, signal })) show(order, changes)
   * ```
   */
  subscribe<LiveRow extends object, Key extends KeyColumns>(
    model: ReadModel<LiveRow, Key>,
    options: SubscribePageOptions<LiveRow>,
  ): AsyncIterable<LivePageUpdate<LiveRow, KeyFor<LiveRow, Key>>>
  /** The same by name: `'feed'`, `'app.feed'`. */
  subscribe(model: string, options: SubscribeOptions<KeyValue>): AsyncIterable<LiveUpdate>
  subscribe(model: string, options: SubscribePageOptions): AsyncIterable<LivePageUpdate>
  /** How many there are now, and how many keys and pages they follow, each counted once. */
  readonly size: { readonly subscriptions: number; readonly keys: number; readonly pages: number }
  /** Ends all subscriptions. */
  close(): Promise<void>
}

const MAX_IDLE_MS = 100
const MAX_KEYS = 1_000
/** The `id` of an update names each of them. */
const MAX_ROWS = 100

/**
 * Live changes of read models, for as many subscriptions as you like over one connection, which is open while there are any. It
 * connects as a role that may read the stored tables, as the worker's may, and asks nothing of those who write.
 */
export function liveChanges(
  config: DatabaseConfiguration,
  { maxIdleMs = MAX_IDLE_MS, onError = () => undefined }: LiveOptions = {},
): LiveChanges {
  const hub = newHub(config, { maxIdleMs, onError })
  return {
    subscribe: (model: string | Pick<ReadModel, 'name' | 'schema'>, options: AnyOptions) =>
      subscribe(hub, namesOf(model), options),
    get size() {
      return sizeOf(hub)
    },
    async close() {
      hub.isClosed = true
      hub.bell.ring()
      for (const { bell } of listenersOf(hub)) bell.ring()
      await hub.running
    },
  } as LiveChanges
}

type AnyOptions = FollowOptions & {
  readonly keys?: readonly KeyValue[] | undefined
  readonly page?: LivePageOptions | undefined
}

function subscribe(hub: Hub, model: RelationName, { keys, page, ...options }: AnyOptions) {
  if ((keys === undefined) === (page === undefined)) {
    const detail = keys === undefined ? 'neither keys nor a page' : 'both keys and a page'
    throw badSubscription(detail, 'Follow keys, or a page.')
  }
  if (page !== undefined) return followPage(hub, model, wishOf(page), options)
  const count = keys?.length ?? 0
  if (count > 0 && count <= MAX_KEYS) return followKeys(hub, model, keys ?? [], options)
  const most = MAX_KEYS.toLocaleString('en-US')
  throw badSubscription(`${String(count)} keys`, `Follow 1 to ${most} keys by one subscription.`)
}

function wishOf({ orderBy = [], where = {}, n = 10, unindexed }: LivePageOptions): PageWish {
  if (!Number.isInteger(n) || n < 1 || n > MAX_ROWS)
    throw badSubscription(
      `a page with an n of ${String(n)}`,
      `Follow 1 to ${String(MAX_ROWS)} rows by one subscription.`,
    )
  return { orderBy: [orderBy].flat(), where, n, unindexed }
}

function badSubscription(detail: string, hint: string): MillraceError {
  return new MillraceError('BAD_SUBSCRIPTION', { detail, hint })
}

function namesOf(model: string | Pick<ReadModel, 'name' | 'schema'>): RelationName {
  if (typeof model !== 'string') return { schema: model.schema ?? 'public', name: model.name }
  const dot = model.indexOf('.')
  return dot === -1
    ? { schema: 'public', name: model }
    : { schema: model.slice(0, dot), name: model.slice(dot + 1) }
}

function sizeOf(hub: Hub): LiveChanges['size'] {
  const topics = [...hub.topics.values()]
  return {
    subscriptions: listenersOf(hub).length,
    keys: topics.reduce((sum, { entries }) => sum + entries.size, 0),
    pages: topics.reduce((sum, { pages }) => sum + pages.size, 0),
  }
}

function listenersOf({ topics }: Hub) {
  return [...topics.values()].flatMap(({ listeners, pages }) => [
    ...listeners,
    ...[...pages.values()].flatMap((page) => [...page.listeners]),
  ])
}
