import { captureSql, mergeSources } from '../compile/capture/capture.ts'
import { dropQueueColumn, queuedColumns } from '../compile/capture/queue.ts'
import type { CapturedColumn, Plan, PlanSource, RelationName } from '../compile/plan.ts'
import { ADOPT_PARTITIONS } from '../work/partitions.ts'
import { displayName, isSameName, newColumn, oldColumn } from '../sql/names.ts'
import type { QueueColumn, Queues } from './capture-source.ts'
import { briefly, step, type Step } from './step.ts'

/** How a source is captured before a change and after it: by the plans of the models that read it then. */
export interface Captures {
  readonly before: readonly Plan[]
  readonly after: readonly Plan[]
  /** What the database has; derived from `before` where nobody has looked. */
  readonly queues?: Queues | undefined
}

/** The steps for sources that are there, or that nobody reads afterwards. */
export function captureSteps(
  sources: readonly RelationName[],
  captures: Captures,
  make: typeof captureStep = captureStep,
): readonly Step[] {
  return sources
    .filter((it) => captures.queues?.isGone(it) !== true || partsOf(it, captures.after).length === 0)
    .map((source) => make(source, captures))
}

/** Makes capture of one source serve the models that read it afterwards. */
export function captureStep(source: RelationName, captures: Captures): Step {
  const parts = partsOf(source, captures.after)
  if (parts.length === 0) return stopStep(source, captures)
  const { queue, triggers } = statementsOf(source, parts, captures)
  return step({
    about: displayName(source),
    describe: 'capture its changes',
    // Triggers first: whoever writes holds the source before its queue, and would wait for us while we wait for him. Last, as
    // writes may name a partition, each has the triggers of its parent.
    statements: [...triggers, ...queue, ADOPT_PARTITIONS],
    locks: [briefly('SHARE ROW EXCLUSIVE', displayName(source))],
    inverse: undo(source, captures),
  })
}

/** The queue alone: what is written to a stored table while it is being filled would be in it for nothing. */
export function queueStep(source: RelationName, captures: Captures): Step {
  const parts = partsOf(source, captures.after)
  const { queue, down } = statementsOf(source, parts, captures)
  return step({
    about: displayName(source),
    describe: 'make the queue of its changes',
    statements: queue,
    inverse: partsOf(source, captures.before).length === 0 ? down : [],
  })
}

/** From here on the writers of immediate models keep them themselves, or leave it to the worker again. */
export function applyStep(source: RelationName, captures: Captures): Step {
  return {
    ...captureStep(source, captures),
    describe: 'let writers apply their changes to immediate read models',
    by: 'runner',
  }
}

function stopStep(source: RelationName, captures: Captures): Step {
  const nobody = { relation: source, columns: [], interests: [], appliers: [], shape: [] }
  return step({
    about: displayName(source),
    describe: 'stop capturing its changes',
    statements: captureSql(nobody, []).down,
    locks: [briefly('ACCESS EXCLUSIVE', displayName(source))],
    inverse: undo(source, captures),
  })
}

function undo(source: RelationName, captures: Captures): readonly string[] {
  const [before, after] = [partsOf(source, captures.before), partsOf(source, captures.after)]
  if (before.length > 0) {
    const { queue, triggers } = statementsOf(source, before, { before: captures.before })
    return [...triggers, ...queue]
  }
  return after.length === 0 ? [] : statementsOf(source, after, { before: [] }).down
}

function statementsOf(
  source: RelationName,
  parts: readonly PlanSource[],
  { before, queues }: Pick<Captures, 'before' | 'queues'>,
) {
  const made = partsOf(source, before)
  const known = queues?.columns(source) ?? []
  const merged = mergeSources(parts)
  const outdated = known.filter((it) => isOutdated(it, merged.columns)).map(({ name }) => name)
  const derived = made.length === 0 ? [] : queuedColumns(mergeSources(made).columns)
  const existing = queues === undefined ? derived : known.map(({ name }) => name)
  const { queue, ...rest } = captureSql(
    merged,
    existing.filter((it) => !outdated.includes(it)),
  )
  return { ...rest, queue: [...outdated.map((name) => dropQueueColumn(source, name)), ...queue] }
}

/**
 * The source's column has another type by now, which the newest of the plans knows. What the queue's holds is of no use: every model
 * that read it is made anew.
 */
function isOutdated({ name, type, collation }: QueueColumn, columns: readonly CapturedColumn[]): boolean {
  if (type === null) return false
  return columns.some(
    (it) =>
      [oldColumn(it.column), newColumn(it.column)].includes(name) &&
      (it.type !== type || it.collation !== collation),
  )
}

function partsOf(source: RelationName, plans: readonly Plan[]): readonly PlanSource[] {
  return plans.flatMap((plan) => plan.sources.filter((it) => isSameName(it.relation, source)))
}
