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
 *
 * Writers wait meanwhile: what is asked of the models is asked once, not for each row (a plan is a large value), and of the
 * rows only those are looked at that are not older than every transaction of a watermark, a range of the slot's index.
 */
export function isDrained(slot: Sql): string {
  return sql`with reader as materialized (
  select last.snapshot, last.horizon, coalesce(jsonb_typeof(m.plan -> 'immediate'), 'null') <> 'null' as is_immediate
  from millrace.model as m
  join lateral (
    select w.snapshot::pg_snapshot as snapshot, w.horizon
    from millrace.watermark as w
    where w.model = m.storage
    order by w.n desc
    limit 1
  ) as last on true
  where m.plan -> 'sources' @> jsonb_build_array(
    jsonb_build_object('relation', jsonb_build_object('schema', $1::text, 'name', $2::text)))
)
select not exists (
  select
  from reader as r
  cross join lateral (
    select
    from ${slot} as q
    where q.xid >= r.horizon and q.xid > '0'::xid8 and not pg_visible_in_snapshot(q.xid, r.snapshot)
      -- writers of an immediate model have applied all but these
      and (q.deferred or not r.is_immediate)
    -- for the planner, which else expects the first row of the table to be such a one
    order by q.xid desc
    limit 1
  ) as left_over
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
