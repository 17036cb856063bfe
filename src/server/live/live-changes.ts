import type { DatabaseConfiguration } from '../../embed/configuration.ts'
import type { KeyColumns, KeyFor, KeyValue } from '../../define/row.ts'
import type { ReadModel } from '../../define/read-model.ts'
import { MillraceError } from '../../errors.ts'
import { enter, newHub, type Hub } from './hub.ts'
import { leave, newListener, type Listener, type Row } from './topic.ts'

export interface LiveOptions {
  /** A change is noticed so late at most while nothing else happens, in milliseconds; 100 unless said otherwise. */
  readonly maxIdleMs?: number | undefined
  /** Hears of connections that broke off. They are made anew, and no change is lost. */
  readonly onError?: ((error: Error) => void) | undefined
}

export interface SubscribeOptions<Key> {
  /** The rows to follow, 1,000 at most: as `get` takes them, a value for a key of one column, an object for several. */
  readonly keys: readonly Key[]
  /** The `id` of the last update that was taken, by this or any other process: only what has changed since is told. */
  readonly after?: string | undefined
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined
}

/** What has changed since the update before; the first one has all rows. All of it is of one moment. */
export interface LiveUpdate<LiveRow = Row, Key = KeyValue> {
  readonly id: string
  readonly changes: readonly LiveChange<LiveRow, Key>[]
}

export interface LiveChange<LiveRow = Row, Key = KeyValue> {
  readonly key: Key
  /** Null: there is none (any more). */
  readonly row: LiveRow | null
}

export interface LiveChanges {
  /**
   * Follows rows of a read model. Of what happens to a row while it is not asked for, only the last state is told. Fails with
   * MODEL_UNKNOWN, BAD_SUBSCRIPTION, or what the database says; a connection that breaks off is no failure.
   *
   *     for await (const { changes } of live.subscribe(feed, { keys: [1, 2], signal })) show(changes)
   */
  subscribe<LiveRow extends object, Key extends KeyColumns>(
    model: ReadModel<LiveRow, Key>,
    options: SubscribeOptions<KeyFor<LiveRow, Key>>,
  ): AsyncIterable<LiveUpdate<LiveRow, KeyFor<LiveRow, Key>>>
  /** The same by name: `'feed'`, `'app.feed'`. */
  subscribe(model: string, options: SubscribeOptions<KeyValue>): AsyncIterable<LiveUpdate>
  /** How many there are now, and how many keys they follow, each counted once. */
  readonly size: { readonly subscriptions: number; readonly keys: number }
  /** Ends all subscriptions. */
  close(): Promise<void>
}

const MAX_IDLE_MS = 100
const MAX_KEYS = 1_000

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
    subscribe: (
      model: string | Pick<ReadModel, 'name' | 'schema'>,
      { keys, after, signal }: SubscribeOptions<KeyValue>,
    ) => {
      if (keys.length === 0 || keys.length > MAX_KEYS) throw wrongNumber(keys.length)
      return follow(hub, namesOf(model), { keys, after, signal })
    },
    get size() {
      const topics = [...hub.topics.values()]
      return {
        subscriptions: topics.reduce((sum, it) => sum + it.listeners.size, 0),
        keys: topics.reduce((sum, it) => sum + it.entries.size, 0),
      }
    },
    async close() {
      hub.isClosed = true
      hub.bell.ring()
      for (const { listeners } of hub.topics.values()) for (const it of listeners) it.bell.ring()
      await hub.running
    },
  } as LiveChanges
}

function namesOf(model: string | Pick<ReadModel, 'name' | 'schema'>): { schema: string; name: string } {
  if (typeof model !== 'string') return { schema: model.schema ?? 'public', name: model.name }
  const dot = model.indexOf('.')
  return dot === -1
    ? { schema: 'public', name: model }
    : { schema: model.slice(0, dot), name: model.slice(dot + 1) }
}

function wrongNumber(count: number): MillraceError {
  const hint = `Follow 1 to ${MAX_KEYS.toLocaleString('en-US')} keys by one subscription.`
  return new MillraceError('BAD_SUBSCRIPTION', { detail: `${String(count)} keys`, hint })
}

async function* follow(
  hub: Hub,
  model: { readonly schema: string; readonly name: string },
  { keys, after, signal }: SubscribeOptions<KeyValue>,
): AsyncGenerator<LiveUpdate, undefined> {
  const listener = newListener(keys, after)
  const stop = () => {
    listener.bell.ring()
  }
  signal?.addEventListener('abort', stop, { once: true })
  const isOver = () => hub.isClosed || signal?.aborted === true
  if (isOver()) return undefined
  const topic = enter(hub, model, listener)
  try {
    while (!isOver()) {
      if (listener.error !== undefined) throw listener.error
      const update = takeUpdate(listener)
      if (update === undefined) await listener.bell.wait()
      else yield update
    }
    return undefined
  } finally {
    signal?.removeEventListener('abort', stop)
    leave(topic, listener)
  }
}

/** All that has gathered, as of the last look. */
function takeUpdate({ dirty, entries, position, isTorn }: Listener): LiveUpdate | undefined {
  if (dirty.size === 0 || position === undefined || isTorn) return undefined
  const changes = [...entries].flatMap(([entry, key]): LiveChange[] =>
    dirty.has(entry) ? [{ key, row: entry.row ?? null }] : [],
  )
  dirty.clear()
  return { id: position, changes }
}
