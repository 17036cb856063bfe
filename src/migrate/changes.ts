import type { Plan, PlanIndex } from '../compile/plan.ts'
import { isSameName } from '../sql/names.ts'
import { isRefreshed, type RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import type { InstalledModel, InstalledPlan } from '../work/model.ts'
import type { CompiledModel } from './compile-model.ts'
import type { CompiledRefresh } from './compile-refreshed.ts'

/** What must happen to one read model, so that the database has what is declared. */
export type Change =
  | { readonly kind: 'create'; readonly model: CompiledModel }
  /** Its installation was interrupted: of the first version, or of one beside that in use. */
  | { readonly kind: 'finish'; readonly model: CompiledModel }
  /** The same rows, kept or read otherwise: another pace or readership, or another version of Millrace wrote the statements. */
  | { readonly kind: 'update'; readonly model: CompiledModel; readonly installed: InstalledModel }
  /** The same rows under other indexes; or one was not made to the end. */
  | {
      readonly kind: 'reindex'
      readonly model: CompiledModel
      readonly installed: InstalledModel
      readonly made: readonly PlanIndex[]
      readonly dropped: readonly PlanIndex[]
    }
  /** Other rows: a version is built beside the one that is installed, and takes its place. */
  | { readonly kind: 'replace'; readonly model: CompiledModel; readonly installed: InstalledPlan }
  /** It is declared as a former version has it: that is used again. */
  | { readonly kind: 'restore'; readonly model: CompiledModel; readonly installed: InstalledPlan }
  /** Other rows that cannot be kept beside: what it reads is made anew itself. It is removed first. */
  | { readonly kind: 'renew'; readonly model: CompiledModel; readonly installed: InstalledModel }
  /** A version that is not in use goes. */
  | { readonly kind: 'prune'; readonly installed: InstalledPlan }
  | { readonly kind: 'remove'; readonly installed: InstalledPlan }

/** Changes by which a model is made or changed. */
export type Making = Exclude<Change, { readonly kind: 'prune' | 'remove' }>

export function isMaking(change: Change): change is Making {
  return change.kind !== 'prune' && change.kind !== 'remove'
}

/** Versions that a change takes away. */
export function takenAway(change: Change): readonly InstalledPlan[] {
  return change.kind === 'remove' || change.kind === 'prune' || change.kind === 'renew'
    ? [change.installed]
    : []
}

/**
 * Compares what is declared with what is installed, all versions of it: removals first, then the declared ones in their order.
 * `refreshed`: what is declared to be refreshed on a schedule; of that, and of what was, the version in use is not of interest here.
 */
export function findChanges(
  declared: readonly CompiledModel[],
  installed: readonly InstalledPlan[],
  refreshed: readonly CompiledRefresh[] = [],
): readonly Change[] {
  const isDeclared = (it: InstalledPlan) =>
    [...declared, ...refreshed].some(({ definition }) => isSameName(definition, it))
  const removals = installed
    .filter((it) => !isDeclared(it))
    .flatMap((it): readonly Change[] => {
      if (it.state === 'former') return [{ kind: 'prune', installed: it }]
      return isKept(it) ? [{ kind: 'remove', installed: it }] : []
    })
  return [...removals, ...declared.flatMap((model) => changesOf(model, installed))]
}

/** What must happen to one declared model, and to versions of it that are in the way. */
export function changesOf(model: CompiledModel, all: readonly InstalledPlan[]): readonly Change[] {
  const { own, used } = versionsOf(model, all)
  const change = changeOf(model, own !== undefined && isKept(own) ? own : undefined, used)
  return [...inTheWay(model, all, change?.kind), ...(change === null ? [] : [change])]
}

/** Of a declared model: the version that has its rows, and the one that is in use. */
export function versionsOf(
  { definition, plan }: CompiledModel | CompiledRefresh,
  all: readonly InstalledPlan[],
): { readonly own: InstalledPlan | undefined; readonly used: InstalledPlan | undefined } {
  const versions = all.filter((it) => isSameName(it, definition))
  return {
    own: versions.find(({ storage }) => storage === plan.storage.name),
    used: versions.find(({ state }) => state === 'ready'),
  }
}

/** A former version stays until the next change; one that was not finished is of no use to anybody. */
export function inTheWay(
  model: CompiledModel | CompiledRefresh,
  all: readonly InstalledPlan[],
  kind: Change['kind'] | undefined,
): readonly Change[] {
  const { own, used } = versionsOf(model, all)
  const isNext = kind === 'replace' || kind === 'finish' || kind === 'create' || kind === 'renew'
  return all
    .filter((it) => isSameName(it, model.definition) && it !== own && it !== used)
    .filter(({ state }) => state === 'building' || isNext)
    .map((it) => ({ kind: 'prune', installed: it }))
}

/** It follows what changes. */
export function isKept(it: InstalledPlan): it is InstalledModel {
  return !isRefreshed(it.plan)
}

function changeOf(
  model: CompiledModel,
  own: InstalledModel | undefined,
  used: InstalledPlan | undefined,
): Change | null {
  if (own === undefined) {
    return used === undefined ? { kind: 'create', model } : { kind: 'replace', model, installed: used }
  }
  if (hasOtherRows(model, own)) return { kind: 'renew', model, installed: own }
  if (own.state === 'building') return { kind: 'finish', model }
  if (own.state === 'former') return { kind: 'restore', model, installed: used ?? own }
  const indexes = otherIndexes(model, own)
  if (indexes !== null) return { kind: 'reindex', model, installed: own, ...indexes }
  return sameData(model.plan, own.plan) ? null : { kind: 'update', model, installed: own }
}

/** Whether the rows of an installed version are not those that a declaration asks for, or are not stored so. */
export function hasOtherRows(
  { definition, plan }: CompiledModel | CompiledRefresh,
  { definition: query, plan: stored, isReleased = false }: InstalledRows,
): boolean {
  const isSameText = definition.query === query || plan.query === stored.query
  if (isRefreshed(plan))
    return !isSameText || !isRefreshed(stored) || !sameData(refreshedRows(plan), refreshedRows(stored))
  if (isRefreshed(stored)) return true
  if (isReleased || hasOtherSources(plan, stored)) return true
  const shape = ({ key, columns, install, immediate, leaderboard, paths, models }: typeof plan) => [
    key,
    columns,
    install.up,
    install.filled ?? [],
    immediate?.kind,
    // Rows that another dependency would have missed are not looked for.
    paths.flatMap(({ kind, source, sql }) => (kind === 'declared' ? [source, sql] : [])),
    // What readers of a leaderboard call is made when it gets its name, and only then.
    leaderboard === undefined ? [] : install.named?.up,
    models ?? [],
  ]
  // The canonical text counts and not the user's own: a query that was only laid out anew is the same.
  return !isSameText || !sameData(shape(plan), shape(stored))
}

type InstalledRows = Pick<InstalledPlan, 'definition' | 'plan' | 'isReleased'>

/** Of one that is refreshed the rows, and the indexes. Plans of an earlier version have the strict view among them. */
function refreshedRows({ key, columns, install }: RefreshPlan) {
  return [key, columns, install.up.filter((it) => !it.startsWith('create or replace view'))]
}

/**
 * The sources are other tables, or their columns have other types. None of that fires a trigger. The names of columns say nothing,
 * and their numbers are others in every database; plans of an earlier version do not know.
 */
function hasOtherSources({ sources }: Plan, { sources: stored }: Plan): boolean {
  if (stored.some(({ shape }) => shape === undefined)) return false
  const facts = (all: Plan['sources']) =>
    all
      .map(({ relation, shape = [] }) => {
        const types = shape.map(({ type, collation }) => `${type} ${collation ?? ''}`)
        return [`${relation.schema}.${relation.name}`, ...types.sort()].join('\n')
      })
      .sort()
  return !sameData(facts(sources), facts(stored))
}

function otherIndexes({ plan }: CompiledModel, { plan: stored, invalidIndexes = [] }: InstalledModel) {
  const [declared, installed] = [plan.install.indexes ?? [], stored.install.indexes ?? []]
  const without = (some: readonly PlanIndex[], others: readonly PlanIndex[]) =>
    some.filter((it) => !others.some((other) => sameData(it, other)))
  const isInvalid = (it: PlanIndex) => [it.made, it.name].some((name) => invalidIndexes.includes(name))
  const sound = installed.filter((it) => !isInvalid(it))
  const [made, dropped] = [without(declared, sound), without(installed, declared)]
  return made.length + dropped.length === 0 ? null : { made, dropped }
}

/** The stored plan went through jsonb, which orders the members of objects in its own way. */
export function sameData(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([, it]) => it !== undefined)
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, it]) => [name, sorted(it)]),
  )
}
