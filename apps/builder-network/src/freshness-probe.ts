import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { withClient } from './database.ts'

/** How long after a commit the feed shows it, in milliseconds, measured from outside: the latest samples. */
export interface Lag {
  readonly samples: number[]
}

const EVERY_MS = 200
const LOOK_MS = 2
const GIVE_UP_MS = 30_000
const KEEP_SAMPLES = 5_000

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
      if (changed.rowCount === 1) await waitUntilShown(client, probe.id, score, signal, lag)
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
  })
}

/** Adds a sample, unless the signal comes first. */
async function waitUntilShown(
  client: Client,
  id: string,
  score: number,
  signal: AbortSignal,
  { samples }: Lag,
): Promise<void> {
  const startedAt = performance.now()
  while (!signal.aborted) {
    const { rows } = await client.query<{ isHidden: boolean; shown: number | null }>(
      `select p.is_deleted as "isHidden", f.proof_score as shown
       from projects p left join mv_feed_projects f on f.id = p.id
       where p.id = $1`,
      [id],
    )
    const waited = performance.now() - startedAt
    // Somebody has hidden it meanwhile: the feed will not show it.
    if (rows[0]?.isHidden !== false) return
    // Simulated users also raise the score: a higher one shows ours, too.
    if ((rows[0].shown ?? 0) >= score || waited > GIVE_UP_MS) {
      samples.push(waited)
      if (samples.length > KEEP_SAMPLES) samples.shift()
      return
    }
    await sleep(LOOK_MS)
  }
}

/** The p-th percentile (0 to 1) of some numbers; null of none. */
export function percentile(samples: readonly number[], p: number): number | null {
  const sorted = samples.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]
  return value === undefined ? null : Math.round(value * 10) / 10
}
