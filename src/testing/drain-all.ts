import type { Connection } from '../pg/client.ts'
import { drainAll as drainKept } from '../work/drain-all.ts'
import { readDrained } from '../work/model.ts'
import { readRefreshed } from '../work/schedule/installed.ts'
import { runJob } from '../work/schedule/run.ts'
import { inPlace, type Place } from './place.ts'
import { recomputeQueued } from './recompute-queued.ts'

/** What was done to make everything fresh. */
export interface TestDrained {
  /** Units that were recomputed or folded. */
  readonly units: number
  /** Stored rows that were written or deleted. */
  readonly rowsChanged: number
  /** Units that are set aside, since their rows cannot be computed. */
  readonly failed: number
}

/**
 * Makes every read model fresh, and returns when that is done. In a test database the drain does it, as a worker would, and read
 * models that are refreshed on a schedule are refreshed, due or not. Within the test's own transaction no drain can: see
 * `recomputeQueued`.
 */
export async function drainAll(place: Place): Promise<TestDrained> {
  return await inPlace(place, {
    own: ({ client }) => drainEverything(client),
    within: recomputeQueued,
  })
}

/** Drains and refreshes in turn: what is refreshed may read what is kept, and the other way round. */
export async function drainEverything(client: Connection): Promise<TestDrained> {
  const refreshed = await readRefreshed(client)
  let total = await drainKept(client, await readDrained(client))
  for (const { name } of refreshed) {
    const outcome = await runJob(client, name, { cause: 'request' })
    if (outcome.status === 'failed') throw outcome.error
    const { units, rowsChanged, failed } = await drainKept(client, await readDrained(client))
    total = {
      ...total,
      units: total.units + units,
      rowsChanged: total.rowsChanged + rowsChanged,
      failed: total.failed + failed,
    }
  }
  return { units: total.units, rowsChanged: total.rowsChanged, failed: total.failed }
}
