import { setTimeout } from 'node:timers/promises'
import { createPool } from 'millrace/client'
import { newAgeReader, type Followed } from '../age-reader.ts'

/** How old what read models say is, known without asking for each page. */
export interface Ages {
  /** Milliseconds that the oldest of them is behind at most; null: not known. */
  readonly of: (models: readonly string[]) => number | null
  readonly stop: () => Promise<void>
}

const EVERY_MS = 1_000

interface Known {
  readonly ages: ReadonlyMap<string, number>
  readonly at: number
}

/**
 * Asks again and again, for all of them at once. An answer that is older than that adds its own age. By a connection of its own: what is
 * asked is planned once for each.
 */
export function watchAges(url: string, models: readonly Followed[], everyMs = EVERY_MS): Ages {
  let known: Known | null = null
  const pool = createPool({ url, max: 1, name: 'builder network ages', onError: () => undefined })
  const read = newAgeReader(models)
  const stopped = new AbortController()
  const look = async () => {
    try {
      const at = performance.now()
      known = { ages: await read(pool), at }
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
      await pool.end()
    },
  }
}

async function repeat(work: () => Promise<void>, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await work()
    // The signal may end it: then there is nothing more to do.
    await setTimeout(everyMs, undefined, { signal }).catch(() => undefined)
  }
}
