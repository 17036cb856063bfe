import type { RefreshPlan } from '../../compile/refresh/refresh-plan.ts'
import { relationOf } from '../../compile/window.ts'
import { join, literal, qualified, sql } from '../../sql/sql.ts'

/** Locks what a refresh reads, and the stored table, before its snapshot, which LOCK TABLE does not take (LESSONS 19). */
export function lockReads({ storage, reads }: RefreshPlan): string {
  const tables = [storage, ...reads].map(qualified)
  return sql`lock table ${join(tables)} in access share mode`.text
}

/** `$1` storage, `$2` query → is that the query that the stored table is of? */
export const IS_INSTALLED = `
  select exists (
    select
    from millrace.model as m
    where m.storage = $1::text and m.plan ->> 'query' = $2::text
  ) as "isInstalled"`

/** The snapshot that the rows are of: a token of a transaction that it contains has been passed. */
export function writeWatermark({ storage }: RefreshPlan): string {
  const name = literal(storage.name)
  return sql`insert into millrace.watermark (model, n, snapshot, horizon, cluster, relation)
select ${name}, coalesce((select max(n) from millrace.watermark where model = ${name}), 0) + 1,
       pg_current_snapshot()::text, pg_snapshot_xmin(pg_current_snapshot()), millrace.cluster(), ${relationOf(storage)}`
    .text
}

/** The newest few are kept for those who want to look. */
export function pruneWatermarks({ storage }: RefreshPlan): string {
  const name = literal(storage.name)
  return sql`delete from millrace.watermark
where model = ${name} and n < (select max(n) - 10 from millrace.watermark where model = ${name})`.text
}
