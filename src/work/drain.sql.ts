import { hiddenSources } from '../sql/hidden-rows.ts'
import { join, literal, qualified, sql, trusted } from '../sql/sql.ts'
import type { Plan, RelationName } from '../compile/plan.ts'
import { newestWatermark, readerWindow, relationOf, windowOf } from '../compile/window.ts'

/** Locks the model's own tables, so that it is not removed, nor another made in its place, while it is drained. */
export function lockModel({ storage, pending }: Plan): string {
  return sql`lock table ${qualified(storage)}, ${qualified(pending)} in access share mode`.text
}

/**
 * Keeps the writers of an immediate model from its rows, and waits for those who have written to them already: then the
 * snapshot that follows holds exactly the changes that they have applied.
 */
export function lockOutWriters({ storage }: Plan): string {
  return sql`lock table ${qualified(storage)} in exclusive mode`.text
}

/** Is there anything to do for a model whose writers keep it: rows that they left, units that are due, or all of it? */
export function hasLeftovers({ storage, pending, sources }: Plan): string {
  const window = readerWindow(storage, true)
  const left = sources.map(
    ({ relation }) => sql`exists (select from (${windowOf(relation, window)}) as changes)`,
  )
  return sql`select not exists (select from millrace.watermark as w where w.model = ${literal(storage.name)})
    or exists (select from ${qualified(pending)} where retry_at is null or retry_at <= now())
    or ${join(left, '\n    or ')}
    or coalesce((${newestWatermark(storage, trusted('w.cluster <> millrace.cluster()'))}), false) as exists`
    .text
}

/**
 * Locks what a drain reads, before its snapshot: LOCK TABLE takes none. A source that is being truncated is waited
 * for, so its mark is visible when its rows are gone (LESSONS 19); a queue cannot be emptied while a drain reads it.
 */
export function lockSources({ sources }: Plan): string {
  const tables = sources.flatMap(({ relation, queue }) => [relation, queue]).map(qualified)
  return sql`lock table ${join(tables)} in access share mode`.text
}

/**
 * The first statement with a snapshot. The try-lock only saves a second worker the trouble: what keeps a window from
 * being applied twice is that its watermark can be written once.
 */
export function beginDrain({ storage, query, key, columns, sources }: Plan): string {
  const model = literal(storage.name)
  const installed = literal(JSON.stringify([query, key, columns]))
  const relations = sources.map(({ relation }) => relation)
  return sql`select pg_try_advisory_xact_lock(hashtext('millrace'), hashtext(${model})) as locked,
       pg_current_xact_id_if_assigned() is null as "isClean",
       exists (
         select
         from millrace.model as m
         where m.storage = ${model}
           and m.facts ->> 'digest' = md5((${installed}::jsonb)::text)
       ) as "isInstalled",
       (
         select min(h.source)
         from (${hiddenSources(relations, trusted('current_user'))}) as h
       ) as hidden,
       current_user::text as role,
       pg_current_snapshot()::text as snapshot,
       millrace.cluster() as cluster,
       last.n::text as n,
       last.snapshot as "lastSnapshot",
       last.horizon::text as horizon,
       last.cluster as "lastCluster"
from (select 1) as one
left join lateral (
  select w.n, w.snapshot, w.horizon, w.cluster
  from millrace.watermark as w
  where w.model = ${model}
  order by w.n desc
  limit 1
) as last on true`.text
}

/** `$1` n, `$2` snapshot, `$3` cluster. Fails with a unique violation if another drain wrote this n. */
export function writeWatermark({ storage, pending }: Plan): string {
  return sql`insert into millrace.watermark (model, n, snapshot, horizon, cluster, relation, is_complete)
values (${literal(storage.name)}, $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, ${relationOf(storage)},
        not exists (select from ${qualified(pending)} where retry_at is null))`.text
}

/** `$1` limit → units that are due, in order. */
export function duePending({ pending, unit }: Plan): string {
  const names = unit.map((_, i) => trusted(`u${String(i + 1)}`))
  return sql`select ${join(names.map((name) => sql`${name}::text as ${name}`))}
from (
  select ${join(names)}
  from ${qualified(pending)}
  where retry_at is null or retry_at <= now()
  order by ${join(names)}
  limit $1::bigint
) as due`.text
}

export function countPendingUnits({ pending }: Plan): string {
  return sql`select count(*)::int as units, count(*) filter (where retry_at is null)::int as untried
from ${qualified(pending)}`.text
}

/** Units that nobody has tried to recompute since they were put into the table. */
export function countUntriedUnits({ pending }: Plan): string {
  return sql`select count(*)::int as units from ${qualified(pending)} where retry_at is null`.text
}

/**
 * A row that is seen, by a transaction that by its number cannot be seen yet, was not written in this cluster. To be
 * asked by a transaction that has written none itself.
 */
const IS_FOREIGN = trusted(`q.xid >= pg_snapshot_xmin(pg_current_snapshot())
  and not pg_visible_in_snapshot(q.xid, pg_current_snapshot())`)

export function hasForeignRows(queue: RelationName): string {
  return sql`select exists (select from ${qualified(queue)} as q where ${IS_FOREIGN}) as exists`.text
}

export function deleteForeignRows(queue: RelationName): string {
  return sql`delete from ${qualified(queue)} as q where ${IS_FOREIGN}`.text
}

/** Sets one unit aside with its error. Parameters: its columns as text, then the error. Doubles the wait each time. */
export function setAside({ pending, unit }: Plan): string {
  const names = unit.map((_, i) => trusted(`u${String(i + 1)}`))
  const values = unit.map(({ type }, i) => sql`$${trusted(String(i + 1))}::text::${trusted(type)}`)
  return sql`insert into ${qualified(pending)} as p (${join(names)}, cause, error, attempts, retry_at)
values (${join(values)}, 'error', $${trusted(String(unit.length + 1))}::text, 1, clock_timestamp() + interval '1 second')
on conflict (${join(names)}) do update
set error = excluded.error,
    attempts = p.attempts + 1,
    retry_at = clock_timestamp() + interval '1 second' * least(power(2, p.attempts), 300)`.text
}

/** `$1` model, `$2` cause, `$3` changes, `$4` units, `$5` rows, `$6` milliseconds, `$7` status, `$8` error. */
export const WRITE_LOG = `
  insert into millrace.refresh_log (model, cause, changes, units, rows_changed, duration_ms, status, error)
  values ($1::text, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::float8, $7::text, $8::text)`
