import type { Hono } from 'hono'
import { streamSSE, type SSEStreamingApi } from 'hono/streaming'
import { MillraceError } from 'millrace/client'
import type { LiveChanges, LivePageUpdate, LiveUpdate } from 'millrace/server'
import { z } from 'zod'
import type { Environment, Surroundings } from '../environment.ts'
import { notFound } from '../refusal.ts'
import { whileOpen } from './while-open.ts'
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
    return streamSSE(context, async (stream) => {
      const run = async (signal: AbortSignal) => {
        try {
          await Promise.all(
            follow.map(async (wished, at) => {
              await tellOne(stream, live, { wished, at, signal })
            }),
          )
        } catch (error) {
          if (!(error instanceof MillraceError)) throw error
          // The read model is gone, or another: it is of no use to come back.
          await stream.writeSSE({ event: 'failed', data: error.code })
        }
      }
      await whileOpen(stream, { run, onError })
    })
  })
}

interface Telling {
  readonly wished: Wish
  readonly at: number
  readonly signal: AbortSignal
}

async function tellOne(
  stream: SSEStreamingApi,
  live: LiveChanges,
  { wished, at, signal }: Telling,
): Promise<void> {
  const updates =
    'keys' in wished
      ? live.subscribe(wished.model, { keys: wished.keys, signal })
      : live.subscribe(wished.model, { page: wished.page, signal })
  for await (const update of updates) await stream.writeSSE({ data: textOf(update, at) })
}

type Update = LiveUpdate | LivePageUpdate

/** Those who follow one list are told of it by one object. */
const texts = Array.from({ length: MOST }, () => new WeakMap<Update, string>())

function textOf(update: Update, at: number): string {
  const known = texts[at]?.get(update)
  if (known !== undefined) return known
  const order = 'order' in update ? { order: update.order } : {}
  const text = JSON.stringify({ at, ...order, changes: update.changes })
  texts[at]?.set(update, text)
  return text
}
