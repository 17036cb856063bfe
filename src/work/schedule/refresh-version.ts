import { isRefreshed, type RefreshPlan } from '../../compile/refresh/refresh-plan.ts'
import { withTransaction, type Client } from '../../pg/client.ts'
import type { InstalledPlan } from '../model.ts'
import { refreshJobName } from '../../sql/names.ts'
import { LOCK, UNLOCK } from './job.sql.ts'
import { refresh } from './refresh.ts'

/** `$1` storage, `$2` others → has it been refreshed, and seen whatever those have seen? */
const IS_FRESH = `
  select exists (
    select
    from (select pg_snapshot_xmax(snapshot::pg_snapshot) as seen
          from millrace.watermark where model = $1::text and cluster = millrace.cluster() order by n desc limit 1) as own
    where not exists (
      select
      from millrace.watermark as w
      where w.model = any ($2::text[]) and pg_snapshot_xmax(w.snapshot::pg_snapshot) > own.seen)
  ) as "isFresh"`

/**
 * Refreshes a version that no job refreshes, unless it is as fresh as the `others` whose place it is to take: so no reader sees rows
 * go back. Whoever calls sees to it that those are not refreshed meanwhile.
 */
export async function refreshUnlessSince(
  client: Client,
  plan: RefreshPlan,
  others: readonly InstalledPlan[],
): Promise<void> {
  // A worker may be at it: of the first version that is refreshed the job is there before the name.
  const job = refreshJobName(plan.model)
  await client.query(LOCK, [job])
  try {
    const names = others.map((it) => it.storage)
    const [row] = await client.query<{ isFresh: boolean }>(IS_FRESH, [plan.storage.name, names])
    // Writers keep the rows of an immediate one, and no watermark tells of it.
    const isMoving = others.some((it) => !isRefreshed(it.plan) && it.plan.immediate !== null)
    if (row?.isFresh === true && !isMoving) return
    await withTransaction(client, { isolation: 'repeatable read' }, () => refresh(client, plan))
  } finally {
    await client.query(UNLOCK, [job]).catch(() => undefined)
  }
}
