import { setTimeout as pause } from 'node:timers/promises'

const LOOK_EVERY_MS = 20

/** Looks until it is so. A wait that is in vain ends with the test's own time limit. */
export async function until(look: () => Promise<boolean>): Promise<void> {
  while (!(await look())) await pause(LOOK_EVERY_MS)
}
