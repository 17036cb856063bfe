import type { RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import type { JobDefinition } from '../define/resolve-job.ts'
import { nextAfter, type Schedule } from '../define/schedule.ts'
import { failPoint } from '../fail-points.ts'
import { withTransaction, type Client, type Connection } from '../pg/client.ts'
import { refreshJobName } from '../sql/names.ts'
import type { Scheduled } from '../work/schedule/installed.ts'
import { CLOCK } from '../work/schedule/job.sql.ts'
import { runWhenFree } from '../work/schedule/run-when-free.ts'
import type { CompiledRefresh } from './compile-refreshed.ts'
import { finish } from './finish.ts'
import { dropEmptyHome, remove, requireFreeName, type RemoveOptions } from './install.ts'
import { withInstallLock } from './install-lock.ts'
import { LOCK_RETRY, withLockRetry, type LockRetry } from './lock-retry.ts'
import { exposeStep } from './model-steps.ts'
import { revokeFromOthers } from './readers.ts'
import { homeGrantsOf, refreshedWorkerGrants, type Roles } from './roles.sql.ts'
import { runSteps } from './run-steps.ts'
import { installSchema } from './schema.ts'
import { UPSERT_JOB, UPSERT_MODEL } from './scheduled.sql.ts'

export interface InstallScheduledOptions {
  readonly roles?: Roles | undefined
  /** In which the statements of jobs look names up. */
  readonly searchPath?: readonly string[] | undefined
  readonly retry?: LockRetry | undefined
  readonly signal?: AbortSignal | undefined
}

interface Wanted {
  readonly refreshed: readonly CompiledRefresh[]
  readonly jobs: readonly JobDefinition[]
}

/**
 * Installs what is done on a schedule, or goes on with an installation that was interrupted: the tables of a refreshed model and
 * its job at once, then its first refresh, last the name that readers use. Jobs of the user's own wait for their time.
 */
export async function installScheduled(
  client: Connection,
  { refreshed, jobs }: Wanted,
  { roles = {}, searchPath, retry = LOCK_RETRY, signal }: InstallScheduledOptions = {},
): Promise<void> {
  const lock = { ...retry, signal }
  await withInstallLock(client, lock, async () => {
    await installSchema(client)
    const readers = refreshed.flatMap(({ plan }) => plan.readableBy ?? [])
    for (const statement of homeGrantsOf(roles, readers)) await client.query(statement)
    for (const model of refreshed) await createModel(client, model, roles)
    for (const job of jobs) await upsertStatement(client, job, searchPath)
  })
  const inUse = new Set<string>()
  for (const { plan } of refreshed) {
    signal?.throwIfAborted()
    if ((await stateOf(client, plan)) === 'ready') inUse.add(plan.storage.name)
    // Of a version beside the one in use nobody's job is to refresh it.
    if (await hasJob(client, plan))
      await runWhenFree(client, refreshJobName(plan.model), { cause: 'install', signal })
  }
  const storages = refreshed.map(({ plan }) => plan.storage.name)
  await finish(client, storages, { roles, retry: lock, signal })
  for (const { definition, plan } of refreshed) {
    const steps = inUse.has(plan.storage.name) ? [exposeStep(plan, roles)] : []
    await withInstallLock(client, lock, async () => {
      await runSteps(client, steps, lock)
      await upsertJob(client, jobOf(plan), definition.schedule)
    })
  }
}

async function stateOf(client: Client, { storage }: RefreshPlan): Promise<string | undefined> {
  const [row] = await client.query<{ state: string }>('select state from millrace.model where storage = $1', [
    storage.name,
  ])
  return row?.state
}

async function hasJob(client: Client, { storage }: RefreshPlan): Promise<boolean> {
  return (await client.query('select from millrace.job where storage = $1', [storage.name])).length > 0
}

function jobOf({ model, storage }: RefreshPlan): JobValues {
  return { name: refreshJobName(model), storage: storage.name, statement: null, searchPath: null }
}

/** `$1` job, `$2` storage → the job, if it refreshes another version. */
const OTHER_JOB = 'select from millrace.job where name = $1 and storage <> $2'

async function createModel(
  client: Client,
  { definition, plan }: CompiledRefresh,
  roles: Roles,
): Promise<void> {
  const { model, storage, install } = plan
  await requireFreeName(client, plan)
  await withTransaction(client, {}, async () => {
    for (const statement of install.up) await client.query(statement)
    if (roles.worker !== undefined) {
      for (const statement of refreshedWorkerGrants(plan, roles.worker)) await client.query(statement)
    }
    for (const statement of revokeFromOthers(plan, roles)) await client.query(statement)
    await client.query(UPSERT_MODEL, [
      storage.name,
      model.schema,
      model.name,
      definition.query,
      JSON.stringify(plan),
    ])
    // The job of a version in use is its until the swap.
    if ((await client.query(OTHER_JOB, [refreshJobName(model), storage.name])).length === 0)
      await upsertJob(client, jobOf(plan), definition.schedule)
  })
  await failPoint('install.model-created')
}

async function upsertStatement(
  client: Client,
  { name, schedule, statement }: JobDefinition,
  searchPath: readonly string[] | undefined,
): Promise<void> {
  await upsertJob(client, { name, storage: null, statement, searchPath: searchPath ?? null }, schedule)
}

interface JobValues {
  readonly name: string
  readonly storage: string | null
  readonly statement: string | null
  readonly searchPath: readonly string[] | null
}

async function upsertJob(
  client: Client,
  { name, storage, statement, searchPath }: JobValues,
  { every, timeZone, timeoutMs }: Schedule,
): Promise<void> {
  const [clock] = await client.query<{ nowMs: number }>(CLOCK)
  const next = nextAfter({ every, timeZone }, new Date(clock?.nowMs ?? Date.now())).toISOString()
  await client.query(UPSERT_JOB, [name, storage, statement, searchPath, every, timeZone, timeoutMs, next])
}

/** Removes what is done on a schedule; with the last read model and the last job everything that Millrace made goes. */
export async function removeScheduled(
  client: Client,
  scheduled: readonly Scheduled[],
  { retry = LOCK_RETRY, signal, keep = false }: RemoveOptions = {},
): Promise<void> {
  const lock = { ...retry, signal }
  const models = scheduled.flatMap((it) => (it.kind === 'refresh' ? [it.model] : []))
  await withInstallLock(client, lock, async () => {
    for (const { name } of scheduled.filter(({ kind }) => kind === 'statement')) {
      await withLockRetry(lock, () =>
        withTransaction(client, {}, async () => {
          await client.query(`set local lock_timeout = ${String(lock.timeoutMs)}`)
          // A run that is under way holds the row at its end, and is waited for.
          await client.query('delete from millrace.job where name = $1', [name])
          await client.query('delete from millrace.job_run where job = $1', [name])
        }),
      )
    }
    if (models.length === 0) await dropEmptyHome(client)
  })
  if (models.length > 0) await remove(client, models, { retry, signal, keep })
}
