/**
 * `$1` error → one row for each model that it marked. Where the newest watermark was taken in another cluster, a void one
 * is written after it, which no cluster will ever take for its own: not even the first one, should a dump of this
 * database be restored there. Only a rebuild ends that. Marked models are not marked again.
 */
export const VOID_WATERMARKS = `
  with marked as (
    insert into millrace.watermark (model, n, snapshot, horizon, cluster, relation)
    select last.model, last.n + 1, last.snapshot, last.horizon, last.cluster || ' (void)', last.relation
    from millrace.model as m
    cross join lateral (
      select w.*
      from millrace.watermark as w
      where w.model = m.storage
      order by w.n desc
      limit 1
    ) as last
    where last.cluster <> millrace.cluster() and last.cluster not like '% (void)'
    on conflict (model, n) do nothing
    returning model
  )
  insert into millrace.refresh_log (model, cause, duration_ms, status, error)
  select model, 'another cluster', 0, 'failed', $1::text
  from marked
  returning model`

/** The models that only a rebuild can mend, by their names. */
export const VOID_MODELS = `
  select m.schema_name || '.' || m.name as model
  from millrace.model as m
  cross join lateral (
    select w.cluster
    from millrace.watermark as w
    where w.model = m.storage
    order by w.n desc
    limit 1
  ) as last
  where last.cluster <> millrace.cluster()
  order by 1`
