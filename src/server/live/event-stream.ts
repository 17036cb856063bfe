import type { LivePageUpdate, LiveUpdate } from './live-changes.ts'
import { within } from './within.ts'

/** A comment, now and then: it keeps proxies from closing what looks idle, and finds out who has gone. */
const BEAT = ': at work\n\n'
const BEAT_MS = 15_000
/** How long a browser waits before it comes back. */
const RETRY_MS = 1_000

type Update = LiveUpdate | LivePageUpdate

interface Streamed {
  readonly updates: AsyncIterator<Update>
  /** The first of them, which has been asked for. */
  readonly first: Promise<IteratorResult<Update>>
  readonly onCancel: () => void
  readonly beatMs?: number
}

/**
 * Updates as server-sent events: the id of each stands in `id`, so that a browser that comes back brings it as Last-Event-ID, and
 * its changes in `data`; of a page an object, with the order beside them. The next update is asked for when the last one has been
 * taken, so a slow client costs nothing but its own delay. An error becomes an event `failed`, after which it is of no use to come back.
 */
export function eventStream({
  first,
  updates,
  onCancel,
  beatMs = BEAT_MS,
}: Streamed): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let next: Promise<IteratorResult<Update>> | undefined = first
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(`retry: ${String(RETRY_MS)}\n\n`))
    },
    async pull(controller) {
      next ??= asked(updates)
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

/** The next update. Whoever has gone does not hear of an error, which must not become one of the process. */
export function asked(updates: AsyncIterator<Update>): Promise<IteratorResult<Update>> {
  const next = updates.next()
  next.catch(() => undefined)
  return next
}

function eventOf({ id, ...told }: Update): string {
  return `id: ${id}\ndata: ${JSON.stringify('order' in told ? told : told.changes)}\n\n`
}

/** What went wrong is told by its name: messages of a database are not for everybody. */
function failure(error: unknown): string {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string'
      ? error.code
      : 'INTERNAL_ERROR'
  return `event: failed\ndata: ${JSON.stringify({ code })}\n\n`
}
