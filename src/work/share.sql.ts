/**
 * `$1` the name of workers' sessions, `$2` milliseconds → what falls to this one: the server process it is, its place,
 * and for each model its rank, which is 0 where it tends the model, and the newest watermark with its age, by which it sees
 * whether those before it in the line do. It writes nothing: a heartbeat in a table would be a commit, which every worker would
 * take for news, and a chain of row versions under an old snapshot (LESSONS 30). The server notes for each session when it
 * last did something, and that is all that a lease needs. All times are the server's.
 *
 * A worker counts as long as it was heard of lately. One that has been in one transaction for longer is alive, but has
 * no time for its other models, so it does not count either. Sessions of another role hide their times: they do not
 * count, and two such workers both tend everything.
 */
export const SHARE = `
  with workers as (
    select pid,
           row_number() over (order by backend_start, pid) - 1 as place,
           count(*) over () as workers
    from pg_stat_activity
    where pid = pg_backend_pid()
       or datname = current_database()
          and application_name = $1::text
          and backend_type = 'client backend'
          and least(state_change, xact_start) > clock_timestamp() - $2::float8 * interval '1 ms'
  ),
  models as (
    select storage,
           row_number() over (order by schema_name, name) - 1 as place,
           n,
           extract(epoch from clock_timestamp() - reached_at) * 1000 as age_ms
    from millrace.model
    left join lateral (
      select w.n, w.reached_at
      from millrace.watermark as w
      where w.model = storage
      order by w.n desc
      limit 1
    ) as newest on true
  )
  select w.pid,
         w.workers::int as workers,
         w.place::int as place,
         (
           select coalesce(
                    json_agg(
                      json_build_object(
                        'storage', m.storage,
                        'rank', (w.place - m.place % w.workers + w.workers) % w.workers,
                        'watermark', m.n::text,
                        'ageMs', greatest(0, m.age_ms))
                      order by m.place),
                    '[]')
           from models as m
         ) as standings
  from workers as w
  where w.pid = pg_backend_pid()`
