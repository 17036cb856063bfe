import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'

/** How old what read models say is, known without asking for each page. */
export interface Ages {
  /** Milliseconds that the oldest of them is behind at most; null: not known. */
  readonly of: (models: readonly string[]) => number | null
  readonly stop: () => Promise<void>
}

const EVERY_MS = 1_000

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

interface Known {
  readonly ages: ReadonlyMap<string, number>
  readonly at: number
}

interface Model {
  readonly name: string
  readonly isRefreshed: boolean
}

/** Asks again and again, for all of them at once. An answer that is older than that adds its own age. */
export function watchAges(pool: pg.Pool, models: readonly Model[], everyMs = EVERY_MS): Ages {
  let known: Known | null = null
  const ageOf = newAges(models)
  const stopped = new AbortController()
  const look = async () => {
    try {
      const at = performance.now()
      const { rows } = await pool.query<Found>(AGES, [models.map(({ name }) => name)])
      known = { ages: new Map(rows.map((it) => [it.name, ageOf(it, at)])), at }
    } catch {
      // The answer that is known grows older, and pages say so.
    }
  }
  const done = repeat(look, everyMs, stopped.signal)
  return {
    of: (names) => {
      if (known === null || names.length === 0) return null
      const { ages, at } = known
      const age = Math.max(...names.map((it) => ages.get(it) ?? Infinity)) + (performance.now() - at)
      return Number.isFinite(age) ? age : null
    },
    stop: async () => {
      stopped.abort()
      await done
    },
  }
}

/**
 * Where nothing waits, a read model is as of this moment, but for those that are refreshed. Where something does, it came after the newest
 * watermark, which of a quiet read model is old, and after the last look at which nothing waited.
 */
function newAges(models: readonly Model[]): (found: Found, at: number) => number {
  const refreshed = new Set(models.flatMap(({ name, isRefreshed }) => (isRefreshed ? [name] : [])))
  const caughtUpAt = new Map<string, number>()
  return ({ name, waiting, age }, at) => {
    if (refreshed.has(name)) return age ?? Infinity
    if (waiting === 0) {
      caughtUpAt.set(name, at)
      return 0
    }
    return Math.min(age ?? Infinity, at - (caughtUpAt.get(name) ?? -Infinity))
  }
}

async function repeat(work: () => Promise<void>, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await work()
    // The signal may end it: then there is nothing more to do.
    await setTimeout(everyMs, undefined, { signal }).catch(() => undefined)
  }
}
