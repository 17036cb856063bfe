import type { Client } from '../pg/client.ts'
import type { InstalledModel } from '../work/model.ts'
import { readScheduled, type RefreshedModel, type Scheduled } from '../work/schedule/installed.ts'
import { installedModels, pickModel } from './installed-models.ts'

/** What names on the command line stand for. */
export interface Picked {
  /** Read models that follow what changes. */
  readonly models: readonly InstalledModel[]
  readonly scheduled: readonly Scheduled[]
}

/** The installed read models and jobs of these names; all of them where none is named. A job's may be written `job.cleanup`. */
export async function pickInstalled(client: Client, names: readonly string[]): Promise<Picked> {
  const models = await installedModels(client)
  const scheduled = await readScheduled(client)
  if (names.length === 0) return { models, scheduled }

  const all = [
    ...models.map((kept) => ({ kind: 'kept', schema: kept.schema, name: kept.name, kept }) as const),
    ...scheduled.map((job) => ({ kind: 'scheduled', ...namesOf(job), job }) as const),
  ]
  const picked = names.map((name) => pickModel(all, name))
  return {
    models: picked.flatMap((it) => (it.kind === 'kept' ? [it.kept] : [])),
    scheduled: picked.flatMap((it) => (it.kind === 'scheduled' ? [it.job] : [])),
  }
}

/** The installed read models of these names, without the user's own jobs. */
export async function pickModels(
  client: Client,
  names: readonly string[],
): Promise<{ readonly models: readonly InstalledModel[]; readonly refreshed: readonly RefreshedModel[] }> {
  const models = await installedModels(client)
  const refreshed = (await readScheduled(client)).filter((it) => it.kind === 'refresh')
  if (names.length === 0) return { models, refreshed }

  const all = [
    ...models.map((kept) => ({ kind: 'kept', schema: kept.schema, name: kept.name, kept }) as const),
    ...refreshed.map((job) => ({ kind: 'refreshed', ...namesOf(job), job }) as const),
  ]
  const picked = names.map((name) => pickModel(all, name))
  return {
    models: picked.flatMap((it) => (it.kind === 'kept' ? [it.kept] : [])),
    refreshed: picked.flatMap((it) => (it.kind === 'refreshed' ? [it.job] : [])),
  }
}

function namesOf(job: Scheduled): { readonly schema: string; readonly name: string } {
  if (job.kind === 'statement') return { schema: 'job', name: job.name }
  return { schema: job.model.schema, name: job.model.name }
}
