import { isRefreshed, splitByPlan } from '../compile/refresh/refresh-plan.ts'
import { throwProblems, problemsOf } from '../define/problems.ts'
import type { JobDefinition } from '../define/resolve-job.ts'
import type { ObjectDefinition, TouchDefinition } from '../define/resolve-object.ts'
import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { isSameName } from '../sql/names.ts'
import { loadParser } from '../sql/parse.ts'
import {
  compileModel,
  type CompiledModel,
  type CompileOptions,
  type ModelDefinition,
} from './compile-model.ts'
import { explainRejected } from './changed-sources.ts'
import { compileRefreshed, type CompiledRefresh, type RefreshedDefinition } from './compile-refreshed.ts'
import { inUse, type InstalledPlan } from '../work/model.ts'
import { hasOtherRows, isKept } from './changes.ts'
import { columnNumbersOf } from './column-numbers.ts'
import { visiblePlans } from './lower-models.ts'
import { missingObjects } from './objects/missing.ts'
import { inOrder, type PlacedObject } from './objects/order.ts'
import { touchObjects } from './objects/touch.ts'
import { findReferences, lowerDeclarations, type Reference } from './references.ts'
import type { DeclaredSchedule } from './scheduled-changes.ts'

interface Declarations {
  readonly models: readonly ModelDefinition[]
  readonly refreshed: readonly RefreshedDefinition[]
  readonly searchPath?: readonly string[] | undefined
  readonly prepare?: readonly string[] | undefined
  /** With which versions it is compared; those of the database where nothing is said. */
  readonly compared?: readonly InstalledPlan[] | undefined
}

type Definition = ModelDefinition | RefreshedDefinition

/** Everything that is declared, compiled against a database. Read models stand after those that they read. */
export interface CompiledDeclarations {
  /** The read models that follow what changes. */
  readonly models: readonly CompiledModel[]
  readonly schedule: DeclaredSchedule
  /** Objects of the user's own. */
  readonly objects: readonly PlacedObject[]
}

/** Compiles every declared read model against a database; refusals of all of them are thrown at once. */
export async function compileDeclared(
  client: Client,
  { jobs, objects = [], touches = [], ...declared }: Declared,
): Promise<CompiledDeclarations> {
  const touched: ObjectDefinition[] = []
  for (const touch of touches) touched.push(...(await touchObjects(client, touch)))
  const placed = inOrder([...objects, ...touched], [...declared.models, ...declared.refreshed])
  const prepare = [...(declared.prepare ?? []), ...(await missingObjects(client, placed))]
  const { models, refreshed, failures } = await compileEach(client, { ...declared, prepare })
  throwProblems(failures.flatMap(({ error }) => problemsOf(error)))
  return { models, schedule: { refreshed, jobs, searchPath: declared.searchPath }, objects: placed }
}

interface Declared extends Declarations {
  readonly jobs: readonly JobDefinition[]
  readonly objects?: readonly ObjectDefinition[]
  readonly touches?: readonly TouchDefinition[]
}

export interface CompiledEach {
  readonly models: readonly CompiledModel[]
  readonly refreshed: readonly CompiledRefresh[]
  /** What is wrong with one of them. One that reads such a model is left out: nothing can be said of it. */
  readonly failures: readonly { readonly definition: Definition; readonly error: MillraceError }[]
}

/** Compiles one read model after the other, lower ones first. */
export async function compileEach(
  client: Client,
  { models, refreshed, searchPath, prepare, compared }: Declarations,
): Promise<CompiledEach> {
  await loadParser()
  const standing = await visiblePlans(client)
  const installed = inUse(standing)
  const versions = compared ?? standing
  const columnNumbers = columnNumbersOf((compared ?? []).filter(isKept).map(({ plan }) => plan))
  const references = await findReferences(client, [...models, ...refreshed], { searchPath, installed })
  const { order, failures } = lowerDeclarations([...models, ...refreshed], references, installed)

  const done = new Map<Definition, CompiledModel | CompiledRefresh>()
  const failed: { definition: Definition; error: MillraceError }[] = [...failures]
  for (const definition of order) {
    const below = references.get(definition) ?? []
    if (below.some((it) => isLeftOut(it, done))) continue
    try {
      const lower = below.map(({ to, installed: plan }) => {
        const compiled = to === null ? undefined : done.get(to)
        return { plan: compiled?.plan, installed: plan }
      })
      done.set(
        definition,
        await compileOne(client, definition, { searchPath, lower, prepare, versions, columnNumbers }),
      )
    } catch (error) {
      // A refusal concerns one model, and the next one may have its own; anything else concerns all.
      if (!(error instanceof MillraceError)) throw error
      const former = installed.find((it) => isSameName(it, definition))
      failed.push({ definition, error: await explainRejected(client, error, former) })
    }
  }
  const { kept, refreshed: onSchedule } = splitByPlan<CompiledModel, CompiledRefresh>([...done.values()])
  return { models: kept, refreshed: onSchedule, failures: failed }
}

/** A declared model that could not be compiled. */
function isLeftOut({ to }: Reference<Definition>, done: ReadonlyMap<Definition, unknown>): boolean {
  return to !== null && !done.has(to)
}

async function compileOne(
  client: Client,
  definition: Definition,
  { versions, ...options }: CompileOptions & { readonly versions: readonly InstalledPlan[] },
): Promise<CompiledModel | CompiledRefresh> {
  return 'schedule' in definition
    ? await asVersion(definition, versions, (version) =>
        compileRefreshed(client, definition, { ...options, version }),
      )
    : await asVersion(definition, versions, (version) =>
        compileModel(client, definition, { ...options, version }),
      )
}

/**
 * Compiles a model as the installed version whose rows it has, the one in use before others; else as the next version. Names of what
 * stands behind a version are in all of its statements, so nothing can be compared before.
 */
async function asVersion<T extends CompiledModel | CompiledRefresh>(
  definition: Definition,
  versions: readonly InstalledPlan[],
  compile: (version: number) => Promise<T>,
): Promise<T> {
  const own = versions
    .filter((it) => isSameName(it, definition))
    .toSorted((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state) || b.plan.version - a.plan.version)
  for (const version of own) {
    if (isRefreshed(version.plan) !== 'schedule' in definition) continue
    const compiled = await compile(version.plan.version)
    if (!hasOtherRows(compiled, version)) return compiled
  }
  return await compile(Math.max(0, ...own.map(({ plan }) => plan.version)) + 1)
}

const STATES: readonly InstalledPlan['state'][] = ['ready', 'building', 'former']
