import { nextAfter } from '../../define/schedule.ts'
import type { Client, Connection } from '../../pg/client.ts'
import { isRefreshed } from '../../compile/refresh/refresh-plan.ts'
import { isSameName, refreshJobName } from '../../sql/names.ts'
import { readAllPlans, type InstalledPlan } from '../../work/model.ts'
import { readJob } from '../../work/schedule/job.ts'
import { isKept } from '../changes.ts'
import type { CompiledRefresh } from '../compile-refreshed.ts'
import { installInOrder } from '../in-order.ts'
import type { InstallOptions } from '../install.ts'
import { LOCK_RETRY } from '../lock-retry.ts'
import { finishIndexes } from './finish-indexes.ts'
import { schemaVersion } from '../../catalog/schema-version.ts'

/**
 * Goes on with what files have begun, whichever tool has run them: fills the read models that are being built, and gives readers
 * their names. What is to be done is read from the database. → the names of the models
 */
export async function finishBuilt(client: Connection, options: InstallOptions): Promise<readonly string[]> {
  if ((await schemaVersion(client)) === 0) return []
  const built = (await readAllPlans(client)).filter(
    ({ state }) => state === 'building' || state === 'waiting',
  )
  // Of several files that were run at once the last one counts.
  const last = built.filter(
    (it) => !built.some((other) => isSameName(other, it) && other.plan.version > it.plan.version),
  )
  const models = last.filter(isKept).map((it) => ({ definition: definitionOf(it), plan: it.plan }))
  const refreshed: CompiledRefresh[] = []
  for (const it of last) {
    const { plan } = it
    const job = isRefreshed(plan) ? await readJob(client, refreshJobName(plan.model)) : undefined
    if (job === undefined || !isRefreshed(plan)) continue
    const { every, timeZone, timeoutMs } = job
    refreshed.push({ definition: { ...definitionOf(it), schedule: { every, timeZone, timeoutMs } }, plan })
  }
  await installInOrder(client, { models, refreshed, jobs: [] }, options)
  await setFirstTimes(client)
  const indexed = await finishIndexes(client, { ...(options.retry ?? LOCK_RETRY), signal: options.signal })
  const made = [...models, ...refreshed].map(({ definition: { schema, name } }) => `${schema}.${name}`)
  return [...new Set([...made, ...indexed])]
}

function definitionOf({ schema, name, definition, plan }: InstalledPlan) {
  return { schema, name, key: plan.key, query: definition, indexes: [] }
}

/** A migration cannot say when a job is due first: that depends on when it is run. */
async function setFirstTimes(client: Client): Promise<void> {
  const jobs = await client.query<{ name: string; every: string; timeZone: string; now: Date }>(`
    select name, every, time_zone as "timeZone", clock_timestamp() as now
    from millrace.job
    where next_at = 'infinity'`)
  for (const { name, every, timeZone, now } of jobs) {
    await client.query(
      `update millrace.job set next_at = $2::timestamptz where name = $1::text and next_at = 'infinity'`,
      [name, nextAfter({ every, timeZone }, now).toISOString()],
    )
  }
}
