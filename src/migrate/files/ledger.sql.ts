/**
 * What `millrace migrate` has run. In a schema of its own: it is there before the first migration makes anything, and after the
 * last one has been undone, and is no part of what migrations make.
 */
export const MAKE_LEDGER: readonly string[] = [
  'create schema if not exists millrace_ledger',
  `create table if not exists millrace_ledger.migration (
  name text primary key,
  -- of the file as it was run
  checksum text not null,
  applied_at timestamptz not null default clock_timestamp(),
  duration_ms int not null,
  -- of the Millrace that ran it
  program_version text not null
)`,
]

export const DROP_LEDGER: readonly string[] = [
  'drop table millrace_ledger.migration',
  'drop schema millrace_ledger',
]

export const HAS_LEDGER = `select to_regclass('millrace_ledger.migration') is not null as exists`

/** → `{ name, checksum, appliedAt, durationMs, programVersion }`, oldest first. */
export const APPLIED = `
  select name, checksum, applied_at as "appliedAt", duration_ms as "durationMs", program_version as "programVersion"
  from millrace_ledger.migration
  order by name`

/** `$1` name, `$2` checksum, `$3` milliseconds, `$4` version of the program. */
export const RECORD = `
  insert into millrace_ledger.migration (name, checksum, duration_ms, program_version)
  values ($1::text, $2::text, $3::int, $4::text)`

/** `$1` name */
export const FORGET = 'delete from millrace_ledger.migration where name = $1::text'
