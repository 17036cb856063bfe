-- all of sql/

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_prices_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."prices"'::regclass, '"s"."id", "s"."product_id", "s"."price", "s"."details", "s"."priority", "s"."retired"', 'null::integer, null::integer, null::numeric(8,2), null::jsonb, null::integer, null::boolean', array['id', 'retired']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."id", "n"."product_id", "n"."price", "n"."details", "n"."priority", "n"."retired"
        from new_rows as n
        where ((NOT (n.retired)))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_prices" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_prices" (slot, xid, op, changed, "new_id", "new_product_id", "new_price", "new_details", "new_priority", "new_retired")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", "n"."product_id", "n"."price", "n"."details", "n"."priority", "n"."retired"
    from new_rows as n
    where ((NOT (n.retired)));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."prices"
referencing new table as new_rows
for each statement execute function "millrace"."capture_prices_insert"();
create or replace function "millrace"."capture_prices_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."prices"'::regclass, '"s"."id", "s"."product_id", "s"."price", "s"."details", "s"."priority", "s"."retired"', 'null::integer, null::integer, null::numeric(8,2), null::jsonb, null::integer, null::boolean', array['id', 'retired']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "o"."product_id", "o"."price", "o"."details", "o"."priority", "o"."retired", "n"."id", "n"."product_id", "n"."price", "n"."details", "n"."priority", "n"."retired"
        from (select row_number() over () as position, "o"."id", "o"."product_id", "o"."price", "o"."details", "o"."priority", "o"."retired" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."product_id", "n"."price", "n"."details", "n"."priority", "n"."retired" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."product_id"), row("n"."product_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."price"), row("n"."price")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."details"), row("n"."details")) then '16'::bigint else 0 end
                 | case when record_image_ne(row("o"."priority"), row("n"."priority")) then '32'::bigint else 0 end
                 | case when record_image_ne(row("o"."retired"), row("n"."retired")) then '64'::bigint else 0 end end as changed
      ) as difference
        where (difference.changed & '-9223372036854775682'::bigint <> 0 and ((o.position is not null and ((NOT (o.retired)))) or (n.position is not null and ((NOT (n.retired))))))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_prices" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_prices" (slot, xid, op, changed, "old_id", "old_product_id", "old_price", "old_details", "old_priority", "old_retired", "new_id", "new_product_id", "new_price", "new_details", "new_priority", "new_retired")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."product_id", "o"."price", "o"."details", "o"."priority", "o"."retired", "n"."id", "n"."product_id", "n"."price", "n"."details", "n"."priority", "n"."retired"
    from (select row_number() over () as position, "o"."id", "o"."product_id", "o"."price", "o"."details", "o"."priority", "o"."retired" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."product_id", "n"."price", "n"."details", "n"."priority", "n"."retired" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."product_id"), row("n"."product_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."price"), row("n"."price")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."details"), row("n"."details")) then '16'::bigint else 0 end
                 | case when record_image_ne(row("o"."priority"), row("n"."priority")) then '32'::bigint else 0 end
                 | case when record_image_ne(row("o"."retired"), row("n"."retired")) then '64'::bigint else 0 end end as changed
      ) as difference
    where (difference.changed & '-9223372036854775682'::bigint <> 0 and ((o.position is not null and ((NOT (o.retired)))) or (n.position is not null and ((NOT (n.retired))))));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."prices"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_prices_update"();
create or replace function "millrace"."capture_prices_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."prices"'::regclass, '"s"."id", "s"."product_id", "s"."price", "s"."details", "s"."priority", "s"."retired"', 'null::integer, null::integer, null::numeric(8,2), null::jsonb, null::integer, null::boolean', array['id', 'retired']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "o"."product_id", "o"."price", "o"."details", "o"."priority", "o"."retired"
        from old_rows as o
        where ((NOT (o.retired)))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_prices" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_prices" (slot, xid, op, changed, "old_id", "old_product_id", "old_price", "old_details", "old_priority", "old_retired")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", "o"."product_id", "o"."price", "o"."details", "o"."priority", "o"."retired"
    from old_rows as o
    where ((NOT (o.retired)));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."prices"
referencing old table as old_rows
for each statement execute function "millrace"."capture_prices_delete"();
create or replace function "millrace"."capture_prices_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_prices" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."prices"
for each statement execute function "millrace"."capture_prices_truncate"();
create table if not exists "millrace"."queue_prices" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_prices_0" partition of "millrace"."queue_prices" for values in (0);
create table if not exists "millrace"."queue_prices_1" partition of "millrace"."queue_prices" for values in (1);
create table if not exists "millrace"."queue_prices_2" partition of "millrace"."queue_prices" for values in (2);
create index if not exists "queue_prices_xid" on "millrace"."queue_prices" (xid);
insert into "millrace"."queue_prices" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_prices" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_prices" add column if not exists "old_id" integer;
alter table "millrace"."queue_prices" add column if not exists "new_id" integer;
alter table "millrace"."queue_prices" add column if not exists "old_product_id" integer;
alter table "millrace"."queue_prices" add column if not exists "new_product_id" integer;
alter table "millrace"."queue_prices" add column if not exists "old_price" numeric(8,2);
alter table "millrace"."queue_prices" add column if not exists "new_price" numeric(8,2);
alter table "millrace"."queue_prices" add column if not exists "old_details" jsonb;
alter table "millrace"."queue_prices" add column if not exists "new_details" jsonb;
alter table "millrace"."queue_prices" add column if not exists "old_priority" integer;
alter table "millrace"."queue_prices" add column if not exists "new_priority" integer;
alter table "millrace"."queue_prices" add column if not exists "old_retired" boolean;
alter table "millrace"."queue_prices" add column if not exists "new_retired" boolean;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."offers_v1" (
  "product_id" integer,
  "price" numeric(8,2),
  "details" jsonb,
  "off" numeric,
  "product_id__o1" integer,
  "product_id__o2" integer
);
create unique index if not exists "offers_v1_key" on "millrace"."offers_v1" ("product_id") nulls not distinct;
create table if not exists "millrace"."pending_offers_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
grant select, insert, update, delete on "millrace"."offers_v1", "millrace"."pending_offers_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_prices" to "millrace_worker";
grant select, truncate on "millrace"."queue_prices_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_prices_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_prices_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('offers_v1', 'public', 'offers', 'select distinct on (p.product_id) p.product_id, p.price, p.details, -p.price as off
from prices p
where not p.retired
order by p.product_id, p.priority desc nulls last, p.id desc
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'offers_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."offers_v1", "millrace"."pending_offers_v1" in access share mode;
lock table "public"."prices", "millrace"."queue_prices" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (p.product_id)::integer from "public"."prices" as "p"
union all
select "product_id" from "millrace"."offers_v1"
union all
select u1 from "millrace"."pending_offers_v1"
),
waiting as (
  insert into "millrace"."pending_offers_v1" (u1, cause)
  select distinct u1, $1::text
  from everything
  where true
  on conflict (u1) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['1', '2']
with fresh ("product_id", "price", "details", "off", "product_id__o1", "product_id__o2") as materialized (
SELECT DISTINCT ON (p.product_id)
  p.product_id,
  p.price,
  p.details,
  - p.price AS off,
  p.priority AS product_id__o1,
  p.id AS product_id__o2
FROM public.prices AS p
WHERE
  NOT (p.retired)
  AND p.product_id = ANY (CAST(CAST($1 AS text[]) AS int[]))
ORDER BY
  p.product_id,
  p.priority DESC NULLS LAST,
  p.id DESC
),
duplicate as (
  select "product_id"
  from fresh
  group by "product_id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."offers_v1" as stored
  where ("stored"."product_id") = any ($1::text[]::integer[])
    and not exists (select from fresh where not ("fresh"."product_id" is distinct from "stored"."product_id"))
  returning 1
),
written as (
  insert into "millrace"."offers_v1" as stored ("product_id", "price", "details", "off", "product_id__o1", "product_id__o2")
  select "product_id", "price", "details", "off", "product_id__o1", "product_id__o2"
  from fresh
  where not exists (select from duplicate)
  on conflict ("product_id") do update
  set ("product_id", "price", "details", "off", "product_id__o1", "product_id__o2") = row("excluded"."product_id", "excluded"."price", "excluded"."details", "excluded"."off", "excluded"."product_id__o1", "excluded"."product_id__o2")
  where record_image_ne(row("stored"."product_id", "stored"."price", "stored"."details", "stored"."off", "stored"."product_id__o1", "stored"."product_id__o2"), row("excluded"."product_id", "excluded"."price", "excluded"."details", "excluded"."off", "excluded"."product_id__o1", "excluded"."product_id__o2"))
  returning 1
),
settled as (
  delete from "millrace"."pending_offers_v1"
  where (u1) = any ($1::text[]::integer[])
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates;
release savepoint attempt;
savepoint attempt;
with fresh ("product_id", "price", "details", "off", "product_id__o1", "product_id__o2") as materialized (
SELECT DISTINCT ON (p.product_id)
  p.product_id,
  p.price,
  p.details,
  - p.price AS off,
  p.priority AS product_id__o1,
  p.id AS product_id__o2
FROM public.prices AS p
WHERE
  NOT (p.retired)
  AND p.product_id IS NULL
ORDER BY
  p.product_id,
  p.priority DESC NULLS LAST,
  p.id DESC
),
duplicate as (
  select "product_id"
  from fresh
  group by "product_id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."offers_v1" as stored
  where ("stored"."product_id") is null
    and not exists (select from fresh where not ("fresh"."product_id" is distinct from "stored"."product_id"))
  returning 1
),
written as (
  insert into "millrace"."offers_v1" as stored ("product_id", "price", "details", "off", "product_id__o1", "product_id__o2")
  select "product_id", "price", "details", "off", "product_id__o1", "product_id__o2"
  from fresh
  where not exists (select from duplicate)
  on conflict ("product_id") do update
  set ("product_id", "price", "details", "off", "product_id__o1", "product_id__o2") = row("excluded"."product_id", "excluded"."price", "excluded"."details", "excluded"."off", "excluded"."product_id__o1", "excluded"."product_id__o2")
  where record_image_ne(row("stored"."product_id", "stored"."price", "stored"."details", "stored"."off", "stored"."product_id__o1", "stored"."product_id__o2"), row("excluded"."product_id", "excluded"."price", "excluded"."details", "excluded"."off", "excluded"."product_id__o1", "excluded"."product_id__o2"))
  returning 1
),
settled as (
  delete from "millrace"."pending_offers_v1"
  where (u1) is null
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates;
release savepoint attempt;
-- $1: 1
-- $2: <snapshot>
-- $3: <cluster>
insert into millrace.watermark (model, n, snapshot, horizon, cluster, relation, is_complete)
values ('offers_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."offers_v1"'::regclass,
        not exists (select from "millrace"."pending_offers_v1" where retry_at is null));
-- $1: 'offers_v1'
-- $2: 'backfill'
-- $3: 0
-- $4: 3
-- $5: 3
-- $6: <milliseconds>
-- $7: 'completed'
-- $8: null
insert into millrace.refresh_log (model, cause, changes, units, rows_changed, duration_ms, status, error)
values ($1::text, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::float8, $7::text, $8::text);
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace view "public"."offers" as
select "product_id", "price", "details", "off"
from "millrace"."offers_v1";
create or replace view "public"."offers_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_product_id", "new_product_id"
    from "millrace"."queue_prices" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'offers_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'offers_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."offers_v1"'::regclass from millrace.watermark as w where w.model = 'offers_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_prices" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (p.product_id)::integer as u1
from (
  select "old_product_id" as "product_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775682'::bigint <> 0
  union all
  select "new_product_id" as "product_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775682'::bigint <> 0
) as "p"
  ) as resolved (u1)
  where true
  union all
  select u1
  from "millrace"."pending_offers_v1") as dirty
)
select "product_id", "price", "details", "off"
from "millrace"."offers_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."product_id")
  and not ("stored"."product_id" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null))
union all
select "product_id", "price", "details", "off"
from (
SELECT DISTINCT ON (p.product_id)
  p.product_id,
  p.price,
  p.details,
  - p.price AS off
FROM public.prices AS p
WHERE
  NOT (p.retired)
  AND (p.product_id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (p.product_id IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL)))
ORDER BY
  p.product_id,
  p.priority DESC NULLS LAST,
  p.id DESC
) as live
where (select is_trusted from millrace_trust)
union all
select "product_id", "price", "details", "off"
from (
SELECT DISTINCT ON (p.product_id)
  p.product_id,
  p.price,
  p.details,
  - p.price AS off
FROM public.prices AS p
WHERE
  NOT (p.retired)
ORDER BY
  p.product_id,
  p.priority DESC NULLS LAST,
  p.id DESC
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."offers_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."offers_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_product_id", "new_product_id"
    from "millrace"."queue_prices" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''offers_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''offers_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."offers_v1"''::regclass from millrace.watermark as w where w.model = ''offers_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_prices" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (p.product_id)::integer as u1
from (
  select "old_product_id" as "product_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775682''::bigint <> 0
  union all
  select "new_product_id" as "product_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775682''::bigint <> 0
) as "p"
  ) as resolved (u1)
  where true
  union all
  select u1
  from "millrace"."pending_offers_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "product_id", "price", "details", "off"
from "millrace"."offers_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."product_id")
  and not ("stored"."product_id" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null))) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "product_id", "price", "details", "off"
from (
SELECT DISTINCT ON (p.product_id)
  p.product_id,
  p.price,
  p.details,
  - p.price AS off
FROM public.prices AS p
WHERE
  NOT (p.retired)
  AND (p.product_id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (p.product_id IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL)))
ORDER BY
  p.product_id,
  p.priority DESC NULLS LAST,
  p.id DESC
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "product_id", "price", "details", "off"
from (
SELECT DISTINCT ON (p.product_id)
  p.product_id,
  p.price,
  p.details,
  - p.price AS off
FROM public.prices AS p
WHERE
  NOT (p.retired)
ORDER BY
  p.product_id,
  p.priority DESC NULLS LAST,
  p.id DESC
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."offers_strict"', matching),
      millrace.page_order('"public"."offers_strict"', order_by) || '"product_id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."offers_strict_page" from public;
grant select on "public"."offers", "public"."offers_strict" to "millrace_reader";
grant execute on function "public"."offers_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'offers_v1';
commit;
