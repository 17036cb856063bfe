import { Hono } from 'hono'
import { WATCH_PATH, watchPage, type WatchOptions } from '../src/page/page.ts'
import { listen, type Served } from '../src/web/serve.ts'

/** The page that shows the application at work, alone on a port, at the path where it is beside the application. */
export async function serveWatch(options: WatchOptions): Promise<Served> {
  const { app, close } = watchPage(options)
  const served = await listen(new Hono({ strict: false }).route(WATCH_PATH.slice(0, -1), app), 0)
  return {
    url: new URL(WATCH_PATH, served.url).href,
    close: async () => {
      await served.close()
      await close()
    },
  }
}
