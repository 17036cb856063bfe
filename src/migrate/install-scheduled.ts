import type { RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import type { JobDefinition } from '../define/resolve-job.ts'
import { nextAfter, type Schedule } from '../define/schedule.ts'
import { failPoint } from '../fail-points.ts'
import { withTransaction, type Client, type Connection } from '../pg/client.ts'
import { refreshJobName } from '../sql/names.ts'
import type { RefreshedModel, Scheduled } from '../work/schedule/installed.ts'
import { CLOCK } from '../work/schedule/job.sql.ts'
import { runWhenFree } from '../work/schedule/run-when-free.ts'
import type { CompiledRefresh } from './compile-refreshed.ts'
import { dropEmptyHome, requireFreeName, type RemoveOptions } from './install.ts'
import { withInstallLock } from './install-lock.ts'
import { keepTable } from './keep-table.sql.ts'
import { LOCK_RETRY, withLockRetry, type LockRetry } from './lock-retry.ts'
import { revokeFromOthers } from './readers.ts'
import {
  homeGrantsOf,
  readersOf,
  refreshedReaderGrants,
  refreshedWorkerGrants,
  type Roles,
} from './roles.sql.ts'
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
  for (const { plan } of refreshed) {
    signal?.throwIfAborted()
    await runWhenFree(client, refreshJobName(plan.model), { cause: 'install', signal })
    await failPoint('install.backfilled')
    await withInstallLock(client, lock, () => expose(client, plan, roles, lock))
    await failPoint('install.exposed')
  }
}

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
    const job = { name: refreshJobName(model), storage: storage.name, statement: null, searchPath: null }
    await upsertJob(client, job, definition.schedule)
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

async function expose(client: Client, plan: RefreshPlan, roles: Roles, retry: LockRetry): Promise<void> {
  await withLockRetry(retry, async () => {
    await withTransaction(client, {}, async () => {
      await client.query(`set local lock_timeout = ${String(retry.timeoutMs)}`)
      for (const statement of plan.install.expose) await client.query(statement)
      for (const statement of revokeFromOthers(plan, roles)) await client.query(statement)
      for (const role of readersOf(plan, roles)) {
        for (const statement of refreshedReaderGrants(plan, role)) await client.query(statement)
      }
      await client.query(`update millrace.model set state = 'ready' where storage = $1`, [plan.storage.name])
    })
  })
}

/** Removes what is done on a schedule; with the last read model and the last job everything that Millrace made goes. */
export async function removeScheduled(
  client: Client,
  scheduled: readonly Scheduled[],
  { retry = LOCK_RETRY, signal, keep = false }: RemoveOptions = {},
): Promise<void> {
  const lock = { ...retry, signal }
  await withInstallLock(client, lock, async () => {
    for (const it of scheduled) {
      await withLockRetry(lock, () =>
        withTransaction(client, {}, async () => {
          await client.query(`set local lock_timeout = ${String(lock.timeoutMs)}`)
          // A run that is under way holds the row at its end, and is waited for.
          await client.query('delete from millrace.job where name = $1', [it.name])
          await client.query('delete from millrace.job_run where job = $1', [it.name])
          if (it.kind === 'refresh') await dropModel(client, it, keep)
        }),
      )
    }
    await dropEmptyHome(client)
  })
}

async function dropModel(client: Client, { model: { plan } }: RefreshedModel, keep: boolean): Promise<void> {
  const removal = keep ? keepTable(plan) : [...plan.install.conceal, ...plan.install.down]
  for (const statement of removal) await client.query(statement)
  await client.query('delete from millrace.watermark where model = $1', [plan.storage.name])
  await client.query('delete from millrace.model where storage = $1', [plan.storage.name])
}
