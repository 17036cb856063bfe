import { schemaVersion } from '../catalog/schema-version.ts'
import type { Plan } from '../compile/plan.ts'
import { throwProblems } from '../define/problems.ts'
import { MillraceError } from '../errors.ts'
import { failPoint } from '../fail-points.ts'
import { withTransaction, type Client } from '../pg/client.ts'
import { qualified } from '../sql/sql.ts'
import { readAllPlans, type InstalledPlan } from '../work/model.ts'
import { readScheduled } from '../work/schedule/installed.ts'
import { readQueues } from './capture-source.ts'
import { changesOf, isKept, type Change } from './changes.ts'
import type { CompiledModel } from './compile-model.ts'
import { finish, type FinishOptions } from './finish.ts'
import { withInstallLock } from './install-lock.ts'
import { LOCK_RETRY, type LockRetry } from './lock-retry.ts'
import { grantsOf } from './model-steps.ts'
import { readObjects } from './objects/installed.ts'
import { isReplaced } from './replaced.ts'
import { homeGrantsOf, type Roles } from './roles.sql.ts'
import { runSteps } from './run-steps.ts'
import { DROP_SCHEMA, installSchema } from './schema.ts'
import type { Step } from './step.ts'
import { removalSteps } from './prune.ts'
import { stepsOf, type StepInput } from './steps.ts'
import { takenReaders } from './taken-readers.ts'

export interface InstallOptions extends Partial<Omit<FinishOptions, 'retry'>> {
  readonly retry?: LockRetry | undefined
}

/**
 * Installs read models, or goes on with an installation that was interrupted: every step can be repeated. Capture comes
 * first, committed; then the models' tables; then, in new transactions, the first watermark and the backfill by drains; last
 * the names that readers use (LESSONS 3, 21). What is installed with other rows is made anew beside that.
 */
export async function install(
  client: Client,
  models: readonly CompiledModel[],
  { retry = LOCK_RETRY, ...options }: InstallOptions = {},
): Promise<void> {
  const { roles = {}, signal } = options
  const lock = { ...retry, signal }
  const changes = await withInstallLock(client, lock, () => makeModels(client, models, roles, lock))
  const storages = models.map(({ plan }) => plan.storage.name)
  await finish(client, storages, { ...options, roles, retry: lock })
  await runSteps(client, await stepsNow(client, changes.filter(isReindex), roles, isLast), lock)
}

function isReindex({ kind }: Change): boolean {
  return kind === 'reindex'
}

/** Steps that the runner does when the rows are there. */
function isLast({ by }: Step): boolean {
  return by === 'runner'
}

function isFirst({ by }: Step): boolean {
  return by === 'migration'
}

/** Everything but the rows, and the names by which they are read. */
async function makeModels(
  client: Client,
  models: readonly CompiledModel[],
  roles: Roles,
  retry: LockRetry,
): Promise<readonly Change[]> {
  const isUpgraded = await installSchema(client)
  await failPoint('install.schema-created')
  const installed = await readAllPlans(client)
  if (isUpgraded) await grantHome(client, installed, roles)
  const changes = models.flatMap((model) => changesOf(model, installed))
  for (const { plan } of models) {
    await requireFreeName(client, plan)
    throwProblems(await takenReaders(client, plan))
    await requirePrivileges(client, plan, roles)
  }
  const steps = await stepsNow(client, changes, roles, isFirst)
  for (const step of steps) await runSteps(client, [step], retry, pointOf(step))
  await grantAgain(client, models, installed, roles)
  return changes
}

/** Functions that a newer file makes have no rights of before. */
async function grantHome(client: Client, installed: readonly InstalledPlan[], roles: Roles): Promise<void> {
  const readers = installed.flatMap(({ plan }) => plan.readableBy ?? [])
  for (const statement of homeGrantsOf(roles, readers)) await client.query(statement)
}

/** Roles may be others than at the last time, and default privileges may have given what nobody named. */
async function grantAgain(
  client: Client,
  models: readonly CompiledModel[],
  installed: readonly InstalledPlan[],
  roles: Roles,
): Promise<void> {
  for (const { plan } of models) {
    const own = installed.find(({ storage }) => storage === plan.storage.name)
    if (own?.state !== 'ready') continue
    await withTransaction(client, {}, async () => {
      const grants = [...homeGrantsOf(roles, plan.readableBy ?? []), ...grantsOf(plan, roles)]
      for (const statement of grants) await client.query(statement)
    })
  }
}

function pointOf({ statements }: Step): 'install.source-captured' | 'install.model-created' {
  return statements.some((it) => it.startsWith('insert into millrace.model'))
    ? 'install.model-created'
    : 'install.source-captured'
}

/** The steps of these changes, as the database is now. */
async function stepsNow(
  client: Client,
  changes: readonly Change[],
  roles: Roles,
  isWanted: (step: Step) => boolean,
): Promise<readonly Step[]> {
  if (changes.length === 0) return []
  return stepsOf(await stepInput(client, changes, roles)).filter(isWanted)
}

async function stepInput(client: Client, changes: readonly Change[], roles: Roles): Promise<StepInput> {
  const installed = await readAllPlans(client)
  const queues = await readQueues(
    client,
    installed.filter(isKept).map(({ plan }) => plan),
  )
  return { changes, installed, schema: [], roles, queues, isHomeKept: true }
}

/** The name must be free, or be the view that an earlier run of this installation made, or another version's. */
export async function requireFreeName(
  client: Client,
  { model, replaces }: Pick<Plan, 'model' | 'replaces'>,
): Promise<void> {
  const [taken] = await client.query<{ kind: string }>(
    `select c.relkind::text as kind
     from pg_class c
     join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2
       and not exists (select from millrace.model m where m.schema_name = $1 and m.name = $2)`,
    [model.schema, model.name],
  )
  if (taken === undefined || isReplaced(taken.kind, replaces)) return
  throw new MillraceError('NAME_TAKEN', {
    detail: `"${model.schema}"."${model.name}" exists already`,
    hint: 'Rename the read model, or drop or rename what has its name.',
  })
}

/** The worker evaluates the query itself, so it must be able to read the sources; only their owner can let it. */
async function requirePrivileges(
  client: Client,
  { sources, models = [] }: Plan,
  { worker }: Roles,
): Promise<void> {
  if (worker === undefined) return
  for (const { relation } of sources) {
    // Ours, and perhaps not made yet.
    if (models.some(({ storage }) => storage.name === relation.name)) continue
    const name = qualified(relation).text
    const [check] = await client.query<{ allowed: boolean }>(
      `select has_table_privilege($1, $2, 'select') as allowed`,
      [worker, name],
    )
    if (check?.allowed === true) continue
    throw new MillraceError('PRIVILEGE_MISSING', {
      detail: `${worker} cannot read ${name}`,
      hint: `Run as the table's owner: grant select on ${name} to "${worker}".`,
    })
  }
}

/**
 * Removes read models, all versions of them; with the last one everything that Millrace made goes, and what an interrupted
 * installation left of models that it had not come to: where no model is installed, it may be called with none.
 */
export async function remove(
  client: Client,
  models: readonly Pick<InstalledPlan, 'schema' | 'name'>[],
  { retry = LOCK_RETRY, signal, keep = false }: RemoveOptions = {},
): Promise<void> {
  const lock = { ...retry, signal }
  await withInstallLock(client, lock, async () => {
    const installed = await readAllPlans(client)
    const changes = installed
      .filter((it) => models.some(({ schema, name }) => schema === it.schema && name === it.name))
      .map((it): Change => ({ kind: 'remove', installed: it }))
    await runSteps(client, await removalSteps(client, installed, changes, keep), lock)
    await dropEmptyHome(client)
  })
}

export interface RemoveOptions extends Pick<InstallOptions, 'retry' | 'signal'> {
  /** Leaves the rows as plain tables under the models' names. */
  readonly keep?: boolean | undefined
}

/** Takes Millrace's own schema away if nothing is left in it. */
export async function dropEmptyHome(client: Client): Promise<void> {
  const left = [
    ...(await readAllPlans(client)),
    ...(await readScheduled(client)),
    ...(await readObjects(client)),
  ]
  if (left.length === 0 && (await schemaVersion(client)) > 0) {
    await withTransaction(client, {}, async () => {
      for (const statement of DROP_SCHEMA) await client.query(statement)
    })
  }
}
