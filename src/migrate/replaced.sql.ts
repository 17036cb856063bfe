/** `$1` schema, `$2` name, `$3` relkind → what depends on that relation and is no part of it. */
export const STANDING_ON = `
  select distinct case
      when r.oid is not null then pg_describe_object('pg_class'::regclass, r.ev_class, 0)
      else pg_describe_object(d.classid, d.objid, d.objsubid)
    end as object
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  join pg_depend as d on d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.deptype = 'n'
  left join pg_rewrite as r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
  left join pg_constraint as f on d.classid = 'pg_constraint'::regclass and f.oid = d.objid
  where n.nspname = $1::text and c.relname = $2::text and c.relkind::text = $3::text
    and coalesce(r.ev_class, f.conrelid, 0) <> c.oid
  order by 1`

/** The same, `$4` and `$5` schemas and names of tables with triggers → those of them all that belong to others. */
export const OWNED_BY_OTHERS = `
  select format('%I.%I', n.nspname, c.relname) as object, pg_get_userbyid(c.relowner) as owner
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where not pg_has_role(c.relowner, 'usage')
    and exists (select from pg_class as r join pg_namespace as h on h.oid = r.relnamespace
                where h.nspname = $1::text and r.relname = $2::text and r.relkind::text = $3::text)
    and ((n.nspname = $1::text and c.relname = $2::text)
      or exists (select from unnest($4::text[], $5::text[]) as t (schema, name)
                 where n.nspname = t.schema and c.relname = t.name))
  order by 1`
