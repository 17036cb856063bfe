/**
 * `$1::jsonb` sources: `{ source: text, capture: text, shape: [{ column, attnum, type, collation, isNeverNull }] }` → one row
 * for each table and column that is not what it was. A table that was renamed is found by its capture trigger, which calls the
 * function `capture` still; a column by its number, if there is none of its name. Of columns that are gone because the table is, nothing is said.
 */
export const SOURCE_CHANGES = `
  with wanted as (
    select *
    from jsonb_to_recordset($1::jsonb) as w (source text, capture text, shape jsonb)
  ),
  found as (
    select w.*, coalesce(carrier.oid, to_regclass(w.source)) as relation
    from wanted as w
    left join lateral (
      select c.oid
      from pg_proc as p
      join pg_trigger as t on t.tgfoid = p.oid
      join pg_class as c on c.oid = t.tgrelid
      where p.pronamespace = to_regnamespace('millrace') and p.proname = w.capture
      order by c.relispartition, c.oid
      limit 1
    ) as carrier on true
  )
  select f.source,
         null as "column",
         case when f.relation is null then 'dropped' else 'renamed' end as change,
         (select format('%I.%I', n.nspname, c.relname)
          from pg_class as c
          join pg_namespace as n on n.oid = c.relnamespace
          where c.oid = f.relation) as "isNow"
  from found as f
  where f.relation is null or f.relation is distinct from to_regclass(f.source)
  union all
  select f.source, c."column", d.change,
         case d.change when 'renamed' then a.attname when 'retyped' then t.type end
  from found as f
  cross join lateral jsonb_to_recordset(f.shape)
    as c ("column" text, attnum int, type text, "collation" text, "isNeverNull" boolean)
  -- By its name first: a plan that was made for another database has the numbers of that.
  left join lateral (
    select p.*
    from pg_attribute as p
    where p.attrelid = f.relation and not p.attisdropped and p.attnum > 0 and (p.attname = c."column" or p.attnum = c.attnum)
    order by p.attname = c."column" desc
    limit 1
  ) as a on true
  cross join lateral (
    select millrace.column_type(a.atttypid, a.atttypmod) as type,
           millrace.column_collation(a.atttypid, a.attcollation) as "collation"
  ) as t
  cross join lateral (
    select case when a.attnum is null then 'dropped'
                when a.attname <> c."column" then 'renamed'
                when (t.type, t."collation") is distinct from (c.type, c."collation") then 'retyped'
                when c."isNeverNull" and not a.attnotnull then 'nullable'
           end as change
  ) as d
  where f.relation is not null and d.change is not null
  order by 1, 2 nulls first`
