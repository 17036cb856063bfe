/** `$1::text[]` types as format_type prints them → what each becomes in JSON, as PostgreSQL's own functions write it. */
export const JSON_TYPES = `
select asked as text,
       case when t.typtype = 'd' then 'domain'
            when t.typtype = 'e' then 'enum'
            when t.typtype = 'c' then 'rows'
            when t.typcategory = 'A' and t.typelem <> 0 then 'array'
            when t.oid = 'bool'::regtype then 'boolean'
            when t.oid = any ('{int2,int4,int8,float4,float8,numeric}'::regtype[]) then 'number'
            when t.typtype = 'p' or t.oid = any ('{json,jsonb}'::regtype[])
              or exists (select from pg_cast as c
                         where c.castsource = t.oid and c.casttarget = 'json'::regtype) then 'unknown'
            else 'string' end as kind,
       case when t.typtype = 'd' then format_type(t.typbasetype, null)
            when t.typcategory = 'A' and t.typelem <> 0 then format_type(t.typelem, null) end as inner,
       array(select e.enumlabel::text from pg_enum as e where e.enumtypid = t.oid order by e.enumsortorder) as labels,
       (select coalesce(json_agg(json_build_object(
                 'name', a.attname, 'type', format_type(a.atttypid, null), 'isNullable', not a.attnotnull)
                 order by a.attnum), '[]')
        from pg_attribute as a
        where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) as members
from unnest($1::text[]) as asked
join pg_type as t on t.oid = to_regtype(asked)::oid`
