import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '../../pg/client.ts'
import { runJob, type RunOptions, type RunOutcome } from './run.ts'

/** Another session is at it: looked at again after this long. */
const BUSY_WAIT_MS = 50

/** Runs a job as soon as no other session does; throws its error. */
export async function runWhenFree(
  client: Connection,
  name: string,
  { cause, signal }: Pick<RunOptions, 'cause'> & { readonly signal?: AbortSignal | undefined },
): Promise<Extract<RunOutcome, { status: 'completed' }>> {
  for (;;) {
    signal?.throwIfAborted()
    const outcome = await runJob(client, name, { cause, isStopped: () => signal?.aborted === true })
    switch (outcome.status) {
      case 'completed':
        return outcome
      case 'failed':
        throw outcome.error
      case 'stopped':
        throw signal?.reason
      case 'busy':
      case 'not-due':
        await sleep(BUSY_WAIT_MS, undefined, { signal })
    }
  }
}
