import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../pg/client.ts'

/**
 * → transactions that hold a snapshot now, each as long as it holds this one. Of sessions whose state this role may not see, every
 * transaction counts.
 */
const HOLDERS = `
  select l.virtualtransaction || ' ' || coalesce(a.backend_xmin::text, '') as holder
  from pg_locks as l
  join pg_stat_activity as a on a.pid = l.pid
  where l.locktype = 'virtualxid'
    and l.granted
    and l.mode = 'ExclusiveLock'
    and a.pid <> pg_backend_pid()
    and a.datname = current_database()
    and (a.backend_xmin is not null or a.state is null)
    and a.backend_type is distinct from 'autovacuum worker'`

const LOOK_EVERY_MS = 20

/**
 * Returns when every snapshot that is held now has been given up: who reads with one does not see rows that have been written since.
 * So does CREATE INDEX CONCURRENTLY before its index is used. `onWait`: how many are waited for.
 */
export async function waitForSnapshots(
  client: Client,
  signal: AbortSignal | undefined,
  onWait: (holders: number) => void = () => undefined,
): Promise<void> {
  let waiting = await readHolders(client)
  while (waiting.length > 0) {
    signal?.throwIfAborted()
    onWait(waiting.length)
    await sleep(LOOK_EVERY_MS, undefined, { signal })
    const now = await readHolders(client)
    waiting = waiting.filter((it) => now.includes(it))
  }
}

async function readHolders(client: Client): Promise<readonly string[]> {
  return (await client.query<{ holder: string }>(HOLDERS)).map(({ holder }) => holder)
}
