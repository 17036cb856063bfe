import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Handler } from './handler.ts'

type Fetch = Handler['fetch']

/**
 * The handler for `node:http`, and for Express: `app.use('/millrace', toNodeListener(handler.fetch))`. It is for requests without a body,
 * which is all there is here, and ends a stream when its client has gone.
 */
export function toNodeListener(
  fetch: Fetch,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const gone = new AbortController()
    outgoing.once('close', () => {
      gone.abort()
    })
    try {
      await send(await fetch(requestOf(incoming, gone.signal)), outgoing)
    } catch {
      // Nobody listens any more, or the handler has failed: its message is not for everybody.
      if (!outgoing.headersSent) outgoing.writeHead(500)
      outgoing.end()
    }
  }
}

function requestOf({ method = 'GET', url = '/', headers }: IncomingMessage, signal: AbortSignal): Request {
  const given = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    for (const it of [value ?? []].flat()) given.append(name, it)
  }
  return new Request(new URL(url, 'http://localhost'), { method, headers: given, signal })
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null) {
    outgoing.end()
    return
  }
  outgoing.flushHeaders()
  await pipeline(Readable.fromWeb(response.body), outgoing)
}

/** What of Fastify is needed to answer by oneself. */
interface FastifyLike {
  all(
    path: string,
    answer: (
      request: { readonly raw: IncomingMessage },
      reply: { readonly raw: ServerResponse; hijack(): void },
    ) => Promise<void>,
  ): unknown
}

/** The handler as a plugin of Fastify: `app.register(toFastifyPlugin(handler.fetch), { prefix: '/millrace' })`. */
export function toFastifyPlugin(fetch: Fetch): (app: FastifyLike) => Promise<void> {
  const listen = toNodeListener(fetch)
  return async (app) => {
    app.all('/*', async ({ raw }, reply) => {
      // Fastify would wait for a stream to end before it sends it.
      reply.hijack()
      await listen(raw, reply.raw)
    })
    await Promise.resolve()
  }
}
