import type pg from 'pg'
import * as models from '../models/index.ts'

export interface Followed {
  readonly name: string
  /** On a schedule: then its age is the time since it was refreshed. */
  readonly isRefreshed: boolean
}

/** Every read model of the application. */
export const READ_MODELS: readonly Followed[] = Object.values(models).flatMap((it) =>
  it.kind === 'readModel' ? [{ name: it.name, isRefreshed: typeof it.freshness === 'object' }] : [],
)

/** Milliseconds that each is behind at most, by its name; Infinity: not known. */
export type ReadAges = (client: Pick<pg.ClientBase, 'query'>) => Promise<ReadonlyMap<string, number>>

/** `age`: milliseconds since the newest watermark, or the last refresh. */
const AGES = `
  select n.name, f.waiting::float8, extract(epoch from clock_timestamp() - f.reached_at)::float8 * 1000 as age
  from unnest($1::text[]) as n (name)
  cross join lateral millrace.freshness(n.name) as f`

interface Found {
  readonly name: string
  readonly waiting: number
  readonly age: number | null
}

/**
 * Reads the ages of read models again and again. Where nothing waits, one is as of this moment, but for those that are refreshed. Where
 * something does, it came after the newest watermark, which of a quiet read model is old, and after the last look at which nothing waited.
 */
export function newAgeReader(followed: readonly Followed[]): ReadAges {
  const names = followed.map(({ name }) => name)
  const refreshed = new Set(followed.flatMap(({ name, isRefreshed }) => (isRefreshed ? [name] : [])))
  const caughtUpAt = new Map<string, number>()
  const ageOf = ({ name, waiting, age }: Found, at: number) => {
    if (refreshed.has(name)) return age ?? Infinity
    if (waiting === 0) {
      caughtUpAt.set(name, at)
      return 0
    }
    return Math.min(age ?? Infinity, at - (caughtUpAt.get(name) ?? -Infinity))
  }
  return async (client) => {
    const at = performance.now()
    const { rows } = await client.query<Found>(AGES, [names])
    return new Map(rows.map((it) => [it.name, ageOf(it, at)]))
  }
}
