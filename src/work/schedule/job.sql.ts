/** `$1` job: the two numbers of the advisory lock that its runs hold. Jobs whose numbers collide wait for each other. */
const LOCK_KEY = `hashtext('millrace.job'), hashtext($1::text)`

/** `$1` job → could this session have it? It keeps it until it says otherwise, or ends. */
export const TRY_LOCK = `select pg_try_advisory_lock(${LOCK_KEY}) as locked`

/** `$1` job. The same, as soon as nobody else has it. */
export const LOCK = `select pg_advisory_lock(${LOCK_KEY})`

export const UNLOCK = `select pg_advisory_unlock(${LOCK_KEY})`

/** Is a session at it? The two numbers of an advisory lock stand in `classid` and `objid`, unsigned. */
const IS_RUNNING = `exists (
           select
           from pg_locks as l
           where l.locktype = 'advisory'
             and l.database = (select oid from pg_database where datname = current_database())
             and l.classid::int8::bit(32) = hashtext('millrace.job')::bit(32)
             and l.objid::int8::bit(32) = hashtext(j.name)::bit(32)
             and l.objsubid = 2
         )`

const DUE_AT = 'greatest(j.next_at, j.retry_at)'

/** All jobs, the one that is due first comes first. All times are the server's. */
export const DUE_JOBS = `
  select j.name,
         (extract(epoch from ${DUE_AT} - clock_timestamp()) * 1000)::float8 as "dueInMs",
         ${IS_RUNNING} as "isRunning"
  from millrace.job as j
  order by ${DUE_AT}, j.name`

/** `$1` job → what it is, with the plan of the model that it refreshes. */
export const JOB = `
  select j.name,
         j.every,
         j.time_zone as "timeZone",
         j.timeout_ms as "timeoutMs",
         j.next_at::text as "nextAt",
         j.failures,
         j.statement,
         to_json(j.search_path) as "searchPath",
         m.plan
  from millrace.job as j
  left join millrace.model as m on m.storage = j.storage
  where j.name = $1::text`

/**
 * `$1` job, `$2` cause → `{ id }` of the run that begins; nothing where it was for the schedule and is not due. To be run
 * under the job's lock: whatever seems to be running then has lost its session.
 */
export const BEGIN_RUN = `
  with lost as (
    update millrace.job_run
    set status = 'lost', finished_at = clock_timestamp(), error = 'its session ended before it was done'
    where job = $1::text and status = 'running'
  )
  insert into millrace.job_run (job, cause, due_at)
  select j.name, $2::text, case when j.next_at <= clock_timestamp() then j.next_at end
  from millrace.job as j
  where j.name = $1::text and ($2::text <> 'schedule' or ${DUE_AT} <= clock_timestamp())
  returning id::text as id`

/** The server's clock, to the millisecond. */
export const CLOCK = `select (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs"`

/**
 * `$1` job, `$2` next_at as it was when the run began, `$3` the next one, `$4` what the rows add up to, or null → the job, if it
 * is still what was begun with. In the transaction that did the work: so a run that is due is done once.
 */
export const ADVANCE = `
  update millrace.job
  set next_at = $3::timestamptz, retry_at = null, failures = 0, digest = $4::text
  where name = $1::text and next_at = $2::timestamptz
  returning name`

/** `$1` run, `$2` rows. In the transaction that did the work. */
export const COMPLETE_RUN = `
  update millrace.job_run
  set status = 'completed', finished_at = clock_timestamp(), rows_changed = $2::bigint
  where id = $1::bigint`

/**
 * `$1` run, `$2` failed or stopped, `$3` error. What the schedule asked for is tried again, after a second at first, and after
 * five minutes at last.
 */
export const END_RUN = `
  with ended as (
    update millrace.job_run
    set status = $2::text, finished_at = clock_timestamp(), error = $3::text
    where id = $1::bigint
    returning job, cause
  )
  update millrace.job as j
  set failures = j.failures + 1,
      retry_at = clock_timestamp() + interval '1 second' * least(power(2, least(j.failures, 20)), 300)
  from ended
  where j.name = ended.job and ended.cause = 'schedule' and $2::text = 'failed'
  returning (extract(epoch from j.retry_at - clock_timestamp()) * 1000)::float8 as "retryInMs"`

/** `$1` job, `$2` how many of its runs are kept: the newest. */
export const PRUNE_RUNS = `
  delete from millrace.job_run
  where job = $1::text
    and id <= (
      select id
      from millrace.job_run
      where job = $1::text
      order by id desc
      offset $2::int
      limit 1
    )`

/** All jobs with the models that they refresh, as they were installed; without those of versions that are not in use, where another is. */
export const INSTALLED_JOBS = `
  select j.name,
         j.every,
         j.time_zone as "timeZone",
         j.timeout_ms as "timeoutMs",
         j.statement,
         to_json(j.search_path) as "searchPath",
         case when m.storage is not null then json_build_object(
           'schema', m.schema_name,
           'name', m.name,
           'state', m.state,
           'definition', m.definition,
           'plan', m.plan) end as model
  from millrace.job as j
  left join millrace.model as m on m.storage = j.storage
  where m.storage is null
     or m.state = 'ready'
     or not exists (select from millrace.model as used
                    where (used.schema_name, used.name) = (m.schema_name, m.name) and used.state = 'ready')
  order by j.name`

const ISO = (time: string) => `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`

/** `$1` milliseconds after which a job is late, `$2` a job's name or null → what people want to see of each. */
export const JOB_STATES = `
  select j.name,
         case when j.storage is null then 'statement' else 'refresh' end as kind,
         j.every,
         j.time_zone as "timeZone",
         case when ${IS_RUNNING} then 'running'
              when j.failures > 0 then 'failing'
              when ${DUE_AT} < clock_timestamp() - $1::int * interval '1 ms' then 'late'
              else 'waiting' end as state,
         ${ISO(DUE_AT)} as "nextAt",
         j.failures,
         last.run as "lastRun"
  from millrace.job as j
  left join lateral (
    select json_build_object(
             'startedAt', ${ISO('r.started_at')},
             'durationMs', round(extract(epoch from r.finished_at - r.started_at) * 1000),
             'status', r.status,
             'rowsChanged', r.rows_changed,
             'error', r.error) as run
    from millrace.job_run as r
    where r.job = j.name
    order by r.id desc
    limit 1
  ) as last on true
  where $2::text is null or j.name = $2::text
  order by j.name`
