import { captureSql, mergeSources } from '../compile/capture/capture.ts'
import { inLevels, lowerFirst } from '../compile/order.ts'
import type { Plan, RelationName } from '../compile/plan.ts'
import { queuedColumns } from '../compile/capture/queue.ts'
import { displayName, HOME, isSameName } from '../sql/names.ts'
import { qualified, sql } from '../sql/sql.ts'
import { leftToWorker, sourcesOf } from './capture-source.ts'
import type { Change } from './changes.ts'
import { describeExpose, locksOfConceal, locksOfExpose } from './replaced-steps.ts'
import { DROP_SCHEMA } from './schema.ts'
import { briefly, step, type Step } from './step.ts'

export interface StepInput {
  readonly changes: readonly Change[]
  /** Plans of all models that are installed now. */
  readonly installed: readonly Plan[]
  /** Millrace's own schema, where it is not installed. */
  readonly schema: readonly string[]
  /** Something is on a schedule, or will be, so the schema stays. */
  readonly isHomeKept?: boolean
}

/** The steps by which changes are made, in order: a pure description of what `install` and `remove` do. */
export function stepsOf({ changes, installed, schema, isHomeKept = false }: StepInput): readonly Step[] {
  const removed = changes.flatMap((it) =>
    it.kind === 'remove' || it.kind === 'replace' ? [it.installed.plan] : [],
  )
  const made = changes.flatMap((it) => (it.kind === 'remove' ? [] : [it.model.plan]))
  const names = [...removed, ...made].map((plan) => plan.storage.name)
  const kept = installed.filter((plan) => !names.includes(plan.storage.name))
  const after = [...kept, ...made]
  const capture = (source: RelationName) =>
    captureStep(source, { before: installed, kept, after: [...kept, ...made.map(leftToWorker)] })
  const [first = [], ...upper] = inLevels(made, (plan) => plan)
  const later = sourcesOf(upper.flat()).filter((it) => !isAmong(sourcesOf(first), it))
  return [
    ...(schema.length > 0 && made.length > 0 ? [homeStep(schema)] : []),
    ...lowerFirst(removed, (plan) => plan)
      .toReversed()
      .map(removeStep),
    ...sourcesOf([...removed, ...first])
      .filter((it) => !isAmong(later, it))
      .map(capture),
    ...levelSteps(first, after),
    ...upper.flatMap((level, i) => {
      const captured = sourcesOf([first, ...upper.slice(0, i)].flat())
      const sources = sourcesOf(level).filter((it) => !isAmong(captured, it))
      return [...sources.map(capture), ...levelSteps(level, after)]
    }),
    ...(installed.length > 0 && after.length === 0 && !isHomeKept ? [dropHomeStep()] : []),
  ]
}

/** Models of which none reads another: all of them are made before any is filled. */
function levelSteps(made: readonly Plan[], after: readonly Plan[]): readonly Step[] {
  const immediate = made.filter((plan) => plan.immediate !== null)
  return [
    ...made.flatMap(modelSteps),
    ...made.map(fillStep),
    ...sourcesOf(immediate).map((source) => applyStep(source, after)),
    ...made.map(exposeStep),
  ]
}

function isAmong(sources: readonly RelationName[], source: RelationName): boolean {
  return sources.some((it) => isSameName(it, source))
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

/** Triggers are made in one short transaction for each source, and not waited for longer than half a second at a time. */
function captureStep(
  source: RelationName,
  { before, kept, after }: Readonly<Record<'before' | 'kept' | 'after', readonly Plan[]>>,
): Step {
  const name = displayName(source)
  const [now, then] = [statementsFor(source, before), statementsFor(source, after, kept)]
  const isGone = partsOf(source, after).length === 0
  return step({
    about: name,
    describe: isGone ? 'stop capturing its changes' : 'capture its changes',
    statements: isGone ? now.down : then.up,
    locks: [briefly(isGone ? 'ACCESS EXCLUSIVE' : 'SHARE ROW EXCLUSIVE', name)],
    inverse: partsOf(source, before).length === 0 ? then.down : now.up,
  })
}

function applyStep(source: RelationName, after: readonly Plan[]): Step {
  const name = displayName(source)
  return step({
    about: name,
    describe: 'let writers apply their changes to immediate read models',
    statements: statementsFor(source, after, after).up,
    locks: [briefly('SHARE ROW EXCLUSIVE', name)],
    by: 'runner',
    inverse: statementsFor(source, after.map(leftToWorker), after).up,
  })
}

/** `standing`: the models for which the source's queue has its columns already. */
function statementsFor(source: RelationName, plans: readonly Plan[], standing: readonly Plan[] = []) {
  const [parts, made] = [partsOf(source, plans), partsOf(source, standing)]
  if (parts.length === 0) return { up: [], down: [] }
  const columns = made.length === 0 ? [] : queuedColumns(mergeSources(made).columns)
  const { queue, triggers, down } = captureSql(mergeSources(parts), columns)
  return { up: [...queue, ...triggers], down }
}

function partsOf(source: RelationName, plans: readonly Plan[]) {
  return plans.flatMap((plan) => plan.sources.filter((it) => isSameName(it.relation, source)))
}

function modelSteps({ model, install }: Plan): readonly Step[] {
  const { functions } = install
  return [
    step({
      about: displayName(model),
      describe: functions.up.length === 0 ? 'make its tables' : 'make its tables and functions',
      statements: [...install.up, ...functions.up],
      inverse: [...functions.down, ...install.down],
    }),
  ]
}

function fillStep({ model, statements, storage }: Plan): Step {
  return step({
    about: displayName(model),
    describe: 'fill it, in short transactions while others read and write',
    statements: [statements.enumerate, ...statements.recompute.map((it) => it.sql)],
    by: 'runner',
    inverse: [sql`truncate table ${qualified(storage)}`.text],
  })
}

function exposeStep({ model, install, replaces }: Plan): Step {
  return step({
    about: displayName(model),
    describe: describeExpose(replaces),
    statements: install.expose,
    locks: locksOfExpose(model, replaces),
    by: 'runner',
    inverse: install.conceal,
  })
}

function removeStep({ model, install, replaces }: Plan): Step {
  return step({
    about: displayName(model),
    describe: 'remove it',
    statements: [...install.conceal, ...install.functions.down, ...install.down],
    locks: locksOfConceal(model, replaces),
    inverse: [...install.up, ...install.functions.up, ...install.expose],
  })
}
