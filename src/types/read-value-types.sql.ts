/** `$1::text[]` types as format_type prints them → for each what it is; `element` and `base` are to be asked for again. */
export const VALUE_TYPES = `
select asked as text,
       n.nspname as schema,
       t.typname as name,
       case when t.typtype = 'e' then 'enum'
            when t.typtype = 'd' then 'domain'
            when t.typcategory = 'A' and t.typelem <> 0 then 'array'
            when t.typtype = 'b' and n.nspname = 'pg_catalog' then 'base'
            else 'other' end as kind,
       case when t.typtype = 'd' then format_type(t.typbasetype, null)
            when t.typcategory = 'A' and t.typelem <> 0 then format_type(t.typelem, null) end as inner,
       array(select e.enumlabel::text from pg_enum as e where e.enumtypid = t.oid order by e.enumsortorder) as labels
from unnest($1::text[]) as asked
join pg_type as t on t.oid = to_regtype(asked)::oid
join pg_namespace as n on n.oid = t.typnamespace`
