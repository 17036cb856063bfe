import type { Client } from '../pg/client.ts'
import { readVersions, type InstalledModel } from '../work/model.ts'
import { capturedSources, readQueues, sourcesOf, withoutThese } from './capture-source.ts'
import type { Change } from './changes.ts'
import { withInstallLock } from './install-lock.ts'
import { LOCK_RETRY, type LockRetry } from './lock-retry.ts'
import { runSteps } from './run-steps.ts'
import type { Step } from './step.ts'
import { stepsOf } from './steps.ts'

/** Takes versions away that are not in use, and those that read them. Returns which they were. */
export async function prune(
  client: Client,
  versions: readonly InstalledModel[],
  { retry = LOCK_RETRY, signal }: PruneOptions = {},
): Promise<readonly InstalledModel[]> {
  const lock = { ...retry, signal }
  return await withInstallLock(client, lock, async () => {
    const installed = await readVersions(client)
    const gone: InstalledModel[] = []
    // Lower ones come first.
    for (const it of installed.filter(({ state }) => state !== 'ready')) {
      const isGone = (name: string) => gone.some(({ storage }) => storage === name)
      const isMeant = versions.some(({ storage }) => storage === it.storage)
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

/** The steps that take versions away, and capture of what nobody reads any more. */
export async function removalSteps(
  client: Client,
  installed: readonly InstalledModel[],
  changes: readonly Change[],
  keep = false,
): Promise<readonly Step[]> {
  const plans = installed.map(({ plan }) => plan)
  const captured = sourcesOf(plans)
  const forgotten = withoutThese(await capturedSources(client), captured)
  const queues = await readQueues(client, plans)
  return stepsOf({ changes, installed, schema: [], queues, forgotten, isHomeKept: true, keep })
}
