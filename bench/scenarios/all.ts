import { hotKey } from './hot-key.ts'
import { randomKeys } from './random-keys.ts'
import type { Scenario } from './scenario.ts'

export const SCENARIOS: readonly Scenario[] = [randomKeys, hotKey]
