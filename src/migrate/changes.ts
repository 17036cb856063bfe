import type { Plan } from '../compile/plan.ts'
import type { InstalledModel } from '../work/model.ts'
import type { CompiledModel } from './compile-model.ts'

/** What must happen to one read model, so that the database has what is declared. */
export type Change =
  | { readonly kind: 'create'; readonly model: CompiledModel }
  /** Its installation was interrupted. */
  | { readonly kind: 'finish'; readonly model: CompiledModel }
  /** The same rows, kept by other statements: another version of Millrace wrote them. */
  | { readonly kind: 'update'; readonly model: CompiledModel }
  /** Other rows: the query, the key or an index is another. */
  | { readonly kind: 'replace'; readonly model: CompiledModel; readonly installed: InstalledModel }
  | { readonly kind: 'remove'; readonly installed: InstalledModel }

/** Compares what is declared with what is installed: removals first, then the declared ones in their order. */
export function findChanges(
  declared: readonly CompiledModel[],
  installed: readonly InstalledModel[],
): readonly Change[] {
  const isDeclared = ({ schema, name }: InstalledModel) =>
    declared.some(({ definition }) => definition.schema === schema && definition.name === name)
  const removals = installed
    .filter((it) => !isDeclared(it))
    .map((it): Change => ({ kind: 'remove', installed: it }))
  return [...removals, ...declared.flatMap((model) => changeOf(model, installed))]
}

function changeOf(model: CompiledModel, all: readonly InstalledModel[]): readonly Change[] {
  const { schema, name } = model.definition
  const installed = all.find((it) => it.schema === schema && it.name === name)
  if (installed === undefined) return [{ kind: 'create', model }]
  if (isOther(model, installed)) return [{ kind: 'replace', model, installed }]
  if (installed.state === 'building') return [{ kind: 'finish', model }]
  return sameData(model.plan, installed.plan) ? [] : [{ kind: 'update', model }]
}

function isOther(
  { definition, plan }: CompiledModel,
  { definition: query, plan: stored, isReleased = false }: InstalledModel,
): boolean {
  if (isReleased || hasOtherSources(plan, stored)) return true
  const shape = ({ key, columns, install, immediate, leaderboard, paths }: typeof plan) => [
    key,
    columns,
    install.up,
    immediate?.kind,
    // Rows that another dependency would have missed are not looked for.
    paths.flatMap(({ kind, source, sql }) => (kind === 'declared' ? [source, sql] : [])),
    // What readers of a leaderboard call is made when it gets its name, and only then.
    leaderboard === undefined ? [] : install.expose,
  ]
  // The canonical text counts and not the user's own: a query that was only laid out anew is the same.
  return definition.query !== query && plan.query !== stored.query
    ? true
    : !sameData(shape(plan), shape(stored))
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
