/** `$1::int8[]` oids of functions → what they are. */
export const FUNCTIONS = `
  select p.oid::int8::int as oid,
         p.proname as name,
         p.oid::regprocedure::text as signature,
         p.oid < 16384 as builtin,
         p.provolatile::text as volatility,
         p.prokind::text as kind,
         p.proretset as "returnsSet",
         (select coalesce(json_agg(distinct o.oprname), '[]')
          from pg_catalog.pg_operator o
          where o.oprcode = p.oid) as operators
  from pg_catalog.pg_proc p
  where p.oid = any ($1::int8[]::oid[])`

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
