import { PROJECTS } from '../votes.sql.ts'
import type { Scenario } from './scenario.ts'

export const randomKeys: Scenario = {
  name: 'random',
  title: 'random keys',
  projectOf: (random) => 1 + Math.floor(random() * PROJECTS),
}
