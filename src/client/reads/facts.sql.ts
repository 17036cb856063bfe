/**
 * `$1::text` a relation's name, quoted → its columns with their types, and the lists of columns by which a btree holds its rows in
 * order: of it, and of the table whose rows it shows. Of an index only leading plain columns are told, in the default order of
 * their types.
 */
export const FACTS = `
with named as (
  select to_regclass($1::text)::oid as oid
), shown as (
  select oid from named
  union
  select d.refobjid
  from named
  join pg_rewrite as r on r.ev_class = named.oid
  join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
  join pg_class as c on c.oid = d.refobjid
  where c.relkind in ('r', 'p', 'm')
)
select coalesce((
         select jsonb_agg(jsonb_build_object(
                  'name', a.attname,
                  'type', quote_ident(n.nspname) || '.' || quote_ident(t.typname),
                  'isPlain', t.typcategory <> 'A' and t.typtype <> 'c' and t.typname not in ('json', 'jsonb'))
                order by a.attnum)
         from pg_attribute as a
         join pg_type as t on t.oid = a.atttypid
         join pg_namespace as n on n.oid = t.typnamespace
         where a.attrelid = (select oid from named) and a.attnum > 0 and not a.attisdropped), '[]') as columns,
       coalesce((
         select jsonb_agg(ordered.columns)
         from pg_index as i
         join shown on shown.oid = i.indrelid
         join pg_class as c on c.oid = i.indexrelid
         join pg_am as am on am.oid = c.relam and am.amname = 'btree'
         cross join lateral (
           select jsonb_agg(jsonb_build_object(
                    'name', parts.name,
                    'isDescending', parts.option & 1 = 1,
                    'isNullsFirst', parts.option & 2 = 2)
                  order by parts.place) filter (where parts.is_usable) as columns
           from (
             select a.attname as name, k.option, k.place,
                    bool_and(a.attname is not null and o.opcdefault and k.collating = coalesce(a.attcollation, 0))
                      over (order by k.place) as is_usable
             from unnest(i.indkey::int2[], i.indoption::int2[], i.indclass::oid[], i.indcollation::oid[])
                    with ordinality as k (attnum, option, class, collating, place)
             left join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum and k.attnum > 0
             left join pg_opclass as o on o.oid = k.class
             where k.option is not null
           ) as parts
         ) as ordered
         where i.indisvalid and i.indpred is null and ordered.columns is not null), '[]') as indexes`
