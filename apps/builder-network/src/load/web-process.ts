// The process of the web application under load: `runLoad` starts it.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createWeb } from '../web/app.ts'
import { listen } from '../web/serve.ts'
import { answerParent, givenInput } from './children.ts'
import { percentilesOf } from './figures.ts'
import { ownProcessorMs } from './processor-time.ts'

export interface WebInput {
  readonly databaseUrl: string
  /** As a role that may read the stored tables: for the lists that people have open. */
  readonly liveUrl: string
  readonly port: number
}

/** How long its timer takes when nothing delays it: the histogram holds that, too. */
const RESOLUTION_MS = 10
const NANOSECONDS = 1_000_000

const { databaseUrl, liveUrl, port } = givenInput() as WebInput
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
let answered = 0
const web = createWeb({
  databaseUrl,
  liveUrl,
  onError: (error) => {
    console.error(error)
  },
})
const served = await listen(
  {
    fetch: (request, env, context) => {
      // Live connections stay open: they are counted by who holds them.
      if (!request.url.includes('/live/changes')) answered += 1
      return web.app.fetch(request, env, context)
    },
  },
  port,
)

answerParent(
  {
    url: () => served.url,
    measure: () => {
      delay.enable()
      delay.reset()
    },
    delay: () => {
      const { p50, p95, p99, max } = percentilesOf(delay, NANOSECONDS)
      return { p50: late(p50), p95: late(p95), p99: late(p99), max: late(max) }
    },
    answered: () => answered,
    processor: ownProcessorMs,
  },
  async () => {
    await served.close()
    await web.close()
  },
)

function late(tookMs: number): number {
  return Math.max(0, Math.round((tookMs - RESOLUTION_MS) * 100) / 100)
}
