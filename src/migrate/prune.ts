import type { Client } from '../pg/client.ts'
import { readAllPlans, type InstalledPlan } from '../work/model.ts'
import { sourcesOf } from '../compile/sources-of.ts'
import { capturedSources, readQueues, withoutThese } from './capture-source.ts'
import { isKept, type Change } from './changes.ts'
import { withInstallLock } from './install-lock.ts'
import { LOCK_RETRY, type LockRetry } from './lock-retry.ts'
import { runSteps } from './run-steps.ts'
import type { Step } from './step.ts'
import { stepsOf } from './steps.ts'

/** Takes versions away that are not in use, and those that read them. Returns which they were. */
export async function prune(
  client: Client,
  versions: readonly InstalledPlan[],
  { retry = LOCK_RETRY, signal }: PruneOptions = {},
): Promise<readonly InstalledPlan[]> {
  const lock = { ...retry, signal }
  return await withInstallLock(client, lock, async () => {
    const installed = await readAllPlans(client)
    const gone: InstalledPlan[] = []
    // Lower ones come first.
    for (const it of installed.filter(({ state }) => state !== 'ready')) {
      const isGone = (name: string) => gone.some(({ storage }) => storage === name)
      const isMeant = versions.some(({ storage }) => storage === it.storage) && !isRead(it, installed)
      if (isMeant || (it.plan.models ?? []).some(({ storage }) => isGone(storage.name))) gone.push(it)
    }
    const changes = gone.map((it): Change => ({ kind: 'prune', installed: it }))
    await runSteps(client, await removalSteps(client, installed, changes), lock)
    return gone
  })
}

export interface PruneOptions {
  readonly retry?: LockRetry | undefined
  readonly signal?: AbortSignal | undefined
}

/** A version in use reads its rows, still: that of the model above it is not built yet. */
function isRead({ storage }: InstalledPlan, installed: readonly InstalledPlan[]): boolean {
  return installed.some(
    ({ state, plan }) => state === 'ready' && (plan.models ?? []).some((it) => it.storage.name === storage),
  )
}

/** The steps that take versions away, and capture of what nobody reads any more. */
export async function removalSteps(
  client: Client,
  installed: readonly InstalledPlan[],
  changes: readonly Change[],
  keep = false,
): Promise<readonly Step[]> {
  const plans = installed.filter(isKept).map(({ plan }) => plan)
  const captured = sourcesOf(plans)
  const forgotten = withoutThese(await capturedSources(client), captured)
  const queues = await readQueues(client, plans)
  return stepsOf({ changes, installed, schema: [], queues, forgotten, isHomeKept: true, keep })
}
