import { lowerFirst } from '../compile/order.ts'
import type { Plan, RelationName } from '../compile/plan.ts'
import type { RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import { displayName, HOME, isSameName } from '../sql/names.ts'
import { literal, sql } from '../sql/sql.ts'
import { inUse, type InstalledModel, type InstalledPlan } from '../work/model.ts'
import { sourcesOf } from '../compile/sources-of.ts'
import { asCaptured, leftToWorker, withoutThese } from './capture-source.ts'
import { applyStep, captureStep, captureSteps, queueStep, type Captures } from './capture-steps.ts'
import { isKept, isMaking, takenAway, type Change, type Making } from './changes.ts'
import {
  exposeStep,
  fillStep,
  finishStep,
  indexSteps,
  makeStep,
  removeStep,
  swapStep,
  updateStep,
  verifyStep,
} from './model-steps.ts'
import type { Roles } from './roles.sql.ts'
import { DROP_SCHEMA } from './schema.ts'
import { step, type Estimate, type Step } from './step.ts'

export interface StepInput {
  readonly changes: readonly Change[]
  /** All versions of all models that are installed now. */
  readonly installed: readonly InstalledPlan[]
  /** What brings Millrace's own schema up to date; empty where it is. */
  readonly schema: readonly string[]
  readonly roles?: Roles | undefined
  /** Something is on a schedule, or will be, so the schema stays. */
  readonly isHomeKept?: boolean
  /** What is removed leaves its rows as plain tables under the models' names. */
  readonly keep?: boolean | undefined
  /** Tables that are captured for no installed model: an interrupted installation left them. */
  readonly forgotten?: readonly RelationName[] | undefined
  readonly queues?: Captures['queues']
  /** Views of others that read a version in use, by the name of its stored table: `public.app_feed`. */
  readonly readers?: ReadonlyMap<string, readonly string[]> | undefined
  /** By the names of stored tables. */
  readonly estimates?: ReadonlyMap<string, Estimate> | undefined
}

/** The steps by which changes are made, in order: what is shown is what is run. */
export function stepsOf(input: StepInput): readonly Step[] {
  const { changes, installed, schema, roles = {} } = input
  const gone = changes.flatMap(takenAway)
  const making = changes.filter(isMaking)
  const plans = plansOf(input)
  return [
    ...(schema.length > 0 && (making.length > 0 || gone.length === 0) ? [homeStep(schema)] : []),
    ...releaseSteps(gone.filter(isKept), input),
    ...lowerFirst(gone, ({ plan }) => plan)
      .toReversed()
      .map((it) => removeStep(it, isVersionOf(inUse(installed), it), input.keep)),
    ...sourceSteps(gone.filter(isKept), making, plans, input),
    ...makeSteps(making, plans, roles),
    ...runnerSteps(making, plans, input),
    ...(installed.length > 0 && plans.after.length === 0 && input.isHomeKept !== true
      ? [dropHomeStep()]
      : []),
  ]
}

interface Plans extends Captures {
  /** As long as nobody has begun to apply anything that is new. */
  readonly left: readonly Plan[]
}

function plansOf({ changes, installed: all, queues }: StepInput): Plans {
  const making = changes.filter(isMaking)
  const installed = all.filter(isKept)
  const touched = [...changes.flatMap(takenAway), ...installed.filter((it) => isMade(it, making))]
  const kept = installed.filter((it) => !isVersionOf(touched, it))
  const made = making.map(({ model }) => model.plan)
  return {
    before: installed.map(asCaptured),
    after: [...kept.map((it) => (isReplaced(it, making) ? leftToWorker(it.plan) : asCaptured(it))), ...made],
    left: [...kept.map(asCaptured), ...made.map(leftToWorker)],
    queues,
  }
}

function isVersionOf(versions: readonly InstalledPlan[], { storage }: InstalledPlan): boolean {
  return versions.some((it) => it.storage === storage)
}

function isMade({ storage }: InstalledPlan, making: readonly Making[]): boolean {
  return making.some(({ model }) => model.plan.storage.name === storage)
}

/** Its place is taken by another version. */
function isReplaced(it: InstalledPlan, making: readonly Making[]): boolean {
  return it.state === 'ready' && making.some(({ model }) => isSameName(model.definition, it))
}

export function homeStep(schema: readonly string[]): Step {
  return step({
    about: HOME,
    describe: 'make the schema in which Millrace keeps its own tables',
    statements: schema,
    inverse: DROP_SCHEMA,
  })
}

export function dropHomeStep(): Step {
  return step({
    about: HOME,
    describe: 'remove the schema, now that nothing is left in it',
    statements: DROP_SCHEMA,
    inverse: [],
  })
}

/** Writers of immediate models that are to go leave their changes to the worker: their tables can go then. */
function releaseSteps(
  gone: readonly InstalledModel[],
  { installed: all, queues }: StepInput,
): readonly Step[] {
  const installed = all.filter(isKept)
  // Also of one that was not made to the end: its writers may apply already.
  const immediate = gone.filter(({ plan, state }) => plan.immediate !== null && state !== 'former')
  const rest = installed.filter((it) => !isVersionOf(gone, it))
  const after = [...rest.map(asCaptured), ...gone.map(({ plan }) => leftToWorker(plan))]
  const captures = { before: installed.map(asCaptured), after, queues }
  return [
    // Were the removal interrupted here, the next `up` would finish the model again.
    ...immediate
      .filter(({ state }) => state === 'ready')
      .map(({ plan }) =>
        step({
          about: displayName(plan.model),
          describe: 'keep it by the worker',
          statements: [stateOf(plan, 'building')],
          inverse: [stateOf(plan, 'ready')],
        }),
      ),
    ...captureSteps(sourcesOf(immediate.map(({ plan }) => plan)), captures).map((it) => ({
      ...it,
      describe: 'let writers leave their changes to the worker',
    })),
  ]
}

export function stateOf({ storage }: Pick<Plan, 'storage'>, state: InstalledModel['state']): string {
  return sql`update millrace.model set state = ${literal(state)} where storage = ${literal(storage.name)}`
    .text
}

function sourceSteps(
  gone: readonly InstalledModel[],
  making: readonly Making[],
  plans: Plans,
  { forgotten = [] }: StepInput,
): readonly Step[] {
  const captures = { ...plans, after: plans.left }
  const removed = sourcesOf(gone.map(({ plan }) => plan))
  const made = sourcesOf(making.filter(isCaptured).map(({ model }) => model.plan))
  const own = made.filter((it) => isOwn(it, plans.after))
  const rest = withoutThese([...removed, ...withoutThese(made, removed)], own)
  return captureSteps([...rest, ...withoutThese(forgotten, rest)], captures)
}

/** Of the same rows under other indexes nothing is captured otherwise. */
function isCaptured({ kind }: Making): boolean {
  return kind !== 'reindex'
}

/** The stored rows of another model. */
function isOwn(source: RelationName, plans: readonly Plan[]): boolean {
  return plans.some(({ storage }) => isSameName(storage, source))
}

function makeSteps(making: readonly Making[], plans: Plans, roles: Roles): readonly Step[] {
  const captures = { ...plans, after: plans.left }
  const queues = new Set<string>()
  return lowerFirst(making, ({ model }) => model.plan).flatMap((change): readonly Step[] => {
    const own = sourcesOf([change.model.plan])
      .filter((it) => isOwn(it, plans.after) && !queues.has(displayName(it)))
      .map((source) => {
        queues.add(displayName(source))
        return queueStep(source, captures)
      })
    return [...own, ...makeStepsOf(change, roles)]
  })
}

function makeStepsOf(change: Making, roles: Roles): readonly Step[] {
  switch (change.kind) {
    case 'create':
    case 'replace':
    case 'renew':
      return [makeStep(change.model, roles)]
    case 'finish':
      return [finishStep(change.model, roles)]
    case 'update':
      return [updateStep(change.model, change.installed, roles)]
    case 'restore':
    case 'reindex':
      return []
  }
}

/** What is done when all is made, in transactions of its own: level by level the rows, then the names, chain by chain. */
function runnerSteps(making: readonly Making[], plans: Plans, input: StepInput): readonly Step[] {
  const { roles = {}, estimates } = input
  const ordered = lowerFirst(making, ({ model }) => model.plan)
  return [
    ...ordered.flatMap((change) => fillSteps(change, plans, estimates)),
    ...chainsOf(ordered.filter((it) => it.kind !== 'reindex' && isUnfinished(it))).flatMap((chain) =>
      nameSteps(chain, plans, input),
    ),
    ...ordered.flatMap((change) =>
      change.kind !== 'reindex'
        ? []
        : [
            ...indexSteps(change.model.plan, change),
            { ...updateStep(change.model, change.installed, roles), by: 'runner' as const },
          ],
    ),
  ]
}

/** An eventual model that is kept otherwise is done with at once. */
function isUnfinished({ kind, model }: Making): boolean {
  return kind !== 'update' || model.plan.immediate !== null
}

function fillSteps(
  { kind, model: { plan } }: Making,
  plans: Plans,
  estimates: StepInput['estimates'],
): readonly Step[] {
  if (kind === 'update' || kind === 'reindex') return []
  const captures = { before: plans.left, after: plans.left }
  const own = sourcesOf([plan]).filter((it) => isOwn(it, plans.after))
  return [
    ...own.map((source) => ({ ...captureStep(source, captures), by: 'runner' as const })),
    ...(kind === 'restore' ? [] : [fillStep(plan, estimates?.get(plan.storage.name) ?? null)]),
  ]
}

function nameSteps(
  chain: readonly Making[],
  plans: Plans,
  { installed, roles = {}, estimates, readers }: StepInput,
): readonly Step[] {
  const made = chain.map(({ model }) => model.plan)
  const used = installed.filter((it) => isReplaced(it, chain) && !isMade(it, chain))
  const immediate = made.filter((plan) => plan.immediate !== null)
  const verified =
    used.length === 0 ? [] : chain.filter(({ kind }) => kind !== 'restore' && kind !== 'update')
  return [
    ...verified.map(({ model }) => verifyStep(model.plan, estimates?.get(model.plan.storage.name) ?? null)),
    ...sourcesOf(immediate).map((source) => applyStep(source, { before: plans.left, after: plans.after })),
    ...(used.length === 0
      ? made.map((plan) => exposeStep(plan, roles))
      : [
          swapStep(
            made,
            used.map(({ plan }) => plan),
            roles,
            [...new Set(used.flatMap(({ storage }) => readers?.get(storage) ?? []))],
          ),
        ]),
  ]
}

/** Models that are read together: each of them reads another of them, or is read by one. */
export function chainsOf<T extends { readonly model: { readonly plan: Plan | RefreshPlan } }>(
  all: readonly T[],
): readonly (readonly T[])[] {
  let chains: readonly (readonly T[])[] = []
  for (const it of all) {
    const reads = (it.model.plan.models ?? []).map(({ storage }) => storage.name)
    const [joined, others] = [
      chains.filter((chain) => chain.some(({ model }) => reads.includes(model.plan.storage.name))),
      chains.filter((chain) => !chain.some(({ model }) => reads.includes(model.plan.storage.name))),
    ]
    chains = [...others, [...joined.flat(), it]]
  }
  return chains
}
