/** Where this session may make a view: a standby makes none, and not every role may make a temporary one. */
export const PROBE_PLACES = `
  select pg_is_in_recovery() as "isStandby",
         has_database_privilege(current_database(), 'temporary') as "mayMakeTemporary",
         current_database() as database,
         pg_backend_pid() as pid,
         (select n.nspname
          from pg_catalog.pg_namespace as n
          where has_schema_privilege(n.oid, 'create')
            and has_schema_privilege(n.oid, 'usage')
            and n.nspname !~ '^pg_'
            and n.nspname <> 'information_schema'
          order by array_position(current_schemas(false), n.nspname) nulls last, n.nspname
          limit 1) as schema`

/** `$1` the quoted name of a view → its text, its tree. */
export const VIEW_TEXT = `
  select c.oid::int8::int as oid, pg_get_viewdef(c.oid) as text, r.ev_action::text as tree
  from pg_catalog.pg_class c
  join pg_catalog.pg_rewrite r on r.ev_class = c.oid
  where c.oid = $1::text::regclass`
