/**
 * `$1` name, `$2` storage, `$3` statement, `$4` search_path, `$5` every, `$6` time zone, `$7` milliseconds, `$8` next_at. A
 * job that is there keeps its next time unless its schedule is another.
 */
export const UPSERT_JOB = `
  insert into millrace.job as j (name, storage, statement, search_path, every, time_zone, timeout_ms, next_at)
  values ($1::text, $2::text, $3::text, $4::text[], $5::text, $6::text, $7::int, $8::timestamptz)
  on conflict (name) do update
  set storage = excluded.storage,
      statement = excluded.statement,
      search_path = excluded.search_path,
      every = excluded.every,
      time_zone = excluded.time_zone,
      timeout_ms = excluded.timeout_ms,
      next_at = case when (j.every, j.time_zone) = (excluded.every, excluded.time_zone)
                     then j.next_at else excluded.next_at end,
      retry_at = null,
      failures = 0`

/** `$1` storage, `$2` schema, `$3` name, `$4` the user's query, `$5` plan. */
export const UPSERT_MODEL = `
  insert into millrace.model (storage, schema_name, name, definition, plan)
  values ($1::text, $2::text, $3::text, $4::text, $5::jsonb)
  on conflict (storage) do update
  set definition = excluded.definition, plan = excluded.plan`
