import type { Plan } from '../compile/plan.ts'
import { ident, join, qualified, sql, trusted } from '../sql/sql.ts'

/** `$1` schema, `$2` table → partitions that lack a capture trigger of it, and the role that makes the triggers. */
export const UNCAPTURED_PARTITIONS = `
  select distinct part.relid::regclass::text as partition, p.proowner::regrole::text as owner
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  join pg_trigger as t on t.tgrelid = c.oid
  join pg_proc as p on p.oid = t.tgfoid and p.pronamespace = 'millrace'::regnamespace
  cross join lateral pg_partition_tree(c.oid) as part
  where n.nspname = $1::text and c.relname = $2::text and c.relkind = 'p'
    and part.level > 0
    and not exists (select from pg_trigger as own where own.tgrelid = part.relid and own.tgname = t.tgname)
  order by 1`

/** The role that owns what Millrace makes: as it, views are read. */
export const MODEL_OWNER = `select nspowner::regrole::name::text as owner from pg_namespace where nspname = 'millrace'`

/** `$1` tables, quoted → those with row-level security. */
export const HAS_ROW_SECURITY = `
  select format('%I.%I', n.nspname, c.relname) as source
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where c.oid = any ($1::text[]::regclass[]::oid[]) and c.relrowsecurity
  order by 1`

/** `$1` names of a queue's slots → how much room they take with their indexes, and how many rows the planner thinks they have. */
export const QUEUE_SIZE = `
  select coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as bytes,
         coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 as rows
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where n.nspname = 'millrace' and c.relname = any ($1::text[])`

/**
 * `$1` name of a slot → transactions of others that hold a lock on it, so that it cannot be emptied. A prepared
 * transaction has no process, but the lock on its own id tells which it is. What another role does may be hidden.
 */
export const HOLDERS = `
  select distinct on (l.pid, p.gid)
         l.pid,
         a.usename as role,
         a.application_name as application,
         a.state,
         p.gid,
         (extract(epoch from clock_timestamp() - coalesce(a.xact_start, p.prepared)) * 1000)::float8 as "heldMs"
  from pg_locks as l
  join pg_class as c on c.oid = l.relation
  join pg_namespace as n on n.oid = c.relnamespace
  left join pg_stat_activity as a on a.pid = l.pid
  left join lateral (
    select prepared.gid, prepared.prepared
    from pg_locks as own
    join pg_prepared_xacts as prepared on prepared.transaction = own.transactionid
    where l.pid is null and own.pid is null
      and own.locktype = 'transactionid'
      and own.virtualtransaction = l.virtualtransaction
  ) as p on true
  where l.locktype = 'relation'
    and l.granted
    and l.database = (select oid from pg_database where datname = current_database())
    and l.pid is distinct from pg_backend_pid()
    and n.nspname = 'millrace' and c.relname = $1::text
  order by l.pid, p.gid`

/** Does a slot hold anything but its sentinel? */
export function hasRows(slot: string): string {
  return sql`select exists (select from ${ident('millrace', slot)} where xid > '0'::xid8) as "hasRows"`.text
}

/** Units that are set aside, by their error, the most frequent first; and how many wait without one. */
export function pendingByError({ pending, unit }: Plan): string {
  const first = unit.map(({ name }, i) => {
    const value = trusted(`u${String(i + 1)}`)
    return sql`${trusted(quoted(`${name} = `))} || coalesce(${value}::text, 'null')`
  })
  return sql`select error,
       count(*)::int as units,
       min(concat_ws(', ', ${join(first)})) as first,
       min(cause) as cause
from ${qualified(pending)}
group by error
order by error is null desc, count(*) desc
limit 10`.text
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Roles and databases whose sessions skip ordinary triggers. */
export const REPLICA_SETTINGS = `
  select coalesce(r.rolname, 'every role') as role
  from pg_db_role_setting as s
  left join pg_roles as r on r.oid = s.setrole
  left join pg_database as d on d.oid = s.setdatabase
  where (s.setdatabase = 0 or d.datname = current_database())
    and 'session_replication_role=replica' = any (s.setconfig)
  order by 1`

/** `$1` schema, `$2` name of a function without arguments → what it is. */
export const FUNCTION = `
  select p.prosrc as body,
         p.prosecdef as "isSecurityDefiner",
         p.proconfig as settings
  from pg_proc as p
  join pg_namespace as n on n.oid = p.pronamespace
  where n.nspname = $1::text and p.proname = $2::text and p.pronargs = 0`

/**
 * `$1` schemas and `$2` names of relations, `$3` roles that may write → others that have been granted a right to write
 * them, with those rights.
 */
export const OTHER_WRITERS = `
  select n.nspname as schema,
         c.relname as name,
         r.rolname as role,
         string_agg(lower(a.privilege_type), ', ' order by a.privilege_type) as rights
  from unnest($1::text[], $2::text[]) as wanted (schema, name)
  join pg_namespace as n on n.nspname = wanted.schema
  join pg_class as c on c.relnamespace = n.oid and c.relname = wanted.name
  cross join lateral aclexplode(c.relacl) as a
  left join pg_roles as r on r.oid = a.grantee
  where a.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
    and a.grantee <> c.relowner
    and (r.rolname is null or r.rolname <> all ($3::text[]))
  group by n.nspname, c.relname, r.rolname
  order by n.nspname, c.relname, r.rolname`

/**
 * `$1` the name of workers' sessions → those that are connected to this database, and how long each has been waited for:
 * an idle one looks at the database all the time. What another role's session does is hidden, and then it is null.
 */
export const WORKERS = `
  select pid,
         case when state like 'idle%'
           then (extract(epoch from clock_timestamp() - state_change) * 1000)::float8 end as "silentMs"
  from pg_stat_activity
  where datname = current_database()
    and application_name = $1::text
    and backend_type is distinct from 'parallel worker'
  order by pid`
