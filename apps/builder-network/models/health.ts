import { sql, sqlObject } from 'millrace'

/**
 * What is known of each read model in use, a row each, for the page of the administrators: read by src/health.ts. Whoever may
 * read it sees nothing else of Millrace's own tables. `estimated_rows` is what the server believes since it last analyzed the table.
 */
export const readModelHealth = sqlObject('read_model_health', {
  up: sql`
    create view read_model_health as
    select m.name, m.state, c.bytes, c.estimated_rows, f.waiting, f.reached_at,
           j.next_at as refresh_due_at, coalesce(j.failures, 0) > 0 or failed.error is not null as is_failing,
           coalesce(failed.error, v.error) as error, v.verified_at, v.drift, v.error is not null as is_unverified,
           coalesce(runs.latest, '[]') as recent_refreshes
    from millrace.model m
    cross join lateral millrace.freshness(m.schema_name || '.' || m.name) f
    cross join lateral (
      select pg_table_size(c.oid) as bytes, greatest(c.reltuples, 0)::bigint as estimated_rows
      from pg_class c
      where c.oid = to_regclass(format('millrace.%I', m.storage))) c
    left join millrace.job j on j.storage = m.storage
    left join lateral (
      select l.error
      from millrace.refresh_log l
      where l.model = m.storage and l.status = 'failed' and l.finished_at > now() - interval '10 minutes'
      order by l.id desc
      limit 1) failed on true
    left join lateral (
      select v.verified_at, v.drift, v.error
      from millrace.verification v
      where v.model = m.storage
      order by v.id desc
      limit 1) v on true
    left join lateral (
      select json_agg(json_build_object('completed_at', l.finished_at, 'duration_ms', round(l.duration_ms),
                                        'row_count', l.rows_changed, 'triggered_by', l.cause, 'status', l.status)
                      order by l.id desc) as latest
      from (select * from millrace.refresh_log l where l.model = m.storage order by l.id desc limit 5) l) runs on true
    where m.state <> 'former'`,
  down: sql`drop view read_model_health`,
  dependsOn: ['mv_feed_projects'],
})
