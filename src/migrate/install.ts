import { inLevels, lowerFirst } from '../compile/order.ts'
import type { Plan } from '../compile/plan.ts'
import { throwProblems } from '../define/problems.ts'
import { MillraceError } from '../errors.ts'
import { failPoint } from '../fail-points.ts'
import { withTransaction, type Client } from '../pg/client.ts'
import { drainAll } from '../work/drain-all.ts'
import { qualified } from '../sql/sql.ts'
import { readModels, type InstalledModel } from '../work/model.ts'
import { readScheduled } from '../work/schedule/installed.ts'
import {
  asCaptured,
  capturedSources,
  captureSource,
  leftToWorker,
  sourcesOf,
  withoutThese,
} from './capture-source.ts'
import type { CompiledModel } from './compile-model.ts'
import { withInstallLock } from './install-lock.ts'
import { keepTable } from './keep-table.sql.ts'
import { LOCK_RETRY, withLockRetry, type LockRetry } from './lock-retry.ts'
import { revokeFromOthers } from './readers.ts'
import { readObjects } from './objects/installed.ts'
import { isReplaced } from './replaced.ts'
import { homeGrantsOf, readerGrants, readersOf, workerGrants, type Roles } from './roles.sql.ts'
import { DROP_SCHEMA, installSchema } from './schema.ts'
import { takenReaders } from './taken-readers.ts'

export interface InstallOptions {
  readonly roles?: Roles | undefined
  readonly retry?: LockRetry | undefined
  readonly signal?: AbortSignal | undefined
  /** Called as a backfill goes on: units done, and how many there were to do. */
  readonly onBackfill?: ((model: Plan['model'], done: number, total: number) => void) | undefined
}

/**
 * Installs read models, or goes on with an installation that was interrupted: every step can be repeated. Capture comes
 * first, committed; then the model's tables; then, in new transactions, the first watermark and the backfill by
 * drains; last the name that readers use (LESSONS 3, 21).
 */
export async function install(
  client: Client,
  models: readonly CompiledModel[],
  options: InstallOptions = {},
): Promise<void> {
  // One that reads others is made when they are complete. None at all is an installation, too: of the schema.
  const levels = models.length === 0 ? [[]] : inLevels(models, ({ plan }) => plan)
  for (const level of levels) await installLevel(client, level, options)
}

async function installLevel(
  client: Client,
  models: readonly CompiledModel[],
  { roles = {}, retry = LOCK_RETRY, signal, onBackfill }: InstallOptions,
): Promise<void> {
  const lock = { ...retry, signal }
  await withInstallLock(client, lock, () => createModels(client, models, roles, lock))
  for (const { storage, state, plan } of await readModels(client)) {
    if (!models.some((it) => it.plan.storage.name === storage)) continue
    if (state === 'building') {
      await backfill(client, plan, signal, onBackfill)
      await failPoint('install.backfilled')
    }
    // At one go: another program that made capture between would, as the model is not ready yet, let its writers leave
    // their changes to the worker again.
    await withInstallLock(client, lock, async () => {
      if (plan.immediate !== null) {
        await letWritersApply(client, plan, lock)
        await backfill(client, plan, signal)
      }
      if (state === 'building') await expose(client, plan, roles, lock)
    })
    if (state === 'building') await failPoint('install.exposed')
    else await withTransaction(client, {}, () => grantReaders(client, plan, roles))
  }
}

/** Everything but the rows, and the name by which they are read. */
async function createModels(
  client: Client,
  models: readonly CompiledModel[],
  roles: Roles,
  retry: LockRetry,
): Promise<void> {
  await installSchema(client)
  const readers = models.flatMap(({ plan }) => plan.readableBy ?? [])
  for (const statement of homeGrantsOf(roles, readers)) await client.query(statement)
  await failPoint('install.schema-created')

  const installed = await readModels(client)
  const wanted = models.map(({ plan }) => plan)
  const others = installed.filter((it) => !wanted.some((plan) => plan.storage.name === it.storage))
  const captured = [...others.map(asCaptured), ...wanted.map(leftToWorker)]
  for (const source of sourcesOf(wanted)) {
    await captureSource(client, source, captured, retry)
    await failPoint('install.source-captured')
  }

  for (const model of models) {
    await createModel(client, model, roles)
    await failPoint('install.model-created')
  }
}

/**
 * From here on the writers of an immediate model keep it themselves. Making the triggers anew waits for those under way, so
 * what was left to the worker is all there to be drained afterwards.
 */
async function letWritersApply(client: Client, plan: Plan, retry: LockRetry): Promise<void> {
  const others = (await readModels(client)).filter((it) => it.storage !== plan.storage.name)
  for (const source of sourcesOf([plan])) {
    await captureSource(client, source, [...others.map(asCaptured), plan], retry)
    await failPoint('install.source-applied')
  }
}

async function createModel(client: Client, { definition, plan }: CompiledModel, roles: Roles): Promise<void> {
  await requireFreeName(client, plan)
  throwProblems(await takenReaders(client, plan))
  await requirePrivileges(client, plan, roles)
  await withTransaction(client, {}, async () => {
    for (const statement of [...plan.install.up, ...plan.install.functions.up]) await client.query(statement)
    if (roles.worker !== undefined) {
      for (const statement of workerGrants(plan, roles.worker)) await client.query(statement)
    }
    await revokeFromOthers(client, plan, roles)
    await client.query(
      `insert into millrace.model (storage, schema_name, name, definition, plan)
       values ($1, $2, $3, $4, $5)
       on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan`,
      [plan.storage.name, plan.model.schema, plan.model.name, definition.query, JSON.stringify(plan)],
    )
  })
}

/** The name must be free, or be the view that an earlier run of this installation made. */
export async function requireFreeName(
  client: Client,
  { model, storage, replaces }: Pick<Plan, 'model' | 'storage' | 'replaces'>,
): Promise<void> {
  const [taken] = await client.query<{ kind: string }>(
    `select c.relkind::text as kind
     from pg_class c
     join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2
       and not exists (select from millrace.model m where m.storage = $3)`,
    [model.schema, model.name, storage.name],
  )
  if (taken === undefined || isReplaced(taken.kind, replaces)) return
  throw new MillraceError('NAME_TAKEN', {
    detail: `"${model.schema}"."${model.name}" exists already`,
    hint: 'Rename the read model, or drop or rename what has its name.',
  })
}

/** The worker evaluates the query itself, so it must be able to read the sources; only their owner can let it. */
async function requirePrivileges(client: Client, { sources }: Plan, { worker }: Roles): Promise<void> {
  if (worker === undefined) return
  for (const { relation } of sources) {
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

/** No writer waits for a backfill: those of an immediate model do not touch it yet. */
const BACKFILL_CHUNK = 10_000

async function backfill(
  client: Client,
  plan: Plan,
  signal: AbortSignal | undefined,
  onBackfill?: InstallOptions['onBackfill'],
): Promise<void> {
  let done = 0
  let total = 0
  const model: InstalledModel = {
    ...plan.model,
    storage: plan.storage.name,
    state: 'building',
    definition: '',
    plan,
  }
  await drainAll(client, [model], {
    signal,
    // Were it to wait until nobody writes, it might not end.
    until: 'level',
    chunk: BACKFILL_CHUNK,
    onDrain: (_, result) => {
      done += result.units
      total = Math.max(total, done, done + result.pending)
      onBackfill?.(plan.model, done, total)
    },
  })
  signal?.throwIfAborted()
}

async function expose(client: Client, plan: Plan, roles: Roles, retry: LockRetry): Promise<void> {
  await withLockRetry(retry, async () => {
    await withTransaction(client, {}, async () => {
      await client.query(`set local lock_timeout = ${String(retry.timeoutMs)}`)
      for (const statement of plan.install.expose) await client.query(statement)
      await grantReaders(client, plan, roles)
      await client.query(`update millrace.model set state = 'ready' where storage = $1`, [plan.storage.name])
    })
  })
}

async function grantReaders(client: Client, plan: Plan, roles: Roles): Promise<void> {
  await revokeFromOthers(client, plan, roles)
  for (const role of readersOf(plan, roles)) {
    for (const statement of readerGrants(plan, role)) await client.query(statement)
  }
}

/**
 * Removes read models; with the last one everything that Millrace made goes, and what an interrupted installation left
 * of models that it had not come to: where no model is installed, it may be called with none.
 */
export async function remove(
  client: Client,
  models: readonly InstalledModel[],
  { retry = LOCK_RETRY, signal, keep = false }: RemoveOptions = {},
): Promise<void> {
  const lock = { ...retry, signal }
  await withInstallLock(client, lock, () => removeModels(client, models, lock, keep))
}

export interface RemoveOptions extends Pick<InstallOptions, 'retry' | 'signal'> {
  /** Leaves the rows as plain tables under the models' names. */
  readonly keep?: boolean | undefined
}

async function removeModels(
  client: Client,
  models: readonly InstalledModel[],
  retry: LockRetry,
  keep: boolean,
): Promise<void> {
  const remaining = (await readModels(client)).filter(
    (it) => !models.some(({ storage }) => storage === it.storage),
  )
  await releaseWriters(client, models, remaining, retry)
  // Those first that read others: their views stand in the way of what they read.
  for (const { plan, storage } of lowerFirst(models, (it) => it.plan).toReversed()) {
    await withLockRetry(retry, async () => {
      await withTransaction(client, {}, async () => {
        await client.query(`set local lock_timeout = ${String(retry.timeoutMs)}`)
        const { conceal, functions, down } = plan.install
        const removal = keep ? keepTable(plan) : [...conceal, ...functions.down, ...down]
        for (const statement of removal) await client.query(statement)
        await client.query('delete from millrace.watermark where model = $1', [storage])
        await client.query('delete from millrace.refresh_log where model = $1', [storage])
        await client.query('delete from millrace.model where storage = $1', [storage])
      })
    })
  }

  const plans = remaining.map(asCaptured)
  const left = sourcesOf(models.map(({ plan }) => plan))
  const forgotten = withoutThese(await capturedSources(client), [...sourcesOf(plans), ...left])
  for (const source of [...left, ...forgotten]) {
    await captureSource(client, source, plans, retry)
  }
  if (remaining.length === 0) await dropEmptyHome(client)
}

/** Writers of immediate models that are to go leave their changes to the worker: their tables can go then. */
async function releaseWriters(
  client: Client,
  models: readonly InstalledModel[],
  remaining: readonly InstalledModel[],
  retry: LockRetry,
): Promise<void> {
  const immediate = models.filter(({ plan }) => plan.immediate !== null)
  const plans = [...remaining.map(asCaptured), ...models.map(({ plan }) => leftToWorker(plan))]
  for (const { storage } of immediate) {
    // Were the removal interrupted here, the next `up` would finish the model again.
    await client.query(`update millrace.model set state = 'building' where storage = $1`, [storage])
  }
  for (const source of sourcesOf(immediate.map(({ plan }) => plan))) {
    await captureSource(client, source, plans, retry)
  }
}

/** Takes Millrace's own schema away if nothing is left in it. */
export async function dropEmptyHome(client: Client): Promise<void> {
  const left = [
    ...(await readModels(client)),
    ...(await readScheduled(client)),
    ...(await readObjects(client)),
  ]
  if (left.length === 0) await dropHome(client)
}

async function dropHome(client: Client): Promise<void> {
  await withTransaction(client, {}, async () => {
    for (const statement of DROP_SCHEMA) await client.query(statement)
  })
}
