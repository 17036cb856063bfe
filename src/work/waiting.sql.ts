import type { Plan } from '../compile/plan.ts'
import { qualified, sql } from '../sql/sql.ts'

/** `$1` storage → the newest watermark, how old it is, and whether it was taken in this cluster. */
export const LAST_WATERMARK = `
  select w.n::text as n,
         w.snapshot,
         w.horizon::text as horizon,
         w.cluster = millrace.cluster() as "isOurs",
         (extract(epoch from clock_timestamp() - w.reached_at) * 1000)::float8 as "ageMs"
  from millrace.watermark as w
  where w.model = $1::text
  order by w.n desc
  limit 1`

/** → units that wait, and those of them that are set aside with an error. */
export function countWaitingUnits({ pending }: Plan): string {
  return sql`select count(*)::int as units, count(error)::int as "setAside" from ${qualified(pending)}`.text
}
