import { startWorker } from 'millrace'
import { onTestFinished } from 'vitest'
import type { TestDatabase } from '../../../test/support/database.ts'
import { serveWatch } from './serve-watch.ts'
import { simulate } from '../src/simulate.ts'
import { SCALES } from '../src/sizes.ts'
import { statusOf, WorkerLog } from '../src/status.ts'
import { createCommunity } from './community.ts'

/** The page's server before a community in which nobody but the test does anything. */
export async function serveCommunity({ works }: { readonly works: boolean }): Promise<{
  readonly url: string
  readonly database: TestDatabase
}> {
  const database = await createCommunity()
  const databaseUrl = database.url('writer')
  const worker = works ? startWorker({ database: database.url('worker') }) : undefined
  const { activity } = simulate({
    databaseUrl,
    signal: AbortSignal.abort(),
    seed: 1,
    sizes: SCALES.tiny,
    people: 0,
    thinkMs: 0,
  })
  const served = await serveWatch({
    databaseUrl,
    status: () => statusOf(activity, new WorkerLog('elsewhere'), { samples: [] }, performance.now()),
  })
  onTestFinished(async () => {
    await worker?.stop()
    await served.close()
  })
  return { url: served.url, database }
}
