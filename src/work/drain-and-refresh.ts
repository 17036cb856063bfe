import type { Connection } from '../pg/client.ts'
import { drainAll, type DrainAllOptions, type DrainedAll } from './drain-all.ts'
import type { InstalledModel } from './model.ts'
import { runDueRefreshes } from './schedule/run-due.ts'
import { tidy } from './tidy.ts'

export interface DrainedAndRefreshed extends DrainedAll {
  /** Read models that were refreshed because their time had come. */
  readonly refreshed: number
}

/**
 * Drains what is queued for every model, empties the queues, removes what is old, and refreshes what is due: where no worker
 * runs. What reads a refreshed model is drained again after it.
 */
export async function drainAndRefresh(
  client: Connection,
  models: readonly InstalledModel[],
  options: DrainAllOptions,
): Promise<DrainedAndRefreshed> {
  const drained = await drainAll(client, models, options)
  if (options.signal?.aborted === true) return { ...drained, refreshed: 0 }
  await tidy(client, models)
  const { refreshed } = await runDueRefreshes(client, options.signal)
  if (refreshed === 0) return { ...drained, refreshed }
  const again = await drainAll(client, models, options)
  return {
    drains: drained.drains + again.drains,
    units: drained.units + again.units,
    rowsChanged: drained.rowsChanged + again.rowsChanged,
    failed: drained.failed + again.failed,
    refreshed,
  }
}
