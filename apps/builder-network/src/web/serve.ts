import { serve } from '@hono/node-server'
import type { Hono } from 'hono'

export interface Served {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Longer than proxies keep a connection that nobody uses (a minute, mostly): who closes first must not be the one that is asked. */
const KEEP_ALIVE_MS = 75_000

/** Listens on this machine only; put a proxy before it that speaks TLS. */
export async function listen(
  app: Pick<Hono, 'fetch'>,
  port: number,
  hostname = '127.0.0.1',
): Promise<Served> {
  return await new Promise((resolve, reject) => {
    const serverOptions = { keepAliveTimeout: KEEP_ALIVE_MS }
    const server = serve({ fetch: app.fetch, port, hostname, serverOptions }, (info) => {
      resolve({
        url: `http://${hostname}:${String(info.port)}/`,
        close: () =>
          new Promise((closed) => {
            server.close(() => {
              closed()
            })
            if ('closeAllConnections' in server) server.closeAllConnections()
          }),
      })
    })
    server.once('error', reject)
  })
}
