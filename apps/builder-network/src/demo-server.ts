import { Hono } from 'hono'
import { WATCH_PATH, watchPage, type WatchOptions } from './page/page.ts'
import { createWeb } from './web/app.ts'
import type { Demo } from './web/environment.ts'
import { listen, type Served } from './web/serve.ts'

export interface DemoServerOptions extends WatchOptions {
  /** 4460 where absent and free; 0 for any. */
  readonly port?: number | undefined
  /** Connects as a role that may read the stored tables. */
  readonly liveUrl: string
  readonly account: Demo['account']
  readonly onError: (error: unknown) => void
}

const PORT = 4460
const LINKS = [{ href: WATCH_PATH, text: 'Watch it at work' }]

/** The application, and the page that shows it at work beside it, on this machine only. */
export async function serveDemo({
  port,
  databaseUrl,
  liveUrl,
  status,
  account,
  onError,
}: DemoServerOptions): Promise<Served> {
  const watch = watchPage({ databaseUrl, status })
  const watched = new Hono({ strict: false }).route(WATCH_PATH.slice(0, -1), watch.app)
  const web = createWeb({
    ...{ databaseUrl, liveUrl, onError, tellsTiming: true },
    demo: { account, links: LINKS },
  })
  const fetch: typeof web.app.fetch = (request, environment) => {
    const { pathname } = new URL(request.url)
    if (`${pathname}/` === WATCH_PATH) return Response.redirect(new URL(WATCH_PATH, request.url), 308)
    return (pathname.startsWith(WATCH_PATH) ? watched : web.app).fetch(request, environment)
  }
  const server = await listen({ fetch }, port ?? PORT).catch((error: unknown) => {
    if (port !== undefined) throw error
    return listen({ fetch }, 0)
  })
  return {
    url: server.url,
    close: async () => {
      await server.close()
      await watch.close()
      await web.close()
    },
  }
}
