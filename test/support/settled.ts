import { vi } from 'vitest'
import type { Client } from '../../src/pg/client.ts'
import { WAIT_MS } from './patience.ts'

/**
 * Waits until every transaction of the server that is open now has ended, those of other databases too: they keep what was written beside them
 * from being old, for all who go by snapshots. `client` may write.
 */
export async function untilOthersHaveEnded(client: Client): Promise<void> {
  const [own] = await client.query<{ xid: string }>('select pg_current_xact_id()::text as xid')
  await vi.waitUntil(async () => {
    const [now] = await client.query<{ isOver: boolean }>(
      'select pg_snapshot_xmin(pg_current_snapshot()) > $1::text::xid8 as "isOver"',
      [own?.xid],
    )
    return now?.isOver
  }, WAIT_MS)
}
