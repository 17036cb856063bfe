import type { Scenario } from './scenario.ts'

/** Everybody writes to the same one. */
export const hotKey: Scenario = {
  name: 'hot',
  title: 'one hot key',
  keyOf: () => 1,
}
