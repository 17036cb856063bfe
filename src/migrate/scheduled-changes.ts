import type { JobDefinition } from '../define/resolve-job.ts'
import type { Schedule } from '../define/schedule.ts'
import { isSameName, refreshJobName } from '../sql/names.ts'
import type { InstalledPlan } from '../work/model.ts'
import type { RefreshedModel, Scheduled, ScheduledStatement } from '../work/schedule/installed.ts'
import { sameData, versionsOf } from './changes.ts'
import type { CompiledModel } from './compile-model.ts'
import type { CompiledRefresh } from './compile-refreshed.ts'

/** What must happen to one thing that is done on a schedule, so that the database has what is declared. */
export type ScheduledChange =
  /** `finish`: its installation was interrupted; `update`: another schedule, or statements of another version of Millrace. */
  | {
      readonly what: 'model'
      readonly kind: 'create' | 'finish' | 'update'
      readonly model: CompiledRefresh
    }
  /** Other rows, or other indexes: a version is built beside the one in use; or a former one is declared, and used again. */
  | {
      readonly what: 'model'
      readonly kind: 'replace' | 'restore'
      readonly model: CompiledRefresh
      readonly installed: InstalledPlan
    }
  /** What it reads is removed and made anew, so it is, too. */
  | {
      readonly what: 'model'
      readonly kind: 'renew'
      readonly model: CompiledRefresh
      readonly installed: RefreshedModel
    }
  | { readonly what: 'job'; readonly kind: 'create' | 'update'; readonly job: JobDefinition }
  | { readonly what: 'installed'; readonly kind: 'remove'; readonly installed: Scheduled }

export interface DeclaredSchedule {
  readonly refreshed: readonly CompiledRefresh[]
  readonly jobs: readonly JobDefinition[]
  readonly searchPath: readonly string[] | undefined
}

/**
 * Compares what is declared with what is installed: removals first, then read models, then jobs. `versions`: all versions of all
 * models. `kept`: what is declared to follow what changes; what was refreshed and is among that is replaced, and not removed.
 */
export function findScheduledChanges(
  { refreshed, jobs, searchPath }: DeclaredSchedule,
  installed: readonly Scheduled[],
  versions: readonly InstalledPlan[],
  kept: readonly CompiledModel[],
): readonly ScheduledChange[] {
  const isDeclared = (it: Scheduled) =>
    it.kind === 'refresh'
      ? [...refreshed, ...kept].some(({ definition }) => isSameName(definition, it.model))
      : jobs.some(({ name }) => name === it.name)
  return [
    ...installed
      .filter((it) => !isDeclared(it))
      .map((it) => ({ what: 'installed', kind: 'remove', installed: it }) as const),
    ...refreshed.flatMap((model) => modelChange(model, installed.filter(isRefresh), versions)),
    ...jobs.flatMap((job) => jobChange(job, searchPath, installed.filter(isStatement))),
  ]
}

/** What a change is about, for people: a read model by its name, a job as `job cleanup`. */
export function changedName(change: ScheduledChange): string {
  switch (change.what) {
    case 'model':
      return `${change.model.definition.schema}.${change.model.definition.name}`
    case 'job':
      return `job ${change.job.name}`
    case 'installed': {
      const { installed } = change
      if (installed.kind === 'statement') return `job ${installed.name}`
      return `${installed.model.schema}.${installed.model.name}`
    }
  }
}

function modelChange(
  model: CompiledRefresh,
  jobs: readonly RefreshedModel[],
  versions: readonly InstalledPlan[],
): readonly ScheduledChange[] {
  const { plan, definition } = model
  const { own, used } = versionsOf(model, versions)
  if (own === undefined)
    return [
      used === undefined
        ? { what: 'model', kind: 'create', model }
        : { what: 'model', kind: 'replace', model, installed: used },
    ]
  if (own.state === 'former') return [{ what: 'model', kind: 'restore', model, installed: used ?? own }]
  if (own.state === 'building') return [{ what: 'model', kind: 'finish', model }]
  const job = jobs.find(({ name }) => name === refreshJobName(plan.model))
  return job !== undefined && isSameSchedule(definition.schedule, job) && sameData(plan, own.plan)
    ? []
    : [{ what: 'model', kind: 'update', model }]
}

function jobChange(
  job: JobDefinition,
  searchPath: readonly string[] | undefined,
  installed: readonly ScheduledStatement[],
): readonly ScheduledChange[] {
  const found = installed.find(({ name }) => name === job.name)
  if (found === undefined) return [{ what: 'job', kind: 'create', job }]
  const isSame =
    isSameSchedule(job.schedule, found) &&
    found.statement === job.statement &&
    sameData(found.searchPath, searchPath ?? null)
  return isSame ? [] : [{ what: 'job', kind: 'update', job }]
}

function isSameSchedule(declared: Schedule, { every, timeZone, timeoutMs }: Scheduled): boolean {
  return declared.every === every && declared.timeZone === timeZone && declared.timeoutMs === timeoutMs
}

function isRefresh(it: Scheduled): it is RefreshedModel {
  return it.kind === 'refresh'
}

function isStatement(it: Scheduled): it is ScheduledStatement {
  return it.kind === 'statement'
}
