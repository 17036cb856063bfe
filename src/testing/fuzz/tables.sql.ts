/** → one row for each ordinary or partitioned table that is neither the server's nor Millrace's, partitions left out, by name. */
export const TABLES = `
  select n.nspname as schema, c.relname as name, columns.list as columns,
         coalesce(own_key.list, (select json_agg(a.attname order by a.attnum)
                                 from pg_attribute as a
                                 where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)) as key,
         coalesce(foreign_keys.list, '[]') as "foreignKeys",
         coalesce(checks.list, '[]') as checks
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  cross join lateral (
    select json_agg(json_build_object(
             'name', a.attname,
             'type', format_type(t.oid, null),
             'category', t.typcategory,
             'element', case when t.typcategory = 'A' then format_type(t.typelem, null) end,
             'labels', coalesce((select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum as e
                                 where e.enumtypid in (t.oid, t.typelem)), '[]'),
             'length', case when t.typname in ('varchar', 'bpchar') and a.atttypmod > 4 then a.atttypmod - 4 end,
             'isRequired', a.attnotnull,
             'hasDefault', a.atthasdef or a.attidentity <> ''
           ) order by a.attnum) as list
    from pg_attribute as a
    join pg_type as declared on declared.oid = a.atttypid
    join pg_type as t on t.oid = case declared.typtype when 'd' then declared.typbasetype else declared.oid end
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and a.attgenerated = '' and a.attidentity <> 'a'
  ) as columns
  left join lateral (
    select json_agg(a.attname order by k.place) as list
    from pg_constraint as p
    cross join lateral unnest(p.conkey) with ordinality as k (attnum, place)
    join pg_attribute as a on a.attrelid = p.conrelid and a.attnum = k.attnum
    where p.conrelid = c.oid and p.contype = 'p'
  ) as own_key on true
  left join lateral (
    select json_agg(json_build_object(
             'columns', (select json_agg(a.attname order by k.place)
                         from unnest(f.conkey) with ordinality as k (attnum, place)
                         join pg_attribute as a on a.attrelid = f.conrelid and a.attnum = k.attnum),
             'table', (select json_build_object('schema', rn.nspname, 'name', r.relname)
                       from pg_class as r join pg_namespace as rn on rn.oid = r.relnamespace where r.oid = f.confrelid),
             'referenced', (select json_agg(a.attname order by k.place)
                            from unnest(f.confkey) with ordinality as k (attnum, place)
                            join pg_attribute as a on a.attrelid = f.confrelid and a.attnum = k.attnum)
           ) order by f.conname) as list
    from pg_constraint as f
    where f.conrelid = c.oid and f.contype = 'f' and f.conparentid = 0
  ) as foreign_keys on true
  left join lateral (
    select json_agg(pg_get_expr(k.conbin, k.conrelid) order by k.conname) as list
    from pg_constraint as k
    where k.conrelid = c.oid and k.contype = 'c'
  ) as checks on true
  where c.relkind in ('r', 'p') and not c.relispartition and columns.list is not null
    and n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'millrace')
    and not exists (select from millrace.model as m
                    where m.plan #>> '{storage,schema}' = n.nspname and m.storage = c.relname)
  order by 1, 2`
