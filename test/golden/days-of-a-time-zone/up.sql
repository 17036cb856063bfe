-- all of sql/

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_orders_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."orders"'::regclass, '"s"."shop_id", "s"."at", "s"."amount"', 'null::integer, null::timestamp with time zone, null::numeric(10,2)', array['shop_id', 'at']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."shop_id", "n"."at"
        from new_rows as n
        where true
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_orders" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_orders" (slot, xid, op, changed, "new_shop_id", "new_at")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."shop_id", "n"."at"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."orders"
referencing new table as new_rows
for each statement execute function "millrace"."capture_orders_insert"();
create or replace function "millrace"."capture_orders_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."orders"'::regclass, '"s"."shop_id", "s"."at", "s"."amount"', 'null::integer, null::timestamp with time zone, null::numeric(10,2)', array['shop_id', 'at']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."shop_id", "o"."at", "n"."shop_id", "n"."at"
        from (select row_number() over () as position, "o"."shop_id", "o"."at", "o"."amount" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."shop_id", "n"."at", "n"."amount" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."shop_id"), row("n"."shop_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."at"), row("n"."at")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."amount"), row("n"."amount")) then '16'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775780'::bigint <> 0
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_orders" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_orders" (slot, xid, op, changed, "old_shop_id", "old_at", "new_shop_id", "new_at")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."shop_id", "o"."at", "n"."shop_id", "n"."at"
    from (select row_number() over () as position, "o"."shop_id", "o"."at", "o"."amount" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."shop_id", "n"."at", "n"."amount" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."shop_id"), row("n"."shop_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."at"), row("n"."at")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."amount"), row("n"."amount")) then '16'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775780'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."orders"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_orders_update"();
create or replace function "millrace"."capture_orders_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."orders"'::regclass, '"s"."shop_id", "s"."at", "s"."amount"', 'null::integer, null::timestamp with time zone, null::numeric(10,2)', array['shop_id', 'at']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."shop_id", "o"."at"
        from old_rows as o
        where true
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_orders" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_orders" (slot, xid, op, changed, "old_shop_id", "old_at")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."shop_id", "o"."at"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."orders"
referencing old table as old_rows
for each statement execute function "millrace"."capture_orders_delete"();
create or replace function "millrace"."capture_orders_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_orders" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."orders"
for each statement execute function "millrace"."capture_orders_truncate"();
create table if not exists "millrace"."queue_orders" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_orders_0" partition of "millrace"."queue_orders" for values in (0);
create table if not exists "millrace"."queue_orders_1" partition of "millrace"."queue_orders" for values in (1);
create table if not exists "millrace"."queue_orders_2" partition of "millrace"."queue_orders" for values in (2);
create index if not exists "queue_orders_xid" on "millrace"."queue_orders" (xid);
insert into "millrace"."queue_orders" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_orders" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_orders" add column if not exists "old_shop_id" integer;
alter table "millrace"."queue_orders" add column if not exists "new_shop_id" integer;
alter table "millrace"."queue_orders" add column if not exists "old_at" timestamp with time zone;
alter table "millrace"."queue_orders" add column if not exists "new_at" timestamp with time zone;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_shops_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."shops"'::regclass, '"s"."id", "s"."name"', 'null::integer, null::text', array['id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."id"
        from new_rows as n
        where true
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_shops" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_shops" (slot, xid, op, changed, "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."shops"
referencing new table as new_rows
for each statement execute function "millrace"."capture_shops_insert"();
create or replace function "millrace"."capture_shops_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."shops"'::regclass, '"s"."id", "s"."name"', 'null::integer, null::text', array['id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "n"."id"
        from (select row_number() over () as position, "o"."id", "o"."name" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."name" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."name"), row("n"."name")) then '4'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775802'::bigint <> 0
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_shops" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_shops" (slot, xid, op, changed, "old_id", "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "n"."id"
    from (select row_number() over () as position, "o"."id", "o"."name" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."name" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."name"), row("n"."name")) then '4'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775802'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."shops"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_shops_update"();
create or replace function "millrace"."capture_shops_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."shops"'::regclass, '"s"."id", "s"."name"', 'null::integer, null::text', array['id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id"
        from old_rows as o
        where true
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_shops" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_shops" (slot, xid, op, changed, "old_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."shops"
referencing old table as old_rows
for each statement execute function "millrace"."capture_shops_delete"();
create or replace function "millrace"."capture_shops_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_shops" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."shops"
for each statement execute function "millrace"."capture_shops_truncate"();
create table if not exists "millrace"."queue_shops" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_shops_0" partition of "millrace"."queue_shops" for values in (0);
create table if not exists "millrace"."queue_shops_1" partition of "millrace"."queue_shops" for values in (1);
create table if not exists "millrace"."queue_shops_2" partition of "millrace"."queue_shops" for values in (2);
create index if not exists "queue_shops_xid" on "millrace"."queue_shops" (xid);
insert into "millrace"."queue_shops" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_shops" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_shops" add column if not exists "old_id" integer;
alter table "millrace"."queue_shops" add column if not exists "new_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."page_v1" (
  "day" date,
  "shop_id" integer,
  "name" text,
  "orders" bigint,
  "amount" numeric,
  "first" text,
  "of_a_week" bigint
);
create unique index if not exists "page_v1_key" on "millrace"."page_v1" ("day", "shop_id") nulls not distinct;
create table if not exists "millrace"."pending_page_v1" (
  u1 date,
  u2 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1, u2)
);
create or replace function "millrace"."pinned_page_v1_1"(timestamp with time zone) returns date
language plpgsql immutable parallel safe
set TimeZone = 'Europe/Berlin'
as $millrace$
begin
  return "pg_catalog"."date"($1);
end
$millrace$;
revoke all on function "millrace"."pinned_page_v1_1"(timestamp with time zone) from public;
create or replace function "millrace"."pinned_page_v1_2"(timestamp with time zone, text) returns text
language plpgsql immutable parallel safe
set TimeZone = 'Europe/Berlin'
set lc_monetary = 'C'
set lc_numeric = 'C'
set lc_time = 'C'
as $millrace$
begin
  return "pg_catalog"."to_char"($1, $2);
end
$millrace$;
revoke all on function "millrace"."pinned_page_v1_2"(timestamp with time zone, text) from public;
create or replace function "millrace"."pinned_page_v1_3"(timestamp with time zone, interval) returns timestamp with time zone
language plpgsql immutable parallel safe
set TimeZone = 'Europe/Berlin'
as $millrace$
begin
  return "pg_catalog"."timestamptz_mi_interval"($1, $2);
end
$millrace$;
revoke all on function "millrace"."pinned_page_v1_3"(timestamp with time zone, interval) from public;
create or replace function "millrace"."pinned_page_v1_4"(text, timestamp with time zone) returns numeric
language plpgsql immutable parallel safe
set TimeZone = 'Europe/Berlin'
as $millrace$
begin
  return "pg_catalog"."extract"($1, $2);
end
$millrace$;
revoke all on function "millrace"."pinned_page_v1_4"(text, timestamp with time zone) from public;
grant select, insert, update, delete on "millrace"."page_v1", "millrace"."pending_page_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_orders" to "millrace_worker";
grant select, truncate on "millrace"."queue_orders_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_orders_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_orders_2" to "millrace_worker";
grant select, insert on "millrace"."queue_shops" to "millrace_worker";
grant select, truncate on "millrace"."queue_shops_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_shops_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_shops_2" to "millrace_worker";
grant execute on function "millrace"."pinned_page_v1_1"(timestamp with time zone) to "millrace_worker";
grant execute on function "millrace"."pinned_page_v1_2"(timestamp with time zone, text) to "millrace_worker";
grant execute on function "millrace"."pinned_page_v1_3"(timestamp with time zone, interval) to "millrace_worker";
grant execute on function "millrace"."pinned_page_v1_4"(text, timestamp with time zone) to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('page_v1', 'public', 'page', 'select o.at::date as day, o.shop_id, s.name, count(*) as orders, sum(o.amount) as amount,
       min(to_char(o.at, ''HH24:MI'')) as first,
       count(*) filter (where o.at > now() - interval ''7 days'') as of_a_week
from orders o
join shops s on s.id = o.shop_id
where extract(hour from o.at) >= 6 or o.amount > 6
group by o.at::date, o.shop_id, s.name
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'page_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."page_v1", "millrace"."pending_page_v1" in access share mode;
lock table "public"."orders", "millrace"."queue_orders", "public"."shops", "millrace"."queue_shops" in access share mode;
-- $1: 'backfill'
with everything (u1, u2) as (
select (millrace.pinned_page_v1_1(o.at))::date, (o.shop_id)::integer from "public"."orders" as "o"
union all
select "day", "shop_id" from "millrace"."page_v1"
union all
select u1, u2 from "millrace"."pending_page_v1"
),
waiting as (
  insert into "millrace"."pending_page_v1" (u1, u2, cause)
  select distinct u1, u2, $1::text
  from everything
  where u2 is not null
  on conflict (u1, u2) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['2026-03-01', '2026-03-02', '2026-03-02']
-- $2: array['1', '1', '2']
with fresh ("day", "shop_id", "name", "orders", "amount", "first", "of_a_week") as materialized (
SELECT
  millrace.pinned_page_v1_1(o.at) AS day,
  o.shop_id,
  s.name,
  count(*) AS orders,
  sum(o.amount) AS amount,
  min(millrace.pinned_page_v1_2(o.at, 'HH24:MI'::text)) AS first,
  count(*) FILTER (WHERE o.at > millrace.pinned_page_v1_3(now(), '7 days'::interval)) AS of_a_week
FROM public.orders AS o
JOIN public.shops AS s ON s.id = o.shop_id
WHERE
  (millrace.pinned_page_v1_4('hour'::text, o.at) >= 6::numeric
  OR o.amount > 6::numeric)
  AND (millrace.pinned_page_v1_1(o.at), o.shop_id) IN (SELECT *
FROM unnest(CAST(CAST($1 AS text[]) AS date[]), CAST(CAST($2 AS text[]) AS int[])))
GROUP BY
  millrace.pinned_page_v1_1(o.at),
  o.shop_id,
  s.name
),
duplicate as (
  select "day", "shop_id"
  from fresh
  group by "day", "shop_id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."page_v1" as stored
  where (("stored"."day"), ("stored"."shop_id")) in (select * from unnest($1::text[]::date[], $2::text[]::integer[]))
    and not exists (select from fresh where not ("fresh"."day" is distinct from "stored"."day") and not ("fresh"."shop_id" is distinct from "stored"."shop_id"))
  returning 1
),
written as (
  insert into "millrace"."page_v1" as stored ("day", "shop_id", "name", "orders", "amount", "first", "of_a_week")
  select "day", "shop_id", "name", "orders", "amount", "first", "of_a_week"
  from fresh
  where not exists (select from duplicate)
  on conflict ("day", "shop_id") do update
  set ("day", "shop_id", "name", "orders", "amount", "first", "of_a_week") = row("excluded"."day", "excluded"."shop_id", "excluded"."name", "excluded"."orders", "excluded"."amount", "excluded"."first", "excluded"."of_a_week")
  where record_image_ne(row("stored"."day", "stored"."shop_id", "stored"."name", "stored"."orders", "stored"."amount", "stored"."first", "stored"."of_a_week"), row("excluded"."day", "excluded"."shop_id", "excluded"."name", "excluded"."orders", "excluded"."amount", "excluded"."first", "excluded"."of_a_week"))
  returning 1
),
settled as (
  delete from "millrace"."pending_page_v1"
  where ((u1), (u2)) in (select * from unnest($1::text[]::date[], $2::text[]::integer[]))
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
values ('page_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."page_v1"'::regclass,
        not exists (select from "millrace"."pending_page_v1" where retry_at is null));
-- $1: 'page_v1'
-- $2: 'backfill'
-- $3: 0
-- $4: 3
-- $5: 2
-- $6: <milliseconds>
-- $7: 'completed'
-- $8: null
insert into millrace.refresh_log (model, cause, changes, units, rows_changed, duration_ms, status, error)
values ($1::text, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::float8, $7::text, $8::text);
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace view "public"."page" as
select "day", "shop_id", "name", "orders", "amount", "first", "of_a_week"
from "millrace"."page_v1";
create or replace view "public"."page_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_at", "old_shop_id", "new_at", "new_shop_id"
    from "millrace"."queue_orders" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_shops" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."page_v1"'::regclass from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_orders" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_shops" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
    and not exists (select from "millrace_batch_2" as marks where op = 'R')
),
millrace_dirty (u1, u2) as materialized (
  select distinct *
  from (select u1, u2
  from (
select (millrace.pinned_page_v1_1(o.at))::date as u1, (o.shop_id)::integer as u2
from (
  select "old_at" as "at", "old_shop_id" as "shop_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select "new_at" as "at", "new_shop_id" as "shop_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as "o"
union all
select (millrace.pinned_page_v1_1(o.at))::date as u1, (o.shop_id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "s"
join "public"."orders" as "o" on s.id = o.shop_id
union all
select (millrace.pinned_page_v1_1(o.at))::date as u1, (o.shop_id)::integer as u2
from (
  select "o"."at", "o"."shop_id"
  from (select w.clock from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1) as millrace_since (moment)
  join "public"."orders" as "o" on "o"."at" >= least(millrace.pinned_page_v1_3(millrace_since.moment, '7 days'::interval), millrace.pinned_page_v1_3(pg_catalog.now(), '7 days'::interval)) and "o"."at" <= greatest(millrace.pinned_page_v1_3(millrace_since.moment, '7 days'::interval), millrace.pinned_page_v1_3(pg_catalog.now(), '7 days'::interval))
  where millrace.pinned_page_v1_3(millrace_since.moment, '7 days'::interval) <> millrace.pinned_page_v1_3(pg_catalog.now(), '7 days'::interval)
) as "o"
  ) as resolved (u1, u2)
  where u2 is not null
  union all
  select u1, u2
  from "millrace"."pending_page_v1") as dirty
)
select "day", "shop_id", "name", "orders", "amount", "first", "of_a_week"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."day" and dirty.u2 = "stored"."shop_id")
  and not exists (select from millrace_dirty as dirty where dirty.u1 is null and "stored"."day" is null and dirty.u2 = "stored"."shop_id")
union all
select "day", "shop_id", "name", "orders", "amount", "first", "of_a_week"
from (
SELECT
  millrace.pinned_page_v1_1(o.at) AS day,
  o.shop_id,
  s.name,
  count(*) AS orders,
  sum(o.amount) AS amount,
  min(millrace.pinned_page_v1_2(o.at, 'HH24:MI'::text)) AS first,
  count(*) FILTER (WHERE o.at > millrace.pinned_page_v1_3(now(), '7 days'::interval)) AS of_a_week
FROM public.orders AS o
JOIN public.shops AS s ON s.id = o.shop_id
WHERE
  (millrace.pinned_page_v1_4('hour'::text, o.at) >= 6::numeric
  OR o.amount > 6::numeric)
  AND ((millrace.pinned_page_v1_1(o.at) = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (millrace.pinned_page_v1_1(o.at) IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL)))
  AND o.shop_id = ANY (ARRAY(SELECT u2
FROM millrace_dirty))
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  (NOT (millrace_dirty.u1 IS DISTINCT FROM millrace.pinned_page_v1_1(o.at))
  AND NOT (millrace_dirty.u2 IS DISTINCT FROM o.shop_id))))
GROUP BY
  millrace.pinned_page_v1_1(o.at),
  o.shop_id,
  s.name
) as live
where (select is_trusted from millrace_trust)
union all
select "day", "shop_id", "name", "orders", "amount", "first", "of_a_week"
from (
SELECT
  millrace.pinned_page_v1_1(o.at) AS day,
  o.shop_id,
  s.name,
  count(*) AS orders,
  sum(o.amount) AS amount,
  min(millrace.pinned_page_v1_2(o.at, 'HH24:MI'::text)) AS first,
  count(*) FILTER (WHERE o.at > millrace.pinned_page_v1_3(now(), '7 days'::interval)) AS of_a_week
FROM public.orders AS o
JOIN public.shops AS s ON s.id = o.shop_id
WHERE
  millrace.pinned_page_v1_4('hour'::text, o.at) >= 6::numeric
  OR o.amount > 6::numeric
GROUP BY
  millrace.pinned_page_v1_1(o.at),
  o.shop_id,
  s.name
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."page_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."page_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_at", "old_shop_id", "new_at", "new_shop_id"
    from "millrace"."queue_orders" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_shops" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."page_v1"''::regclass from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_orders" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_shops" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
    and not exists (select from "millrace_batch_2" as marks where op = ''R'')
),
millrace_dirty (u1, u2) as materialized (
  select distinct *
  from (select u1, u2
  from (
select (millrace.pinned_page_v1_1(o.at))::date as u1, (o.shop_id)::integer as u2
from (
  select "old_at" as "at", "old_shop_id" as "shop_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775780''::bigint <> 0
  union all
  select "new_at" as "at", "new_shop_id" as "shop_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775780''::bigint <> 0
) as "o"
union all
select (millrace.pinned_page_v1_1(o.at))::date as u1, (o.shop_id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "s"
join "public"."orders" as "o" on s.id = o.shop_id
union all
select (millrace.pinned_page_v1_1(o.at))::date as u1, (o.shop_id)::integer as u2
from (
  select "o"."at", "o"."shop_id"
  from (select w.clock from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1) as millrace_since (moment)
  join "public"."orders" as "o" on "o"."at" >= least(millrace.pinned_page_v1_3(millrace_since.moment, ''7 days''::interval), millrace.pinned_page_v1_3(pg_catalog.now(), ''7 days''::interval)) and "o"."at" <= greatest(millrace.pinned_page_v1_3(millrace_since.moment, ''7 days''::interval), millrace.pinned_page_v1_3(pg_catalog.now(), ''7 days''::interval))
  where millrace.pinned_page_v1_3(millrace_since.moment, ''7 days''::interval) <> millrace.pinned_page_v1_3(pg_catalog.now(), ''7 days''::interval)
) as "o"
  ) as resolved (u1, u2)
  where u2 is not null
  union all
  select u1, u2
  from "millrace"."pending_page_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "day", "shop_id", "name", "orders", "amount", "first", "of_a_week"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."day" and dirty.u2 = "stored"."shop_id")
  and not exists (select from millrace_dirty as dirty where dirty.u1 is null and "stored"."day" is null and dirty.u2 = "stored"."shop_id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "day", "shop_id", "name", "orders", "amount", "first", "of_a_week"
from (
SELECT
  millrace.pinned_page_v1_1(o.at) AS day,
  o.shop_id,
  s.name,
  count(*) AS orders,
  sum(o.amount) AS amount,
  min(millrace.pinned_page_v1_2(o.at, ''HH24:MI''::text)) AS first,
  count(*) FILTER (WHERE o.at > millrace.pinned_page_v1_3(now(), ''7 days''::interval)) AS of_a_week
FROM public.orders AS o
JOIN public.shops AS s ON s.id = o.shop_id
WHERE
  (millrace.pinned_page_v1_4(''hour''::text, o.at) >= 6::numeric
  OR o.amount > 6::numeric)
  AND ((millrace.pinned_page_v1_1(o.at) = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (millrace.pinned_page_v1_1(o.at) IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL)))
  AND o.shop_id = ANY (ARRAY(SELECT u2
FROM millrace_dirty))
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  (NOT (millrace_dirty.u1 IS DISTINCT FROM millrace.pinned_page_v1_1(o.at))
  AND NOT (millrace_dirty.u2 IS DISTINCT FROM o.shop_id))))
GROUP BY
  millrace.pinned_page_v1_1(o.at),
  o.shop_id,
  s.name
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "day", "shop_id", "name", "orders", "amount", "first", "of_a_week"
from (
SELECT
  millrace.pinned_page_v1_1(o.at) AS day,
  o.shop_id,
  s.name,
  count(*) AS orders,
  sum(o.amount) AS amount,
  min(millrace.pinned_page_v1_2(o.at, ''HH24:MI''::text)) AS first,
  count(*) FILTER (WHERE o.at > millrace.pinned_page_v1_3(now(), ''7 days''::interval)) AS of_a_week
FROM public.orders AS o
JOIN public.shops AS s ON s.id = o.shop_id
WHERE
  millrace.pinned_page_v1_4(''hour''::text, o.at) >= 6::numeric
  OR o.amount > 6::numeric
GROUP BY
  millrace.pinned_page_v1_1(o.at),
  o.shop_id,
  s.name
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."page_strict"', matching),
      millrace.page_order('"public"."page_strict"', order_by) || '"day", "shop_id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."page_strict_page" from public;
grant select on "public"."page", "public"."page_strict" to "millrace_reader";
grant execute on function "public"."page_strict_page" to "millrace_reader";
grant execute on function "millrace"."pinned_page_v1_1"(timestamp with time zone) to "millrace_reader";
grant execute on function "millrace"."pinned_page_v1_2"(timestamp with time zone, text) to "millrace_reader";
grant execute on function "millrace"."pinned_page_v1_3"(timestamp with time zone, interval) to "millrace_reader";
grant execute on function "millrace"."pinned_page_v1_4"(text, timestamp with time zone) to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'page_v1';
commit;
