/** `$1` oid of a view → its tree. */
export const VIEW_TREE = `
  select r.ev_action::text as tree
  from pg_catalog.pg_rewrite r
  where r.ev_class = $1::int8::oid
    and r.rulename = '_RETURN'`

/** `$1` oid of a view → its columns in order. */
export const OUTPUT_COLUMNS = `
  select a.attname as name,
         format_type(a.atttypid, a.atttypmod) as type,
         case when a.attcollation <> t.typcollation
              then quote_ident(n.nspname) || '.' || quote_ident(co.collname) end as collation,
         exists (select from pg_catalog.pg_opclass o
                 join pg_catalog.pg_am m on m.oid = o.opcmethod and m.amname = 'btree'
                 where o.opcdefault
                   and (o.opcintype = a.atttypid
                        or o.opcintype = case when t.typtype = 'd' then t.typbasetype else t.oid end
                        or (t.typtype = 'e' and o.opcintype = 'anyenum'::regtype)
                        or (t.typtype in ('r', 'm') and o.opcintype in ('anyrange'::regtype, 'anymultirange'::regtype))
                        or (t.typcategory = 'A' and o.opcintype = 'anyarray'::regtype)
                        or (t.oid = 'varchar'::regtype and o.opcintype = 'text'::regtype))) as sortable
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_collation co on co.oid = a.attcollation
  left join pg_catalog.pg_namespace n on n.oid = co.collnamespace
  where a.attrelid = $1::int8::oid
    and a.attnum > 0
  order by a.attnum`

/** Types in which equal values are the same to the last bit. */
const IDENTICAL_TYPES = `'{int2,int4,int8,bool,uuid,text,varchar,"\\"char\\"",name,oid,
  date,time,timestamp,timestamptz,bytea,inet,cidr,macaddr}'::regtype[]`

/** `$1` oid of a view → the tables and views that its query reads. */
export const RELATIONS = `
  select c.oid::int8::int as oid,
         n.nspname as schema,
         c.relname as name,
         c.relkind::text as kind,
         c.relpersistence::text as persistence,
         c.relrowsecurity as "rowSecurity",
         case when c.relkind = 'v' then pg_catalog.pg_get_viewdef(c.oid) end as definition,
         c.relkind = 'r' and exists (select from pg_catalog.pg_inherits i where i.inhparent = c.oid) as "hasChildren",
         c.relispartition as "isPartition",
         c.relkind = 'p' and exists (select from pg_catalog.pg_partition_tree(c.oid) part
                                     join pg_catalog.pg_class f on f.oid = part.relid and f.relkind = 'f') as "hasForeignPartitions",
         (select coalesce(json_agg(json_build_object(
                   'name', a.attname,
                   'attnum', a.attnum,
                   'type', format_type(a.atttypid, a.atttypmod),
                   'typeOid', a.atttypid::int8,
                   'collation', case when a.attcollation <> t.typcollation
                                     then quote_ident(cn.nspname) || '.' || quote_ident(co.collname) end,
                   'notNull', a.attnotnull,
                   'identical', coalesce(co.collisdeterministic, true)
                     and (t.typtype = 'e'
                          or coalesce(nullif(t.typbasetype, 0), t.oid) = any (${IDENTICAL_TYPES})
                          or (t.typcategory = 'A' and t.typelem = any (${IDENTICAL_TYPES}))
                          or exists (select from pg_catalog.pg_range r
                                     where t.oid in (r.rngtypid, r.rngmultitypid)
                                       and r.rngsubtype = any (${IDENTICAL_TYPES}))
                          or (t.oid in ('numeric'::regtype, 'bpchar'::regtype) and a.atttypmod <> -1)),
                   'generated', a.attgenerated::text) order by a.attnum), '[]')
          from pg_catalog.pg_attribute a
          join pg_catalog.pg_type t on t.oid = a.atttypid
          left join pg_catalog.pg_collation co on co.oid = a.attcollation
          left join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
          where a.attrelid = c.oid
            and a.attnum > 0
            and not a.attisdropped) as columns,
         (select coalesce(json_agg(keys.columns), '[]')
          from (select array_agg(a.attname order by k.position) as columns
                from pg_catalog.pg_index i
                cross join lateral unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality k (attnum, position)
                join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                where i.indrelid = c.oid
                  and i.indisunique and i.indisvalid and i.indimmediate
                  and i.indpred is null and i.indexprs is null
                group by i.indexrelid
                having bool_and(a.attnotnull)) keys) as "uniqueKeys",
         (select coalesce(json_agg(json_build_object(
                   'columns', (select json_agg(a.attname order by k.position)
                               from unnest(f.conkey) with ordinality k (attnum, position)
                               join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum),
                   'parentOid', f.confrelid::int8,
                   'parentColumns', (select json_agg(a.attname order by k.position)
                                     from unnest(f.confkey) with ordinality k (attnum, position)
                                     join pg_catalog.pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum)
                 ) order by f.conname), '[]')
          from pg_catalog.pg_constraint f
          where f.conrelid = c.oid and f.contype = 'f' and f.convalidated) as "foreignKeys",
         (select coalesce(json_agg(json_build_object('name', x.relname, 'columns',
                   (select coalesce(json_agg(a.attname order by k.position), '[]')
                    from unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality k (attnum, position)
                    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                    where k.attnum > 0))), '[]')
          from pg_catalog.pg_index i
          join pg_catalog.pg_class x on x.oid = i.indexrelid
          where i.indrelid = c.oid
            and i.indisvalid and i.indpred is null) as indexes
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.oid in (select d.refobjid
                  from pg_catalog.pg_depend d
                  join pg_catalog.pg_rewrite r on r.oid = d.objid
                  where r.ev_class = $1::int8::oid
                    and d.classid = 'pg_catalog.pg_rewrite'::regclass
                    and d.refclassid = 'pg_catalog.pg_class'::regclass
                    and d.refobjid <> r.ev_class)
  order by n.nspname, c.relname`
