import { knownSchemaVersion } from '../catalog/schema-version.ts'
import type { Client } from '../pg/client.ts'
import { readAllPlans, type InstalledPlan } from '../work/model.ts'
import { readScheduled, type Scheduled } from '../work/schedule/installed.ts'

/** What a database has, as far as this program knows its schema. */
export interface Installed {
  /** Of Millrace's own schema; 0 where there is none, and then nothing of the rest. */
  readonly version: number
  /** All versions of all read models. */
  readonly models: readonly InstalledPlan[]
  readonly scheduled: readonly Scheduled[]
}

/** All versions, where those that are refreshed are known by their jobs only: in what migrations make. */
export function withRefreshed(
  models: readonly InstalledPlan[],
  scheduled: readonly Scheduled[],
): readonly InstalledPlan[] {
  const refreshed = scheduled.flatMap((it): readonly InstalledPlan[] =>
    it.kind === 'refresh' ? [{ ...it.model, storage: it.model.plan.storage.name }] : [],
  )
  const isMissing = ({ storage }: InstalledPlan) => !models.some((it) => it.storage === storage)
  return [...models, ...refreshed.filter(isMissing)]
}

export async function readInstalled(client: Client): Promise<Installed> {
  const version = await knownSchemaVersion(client)
  if (version === 0) return { version, models: [], scheduled: [] }
  return { version, models: await readAllPlans(client), scheduled: await readScheduled(client) }
}
