import type { LiveChanges } from '../../../src/server/live/live-changes.ts'
import type { Random } from '../random.ts'

/** What all subscribers of a run have seen. */
export interface Tally {
  updates: number
  connections: number
  /** Connections that began where another had ended, and were not told everything again: of keys, and of pages. */
  resumed: { keys: number; pages: number }
  readonly found: string[]
}

export interface Surroundings {
  readonly hubs: () => readonly LiveChanges[]
  readonly tally: Tally
  /** Resolves after so many commits of the writers, or when they have ended. */
  readonly commits: (count: number) => Promise<void>
  readonly isOver: () => boolean
}

export interface Visit {
  readonly hub: LiveChanges
  /** Of the ids that were given: none, the last one, now and then an older one. */
  readonly after: string | undefined
  readonly signal: AbortSignal
  /** To be asked after each update: whether to take another. */
  readonly goesOn: () => Promise<boolean>
}

/** Somebody who follows something, now and then slowly, goes away and comes back with an id of what he has seen. */
export async function comeAndGo(
  world: Surroundings,
  random: Random,
  ids: readonly string[],
  visit: (it: Visit) => Promise<void>,
): Promise<void> {
  while (!world.isOver() && world.tally.found.length === 0) {
    const stop = new AbortController()
    const left = 1 + random.below(12)
    void world.commits(1 + random.below(60)).then(() => {
      stop.abort()
    })
    // One that comes back with an older id is told more than he needs.
    const after = random.oneIn(8) ? ids[random.below(ids.length + 1)] : ids.at(-1)
    let count = 0
    world.tally.connections += 1
    await visit({
      hub: random.pick(world.hubs()),
      after,
      signal: stop.signal,
      goesOn: async () => {
        count += 1
        if (random.oneIn(3)) await world.commits(random.below(20))
        return count < left
      },
    })
  }
}
