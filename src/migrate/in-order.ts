import { splitByPlan } from '../compile/refresh/refresh-plan.ts'
import { inLevels } from '../compile/order.ts'
import { MillraceError } from '../errors.ts'
import type { Connection } from '../pg/client.ts'
import type { JobDefinition } from '../define/resolve-job.ts'
import { readPlans, type InstalledModel } from '../work/model.ts'
import type { Scheduled } from '../work/schedule/installed.ts'
import type { Client } from '../pg/client.ts'
import type { CompiledModel } from './compile-model.ts'
import type { CompiledRefresh } from './compile-refreshed.ts'
import { install, remove, type InstallOptions, type RemoveOptions } from './install.ts'
import { installScheduled, removeScheduled } from './install-scheduled.ts'

interface Wanted {
  readonly models: readonly CompiledModel[]
  readonly refreshed: readonly CompiledRefresh[]
  readonly jobs: readonly JobDefinition[]
}

interface InOrderOptions extends InstallOptions {
  /** In which the statements of jobs look names up. */
  readonly searchPath?: readonly string[] | undefined
}

/** Installs what is declared: whatever is read before what reads it, those that are refreshed and those that are kept alike. */
export async function installInOrder(
  client: Connection,
  { models, refreshed, jobs }: Wanted,
  options: InOrderOptions,
): Promise<void> {
  for (const level of inLevels([...models, ...refreshed], ({ plan }) => plan)) {
    const { kept, refreshed: others } = splitByPlan<CompiledModel, CompiledRefresh>(level)
    if (kept.length > 0) await install(client, kept, options)
    if (others.length > 0) await installScheduled(client, { refreshed: others, jobs: [] }, options)
  }
  if (jobs.length > 0) await installScheduled(client, { refreshed: [], jobs }, options)
}

interface Installed {
  readonly models: readonly InstalledModel[]
  readonly scheduled: readonly Scheduled[]
}

type Removal = { readonly kept: InstalledModel } | { readonly scheduled: Scheduled }

/** Removes what is installed: whatever reads others before what it reads. */
export async function removeInOrder(
  client: Client,
  { models, scheduled }: Installed,
  options: RemoveOptions,
): Promise<void> {
  const all: readonly Removal[] = [
    ...models.map((kept) => ({ kept })),
    ...scheduled.map((it) => ({ scheduled: it })),
  ]
  for (const level of inLevels(all, placeOf).toReversed()) {
    const kept = level.flatMap((it) => ('kept' in it ? [it.kept] : []))
    const others = level.flatMap((it) => ('scheduled' in it ? [it.scheduled] : []))
    if (kept.length > 0) await remove(client, kept, options)
    if (others.length > 0) await removeScheduled(client, others, options)
  }
}

/** A job of the user's own reads nothing that we know of. */
function placeOf(it: Removal) {
  if ('kept' in it) return it.kept.plan
  if (it.scheduled.kind === 'refresh') return it.scheduled.model.plan
  return { storage: { schema: 'job', name: it.scheduled.name } }
}

/** Refuses to remove what a model reads that stays. */
export async function requireUnread(client: Client, { models, scheduled }: Installed): Promise<void> {
  const gone = [
    ...models.map(({ storage }) => storage),
    ...scheduled.flatMap((it) => (it.kind === 'refresh' ? [it.model.plan.storage.name] : [])),
  ]
  for (const { storage, schema, name, plan } of await readPlans(client)) {
    const lower = (plan.models ?? []).find((it) => gone.includes(it.storage.name))
    if (lower === undefined || gone.includes(storage)) continue
    const read = `${lower.model.schema}.${lower.model.name}`
    throw new MillraceError('MODEL_IS_READ', {
      detail: `${schema}.${name} reads ${read}`,
      hint: `Remove both: millrace migrate down ${schema}.${name} ${read}`,
    })
  }
}
