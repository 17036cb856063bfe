import { literal, sql, trusted, type Sql } from '../sql/sql.ts'
import { currentSlot } from '../sql/slots.ts'

/** `$1` slot → is it not the one that writers use now, and does it hold anything but its sentinel? */
export function isWorthEmptying(slot: Sql): string {
  return sql`select ${currentSlot()} <> $1::smallint
   and exists (select from ${slot} where xid > '0'::xid8) as worth`.text
}

/**
 * `$1, $2` schema and name of the source → true if every model that reads it has drained every row of the slot. Which
 * models these are is asked of the database and not of the worker, who may not have heard of the newest yet.
 * To be run after the slot is locked, in a new statement. A model without a watermark does not count: its first drain
 * locks the queue before its snapshot, so that snapshot will contain whatever is committed now.
 */
export function isDrained(slot: Sql): string {
  return sql`select not exists (
  select
  from millrace.model as m
  join lateral (
    select w.snapshot::pg_snapshot as snapshot
    from millrace.watermark as w
    where w.model = m.storage
    order by w.n desc
    limit 1
  ) as last on true
  join ${slot} as q on q.xid > '0'::xid8 and not pg_visible_in_snapshot(q.xid, last.snapshot)
    -- writers of an immediate model have applied all but these
    and (q.deferred or coalesce(jsonb_typeof(m.plan -> 'immediate'), 'null') = 'null')
  where m.plan -> 'sources' @> jsonb_build_array(
    jsonb_build_object('relation', jsonb_build_object('schema', $1::text, 'name', $2::text)))
) as drained`.text
}

export function lockSlot(slot: Sql): string {
  return sql`lock table ${slot} in access exclusive mode`.text
}

/** Empties a slot and leaves the sentinel, which readers with an older snapshot will not see. */
export function emptySlot(slot: Sql, queue: Sql, index: number): readonly string[] {
  return [
    sql`truncate table ${slot}`.text,
    sql`insert into ${queue} (slot, xid, op, changed) values (${trusted(String(index))}, '0', 'S', 0)`.text,
  ]
}

/** Removes old watermarks of one model, and keeps the newest few for those who want to look. */
export function pruneWatermarks(storage: string): string {
  return sql`delete from millrace.watermark as w
where w.model = ${literal(storage)}
  and w.n < (select max(n) - 10 from millrace.watermark where model = ${literal(storage)})`.text
}

/** `$1` batch size. Removes log rows older than a week, oldest first. */
export const PRUNE_LOG = `
  delete from millrace.refresh_log
  where id in (
    select id
    from millrace.refresh_log
    where finished_at < now() - interval '7 days'
    order by id
    limit $1::int
  )`
