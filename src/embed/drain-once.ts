import { requireSchema } from '../catalog/schema-version.ts'
import { lengthMs } from '../define/duration.ts'
import { MillraceError } from '../errors.ts'
import { cancelledBy } from '../pg/cancel.ts'
import { withConnection } from '../pg/client.ts'
import { displayName } from '../sql/names.ts'
import { drainAndRefresh, type DrainedAndRefreshed } from '../work/drain-and-refresh.ts'
import { isStop, type DrainAllOptions } from '../work/drain-all.ts'
import { readDrained } from '../work/model.ts'
import { readWaiting } from '../work/waiting.ts'
import { databaseUrl, type DatabaseConfiguration } from './configuration.ts'
import { abortAfter } from './abort-after.ts'

/** How long a call may take, and who hears of its drains. */
export interface DrainOnceOptions extends Pick<DrainAllOptions, 'signal' | 'onDrain'> {
  /** In words, `'8 seconds'`: what is under way then is rolled back, and done by the next call. Absent: as long as it takes. */
  readonly timeLimit?: string | undefined
}

/** What a call has done, and what it has left. */
export interface DrainedOnce extends DrainedAndRefreshed {
  /** Everything that was queued when this began is drained. False where the limit came first. */
  readonly isComplete: boolean
  /** What waits now, by read model: it was left, or came meanwhile. */
  readonly left: readonly LeftOver[]
}

/** A read model for which something waits. */
export interface LeftOver {
  /** Its name, with its schema: `public.feed`. */
  readonly model: string
  /** Queued changes that are not drained. */
  readonly changes: number
  /** Units that are known to be due, without those that are set aside with an error. */
  readonly units: number
}

const NOTHING: DrainedAndRefreshed = { drains: 0, units: 0, rowsChanged: 0, failed: 0, refreshed: 0 }

/**
 * Drains what is queued when this is called, empties the queues, removes what is old and refreshes what is due: for cron and for routes
 * of a serverless application, where no worker runs. It ends under steady writes too, and may be called by several at once. Throws the
 * signal's reason when that comes first.
 */
export async function drainOnce(
  config: DatabaseConfiguration,
  { timeLimit, signal, onDrain }: DrainOnceOptions = {},
): Promise<DrainedOnce> {
  const limit = limitOf(timeLimit)
  const url = await databaseUrl(config)
  const stop = AbortSignal.any([limit, signal].filter((it) => it !== undefined))
  const drained = await withConnection({ url, name: 'millrace drain' }, (client) =>
    cancelledBy(stop, { client, url }, async () => {
      await requireSchema(client)
      const options = { signal: stop, onDrain, inPortions: limit !== undefined }
      return await drainAndRefresh(client, await readDrained(client), options)
    }),
  ).catch((error: unknown) => {
    if (isStop(error, stop)) return NOTHING
    throw error
  })
  signal?.throwIfAborted()
  return { ...drained, isComplete: !stop.aborted, left: await readLeft(url) }
}

function limitOf(timeLimit: string | undefined): AbortSignal | undefined {
  if (timeLimit === undefined) return undefined
  const ms = lengthMs(timeLimit)
  if (ms !== undefined) return abortAfter(ms)
  const hint = `Write a length of time in words: timeLimit: '8 seconds'.`
  throw new MillraceError('BAD_CONFIG', { detail: `"timeLimit" is ${JSON.stringify(timeLimit)}`, hint })
}

/** By a connection of its own: what has cancelled a statement may have come too late for it, and would meet the next one. */
async function readLeft(url: string): Promise<readonly LeftOver[]> {
  return await withConnection({ url, name: 'millrace drain' }, async (client) => {
    const left: LeftOver[] = []
    for (const model of await readDrained(client)) {
      const { changes, units, setAside } = await readWaiting(client, model)
      const due = units - setAside
      if (changes + due > 0) left.push({ model: displayName(model), changes, units: due })
    }
    return left
  })
}
