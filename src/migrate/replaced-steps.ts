import type { PlanReplaced, RelationName } from '../compile/plan.ts'
import { displayName } from '../sql/names.ts'
import { briefly, type StepLock } from './step.ts'

/** What the step that gives a read model its name does besides, where something else has the name. */
export function describeExpose(replaces: PlanReplaced | undefined): string {
  if (replaces === undefined) return 'give readers its name'
  return `give readers its name, in place of the ${replaces.kind}, which is renamed and no longer kept up to date`
}

/** Writers wait while triggers are disabled, readers while the name changes hands. */
export function locksOfExpose(model: RelationName, replaces: PlanReplaced | undefined): readonly StepLock[] {
  if (replaces === undefined) return []
  return [
    ...silencedTables(replaces).map((it) => briefly('SHARE ROW EXCLUSIVE', it)),
    briefly('ACCESS EXCLUSIVE', displayName(model)),
  ]
}

/** Writers wait until what comes back has the rows of the moment. */
export function locksOfConceal(model: RelationName, replaces: PlanReplaced | undefined): readonly StepLock[] {
  const sources = replaces === undefined ? [] : silencedTables(replaces)
  return [
    ...sources.map((it): StepLock => ({ ...briefly('SHARE ROW EXCLUSIVE', it), duration: 'the whole step' })),
    briefly('ACCESS EXCLUSIVE', displayName(model)),
  ]
}

function silencedTables({ triggers }: PlanReplaced): readonly string[] {
  return [...new Set(triggers.map(({ table }) => displayName(table)))].sort()
}
