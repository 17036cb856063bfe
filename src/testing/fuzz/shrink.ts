import type { Made } from '../test-database.ts'
import { settle, take, type Difference, type Step } from './play.ts'
import { onStage } from './stage.ts'

/** So many times a shorter list is tried at most, each in a database of its own. */
const TRIES = 100

export interface Shrunk {
  readonly steps: readonly Step[]
  readonly difference: Difference
}

/**
 * Leaves out as many steps as it can while there is still a difference at the end: halves first, then smaller and smaller pieces
 * (delta debugging, Zeller and Hildebrandt 2002). What a session's statement is refused for when others are left out does not
 * matter.
 */
export async function shrink(place: Made, steps: readonly Step[], difference: Difference): Promise<Shrunk> {
  let best: Shrunk = { steps, difference }
  let tries = 0
  for (let size = Math.ceil(steps.length / 2); size >= 1 && tries < TRIES;) {
    const before = best.steps.length
    for (let from = 0; from < best.steps.length && tries < TRIES; tries += 1) {
      const shorter = [...best.steps.slice(0, from), ...best.steps.slice(from + size)]
      const found = await differenceOf(place, shorter)
      if (found === undefined) from += size
      else best = { steps: shorter, difference: found }
    }
    // Single steps are gone through again for as long as one can be left out: what it was needed for may have gone.
    if (size > 1 || best.steps.length === before) size = Math.floor(size / 2)
  }
  return best
}

/** Takes the steps, and makes everything fresh at the end. */
async function differenceOf(place: Made, steps: readonly Step[]): Promise<Difference | undefined> {
  return await onStage(place, async (stage) => {
    for (const step of steps) {
      const taken = await take(stage, step)
      if (taken !== undefined && 'difference' in taken) return taken.difference
    }
    return await settle(stage)
  })
}
