import type { Scenario } from './scenario.ts'

export const randomKeys: Scenario = {
  name: 'random',
  title: 'random keys',
  keyOf: (keys, random) => 1 + Math.floor(random() * keys),
}
