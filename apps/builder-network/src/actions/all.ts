import type { Random } from '../random.ts'
import type { Action } from './action.ts'
import { INTROS } from './intros.ts'
import { MAIL } from './mail.ts'
import { PEOPLE } from './people.ts'
import { PROJECTS } from './projects.ts'
import { READS } from './reads.ts'

export const ACTIONS: readonly Action[] = [...PROJECTS, ...MAIL, ...INTROS, ...PEOPLE, ...READS]

/** True of an action that only reads. */
export function isRead(name: string): boolean {
  return READS.some((it) => it.name === name)
}

const TOTAL_WEIGHT = ACTIONS.reduce((sum, { weight }) => sum + weight, 0)

export function chooseAction(random: Random): Action {
  let at = random.next() * TOTAL_WEIGHT
  for (const action of ACTIONS) {
    at -= action.weight
    if (at < 0) return action
  }
  return random.pick(ACTIONS)
}
