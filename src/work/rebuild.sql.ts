import type { Plan } from '../compile/plan.ts'
import { newestWatermark } from '../compile/window.ts'
import { qualified, sql, trusted } from '../sql/sql.ts'

/** Do units of a rebuild wait still, which was begun in this cluster? */
export function isRebuildUnderWay({ storage, pending }: Plan): string {
  const isOurs = newestWatermark(storage, trusted('w.cluster = millrace.cluster()'))
  return sql`select coalesce((${isOurs}), false) and exists (
  select
  from ${qualified(pending)}
  where cause = 'rebuild' and retry_at is null
) as "isUnderWay"`.text
}
