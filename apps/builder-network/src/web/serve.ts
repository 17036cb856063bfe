import { serve } from '@hono/node-server'
import type { Hono } from 'hono'

export interface Served {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Listens on this machine only; put a proxy before it that speaks TLS. */
export async function listen(
  app: Pick<Hono, 'fetch'>,
  port: number,
  hostname = '127.0.0.1',
): Promise<Served> {
  return await new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname }, (info) => {
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
