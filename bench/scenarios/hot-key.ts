import type { Scenario } from './scenario.ts'

/** Everybody votes for the same project. */
export const hotKey: Scenario = {
  name: 'hot',
  title: 'one hot key',
  projectOf: () => 1,
}
