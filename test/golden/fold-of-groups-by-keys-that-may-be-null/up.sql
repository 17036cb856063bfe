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
    problem := millrace.shape_problem('"public"."orders"'::regclass, '"s"."seller_id", "s"."region", "s"."amount"', 'null::integer, null::text, null::integer', array[]::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."seller_id", "n"."region", "n"."amount"
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
    insert into "millrace"."queue_orders" (slot, xid, op, changed, "new_seller_id", "new_region", "new_amount")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."seller_id", "n"."region", "n"."amount"
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
    problem := millrace.shape_problem('"public"."orders"'::regclass, '"s"."seller_id", "s"."region", "s"."amount"', 'null::integer, null::text, null::integer', array[]::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."seller_id", "o"."region", "o"."amount", "n"."seller_id", "n"."region", "n"."amount"
        from (select row_number() over () as position, "o"."seller_id", "o"."region", "o"."amount" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."seller_id", "n"."region", "n"."amount" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."seller_id"), row("n"."seller_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."region"), row("n"."region")) then '8'::bigint else 0 end
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
    insert into "millrace"."queue_orders" (slot, xid, op, changed, "old_seller_id", "old_region", "old_amount", "new_seller_id", "new_region", "new_amount")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."seller_id", "o"."region", "o"."amount", "n"."seller_id", "n"."region", "n"."amount"
    from (select row_number() over () as position, "o"."seller_id", "o"."region", "o"."amount" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."seller_id", "n"."region", "n"."amount" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."seller_id"), row("n"."seller_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."region"), row("n"."region")) then '8'::bigint else 0 end
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
    problem := millrace.shape_problem('"public"."orders"'::regclass, '"s"."seller_id", "s"."region", "s"."amount"', 'null::integer, null::text, null::integer', array[]::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."seller_id", "o"."region", "o"."amount"
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
    insert into "millrace"."queue_orders" (slot, xid, op, changed, "old_seller_id", "old_region", "old_amount")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."seller_id", "o"."region", "o"."amount"
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
alter table "millrace"."queue_orders" add column if not exists "old_seller_id" integer;
alter table "millrace"."queue_orders" add column if not exists "new_seller_id" integer;
alter table "millrace"."queue_orders" add column if not exists "old_region" text;
alter table "millrace"."queue_orders" add column if not exists "new_region" text;
alter table "millrace"."queue_orders" add column if not exists "old_amount" integer;
alter table "millrace"."queue_orders" add column if not exists "new_amount" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."sales_v1" (
  "seller_id" integer,
  "region" text,
  "orders" bigint,
  "amount" bigint,
  "amount__s1" bigint,
  "amount__s2" bigint
);
create unique index if not exists "sales_v1_key" on "millrace"."sales_v1" ("seller_id", "region") nulls not distinct;
create table if not exists "millrace"."pending_sales_v1" (
  u1 integer,
  u2 text,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1, u2)
);
grant select, insert, update, delete on "millrace"."sales_v1", "millrace"."pending_sales_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_orders" to "millrace_worker";
grant select, truncate on "millrace"."queue_orders_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_orders_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_orders_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('sales_v1', 'public', 'sales', 'select o.seller_id, o.region, count(*) as orders, sum(o.amount) as amount
from orders o
group by o.seller_id, o.region
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'sales_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."sales_v1", "millrace"."pending_sales_v1" in access share mode;
lock table "public"."orders", "millrace"."queue_orders" in access share mode;
-- $1: 'backfill'
with everything (u1, u2) as (
select (o.seller_id)::integer, (o.region)::text from "public"."orders" as "o"
union all
select "seller_id", "region" from "millrace"."sales_v1"
union all
select u1, u2 from "millrace"."pending_sales_v1"
),
waiting as (
  insert into "millrace"."pending_sales_v1" (u1, u2, cause)
  select distinct u1, u2, $1::text
  from everything
  where true
  on conflict (u1, u2) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['1']
-- $2: array['north']
with fresh ("seller_id", "region", "orders", "amount", "amount__s1", "amount__s2") as materialized (
SELECT
  o.seller_id,
  o.region,
  count(*) AS orders,
  sum(o.amount) AS amount,
  COALESCE(sum(o.amount), 0) AS amount__s1,
  count(o.amount) AS amount__s2
FROM public.orders AS o
WHERE
  (o.seller_id, o.region) IN (SELECT *
FROM unnest(CAST(CAST($1 AS text[]) AS int[]), CAST(CAST($2 AS text[]) AS text[])))
GROUP BY
  o.seller_id,
  o.region
),
duplicate as (
  select "seller_id", "region"
  from fresh
  group by "seller_id", "region"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."sales_v1" as stored
  where (("stored"."seller_id"), ("stored"."region")) in (select * from unnest($1::text[]::integer[], $2::text[]::text[]))
    and not exists (select from fresh where not ("fresh"."seller_id" is distinct from "stored"."seller_id") and not ("fresh"."region" is distinct from "stored"."region"))
  returning 1
),
written as (
  insert into "millrace"."sales_v1" as stored ("seller_id", "region", "orders", "amount", "amount__s1", "amount__s2")
  select "seller_id", "region", "orders", "amount", "amount__s1", "amount__s2"
  from fresh
  where not exists (select from duplicate)
  on conflict ("seller_id", "region") do update
  set ("seller_id", "region", "orders", "amount", "amount__s1", "amount__s2") = row("excluded"."seller_id", "excluded"."region", "excluded"."orders", "excluded"."amount", "excluded"."amount__s1", "excluded"."amount__s2")
  where record_image_ne(row("stored"."seller_id", "stored"."region", "stored"."orders", "stored"."amount", "stored"."amount__s1", "stored"."amount__s2"), row("excluded"."seller_id", "excluded"."region", "excluded"."orders", "excluded"."amount", "excluded"."amount__s1", "excluded"."amount__s2"))
  returning 1
),
settled as (
  delete from "millrace"."pending_sales_v1"
  where ((u1), (u2)) in (select * from unnest($1::text[]::integer[], $2::text[]::text[]))
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates;
release savepoint attempt;
savepoint attempt;
-- $1: array['1']
with fresh ("seller_id", "region", "orders", "amount", "amount__s1", "amount__s2") as materialized (
SELECT
  o.seller_id,
  o.region,
  count(*) AS orders,
  sum(o.amount) AS amount,
  COALESCE(sum(o.amount), 0) AS amount__s1,
  count(o.amount) AS amount__s2
FROM public.orders AS o
WHERE
  o.region IS NULL
  AND o.seller_id = ANY (CAST(CAST($1 AS text[]) AS int[]))
GROUP BY
  o.seller_id,
  o.region
),
duplicate as (
  select "seller_id", "region"
  from fresh
  group by "seller_id", "region"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."sales_v1" as stored
  where ("stored"."region") is null and ("stored"."seller_id") = any ($1::text[]::integer[])
    and not exists (select from fresh where not ("fresh"."seller_id" is distinct from "stored"."seller_id") and not ("fresh"."region" is distinct from "stored"."region"))
  returning 1
),
written as (
  insert into "millrace"."sales_v1" as stored ("seller_id", "region", "orders", "amount", "amount__s1", "amount__s2")
  select "seller_id", "region", "orders", "amount", "amount__s1", "amount__s2"
  from fresh
  where not exists (select from duplicate)
  on conflict ("seller_id", "region") do update
  set ("seller_id", "region", "orders", "amount", "amount__s1", "amount__s2") = row("excluded"."seller_id", "excluded"."region", "excluded"."orders", "excluded"."amount", "excluded"."amount__s1", "excluded"."amount__s2")
  where record_image_ne(row("stored"."seller_id", "stored"."region", "stored"."orders", "stored"."amount", "stored"."amount__s1", "stored"."amount__s2"), row("excluded"."seller_id", "excluded"."region", "excluded"."orders", "excluded"."amount", "excluded"."amount__s1", "excluded"."amount__s2"))
  returning 1
),
settled as (
  delete from "millrace"."pending_sales_v1"
  where (u2) is null and (u1) = any ($1::text[]::integer[])
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates;
release savepoint attempt;
savepoint attempt;
-- $1: array['north']
with fresh ("seller_id", "region", "orders", "amount", "amount__s1", "amount__s2") as materialized (
SELECT
  o.seller_id,
  o.region,
  count(*) AS orders,
  sum(o.amount) AS amount,
  COALESCE(sum(o.amount), 0) AS amount__s1,
  count(o.amount) AS amount__s2
FROM public.orders AS o
WHERE
  o.seller_id IS NULL
  AND o.region = ANY (CAST(CAST($1 AS text[]) AS text[]))
GROUP BY
  o.seller_id,
  o.region
),
duplicate as (
  select "seller_id", "region"
  from fresh
  group by "seller_id", "region"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."sales_v1" as stored
  where ("stored"."seller_id") is null and ("stored"."region") = any ($1::text[]::text[])
    and not exists (select from fresh where not ("fresh"."seller_id" is distinct from "stored"."seller_id") and not ("fresh"."region" is distinct from "stored"."region"))
  returning 1
),
written as (
  insert into "millrace"."sales_v1" as stored ("seller_id", "region", "orders", "amount", "amount__s1", "amount__s2")
  select "seller_id", "region", "orders", "amount", "amount__s1", "amount__s2"
  from fresh
  where not exists (select from duplicate)
  on conflict ("seller_id", "region") do update
  set ("seller_id", "region", "orders", "amount", "amount__s1", "amount__s2") = row("excluded"."seller_id", "excluded"."region", "excluded"."orders", "excluded"."amount", "excluded"."amount__s1", "excluded"."amount__s2")
  where record_image_ne(row("stored"."seller_id", "stored"."region", "stored"."orders", "stored"."amount", "stored"."amount__s1", "stored"."amount__s2"), row("excluded"."seller_id", "excluded"."region", "excluded"."orders", "excluded"."amount", "excluded"."amount__s1", "excluded"."amount__s2"))
  returning 1
),
settled as (
  delete from "millrace"."pending_sales_v1"
  where (u1) is null and (u2) = any ($1::text[]::text[])
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates;
release savepoint attempt;
savepoint attempt;
with fresh ("seller_id", "region", "orders", "amount", "amount__s1", "amount__s2") as materialized (
SELECT
  o.seller_id,
  o.region,
  count(*) AS orders,
  sum(o.amount) AS amount,
  COALESCE(sum(o.amount), 0) AS amount__s1,
  count(o.amount) AS amount__s2
FROM public.orders AS o
WHERE
  o.seller_id IS NULL
  AND o.region IS NULL
GROUP BY
  o.seller_id,
  o.region
),
duplicate as (
  select "seller_id", "region"
  from fresh
  group by "seller_id", "region"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."sales_v1" as stored
  where ("stored"."seller_id") is null and ("stored"."region") is null
    and not exists (select from fresh where not ("fresh"."seller_id" is distinct from "stored"."seller_id") and not ("fresh"."region" is distinct from "stored"."region"))
  returning 1
),
written as (
  insert into "millrace"."sales_v1" as stored ("seller_id", "region", "orders", "amount", "amount__s1", "amount__s2")
  select "seller_id", "region", "orders", "amount", "amount__s1", "amount__s2"
  from fresh
  where not exists (select from duplicate)
  on conflict ("seller_id", "region") do update
  set ("seller_id", "region", "orders", "amount", "amount__s1", "amount__s2") = row("excluded"."seller_id", "excluded"."region", "excluded"."orders", "excluded"."amount", "excluded"."amount__s1", "excluded"."amount__s2")
  where record_image_ne(row("stored"."seller_id", "stored"."region", "stored"."orders", "stored"."amount", "stored"."amount__s1", "stored"."amount__s2"), row("excluded"."seller_id", "excluded"."region", "excluded"."orders", "excluded"."amount", "excluded"."amount__s1", "excluded"."amount__s2"))
  returning 1
),
settled as (
  delete from "millrace"."pending_sales_v1"
  where (u1) is null and (u2) is null
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
values ('sales_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."sales_v1"'::regclass,
        not exists (select from "millrace"."pending_sales_v1" where retry_at is null));
-- $1: 'sales_v1'
-- $2: 'backfill'
-- $3: 0
-- $4: 4
-- $5: 4
-- $6: <milliseconds>
-- $7: 'completed'
-- $8: null
insert into millrace.refresh_log (model, cause, changes, units, rows_changed, duration_ms, status, error)
values ($1::text, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::float8, $7::text, $8::text);
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace view "public"."sales" as
select "seller_id", "region", "orders", "amount"
from "millrace"."sales_v1";
create or replace view "public"."sales_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_seller_id", "old_region", "new_seller_id", "new_region"
    from "millrace"."queue_orders" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'sales_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'sales_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."sales_v1"'::regclass from millrace.watermark as w where w.model = 'sales_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_orders" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
),
millrace_dirty (u1, u2) as materialized (
  select distinct *
  from (select u1, u2
  from (
select (o.seller_id)::integer as u1, (o.region)::text as u2
from (
  select "old_seller_id" as "seller_id", "old_region" as "region" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select "new_seller_id" as "seller_id", "new_region" as "region" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as "o"
  ) as resolved (u1, u2)
  where true
  union all
  select u1, u2
  from "millrace"."pending_sales_v1") as dirty
)
select "seller_id", "region", "orders", "amount"
from "millrace"."sales_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."seller_id" and dirty.u2 = "stored"."region")
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."seller_id" and dirty.u2 is null and "stored"."region" is null)
  and not exists (select from millrace_dirty as dirty where dirty.u1 is null and "stored"."seller_id" is null and dirty.u2 = "stored"."region")
  and not ("stored"."seller_id" is null and "stored"."region" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null and dirty.u2 is null))
union all
select "seller_id", "region", "orders", "amount"
from (
SELECT
  o.seller_id,
  o.region,
  count(*) AS orders,
  sum(o.amount) AS amount
FROM public.orders AS o
WHERE
  (o.seller_id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (o.seller_id IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL)))
  AND (o.region = ANY (ARRAY(SELECT u2
FROM millrace_dirty))
  OR (o.region IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u2 IS NULL)))
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  (NOT (millrace_dirty.u1 IS DISTINCT FROM o.seller_id)
  AND NOT (millrace_dirty.u2 IS DISTINCT FROM o.region)))
GROUP BY
  o.seller_id,
  o.region
) as live
where (select is_trusted from millrace_trust)
union all
select "seller_id", "region", "orders", "amount"
from (
SELECT
  o.seller_id,
  o.region,
  count(*) AS orders,
  sum(o.amount) AS amount
FROM public.orders AS o
GROUP BY
  o.seller_id,
  o.region
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."sales_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."sales_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_seller_id", "old_region", "new_seller_id", "new_region"
    from "millrace"."queue_orders" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''sales_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''sales_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."sales_v1"''::regclass from millrace.watermark as w where w.model = ''sales_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_orders" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
),
millrace_dirty (u1, u2) as materialized (
  select distinct *
  from (select u1, u2
  from (
select (o.seller_id)::integer as u1, (o.region)::text as u2
from (
  select "old_seller_id" as "seller_id", "old_region" as "region" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775780''::bigint <> 0
  union all
  select "new_seller_id" as "seller_id", "new_region" as "region" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775780''::bigint <> 0
) as "o"
  ) as resolved (u1, u2)
  where true
  union all
  select u1, u2
  from "millrace"."pending_sales_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "seller_id", "region", "orders", "amount"
from "millrace"."sales_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."seller_id" and dirty.u2 = "stored"."region")
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."seller_id" and dirty.u2 is null and "stored"."region" is null)
  and not exists (select from millrace_dirty as dirty where dirty.u1 is null and "stored"."seller_id" is null and dirty.u2 = "stored"."region")
  and not ("stored"."seller_id" is null and "stored"."region" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null and dirty.u2 is null))) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "seller_id", "region", "orders", "amount"
from (
SELECT
  o.seller_id,
  o.region,
  count(*) AS orders,
  sum(o.amount) AS amount
FROM public.orders AS o
WHERE
  (o.seller_id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (o.seller_id IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL)))
  AND (o.region = ANY (ARRAY(SELECT u2
FROM millrace_dirty))
  OR (o.region IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u2 IS NULL)))
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  (NOT (millrace_dirty.u1 IS DISTINCT FROM o.seller_id)
  AND NOT (millrace_dirty.u2 IS DISTINCT FROM o.region)))
GROUP BY
  o.seller_id,
  o.region
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "seller_id", "region", "orders", "amount"
from (
SELECT
  o.seller_id,
  o.region,
  count(*) AS orders,
  sum(o.amount) AS amount
FROM public.orders AS o
GROUP BY
  o.seller_id,
  o.region
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."sales_strict"', matching),
      millrace.page_order('"public"."sales_strict"', order_by) || '"seller_id", "region"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."sales_strict_page" from public;
grant select on "public"."sales", "public"."sales_strict" to "millrace_reader";
grant execute on function "public"."sales_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'sales_v1';
commit;
