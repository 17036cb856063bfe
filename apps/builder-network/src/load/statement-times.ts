import type { Client } from 'pg'

/** Milliseconds that the server has planned and run statements of this database, since `reset`. */
export interface StatementTimes {
  readonly reset: () => Promise<void>
  /** `role`: of this role only, and without its looks at how old the read models are. */
  readonly totalMs: (role?: string) => Promise<number>
}

/** pg_stat_statements counts what was run at the top, with all that functions and triggers did for it. */
const TOTAL = `
  select coalesce(sum(s.total_exec_time + s.total_plan_time), 0)::float8 as ms
  from pg_stat_statements as s
  join pg_roles as r on r.oid = s.userid
  where s.dbid = (select oid from pg_database where datname = current_database())
    and ($1::text is null or r.rolname = $1)
    and s.query !~ 'millrace\\.freshness|pg_stat_statements'`

/** For connections made from now on. null: the server has not loaded pg_stat_statements, which takes a line in its configuration. */
export async function watchStatements(client: Client): Promise<StatementTimes | null> {
  const { rows } = await client.query<{ loaded: boolean }>(
    `select current_setting('shared_preload_libraries') ~ 'pg_stat_statements' as loaded`,
  )
  if (rows[0]?.loaded !== true) return null
  await client.query('create extension if not exists pg_stat_statements')
  await client.query(`
    do $$ begin
      execute format('alter database %I set pg_stat_statements.track_planning = on', current_database());
    end $$`)
  return {
    reset: async () => {
      // Of this database only: others on the server have figures of their own.
      await client.query(
        `select pg_stat_statements_reset(0, (select oid from pg_database where datname = current_database()), 0)`,
      )
    },
    totalMs: async (role) => {
      const { rows: found } = await client.query<{ ms: number }>(TOTAL, [role ?? null])
      return found[0]?.ms ?? 0
    },
  }
}
