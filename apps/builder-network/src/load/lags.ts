import { setTimeout } from 'node:timers/promises'
import type { Client } from 'pg'
import { newTimes, type Percentiles, type Times } from './figures.ts'

const EVERY_MS = 500

/** How old each read model is at most: what waits was committed after its newest watermark; a refreshed one's since its refresh. */
const AGES = `
  select m.name,
         case when f.waiting = 0 and not m.is_refreshed then 0
              else extract(epoch from clock_timestamp() - f.reached_at) * 1000 end::float8 as age
  from unnest($1::text[], $2::bool[]) as m (name, is_refreshed)
  cross join lateral millrace.freshness(m.name) as f`

export interface Followed {
  readonly name: string
  readonly isRefreshed: boolean
}

/** Looks twice a second how old the read models are, until the signal. */
export async function followLags(
  client: Client,
  models: readonly Followed[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, Percentiles>>> {
  const times = new Map<string, Times>(models.map(({ name }) => [name, newTimes()]))
  const values = [models.map(({ name }) => name), models.map(({ isRefreshed }) => isRefreshed)]
  while (!signal.aborted) {
    const { rows } = await client.query<{ name: string; age: number | null }>(AGES, values)
    for (const { name, age } of rows) if (age !== null) times.get(name)?.record(age)
    await setTimeout(EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
  return Object.fromEntries([...times].map(([name, it]) => [name, it.percentiles()]))
}
