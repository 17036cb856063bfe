/**
 * `$1` the name of workers' sessions, `$2` milliseconds → what falls to this one: the server process it is, its place,
 * and the models whose turn comes to that place. It writes nothing: a heartbeat in a table would be a commit, which every
 * worker would take for news, and a chain of row versions under an old snapshot (LESSONS 30). The server notes for each
 * session when it last did something, and that is all that a lease needs. All times are the server's.
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
    select storage, row_number() over (order by schema_name, name) - 1 as place
    from millrace.model
  )
  select w.pid,
         w.workers::int as workers,
         w.place::int as place,
         array(select m.storage from models as m where m.place % w.workers = w.place order by m.place) as storages
  from workers as w
  where w.pid = pg_backend_pid()`
