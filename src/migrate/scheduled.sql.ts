import { sql, type Sql } from '../sql/sql.ts'

/**
 * `values`: name, storage, statement, search_path, every, time zone, milliseconds, next_at. `next`: when a job is due that is there
 * already, as `j`.
 */
export function upsertJob(values: Sql, next: Sql): string {
  return sql`insert into millrace.job as j (name, storage, statement, search_path, every, time_zone, timeout_ms, next_at)
values (${values})
on conflict (name) do update
set storage = excluded.storage,
    statement = excluded.statement,
    search_path = excluded.search_path,
    every = excluded.every,
    time_zone = excluded.time_zone,
    timeout_ms = excluded.timeout_ms,
    next_at = ${next},
    retry_at = null,
    failures = 0`.text
}

/** `$1` to `$8`: the values. A job that is there keeps its next time unless its schedule is another. */
export const UPSERT_JOB = upsertJob(
  sql`$1::text, $2::text, $3::text, $4::text[], $5::text, $6::text, $7::int, $8::timestamptz`,
  sql`case when (j.every, j.time_zone) = (excluded.every, excluded.time_zone)
                   then j.next_at else excluded.next_at end`,
)

/** `$1` storage, `$2` schema, `$3` name, `$4` the user's query, `$5` plan. */
export const UPSERT_MODEL = `
  insert into millrace.model (storage, schema_name, name, definition, plan)
  values ($1::text, $2::text, $3::text, $4::text, $5::jsonb)
  on conflict (storage) do update
  set definition = excluded.definition, plan = excluded.plan`
