import type { Placed } from '../compile/order.ts'
import { isSameName } from '../sql/names.ts'
import { MillraceError } from '../errors.ts'
import { type InstalledPlan } from '../work/model.ts'
import type { Scheduled } from '../work/schedule/installed.ts'
import { findChanges, inTheWay, isKept, isMaking, takenAway, type Change } from './changes.ts'
import type { CompiledDeclarations } from './compile-declared.ts'
import { withRefreshed } from './read-installed.ts'
import { findScheduledChanges, type ScheduledChange } from './scheduled-changes.ts'

/** What must happen to everything, so that the database has what is declared. */
export interface AllChanges {
  readonly changes: readonly Change[]
  readonly onSchedule: readonly ScheduledChange[]
}

/** Compares all that is declared with all that is installed. What reads a model that is removed and made anew is so, too. */
export function findAllChanges(
  declared: CompiledDeclarations,
  known: readonly InstalledPlan[],
  scheduled: readonly Scheduled[],
): AllChanges {
  const { models, schedule } = declared
  const installed = withRefreshed(known, scheduled)
  const onSchedule = findScheduledChanges(schedule, scheduled, installed, models)
  const formers = onSchedule.flatMap((it) =>
    it.what === 'model' ? inTheWay(it.model, installed, it.kind) : [],
  )
  let found: AllChanges = {
    changes: [...formers, ...findChanges(models, installed, schedule.refreshed)],
    onSchedule,
  }
  requireUnreadByDeclared(found, declared)
  for (let count = -1; count !== removedPlans(found).length;) {
    count = removedPlans(found).length
    found = withReaders(found, declared, installed, scheduled)
  }
  return found
}

/** Stored tables that will be taken away, or away and made anew. */
function removedPlans({ changes, onSchedule }: AllChanges): readonly Placed[] {
  const kept = changes.flatMap(takenAway).map(({ plan }) => plan)
  const refreshed = onSchedule.flatMap((it) =>
    it.kind === 'renew' || (it.kind === 'remove' && it.installed.kind === 'refresh')
      ? refreshedPlan(it.installed)
      : [],
  )
  return [...kept, ...refreshed]
}

function refreshedPlan(it: Scheduled): readonly Placed[] {
  return it.kind === 'refresh' ? [it.model.plan] : []
}

function withReaders(
  found: AllChanges,
  { models, schedule }: CompiledDeclarations,
  installed: readonly InstalledPlan[],
  scheduled: readonly Scheduled[],
): AllChanges {
  const removed = removedPlans(found)
  const readsRemoved = ({ plan }: { readonly plan: Placed }) => readsAny(plan, removed)
  const kept = models.flatMap((model): readonly Change[] => {
    const own = found.changes.filter((it) => isMaking(it) && it.model === model)
    const versions = installed.filter(isKept).filter((it) => isSameName(it, model.definition))
    const old = versions.find(({ storage }) => storage === model.plan.storage.name)
    if (old !== undefined && (readsRemoved(model) || readsRemoved(old)))
      return [{ kind: 'renew', model, installed: old }]
    return own
  })
  const isTold = (it: InstalledPlan) => found.changes.flatMap(takenAway).includes(it)
  const isUsed = (it: InstalledPlan) =>
    kept.some((change) => isMaking(change) && change.model.plan.storage.name === it.storage)
  // Versions that are not meant any more, and read what goes.
  const gone = installed
    .filter(isKept)
    .filter((it) => readsRemoved(it) && !isTold(it) && !isUsed(it))
    .map((it): Change => ({ kind: it.state === 'ready' ? 'remove' : 'prune', installed: it }))
  const refreshed = schedule.refreshed.flatMap((model): readonly ScheduledChange[] => {
    const own = found.onSchedule.filter((it) => it.what === 'model' && it.model === model)
    const old = scheduled
      .filter((it) => it.kind === 'refresh')
      .find((it) => it.model.plan.storage.name === model.plan.storage.name)
    const isAnew = old !== undefined && (readsRemoved(model) || readsRemoved(old.model))
    return isAnew ? [{ what: 'model', kind: 'renew', model, installed: old }] : own
  })
  return {
    changes: [...found.changes.filter((it) => !isMaking(it)), ...gone, ...kept],
    onSchedule: [
      ...found.onSchedule.filter(({ what }) => what === 'installed'),
      ...refreshed,
      ...found.onSchedule.filter(({ what }) => what === 'job'),
    ],
  }
}

function readsAny({ models = [] }: Placed, plans: readonly Placed[]): boolean {
  return models.some(({ storage }) => plans.some((it) => it.storage.name === storage.name))
}

/** What is not declared any more cannot go while a declared model reads it. */
function requireUnreadByDeclared(
  { changes, onSchedule }: AllChanges,
  { models, schedule }: CompiledDeclarations,
): void {
  const gone = removedPlans({
    changes: changes.filter(({ kind }) => kind === 'remove'),
    onSchedule: onSchedule.filter(({ kind }) => kind === 'remove'),
  })
  for (const { definition, plan } of [...models, ...schedule.refreshed]) {
    const lower = (plan.models ?? []).find(({ storage }) =>
      gone.some((it) => it.storage.name === storage.name),
    )
    if (lower === undefined) continue
    const [upper, read] = [definition, lower.model].map(({ schema, name }) => `${schema}.${name}`)
    throw new MillraceError('MODEL_IS_READ', {
      detail: `${read ?? ''} is not declared any more, and ${upper ?? ''} reads it`,
      hint: `Declare it again, or take ${upper ?? ''} out as well.`,
      file: definition.file,
    })
  }
}
