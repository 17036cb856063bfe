import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from './database.ts'

/** How long after a commit the feed shows it, in milliseconds, measured from outside. */
export interface Lag {
  readonly samples: number[]
}

const EVERY_MS = 200
const LOOK_MS = 2
const GIVE_UP_MS = 30_000

/** Changes one project every now and then, as the application, and looks until the feed shows it. */
export async function probeFreshness(databaseUrl: string, signal: AbortSignal, lag: Lag): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ id: string; score: number }>(
      'select id, proof_score as score from mv_feed_projects order by proof_score desc, id limit 1',
    )
    const [probe] = rows
    if (probe === undefined) return

    for (let score = probe.score + 1; !signal.aborted; score += 1) {
      const changed = await client.query(
        'update projects set proof_score = $2, is_deleted = false where id = $1',
        [probe.id, score],
      )
      const startedAt = performance.now()
      while (changed.rowCount === 1 && performance.now() - startedAt < GIVE_UP_MS) {
        const shown = await client.query<{ score: number }>(
          'select proof_score as score from mv_feed_projects where id = $1',
          [probe.id],
        )
        // Simulated users also change the score: a higher one shows ours, too.
        if ((shown.rows[0]?.score ?? 0) >= score) break
        await sleep(LOOK_MS)
      }
      lag.samples.push(performance.now() - startedAt)
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
  })
}

/** The p-th percentile (0 to 1) of some numbers; null of none. */
export function percentile(samples: readonly number[], p: number): number | null {
  const sorted = samples.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]
  return value === undefined ? null : Math.round(value * 10) / 10
}
