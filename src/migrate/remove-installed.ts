import type { Connection } from '../pg/client.ts'
import type { InstalledModel } from '../work/model.ts'
import type { Scheduled } from '../work/schedule/installed.ts'
import { removeInOrder, requireUnread } from './in-order.ts'
import { remove, type InstallOptions } from './install.ts'
import type { ObjectChange } from './objects/changes.ts'
import { runObjectSteps } from './objects/run.ts'
import { objectSteps } from './objects/steps.ts'

/** What is to go. */
export interface Removal {
  readonly models: readonly InstalledModel[]
  readonly scheduled: readonly Scheduled[]
  /** Removals of objects of the users' own. */
  readonly objects: readonly ObjectChange[]
}

export interface RemovalOptions extends Pick<InstallOptions, 'signal'> {
  /** Under which the objects' own SQL is run. */
  readonly searchPath: readonly string[] | undefined
}

/** Removes read models, jobs and objects, each before what it stands on; with the last one everything that Millrace made. */
export async function removeInstalled(
  client: Connection,
  { models, scheduled, objects }: Removal,
  { searchPath, signal }: RemovalOptions,
): Promise<void> {
  const own = objectSteps(objects)
  await runObjectSteps(client, own.before, { searchPath, signal })
  await requireUnread(client, { models, scheduled })
  // With no model there may still be what an interrupted installation began with.
  if (models.length === 0) await remove(client, [], { signal })
  await removeInOrder(client, { models, scheduled }, { signal })
  await runObjectSteps(client, own.after, { searchPath, signal })
}
