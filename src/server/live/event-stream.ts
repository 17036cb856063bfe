import type { LiveUpdate } from './live-changes.ts'

/** A comment, now and then: it keeps proxies from closing what looks idle, and finds out who has gone. */
const BEAT = ': at work\n\n'
const BEAT_MS = 15_000
/** How long a browser waits before it comes back. */
const RETRY_MS = 1_000

/**
 * Updates as server-sent events: the id of each stands in `id`, so that a browser that comes back brings it as Last-Event-ID, and
 * its changes in `data`. The next update is asked for when the last one has been taken, so a slow client costs nothing but its own
 * delay. An error becomes an event `failed`, after which it is of no use to come back.
 */
export function eventStream(
  updates: AsyncIterable<LiveUpdate>,
  { onCancel, beatMs = BEAT_MS }: { readonly onCancel: () => void; readonly beatMs?: number },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const iterator = updates[Symbol.asyncIterator]()
  let next: Promise<IteratorResult<LiveUpdate>> | undefined
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(`retry: ${String(RETRY_MS)}\n\n`))
    },
    async pull(controller) {
      next ??= asked(iterator)
      const told = await within(beatMs, next).catch((error: unknown) => failure(error))
      if (told === 'late') {
        controller.enqueue(encoder.encode(BEAT))
        return
      }
      next = undefined
      if (typeof told === 'string') controller.enqueue(encoder.encode(told))
      if (typeof told === 'string' || told.done === true) controller.close()
      else controller.enqueue(encoder.encode(eventOf(told.value)))
    },
    cancel: onCancel,
  })
}

/** Whoever has gone does not hear of an error, which must not become one of the process. */
function asked(iterator: AsyncIterator<LiveUpdate>): Promise<IteratorResult<LiveUpdate>> {
  const next = iterator.next()
  next.catch(() => undefined)
  return next
}

function eventOf({ id, changes }: LiveUpdate): string {
  return `id: ${id}\ndata: ${JSON.stringify(changes)}\n\n`
}

/** What went wrong is told by its name: messages of a database are not for everybody. */
function failure(error: unknown): string {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string'
      ? error.code
      : 'INTERNAL_ERROR'
  return `event: failed\ndata: ${JSON.stringify({ code })}\n\n`
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => {
      resolve('late')
    }, ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
