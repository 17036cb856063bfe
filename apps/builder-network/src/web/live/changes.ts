import type { Hono } from 'hono'
import { MillraceError } from 'millrace/client'
import type { LiveChanges, LivePageUpdate, LiveUpdate } from 'millrace/server'
import { z } from 'zod'
import type { Environment, Surroundings } from '../environment.ts'
import { notFound } from '../refusal.ts'
import { encodeEvent, eventStream, type EventStream } from './event-stream.ts'
import { mayFollow, wish, type Wish } from './wishes.ts'

/** More is on no page. */
const MOST = 3

const query = z.object({
  follow: z
    .string()
    .max(5_000)
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        context.addIssue({ code: 'custom', message: 'not JSON' })
        return z.NEVER
      }
    })
    .pipe(z.array(wish).min(1).max(MOST)),
})

/**
 * Changes of all that a page follows, as server-sent events of one stream: a browser opens six connections to a site and no more. `at` says which
 * wish an event answers. Whoever comes back is told everything anew.
 */
export function tellChanges(
  app: Hono<Environment>,
  { live, onError }: Pick<Surroundings, 'live' | 'onError'>,
): void {
  app.get('/live/changes', (context) => {
    const { follow } = query.parse(context.req.query())
    if (live === null || !follow.every(mayFollow)) throw notFound()
    return eventStream(async (stream) => {
      try {
        await Promise.all(
          follow.map(async (wished, at) => {
            await tellOne(stream, live, { wished, at })
          }),
        )
      } catch (error) {
        if (!(error instanceof MillraceError)) throw error
        // The read model is gone, or another: it is of no use to come back.
        await stream.send(encodeEvent({ event: 'failed', data: error.code }))
      }
    }, onError)
  })
}

async function tellOne(
  { signal, send }: EventStream,
  live: LiveChanges,
  { wished, at }: { readonly wished: Wish; readonly at: number },
): Promise<void> {
  const updates =
    'keys' in wished
      ? live.subscribe(wished.model, { keys: wished.keys, signal })
      : live.subscribe(wished.model, { page: wished.page, signal })
  for await (const update of updates) await send(encoded(update, at))
}

type Update = LiveUpdate | LivePageUpdate

/** Those who follow one list are told of it by one object. */
const known = Array.from({ length: MOST }, () => new WeakMap<Update, Uint8Array>())

function encoded(update: Update, at: number): Uint8Array {
  const found = known[at]?.get(update)
  if (found !== undefined) return found
  const order = 'order' in update ? { order: update.order } : {}
  const event = encodeEvent({ data: JSON.stringify({ at, ...order, changes: update.changes }) })
  known[at]?.set(update, event)
  return event
}
