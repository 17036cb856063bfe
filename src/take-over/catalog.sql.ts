/** Tables, views and materialized views of the user's own: none of the system, of an extension or of Millrace. */
const OWN = `
  n.nspname not in ('pg_catalog', 'information_schema', 'millrace')
  and n.nspname not like 'pg\\_%'
  and not exists (
    select from pg_depend as e where e.objid = c.oid and e.classid = 'pg_class'::regclass and e.deptype = 'e')`

/** → each with its columns, keys and what stands on it. Ordered by schema and name. */
export const RELATIONS = `
  select
    c.oid::int8::text as oid,
    n.nspname as schema,
    c.relname as name,
    c.relkind::text as kind,
    greatest(c.reltuples, 0)::float8 as rows,
    case when c.relkind = 'm' then pg_get_viewdef(c.oid, true) end as definition,
    pg_table_is_visible(c.oid) as visible,
    (
      select coalesce(json_agg(json_build_object(
          'name', a.attname,
          'type', format_type(a.atttypid, a.atttypmod),
          'notNull', a.attnotnull,
          'byDefault', pg_get_expr(d.adbin, d.adrelid)
        ) order by a.attnum), '[]')
      from pg_attribute as a
      left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ) as columns,
    (
      select coalesce(json_agg(json_build_object(
          'name', i.relname,
          'definition', pg_get_indexdef(x.indexrelid),
          'isPrimary', x.indisprimary,
          'isUnique', x.indisunique and x.indpred is null and x.indexprs is null and x.indimmediate,
          'columns', (
            select json_agg(a.attname order by k.place)
            from unnest(x.indkey::int[]) with ordinality as k (attnum, place)
            join pg_attribute as a on a.attrelid = c.oid and a.attnum = k.attnum
            where k.place <= x.indnkeyatts)
        ) order by i.relname), '[]')
      from pg_index as x
      join pg_class as i on i.oid = x.indexrelid
      where x.indrelid = c.oid and x.indisvalid
    ) as indexes,
    (
      select coalesce(json_agg(json_build_object(
          'columns', (
            select json_agg(a.attname order by k.place)
            from unnest(f.conkey) with ordinality as k (attnum, place)
            join pg_attribute as a on a.attrelid = f.conrelid and a.attnum = k.attnum),
          'to', f.confrelid::int8::text,
          'toColumns', (
            select json_agg(a.attname order by k.place)
            from unnest(f.confkey) with ordinality as k (attnum, place)
            join pg_attribute as a on a.attrelid = f.confrelid and a.attnum = k.attnum)
        ) order by f.conname), '[]')
      from pg_constraint as f
      where f.conrelid = c.oid and f.contype = 'f'
    ) as references
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'm') and not c.relispartition and ${OWN}
  order by n.nspname, c.relname`

/** → triggers that somebody wrote, each with its function. Ordered by table and name. */
export const TRIGGERS = `
  select
    n.nspname as schema,
    c.relname as "table",
    t.tgname as name,
    pg_get_triggerdef(t.oid) as definition,
    t.tgfoid::int8::text as function,
    t.tgtype::int as type,
    t.tgenabled <> 'D' as enabled
  from pg_trigger as t
  join pg_class as c on c.oid = t.tgrelid
  join pg_namespace as n on n.oid = c.relnamespace
  where not t.tgisinternal and t.tgparentid = 0 and t.tgname not like '!millrace\\_%' and ${OWN}
  order by n.nspname, c.relname, t.tgname`

/** → functions in PL/pgSQL and SQL that somebody wrote. */
export const FUNCTIONS = `
  select
    p.oid::int8::text as oid,
    n.nspname as schema,
    p.proname as name,
    l.lanname as language,
    p.prorettype = 'trigger'::regtype as "isTrigger",
    p.prosrc as source,
    pg_get_functiondef(p.oid) as definition
  from pg_proc as p
  join pg_namespace as n on n.oid = p.pronamespace
  join pg_language as l on l.oid = p.prolang
  where p.prokind in ('f', 'p')
    and l.lanname in ('plpgsql', 'sql')
    and n.nspname not in ('pg_catalog', 'information_schema', 'millrace')
    and not exists (
      select from pg_depend as e where e.objid = p.oid and e.classid = 'pg_proc'::regclass and e.deptype = 'e')
  order by n.nspname, p.proname, p.oid`

export const HAS_CRON = `select to_regclass('cron.job') is not null as "hasCron"`

/** → jobs of pg_cron that run in this database. */
export const CRON_JOBS = `
  select jobid::text as id, to_jsonb(j) ->> 'jobname' as name, schedule, command
  from cron.job as j
  where active and database = current_database()
  order by jobid`

export const HAS_TAKEN_OVER = `select to_regclass('millrace.taken_over') is not null as "hasTaken"`

/** → what read models have taken the place of already, by the names that it has meanwhile. */
export const SET_ASIDE = `
  select schema_name as schema, aside as name
  from millrace.taken_over
  where not returned`
