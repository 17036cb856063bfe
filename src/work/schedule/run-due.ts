import type { Connection } from '../../pg/client.ts'
import { readRefreshed } from './installed.ts'
import { readDueJobs } from './job.ts'
import { runJob } from './run.ts'

/** Refreshes the read models whose time has come, one after the other: where no worker does. Throws the error of the first that fails. */
export async function runDueRefreshes(
  client: Connection,
  signal?: AbortSignal,
): Promise<{ readonly refreshed: number }> {
  const models = (await readRefreshed(client)).map(({ name }) => name)
  let refreshed = 0
  for (const { name, dueInMs } of await readDueJobs(client)) {
    if (signal?.aborted === true || dueInMs > 0) break
    if (!models.includes(name)) continue
    const outcome = await runJob(client, name, {
      cause: 'schedule',
      isStopped: () => signal?.aborted === true,
    })
    if (outcome.status === 'failed') throw outcome.error
    if (outcome.status === 'completed') refreshed += 1
  }
  return { refreshed }
}
