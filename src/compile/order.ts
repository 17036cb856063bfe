import type { PlanModel, RelationName } from './plan.ts'

/** What of a plan says where it stands among others. */
export interface Placed {
  readonly storage: Pick<RelationName, 'name'>
  readonly models?: readonly PlanModel[] | undefined
}

/**
 * Models that are read come before those that read them, whatever else stands between; for the rest the order stays. It is that
 * in which they are made and drained, and removed from the end. `between`: models that are not to be ordered.
 */
export function lowerFirst<T>(
  items: readonly T[],
  planOf: (item: T) => Placed,
  between: readonly Placed[] = [],
): readonly T[] {
  const plans = new Map([...between, ...items.map(planOf)].map((it) => [it.storage.name, it]))
  const found = new Map(items.map((it) => [planOf(it).storage.name, it]))
  const seen = new Set<string>()
  const ordered: T[] = []
  const visit = (name: string) => {
    if (seen.has(name)) return
    seen.add(name)
    for (const { storage } of plans.get(name)?.models ?? []) visit(storage.name)
    const item = found.get(name)
    if (item !== undefined) ordered.push(item)
  }
  for (const item of items) visit(planOf(item).storage.name)
  return ordered
}

/** The same in groups: none reads another of its group, and those that it reads are in groups before. */
export function inLevels<T>(
  items: readonly T[],
  planOf: (item: T) => Placed,
  between: readonly Placed[] = [],
): readonly (readonly T[])[] {
  const plans = new Map([...between, ...items.map(planOf)].map((it) => [it.storage.name, it]))
  const levels = new Map<string, number>()
  const levelOf = (name: string): number => {
    const known = levels.get(name)
    if (known !== undefined) return known
    levels.set(name, 0)
    const below = plans.get(name)?.models ?? []
    const level = Math.max(
      0,
      ...below.map(({ storage }) => (plans.has(storage.name) ? levelOf(storage.name) + 1 : 0)),
    )
    levels.set(name, level)
    return level
  }
  const levelsOfItems = items.map((it) => levelOf(planOf(it).storage.name))
  return [...new Set(levelsOfItems)]
    .toSorted((a, b) => a - b)
    .map((level) => items.filter((_, i) => levelsOfItems[i] === level))
}
