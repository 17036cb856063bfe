import type { Plan } from '../compile/plan.ts'
import { isSameName, refreshJobName } from '../sql/names.ts'
import { isRefreshed } from '../compile/refresh/refresh-plan.ts'
import { lowerFirst } from '../compile/order.ts'
import { MillraceError } from '../errors.ts'
import { failPoint } from '../fail-points.ts'
import type { Client } from '../pg/client.ts'
import { literal } from '../sql/sql.ts'
import { verify } from '../verify/verify.ts'
import { catchUp } from '../work/drain-all.ts'
import { readAllPlans, readVersions, type InstalledModel, type InstalledPlan } from '../work/model.ts'
import { refreshUnlessSince } from '../work/schedule/refresh-version.ts'
import { sourcesOf } from '../compile/sources-of.ts'
import { asCaptured, leftToWorker, readQueues } from './capture-source.ts'
import { applyStep, captureSteps } from './capture-steps.ts'
import { isKept } from './changes.ts'
import { prune } from './prune.ts'
import { findSourceChanges } from '../work/source-changes.ts'
import { withInstallLock } from './install-lock.ts'
import { withLockRetry, type LockRetry } from './lock-retry.ts'
import { exposeStep, swapStep } from './model-steps.ts'
import type { Roles } from './roles.sql.ts'
import { readerInTheWay, rehearseSwap } from './rehearsal.ts'
import { runInTransaction, runSteps, runTogether } from './run-steps.ts'
import { waitForSnapshots } from './snapshots.ts'
import { chainsOf } from './steps.ts'

export interface FinishOptions {
  readonly roles: Roles
  readonly retry: LockRetry
  readonly signal?: AbortSignal | undefined
  /** Between two portions of a backfill, in milliseconds: what it leaves to others. */
  readonly pauseMs?: number | undefined
  /** Called as a backfill goes on: units done, and how many there were to do. */
  readonly onBackfill?: ((model: Plan['model'], done: number, total: number) => void) | undefined
}

/**
 * Does what no transaction of others could do with models that are being built: fills them, lower ones first, and gives readers
 * their names, chain by chain. What is to be done is read from the database, so whoever was interrupted, or has run a file by another
 * tool, goes on here. `storages`: the versions that are meant; a former one among them comes into use again.
 */
export async function finish(
  client: Client,
  storages: readonly string[],
  options: FinishOptions,
): Promise<void> {
  const meant = (await readAllPlans(client)).filter(
    ({ storage, state }) => storages.includes(storage) && state !== 'ready',
  )
  await rehearse(client, meant, options)
  for (const model of lowerFirst(meant, ({ plan }) => plan)) {
    if (isKept(model)) await captureLower(client, model, options)
    if (model.state === 'former') continue
    if (isRefreshed(model.plan)) await refreshUnlessSince(client, model.plan, [])
    else if (isKept(model)) {
      await backfill(client, model, options)
      await runInTransaction(client, model.plan.install.filled ?? [], options.retry)
    }
    await failPoint('install.backfilled')
  }
  for (const chain of chainsOf(meant.map((model) => ({ model })))) {
    await nameChain(
      client,
      chain.map(({ model }) => model),
      options,
    )
  }
}

/** What could not come along is told before hours of filling, and not after them. */
async function rehearse(
  client: Client,
  meant: readonly InstalledPlan[],
  { retry, signal }: FinishOptions,
): Promise<void> {
  for (const chain of chainsOf(meant.map((model) => ({ model })))) {
    const models = chain.map(({ model }) => model)
    if (models.every(({ state }) => state === 'former')) continue
    await rehearseSwap(client, models, await usedInPlaceOf(client, models), { ...retry, signal })
  }
}

/** The versions in use whose places these are to take. */
async function usedInPlaceOf(
  client: Client,
  chain: readonly InstalledPlan[],
): Promise<readonly InstalledPlan[]> {
  return (await readAllPlans(client)).filter(
    (it) =>
      it.state === 'ready' && chain.some((model) => model.storage !== it.storage && isSameName(model, it)),
  )
}

/** The rows of lower models are captured when these are complete: what filled them is no news. */
async function captureLower(client: Client, model: InstalledModel, { retry }: FinishOptions): Promise<void> {
  await withInstallLock(client, retry, async () => {
    const versions = await readVersions(client)
    const own = sourcesOf([model.plan]).filter((it) =>
      versions.some(({ storage }) => storage === it.name && it.schema === model.plan.storage.schema),
    )
    const after = versions.map(asCaptured)
    const captures = { before: after, after, queues: await readQueues(client, after) }
    await runSteps(client, captureSteps(own, captures), retry, 'install.source-captured')
    await client.query(
      `update millrace.model set state = 'building' where storage = $1 and state = 'waiting'`,
      [model.storage],
    )
  })
}

/** No writer waits for a backfill: those of an immediate model do not touch it yet. */
const BACKFILL_CHUNK = 10_000

async function backfill(
  client: Client,
  model: InstalledModel,
  { signal, onBackfill, pauseMs }: Pick<FinishOptions, 'signal' | 'onBackfill' | 'pauseMs'>,
): Promise<void> {
  let done = 0
  let total = 0
  await catchUp(client, model, {
    signal,
    pauseMs,
    chunk: BACKFILL_CHUNK,
    onDrain: (_, result) => {
      done += result.units
      total = Math.max(total, done, done + result.pending)
      onBackfill?.(model.plan.model, done, total)
    },
  })
}

async function nameChain(
  client: Client,
  chain: readonly InstalledPlan[],
  options: FinishOptions,
): Promise<void> {
  const used = await usedInPlaceOf(client, chain)
  // To a snapshot that is older than its rows a new version is empty; what had the name before was not.
  if (used.length > 0 || chain.some(({ plan }) => plan.replaces !== undefined)) {
    await requireExact(
      client,
      chain.filter(isKept).filter(({ state }) => state !== 'former'),
      options,
    )
    await failPoint('version.verified')
    await waitForSnapshots(client, options.signal)
    await failPoint('version.awaited')
  }
  // At one go: another program that made capture between would, as the models are not ready yet, let their writers leave
  // their changes to the worker again.
  await withInstallLock(client, options.retry, async () => {
    await letWritersApply(client, chain.filter(isKept), options)
    if (used.length === 0) await expose(client, chain, options)
    else await swap(client, chain, used, options)
  })
  if (used.length > 0) await pruneBroken(client, options)
}

/**
 * There is no way back to rows of tables that have another shape by now, and nobody could keep them fresh. All are looked at: one that
 * was still read when its own name was taken may be read no more.
 */
async function pruneBroken(client: Client, { retry, signal }: FinishOptions): Promise<void> {
  const broken: InstalledModel[] = []
  for (const it of await readVersions(client)) {
    if (it.state === 'former' && (await findSourceChanges(client, it.plan)).length > 0) broken.push(it)
  }
  if (broken.length > 0) await prune(client, broken, { retry, signal })
}

/** A new version that is not what its query says takes nobody's place. */
async function requireExact(
  client: Client,
  models: readonly InstalledModel[],
  { signal }: FinishOptions,
): Promise<void> {
  for (const { model, drift, causes } of await verify(client, models, { limit: 3, signal })) {
    if (drift.length === 0) continue
    throw new MillraceError('VERSION_WRONG', {
      detail: [
        `${model}: its new version differs from its query`,
        ...drift.map((it) => JSON.stringify(it.key)),
        ...causes,
      ].join('\n'),
      hint: 'Readers keep the version that they have. Run: millrace migrate prune, and then millrace migrate up again.',
    })
  }
}

/**
 * From here on the writers of immediate models keep them themselves. Making the triggers anew waits for those under way, so
 * what was left to the worker is all there to be drained afterwards.
 */
async function letWritersApply(
  client: Client,
  chain: readonly InstalledModel[],
  { retry, signal }: FinishOptions,
): Promise<void> {
  const immediate = chain.filter(({ plan }) => plan.immediate !== null)
  if (immediate.length === 0) return
  const versions = await readVersions(client)
  const isOurs = ({ storage }: InstalledModel) => immediate.some((it) => it.storage === storage)
  const after = versions.map((it) => (isOurs(it) ? it.plan : asCaptured(it)))
  const captures = { before: after, after, queues: await readQueues(client, after) }
  const sources = sourcesOf(immediate.map(({ plan }) => plan))
  await runSteps(client, captureSteps(sources, captures, applyStep), retry, 'install.source-applied')
  for (const model of immediate) await backfill(client, model, { signal })
}

async function expose(
  client: Client,
  chain: readonly InstalledPlan[],
  { roles, retry }: FinishOptions,
): Promise<void> {
  await runSteps(
    client,
    chain.map(({ plan }) => exposeStep(plan, roles)),
    retry,
    'install.exposed',
  )
}

/**
 * Nobody drains the versions in use while the new ones catch up with them, so that no reader sees rows go back; then all change
 * places in one transaction.
 */
async function swap(
  client: Client,
  chain: readonly InstalledPlan[],
  used: readonly InstalledPlan[],
  { roles, retry, signal }: FinishOptions,
): Promise<void> {
  await catchAllUp(client, chain, used, signal)
  const plans = chain.map(({ plan }) => plan)
  const { statements } = swapStep(
    plans,
    used.map(({ plan }) => plan),
    roles,
  )
  const released = await releases(client, chain, used.filter(isKept))
  await withLockRetry(retry, async () => {
    try {
      await holdDrains(client, used, retry)
      await catchAllUp(client, chain, used, signal)
      await failPoint('version.caught-up')
      await runTogether(client, [...statements, ...released], retry.timeoutMs)
    } catch (error) {
      throw readerInTheWay(error) ?? error
    } finally {
      for (const it of used) await client.query(lockOf('pg_advisory_unlock', it)).catch(() => undefined)
    }
  })
  await failPoint('version.swapped')
}

/** The writers of immediate versions that are not in use any more leave their changes to the worker, from the same moment on. */
async function releases(
  client: Client,
  chain: readonly InstalledPlan[],
  used: readonly InstalledModel[],
): Promise<readonly string[]> {
  const immediate = used.filter(({ plan }) => plan.immediate !== null)
  if (immediate.length === 0) return []
  const isAmong = (all: readonly InstalledPlan[], { storage }: InstalledModel) =>
    all.some((it) => it.storage === storage)
  const after = (await readVersions(client)).map((it) =>
    isAmong(chain, it) ? it.plan : isAmong(used, it) ? leftToWorker(it.plan) : asCaptured(it),
  )
  const captures = { before: after, after, queues: await readQueues(client, after) }
  const sources = sourcesOf(immediate.map(({ plan }) => plan))
  return captureSteps(sources, captures).flatMap(({ statements }) => statements)
}

async function catchAllUp(
  client: Client,
  chain: readonly InstalledPlan[],
  used: readonly InstalledPlan[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const model of chain) {
    const before = used.filter((it) => isSameName(it, model))
    if (isKept(model)) await catchUp(client, model, { signal })
    else if (isRefreshed(model.plan)) await refreshUnlessSince(client, model.plan, before)
  }
}

async function holdDrains(
  client: Client,
  used: readonly InstalledPlan[],
  { timeoutMs }: LockRetry,
): Promise<void> {
  await client.query('begin')
  try {
    await client.query(`set local lock_timeout = ${String(timeoutMs)}`)
    for (const it of used) await client.query(lockOf('pg_advisory_lock', it))
  } finally {
    await client.query('commit')
  }
}

/** What a drain of it holds, or the job that refreshes it. */
function lockOf(call: 'pg_advisory_lock' | 'pg_advisory_unlock', { storage, plan }: InstalledPlan): string {
  const [kind, name] = isRefreshed(plan)
    ? ['millrace.job', refreshJobName(plan.model)]
    : ['millrace', storage]
  return `select ${call}(hashtext(${literal(kind).text}), hashtext(${literal(name).text}))`
}
