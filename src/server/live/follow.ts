import type { RelationName } from '../../compile/plan.ts'
import { enter, enterPage, type Hub } from './hub.ts'
import type { Bell } from './bell.ts'
import { leavePage, newPageListener, takePage, type PageUpdate, type PageWish } from './page.ts'
import type { KeyValue } from '../../define/row.ts'
import { leave, newListener, takeKeys, type KeysUpdate } from './topic.ts'

/** A subscription as whoever iterates over it needs it. */
interface Followed<Update> {
  readonly bell: Bell
  readonly error: () => Error | undefined
  /** What is new since it was asked last; undefined: nothing. */
  readonly take: () => Update | undefined
  readonly leave: () => void
}

export interface FollowOptions {
  readonly after?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export function followKeys(
  hub: Hub,
  model: RelationName,
  keys: readonly KeyValue[],
  { after, signal }: FollowOptions,
): AsyncGenerator<KeysUpdate, undefined> {
  return follow(hub, signal, () => {
    const listener = newListener(keys, after)
    const topic = enter(hub, model, listener)
    return {
      bell: listener.bell,
      error: () => listener.error,
      take: () => takeKeys(listener),
      leave: () => {
        leave(topic, listener)
      },
    }
  })
}

export function followPage(
  hub: Hub,
  model: RelationName,
  wish: PageWish,
  { after, signal }: FollowOptions,
): AsyncGenerator<PageUpdate, undefined> {
  return follow(hub, signal, () => {
    const listener = newPageListener(after)
    const { topic, page } = enterPage(hub, model, wish, listener)
    return {
      bell: listener.bell,
      error: () => listener.error,
      take: () => takePage(page, listener),
      leave: () => {
        leavePage(topic, page, listener)
      },
    }
  })
}

async function* follow<Update>(
  hub: Hub,
  signal: AbortSignal | undefined,
  begin: () => Followed<Update>,
): AsyncGenerator<Update, undefined> {
  const isOver = () => hub.isClosed || signal?.aborted === true
  if (isOver()) return undefined
  const { bell, error, take, leave: end } = begin()
  const stop = () => {
    bell.ring()
  }
  signal?.addEventListener('abort', stop, { once: true })
  try {
    while (!isOver()) {
      const failure = error()
      if (failure !== undefined) throw failure
      const update = take()
      if (update === undefined) await bell.wait()
      else yield update
    }
    return undefined
  } finally {
    signal?.removeEventListener('abort', stop)
    end()
  }
}
