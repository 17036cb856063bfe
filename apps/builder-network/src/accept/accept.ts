import { drainOnce, startWorker } from 'millrace'
import { withClient } from '../database.ts'
import { currentPhase, migrateUp } from '../migrate.ts'
import { PHASES } from '../phases.ts'
import { user } from '../rows/ids.ts'
import type { Sizes } from '../sizes.ts'
import { createTables, fillTables } from '../tables.ts'
import { eventual } from './eventual.ts'
import { indexes, monitoring } from './objects.ts'
import { pages } from './pages.ts'
import { realTime } from './real-time.ts'
import { tick, type Tick } from './tick.ts'

export interface AcceptOptions {
  /** An empty database. */
  readonly url: string
  readonly sizes: Sizes
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/**
 * The plan's closing checklist, repaired: on a community that has lived without it, its five phases are carried out, and then
 * each tick is looked at.
 */
export async function accept({ url, sizes, signal, say }: AcceptOptions): Promise<readonly Tick[]> {
  await withClient(url, async (client) => {
    await createTables(client, { withIndexes: false })
    await fillTables(client, { seed: 1, sizes, signal })
    await client.query('analyze')
  })
  say('a community without the plan: there')

  const ticks: Tick[] = []
  for (const [i, { name }] of PHASES.entries()) {
    ticks.push(
      await tick(
        'Migration: five phases, on tables with rows',
        `${String(i + 1)}: ${name}`,
        'carried out',
        async () => {
          await migrateUp(i + 1, { url, signal })
          return { found: (await currentPhase(url)) === i + 1 ? 'carried out' : 'not there' }
        },
      ),
    )
    say(`phase ${String(i + 1)}: carried out`)
  }
  await drainOnce({ database: url }, { signal })

  const viewer = {
    id: user(0),
    username: 'accept',
    role: 'builder',
    isAdmin: false,
    isListed: false,
    sessionId: '',
  } as const
  await withClient(url, async (client) => {
    await client.query('analyze')
    ticks.push(...(await realTime(client, viewer.id)))
    const worker = startWorker({ database: url })
    try {
      ticks.push(...(await eventual(client, viewer.id)))
    } finally {
      await worker.stop()
    }
    await drainOnce({ database: url }, { signal })
    ticks.push(
      ...(await indexes(client)),
      ...(await pages(client, url, viewer)),
      ...(await monitoring(client, url)),
    )
  })
  return ticks
}
