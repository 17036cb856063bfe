import type { Plan, PlanIndex } from '../compile/plan.ts'
import { isRefreshed, type RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import { displayName, strictPageName } from '../sql/names.ts'
import { ident, join, literal, sql } from '../sql/sql.ts'
import type { InstalledModel, InstalledPlan } from '../work/model.ts'
import type { CompiledModel } from './compile-model.ts'
import { keepTable } from './keep-table.sql.ts'
import { revokeFromOthers } from './readers.ts'
import { describeExpose, locksOfConceal, locksOfExpose } from './replaced-steps.ts'
import {
  homeGrantsOf,
  readerGrants,
  readersOf,
  refreshedReaderGrants,
  workerGrants,
  type Roles,
} from './roles.sql.ts'
import { briefly, step, type Estimate, type Step, type StepLock } from './step.ts'

/** Everything of a version but its rows, and the names by which they are read. */
export function makeStep({ definition, plan }: CompiledModel, roles: Roles): Step {
  const { install, model } = plan
  return step({
    about: displayName(model),
    describe: `make ${what(plan)}`,
    statements: [
      ...homeGrantsOf(roles, plan.readableBy ?? []),
      ...install.up,
      ...(install.indexes ?? []).map((it) => it.sql),
      ...install.functions.up,
      ...(roles.worker === undefined ? [] : workerGrants(plan, roles.worker)),
      ...revokeFromOthers(plan, roles),
      recordOf({ definition, plan }),
    ],
    inverse: [...install.functions.down, ...install.down, ...forget(plan)],
  })
}

function what({ version, install }: Plan): string {
  const parts = install.functions.up.length === 0 ? 'tables' : 'tables and functions'
  return version === 1 ? `its ${parts}` : `the ${parts} of version ${String(version)}`
}

function recordOf({ definition, plan }: CompiledModel): string {
  const { storage, model, models = [] } = plan
  return sql`insert into millrace.model (storage, schema_name, name, definition, plan, state)
values (${join([storage.name, model.schema, model.name, definition.query, JSON.stringify(plan)].map(literal))}::jsonb, ${literal(models.length > 0 ? 'waiting' : 'building')})
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end`.text
}

function forget(plan: Plan | RefreshPlan): readonly string[] {
  const name = literal(plan.storage.name)
  const job = isRefreshed(plan)
    ? [
        sql`delete from millrace.job_run where job in (select name from millrace.job where storage = ${name})`,
        // A run that is under way holds the row at its end, and is waited for.
        sql`delete from millrace.job where storage = ${name}`,
      ]
    : []
  return [
    ...job.map(({ text }) => text),
    sql`delete from millrace.watermark where model = ${name}`.text,
    sql`delete from millrace.refresh_log where model = ${name}`.text,
    sql`delete from millrace.model where storage = ${name}`.text,
  ]
}

/** What was made of it stands; the rest can be made again. */
export function finishStep({ definition, plan }: CompiledModel, roles: Roles): Step {
  const { install, model } = plan
  return step({
    about: displayName(model),
    describe: `go on with ${what(plan)}`,
    statements: [
      ...homeGrantsOf(roles, plan.readableBy ?? []),
      ...install.functions.up,
      ...(roles.worker === undefined ? [] : workerGrants(plan, roles.worker)),
      ...revokeFromOthers(plan, roles),
      recordOf({ definition, plan }),
    ],
    inverse: [...install.functions.down, ...install.down, ...forget(plan)],
  })
}

/**
 * The same rows, kept or read otherwise. Writers of an immediate model go on leaving their changes to the worker until it is
 * finished, as while a model is made.
 */
export function updateStep(
  { definition, plan }: CompiledModel,
  { plan: old }: InstalledModel,
  roles: Roles,
): Step {
  const { install, model, storage } = plan
  const stale = old.install.functions.down.filter((it) => !install.functions.down.includes(it))
  return step({
    about: displayName(model),
    describe: 'let it be kept and read by the statements of now',
    statements: [
      ...homeGrantsOf(roles, plan.readableBy ?? []),
      ...install.functions.up,
      ...install.expose,
      ...stale,
      ...(roles.worker === undefined ? [] : workerGrants(plan, roles.worker)),
      ...grantsOf(plan, roles),
      recordOf({ definition, plan }),
      ...(plan.immediate === null
        ? []
        : [sql`update millrace.model set state = 'building' where storage = ${literal(storage.name)}`.text]),
    ],
    locks: namesOf(plan).map((it) => briefly('ACCESS EXCLUSIVE', it)),
    inverse: [
      ...old.install.functions.up,
      ...old.install.expose,
      recordOf({ definition: { ...definition }, plan: old }),
    ],
  })
}

/** What readers of the names may do, and nobody else where that is declared. */
export function grantsOf(plan: Plan | RefreshPlan, roles: Roles): readonly string[] {
  return [
    ...revokeFromOthers(plan, roles),
    ...readersOf(plan, roles).flatMap((role) =>
      isRefreshed(plan) ? refreshedReaderGrants(plan, role) : readerGrants(plan, role),
    ),
  ]
}

export function fillStep({ model, statements, storage, install }: Plan, estimate: Estimate | null): Step {
  return step({
    about: displayName(model),
    describe: 'fill it, in short transactions while others read and write',
    statements: [
      statements.enumerate,
      ...statements.recompute.map((it) => it.sql),
      ...(install.filled ?? []),
    ],
    by: 'runner',
    inverse: [sql`truncate table ${ident(storage.schema, storage.name)}`.text],
    estimate,
  })
}

/** A version that is to take the place of another must not be wrong. */
export function verifyStep({ model, statements }: Plan, estimate: Estimate | null): Step {
  return step({
    about: displayName(model),
    describe: 'compare the new version with its query, and go on only if they agree',
    statements: [statements.compare],
    by: 'runner',
    inverse: [],
    estimate,
  })
}

export function exposeStep(plan: Plan | RefreshPlan, roles: Roles): Step {
  const { model, install, storage, replaces } = plan
  return step({
    about: displayName(model),
    describe: describeExpose(replaces),
    locks: locksOfExpose(model, replaces),
    statements: [
      ...(install.named?.up ?? []),
      ...install.expose,
      ...grantsOf(plan, roles),
      sql`update millrace.model set state = 'ready' where storage = ${literal(storage.name)}`.text,
    ],
    by: 'runner',
    inverse: [...install.conceal, ...(install.named?.down ?? [])],
  })
}

/**
 * Versions take the places of those in use, all in one transaction. `used`: which these are; `readers`: views of others that read
 * them, which are made anew if the columns are others.
 */
export function swapStep(
  plans: readonly (Plan | RefreshPlan)[],
  used: readonly (Plan | RefreshPlan)[],
  roles: Roles,
  readers: readonly string[] = [],
): Step {
  return step({
    about: plans.map(({ model }) => displayName(model)).join(', '),
    describe: 'give readers the new version under the same name, once nobody reads with an older snapshot',
    statements: [swapOf(plans), ...plans.flatMap((plan) => grantsOf(plan, roles))],
    locks: [...plans.flatMap(namesOf), ...readers].map((it) => briefly('ACCESS EXCLUSIVE', it)),
    by: 'runner',
    inverse: [swapOf(used)],
  })
}

export function swapOf(plans: readonly (Plan | RefreshPlan)[]): string {
  return sql`select millrace.swap(array[${join(plans.map(({ storage }) => literal(storage.name)))}])`.text
}

/** Views and tables of readers' that a change of the names keeps waiting. */
function namesOf({ model, strictView }: Plan | RefreshPlan): readonly string[] {
  return [displayName(model), displayName(strictView)]
}

/** Drops indexes that are not declared any more, and makes those that are, while others read and write. */
export function indexSteps(
  plan: Plan,
  { made, dropped }: { readonly made: readonly PlanIndex[]; readonly dropped: readonly PlanIndex[] },
): readonly Step[] {
  const { model, storage } = plan
  const lock: StepLock = {
    mode: 'SHARE UPDATE EXCLUSIVE',
    relation: displayName(storage),
    blocks: 'nobody',
    duration: 'the whole step',
  }
  const drop = ({ name, made: first }: PlanIndex) =>
    [...new Set([name, first])].map(
      (it) => sql`drop index concurrently if exists ${ident(storage.schema, it)}`.text,
    )
  const make = ({ name, made: first, concurrently }: PlanIndex) =>
    name === first
      ? [concurrently]
      : [concurrently, sql`alter index ${ident(storage.schema, first)} rename to ${ident(name)}`.text]
  const one = (describe: string, statements: readonly string[], inverse: readonly string[]) =>
    step({
      about: displayName(model),
      describe,
      statements,
      inverse,
      locks: [lock],
      by: 'runner',
      inTransaction: false,
    })
  return [
    // One that was begun and not ended would keep its name.
    ...made.map((it) => one(`make the index ${it.name}`, [...drop(it), ...make(it)], drop(it))),
    ...dropped.map((it) => one(`drop the index ${it.name}`, drop(it), make(it))),
  ]
}

/** All that a version has; of the one in use the names too. */
export function removeStep({ plan }: InstalledPlan, isInUse: boolean, keep = false): Step {
  const { model, install, version, storage, strictView, replaces } = plan
  const functions = isRefreshed(plan) ? { up: [], down: [] } : plan.install.functions
  const indexes = isRefreshed(plan) ? [] : (plan.install.indexes ?? [])
  const names = isInUse ? [...install.conceal, ...(install.named?.down ?? [])] : []
  const made = isInUse ? [...(install.named?.up ?? []), ...install.expose] : []
  return step({
    about: displayName(model),
    describe: isInUse ? 'remove it' : `remove version ${String(version)}, which is not in use`,
    statements: [
      ...(keep && isInUse ? keepTable(plan) : [...names, ...functions.down, ...withoutNames(plan)]),
      ...forget(plan),
    ],
    locks: [
      ...(isInUse ? locksOfConceal(model, replaces) : []),
      ...[...(isInUse ? [displayName(strictView)] : []), displayName(storage)].map((it) =>
        briefly('ACCESS EXCLUSIVE', it),
      ),
    ],
    inverse: [...install.up, ...indexes.map((it) => it.sql), ...functions.up, ...made],
  })
}

/** Plans of an earlier version count the strict view and the function for pages among their own objects: others' by now. */
function withoutNames(plan: Plan | RefreshPlan): readonly string[] {
  const [view, page] = [plan.strictView, strictPageName(plan.model)].map(
    ({ schema, name }) => ident(schema, name).text,
  )
  return plan.install.down.filter(
    (it) => it !== `drop view if exists ${view ?? ''}` && it !== `drop function if exists ${page ?? ''}`,
  )
}
