/** `$1::int8[]` oids of functions → what they are. */
export const FUNCTIONS = `
  select p.oid::int8::int as oid,
         p.proname as name,
         p.oid::regprocedure::text as signature,
         p.oid < 16384 as builtin,
         p.provolatile::text as volatility,
         p.prokind::text as kind,
         p.proretset as "returnsSet",
         case when p.oid >= 16384 and p.provolatile = 's' and p.prokind = 'f' then json_build_object(
           'kind', case when p.prosqlbody is not null then 'atomic' when l.lanname in ('c', 'internal') then 'compiled' else 'text' end,
           'pinsSearchPath', coalesce((select bool_or(it like 'search_path=%') from unnest(p.proconfig) as it), false)) end as body,
         (select coalesce(json_agg(distinct o.oprname), '[]')
          from pg_catalog.pg_operator o
          where o.oprcode = p.oid) as operators
  from pg_catalog.pg_proc p
  join pg_catalog.pg_language l on l.oid = p.prolang
  where p.oid = any ($1::int8[]::oid[])`

/**
 * `$1` oid of a function → what its body depends on: the tables, and the trees of BEGIN ATOMIC bodies, its own and those of the
 * functions that they call; views in between are followed.
 */
export const BODY = `
  with recursive reached (classid, objid) as (
    select 'pg_catalog.pg_proc'::regclass::oid, $1::int8::oid
    union
    select found.refclassid, found.refobjid
    from reached
    cross join lateral (
      select d.refclassid, d.refobjid
      from pg_catalog.pg_depend d
      where reached.classid = 'pg_catalog.pg_proc'::regclass and d.classid = reached.classid and d.objid = reached.objid
      union all
      select d.refclassid, d.refobjid
      from pg_catalog.pg_rewrite w
      join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
      where reached.classid = 'pg_catalog.pg_class'::regclass and w.ev_class = reached.objid
    ) found
    where found.refclassid in ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_class'::regclass)
  )
  select (select coalesce(json_agg(json_build_object('schema', n.nspname, 'name', c.relname) order by n.nspname, c.relname), '[]')
          from reached
          join pg_catalog.pg_class c on reached.classid = 'pg_catalog.pg_class'::regclass and c.oid = reached.objid
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          where c.relkind in ('r', 'p', 'm', 'f')) as reads,
         (select coalesce(json_agg(p.prosqlbody::text), '[]')
          from reached
          join pg_catalog.pg_proc p on reached.classid = 'pg_catalog.pg_proc'::regclass and p.oid = reached.objid
          where p.prosqlbody is not null) as trees`

/**
 * `$1::int8[]` oids of types → their names, and the types in them (elements of arrays, ranges and domains, columns of
 * composites, three levels deep) whose text depends on a setting of the session, or on what the names in it stand for.
 */
export const TYPES = `
  with recursive part (root, oid, depth) as (
    select t.oid, t.oid, 0 from pg_catalog.pg_type t where t.oid = any ($1::int8[]::oid[])
    union
    select part.root, inner_type.oid, part.depth + 1
    from part
    join pg_catalog.pg_type t on t.oid = part.oid
    cross join lateral (
      select nullif(t.typelem, 0) where t.typcategory = 'A'
      union all select nullif(t.typbasetype, 0)
      union all select r.rngsubtype from pg_catalog.pg_range r where t.oid in (r.rngtypid, r.rngmultitypid)
      union all select a.atttypid from pg_catalog.pg_attribute a
                where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    ) inner_type (oid)
    where part.depth < 3 and inner_type.oid is not null
  )
  select t.oid::int8::int as oid,
         format_type(t.oid, null) as name,
         (select coalesce(json_agg(distinct s.typname), '[]')
          from part
          join pg_catalog.pg_type s on s.oid = part.oid
          where part.root = t.oid
            and (s.typname in ('timestamptz', 'timetz', 'timestamp', 'date', 'time', 'interval',
                               'float4', 'float8', 'money', 'bytea', 'record')
                 or s.typname ~ '^reg[a-z]+$' and s.typnamespace = 'pg_catalog'::regnamespace)) as "settingTypes"
  from pg_catalog.pg_type t
  where t.oid = any ($1::int8[]::oid[])`
