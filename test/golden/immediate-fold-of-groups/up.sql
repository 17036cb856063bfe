-- all of sql/

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_items_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."items"'::regclass, '"s"."user_id", "s"."kind", "s"."price"', 'null::integer, null::text, null::numeric(8,2)', array['user_id', 'kind']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."user_id", "n"."kind", "n"."price", (((n.kind <> 'scrap'::text))) as millrace_applies_1
        from new_rows as n
        where ((n.kind <> 'scrap'::text))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_items" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_items" (slot, xid, op, changed, "new_user_id", "new_kind", "new_price", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."user_id", "n"."kind", "n"."price", true, millrace_statement
    from new_rows as n
    where ((n.kind <> 'scrap'::text));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."items"
referencing new table as new_rows
for each statement execute function "millrace"."capture_items_insert"();
create or replace function "millrace"."capture_items_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."items"'::regclass, '"s"."user_id", "s"."kind", "s"."price"', 'null::integer, null::text, null::numeric(8,2)', array['user_id', 'kind']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."user_id", "o"."kind", "o"."price", "n"."user_id", "n"."kind", "n"."price", ((difference.changed & '-9223372036854775780'::bigint <> 0 and ((o.position is not null and ((o.kind <> 'scrap'::text))) or (n.position is not null and ((n.kind <> 'scrap'::text)))))) as millrace_applies_1
        from (select row_number() over () as position, "o"."user_id", "o"."kind", "o"."price" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."user_id", "n"."kind", "n"."price" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."kind"), row("n"."kind")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."price"), row("n"."price")) then '16'::bigint else 0 end end as changed
      ) as difference
        where (difference.changed & '-9223372036854775780'::bigint <> 0 and ((o.position is not null and ((o.kind <> 'scrap'::text))) or (n.position is not null and ((n.kind <> 'scrap'::text)))))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_items" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_items" (slot, xid, op, changed, "old_user_id", "old_kind", "old_price", "new_user_id", "new_kind", "new_price", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."user_id", "o"."kind", "o"."price", "n"."user_id", "n"."kind", "n"."price", true, millrace_statement
    from (select row_number() over () as position, "o"."user_id", "o"."kind", "o"."price" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."user_id", "n"."kind", "n"."price" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."kind"), row("n"."kind")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."price"), row("n"."price")) then '16'::bigint else 0 end end as changed
      ) as difference
    where (difference.changed & '-9223372036854775780'::bigint <> 0 and ((o.position is not null and ((o.kind <> 'scrap'::text))) or (n.position is not null and ((n.kind <> 'scrap'::text)))));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."items"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_items_update"();
create or replace function "millrace"."capture_items_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."items"'::regclass, '"s"."user_id", "s"."kind", "s"."price"', 'null::integer, null::text, null::numeric(8,2)', array['user_id', 'kind']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."user_id", "o"."kind", "o"."price", (((o.kind <> 'scrap'::text))) as millrace_applies_1
        from old_rows as o
        where ((o.kind <> 'scrap'::text))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_items" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_items" (slot, xid, op, changed, "old_user_id", "old_kind", "old_price", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."user_id", "o"."kind", "o"."price", true, millrace_statement
    from old_rows as o
    where ((o.kind <> 'scrap'::text));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."items"
referencing old table as old_rows
for each statement execute function "millrace"."capture_items_delete"();
create or replace function "millrace"."capture_items_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_items" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated', true);
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."items"
for each statement execute function "millrace"."capture_items_truncate"();
create table if not exists "millrace"."queue_items" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_items_0" partition of "millrace"."queue_items" for values in (0);
create table if not exists "millrace"."queue_items_1" partition of "millrace"."queue_items" for values in (1);
create table if not exists "millrace"."queue_items_2" partition of "millrace"."queue_items" for values in (2);
create index if not exists "queue_items_xid" on "millrace"."queue_items" (xid);
insert into "millrace"."queue_items" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_items" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_items" add column if not exists "old_user_id" integer;
alter table "millrace"."queue_items" add column if not exists "new_user_id" integer;
alter table "millrace"."queue_items" add column if not exists "old_kind" text;
alter table "millrace"."queue_items" add column if not exists "new_kind" text;
alter table "millrace"."queue_items" add column if not exists "old_price" numeric(8,2);
alter table "millrace"."queue_items" add column if not exists "new_price" numeric(8,2);
create index if not exists "queue_items_deferred" on "millrace"."queue_items" (xid) where deferred;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."shelves_v1" (
  "user_id" integer,
  "items" bigint,
  "cogs" bigint,
  "price" numeric,
  "mean" numeric,
  "price__s1" numeric,
  "price__s2" bigint,
  "mean__s1" numeric,
  "mean__s2" bigint
);
create unique index if not exists "shelves_v1_key" on "millrace"."shelves_v1" ("user_id") nulls not distinct;
create table if not exists "millrace"."pending_shelves_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
create or replace function "millrace"."add_shelves_v1"(bigint[]) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
#variable_conflict use_column
declare
  millrace_problem text;
begin
  begin
    millrace_problem := millrace.shape_problem('"public"."items"'::regclass, '"s"."user_id", "s"."kind", "s"."price"', 'null::integer, null::text, null::numeric(8,2)', array['user_id', 'kind']::text[]);
  exception when syntax_error_or_access_rule_violation or invalid_schema_name then
    millrace_problem := sqlerrm;
  end;
  if millrace_problem is not null then
    insert into "millrace"."queue_items" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, millrace_problem, true);
    return;
  end if;
insert into "millrace"."shelves_v1" as stored ("user_id", "items", "cogs", "price__s1", "price__s2", "price", "mean__s1", "mean__s2", "mean")
select changes.u1, changes.d1, changes.d2, (case when changes.d3 = 0 and changes.d4 = 0 then 0 else changes.d3 end), changes.d4, CASE WHEN changes.d4 > 0 THEN CASE WHEN changes.d3 = 0 AND changes.d4 = 0 THEN 0 ELSE changes.d3 END END, (case when changes.d5 = 0 and changes.d6 = 0 then 0 else changes.d5 end), changes.d6, CAST(CASE WHEN changes.d5 = 0 AND changes.d6 = 0 THEN 0 ELSE changes.d5 END AS numeric) / (NULLIF (changes.d6, 0))
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::numeric as d3, coalesce(sum(d4), 0)::bigint as d4, coalesce(sum(d5), 0)::numeric as d5, coalesce(sum(d6), 0)::bigint as d6
  from (
select (items.user_id)::integer, "millrace_sign", case when (items.kind = 'cog'::text) then "millrace_sign" else 0 end, "millrace_sign" * items.price::numeric, case when items.price is not null then "millrace_sign" else 0 end, "millrace_sign" * items.price::numeric, case when items.price is not null then "millrace_sign" else 0 end
from (
  select -1::bigint as "millrace_sign", "old_user_id" as "user_id", "old_kind" as "kind", "old_price" as "price" from (select *
    from "millrace"."queue_items" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_user_id" as "user_id", "new_kind" as "kind", "new_price" as "price" from (select *
    from "millrace"."queue_items" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as "items"
where (items.kind <> 'scrap'::text)
  ) as delta (u1, d1, d2, d3, d4, d5, d6)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0 or coalesce(sum(d4), 0) <> 0 or coalesce(sum(d5), 0) <> 0 or coalesce(sum(d6), 0) <> 0
) as changes
order by changes.u1
on conflict ("user_id") do update
set "items" = ("stored"."items" + "excluded"."items"),
    "cogs" = ("stored"."cogs" + "excluded"."cogs"),
    "price__s1" = (case when ("stored"."price__s2" + "excluded"."price__s2") = 0 then 0 else ("stored"."price__s1" + "excluded"."price__s1") end),
    "price__s2" = ("stored"."price__s2" + "excluded"."price__s2"),
    "price" = CASE WHEN (stored.price__s2 + excluded.price__s2) > 0 THEN CASE WHEN (stored.price__s2 + excluded.price__s2) = 0 THEN 0 ELSE stored.price__s1 + excluded.price__s1 END END,
    "mean__s1" = (case when ("stored"."mean__s2" + "excluded"."mean__s2") = 0 then 0 else ("stored"."mean__s1" + "excluded"."mean__s1") end),
    "mean__s2" = ("stored"."mean__s2" + "excluded"."mean__s2"),
    "mean" = CAST(CASE WHEN (stored.mean__s2 + excluded.mean__s2) = 0 THEN 0 ELSE stored.mean__s1 + excluded.mean__s1 END AS numeric) / (NULLIF (stored.mean__s2 + excluded.mean__s2, 0));
if found then delete from "millrace"."shelves_v1" as stored
using (select distinct (items.user_id)::integer from (select * from (
  select -1::bigint as "millrace_sign", "old_user_id" as "user_id", "old_kind" as "kind", "old_price" as "price" from (select *
    from "millrace"."queue_items" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_user_id" as "user_id", "new_kind" as "kind", "new_price" as "price" from (select *
    from "millrace"."queue_items" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as changed where "millrace_sign" < 0) as "items") as gone (u1)
where "stored"."user_id" = gone.u1
  and "stored"."items" = 0; end if;
if exists (select * from (
  select -1::bigint as "millrace_sign", "old_user_id" as "user_id", "old_kind" as "kind", "old_price" as "price" from (select *
    from "millrace"."queue_items" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_user_id" as "user_id", "new_kind" as "kind", "new_price" as "price" from (select *
    from "millrace"."queue_items" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as changed where "price" = 'NaN') then
  insert into "millrace"."pending_shelves_v1" (u1, cause)
  select u1, 'NaN'
  from (select distinct (items.user_id)::integer from (select * from (
  select -1::bigint as "millrace_sign", "old_user_id" as "user_id", "old_kind" as "kind", "old_price" as "price" from (select *
    from "millrace"."queue_items" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_user_id" as "user_id", "new_kind" as "kind", "new_price" as "price" from (select *
    from "millrace"."queue_items" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as changed where "price" = 'NaN') as "items") as unit (u1)
  where u1 is not null
  order by u1
  on conflict (u1) do update set cause = excluded.cause, retry_at = null;
end if;
end
$millrace$;
revoke all on function "millrace"."add_shelves_v1"(bigint[]) from public;
grant select, insert, update, delete on "millrace"."shelves_v1", "millrace"."pending_shelves_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_items" to "millrace_worker";
grant select, truncate on "millrace"."queue_items_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_items_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_items_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('shelves_v1', 'public', 'shelves', 'select user_id,
       count(*) as items,
       count(*) filter (where kind = ''cog'') as cogs,
       sum(price) as price,
       avg(price) as mean
from items
where kind <> ''scrap''
group by user_id
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'shelves_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 60; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."shelves_v1", "millrace"."pending_shelves_v1" in access share mode;
lock table "millrace"."shelves_v1" in exclusive mode;
lock table "public"."items", "millrace"."queue_items" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (items.user_id)::integer from "public"."items" as "items"
union all
select "user_id" from "millrace"."shelves_v1"
union all
select u1 from "millrace"."pending_shelves_v1"
),
waiting as (
  insert into "millrace"."pending_shelves_v1" (u1, cause)
  select distinct u1, $1::text
  from everything
  where u1 is not null
  on conflict (u1) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['1', '2', '3']
with fresh ("user_id", "items", "cogs", "price", "mean", "price__s1", "price__s2", "mean__s1", "mean__s2") as materialized (
SELECT
  items.user_id,
  count(*) AS items,
  count(*) FILTER (WHERE items.kind = 'cog'::text) AS cogs,
  sum(items.price) AS price,
  avg(items.price) AS mean,
  COALESCE(sum(items.price), 0) AS price__s1,
  count(items.price) AS price__s2,
  COALESCE(sum(items.price), 0) AS mean__s1,
  count(items.price) AS mean__s2
FROM public.items
WHERE
  items.kind <> 'scrap'::text
  AND items.user_id = ANY (CAST(CAST($1 AS text[]) AS int[]))
GROUP BY
  items.user_id
),
duplicate as (
  select "user_id"
  from fresh
  group by "user_id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."shelves_v1" as stored
  where ("stored"."user_id") = any ($1::text[]::integer[])
    and not exists (select from fresh where "fresh"."user_id" = "stored"."user_id")
  returning 1
),
written as (
  insert into "millrace"."shelves_v1" as stored ("user_id", "items", "cogs", "price", "mean", "price__s1", "price__s2", "mean__s1", "mean__s2")
  select "user_id", "items", "cogs", "price", "mean", "price__s1", "price__s2", "mean__s1", "mean__s2"
  from fresh
  where not exists (select from duplicate)
  on conflict ("user_id") do update
  set ("user_id", "items", "cogs", "price", "mean", "price__s1", "price__s2", "mean__s1", "mean__s2") = row("excluded"."user_id", "excluded"."items", "excluded"."cogs", "excluded"."price", "excluded"."mean", "excluded"."price__s1", "excluded"."price__s2", "excluded"."mean__s1", "excluded"."mean__s2")
  where record_image_ne(row("stored"."user_id", "stored"."items", "stored"."cogs", "stored"."price", "stored"."mean", "stored"."price__s1", "stored"."price__s2", "stored"."mean__s1", "stored"."mean__s2"), row("excluded"."user_id", "excluded"."items", "excluded"."cogs", "excluded"."price", "excluded"."mean", "excluded"."price__s1", "excluded"."price__s2", "excluded"."mean__s1", "excluded"."mean__s2"))
  returning 1
),
settled as (
  delete from "millrace"."pending_shelves_v1"
  where (u1) = any ($1::text[]::integer[])
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
values ('shelves_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."shelves_v1"'::regclass,
        not exists (select from "millrace"."pending_shelves_v1" where retry_at is null));
-- $1: 'shelves_v1'
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
create or replace function "millrace"."capture_items_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_nested boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."items"'::regclass, '"s"."user_id", "s"."kind", "s"."price"', 'null::integer, null::text, null::numeric(8,2)', array['user_id', 'kind']::text[]);
    if problem is null and millrace_nested then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."user_id", "n"."kind", "n"."price", ((millrace_nested and (((n.kind <> 'scrap'::text))))) as millrace_applies_1
        from new_rows as n
        where (millrace_nested and (((n.kind <> 'scrap'::text))))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is null and not millrace_nested then
insert into "millrace"."shelves_v1" as stored ("user_id", "items", "cogs", "price__s1", "price__s2", "price", "mean__s1", "mean__s2", "mean")
select changes.u1, changes.d1, changes.d2, (case when changes.d3 = 0 and changes.d4 = 0 then 0 else changes.d3 end), changes.d4, CASE WHEN changes.d4 > 0 THEN CASE WHEN changes.d3 = 0 AND changes.d4 = 0 THEN 0 ELSE changes.d3 END END, (case when changes.d5 = 0 and changes.d6 = 0 then 0 else changes.d5 end), changes.d6, CAST(CASE WHEN changes.d5 = 0 AND changes.d6 = 0 THEN 0 ELSE changes.d5 END AS numeric) / (NULLIF (changes.d6, 0))
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::numeric as d3, coalesce(sum(d4), 0)::bigint as d4, coalesce(sum(d5), 0)::numeric as d5, coalesce(sum(d6), 0)::bigint as d6
  from (
select (items.user_id)::integer, "millrace_sign", case when (items.kind = 'cog'::text) then "millrace_sign" else 0 end, "millrace_sign" * items.price::numeric, case when items.price is not null then "millrace_sign" else 0 end, "millrace_sign" * items.price::numeric, case when items.price is not null then "millrace_sign" else 0 end
from (select 1::bigint as "millrace_sign", "user_id", "kind", "price" from new_rows) as "items"
where (items.kind <> 'scrap'::text)
  ) as delta (u1, d1, d2, d3, d4, d5, d6)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0 or coalesce(sum(d4), 0) <> 0 or coalesce(sum(d5), 0) <> 0 or coalesce(sum(d6), 0) <> 0
) as changes
order by changes.u1
on conflict ("user_id") do update
set "items" = ("stored"."items" + "excluded"."items"),
    "cogs" = ("stored"."cogs" + "excluded"."cogs"),
    "price__s1" = (case when ("stored"."price__s2" + "excluded"."price__s2") = 0 then 0 else ("stored"."price__s1" + "excluded"."price__s1") end),
    "price__s2" = ("stored"."price__s2" + "excluded"."price__s2"),
    "price" = CASE WHEN (stored.price__s2 + excluded.price__s2) > 0 THEN CASE WHEN (stored.price__s2 + excluded.price__s2) = 0 THEN 0 ELSE stored.price__s1 + excluded.price__s1 END END,
    "mean__s1" = (case when ("stored"."mean__s2" + "excluded"."mean__s2") = 0 then 0 else ("stored"."mean__s1" + "excluded"."mean__s1") end),
    "mean__s2" = ("stored"."mean__s2" + "excluded"."mean__s2"),
    "mean" = CAST(CASE WHEN (stored.mean__s2 + excluded.mean__s2) = 0 THEN 0 ELSE stored.mean__s1 + excluded.mean__s1 END AS numeric) / (NULLIF (stored.mean__s2 + excluded.mean__s2, 0));
if exists (select * from (select 1::bigint as "millrace_sign", "user_id", "kind", "price" from new_rows) as changed where "price" = 'NaN') then
  insert into "millrace"."pending_shelves_v1" (u1, cause)
  select u1, 'NaN'
  from (select distinct (items.user_id)::integer from (select * from (select 1::bigint as "millrace_sign", "user_id", "kind", "price" from new_rows) as changed where "price" = 'NaN') as "items") as unit (u1)
  where u1 is not null
  order by u1
  on conflict (u1) do update set cause = excluded.cause, retry_at = null;
end if;
    return null;
  end if;
  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_items" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_items" (slot, xid, op, changed, "new_user_id", "new_kind", "new_price", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."user_id", "n"."kind", "n"."price", millrace_deferred, millrace_statement
    from new_rows as n
    where (millrace_nested and (((n.kind <> 'scrap'::text))));
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('add_shelves_v1', millrace_applies_1)) as model (apply, applies)
    where model.applies;
    if millrace_nested then
      perform set_config('millrace.nested', 'on', true);
    end if;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."items"
referencing new table as new_rows
for each statement execute function "millrace"."capture_items_insert"();
create or replace function "millrace"."capture_items_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_nested boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."items"'::regclass, '"s"."user_id", "s"."kind", "s"."price"', 'null::integer, null::text, null::numeric(8,2)', array['user_id', 'kind']::text[]);
    if problem is null and millrace_nested then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."user_id", "o"."kind", "o"."price", "n"."user_id", "n"."kind", "n"."price", ((millrace_nested and ((difference.changed & '-9223372036854775780'::bigint <> 0 and ((o.position is not null and ((o.kind <> 'scrap'::text))) or (n.position is not null and ((n.kind <> 'scrap'::text)))))))) as millrace_applies_1
        from (select row_number() over () as position, "o"."user_id", "o"."kind", "o"."price" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."user_id", "n"."kind", "n"."price" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."kind"), row("n"."kind")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."price"), row("n"."price")) then '16'::bigint else 0 end end as changed
      ) as difference
        where (millrace_nested and ((difference.changed & '-9223372036854775780'::bigint <> 0 and ((o.position is not null and ((o.kind <> 'scrap'::text))) or (n.position is not null and ((n.kind <> 'scrap'::text)))))))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is null and not millrace_nested then
insert into "millrace"."shelves_v1" as stored ("user_id", "items", "cogs", "price__s1", "price__s2", "price", "mean__s1", "mean__s2", "mean")
select changes.u1, changes.d1, changes.d2, (case when changes.d3 = 0 and changes.d4 = 0 then 0 else changes.d3 end), changes.d4, CASE WHEN changes.d4 > 0 THEN CASE WHEN changes.d3 = 0 AND changes.d4 = 0 THEN 0 ELSE changes.d3 END END, (case when changes.d5 = 0 and changes.d6 = 0 then 0 else changes.d5 end), changes.d6, CAST(CASE WHEN changes.d5 = 0 AND changes.d6 = 0 THEN 0 ELSE changes.d5 END AS numeric) / (NULLIF (changes.d6, 0))
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::numeric as d3, coalesce(sum(d4), 0)::bigint as d4, coalesce(sum(d5), 0)::numeric as d5, coalesce(sum(d6), 0)::bigint as d6
  from (
select (items.user_id)::integer, "millrace_sign", case when (items.kind = 'cog'::text) then "millrace_sign" else 0 end, "millrace_sign" * items.price::numeric, case when items.price is not null then "millrace_sign" else 0 end, "millrace_sign" * items.price::numeric, case when items.price is not null then "millrace_sign" else 0 end
from (select -1::bigint as "millrace_sign", "user_id", "kind", "price" from old_rows union all select 1::bigint as "millrace_sign", "user_id", "kind", "price" from new_rows) as "items"
where (items.kind <> 'scrap'::text)
  ) as delta (u1, d1, d2, d3, d4, d5, d6)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0 or coalesce(sum(d4), 0) <> 0 or coalesce(sum(d5), 0) <> 0 or coalesce(sum(d6), 0) <> 0
) as changes
order by changes.u1
on conflict ("user_id") do update
set "items" = ("stored"."items" + "excluded"."items"),
    "cogs" = ("stored"."cogs" + "excluded"."cogs"),
    "price__s1" = (case when ("stored"."price__s2" + "excluded"."price__s2") = 0 then 0 else ("stored"."price__s1" + "excluded"."price__s1") end),
    "price__s2" = ("stored"."price__s2" + "excluded"."price__s2"),
    "price" = CASE WHEN (stored.price__s2 + excluded.price__s2) > 0 THEN CASE WHEN (stored.price__s2 + excluded.price__s2) = 0 THEN 0 ELSE stored.price__s1 + excluded.price__s1 END END,
    "mean__s1" = (case when ("stored"."mean__s2" + "excluded"."mean__s2") = 0 then 0 else ("stored"."mean__s1" + "excluded"."mean__s1") end),
    "mean__s2" = ("stored"."mean__s2" + "excluded"."mean__s2"),
    "mean" = CAST(CASE WHEN (stored.mean__s2 + excluded.mean__s2) = 0 THEN 0 ELSE stored.mean__s1 + excluded.mean__s1 END AS numeric) / (NULLIF (stored.mean__s2 + excluded.mean__s2, 0));
if found then delete from "millrace"."shelves_v1" as stored
using (select distinct (items.user_id)::integer from (select * from (select -1::bigint as "millrace_sign", "user_id", "kind", "price" from old_rows union all select 1::bigint as "millrace_sign", "user_id", "kind", "price" from new_rows) as changed where "millrace_sign" < 0) as "items") as gone (u1)
where "stored"."user_id" = gone.u1
  and "stored"."items" = 0; end if;
if exists (select * from (select -1::bigint as "millrace_sign", "user_id", "kind", "price" from old_rows union all select 1::bigint as "millrace_sign", "user_id", "kind", "price" from new_rows) as changed where "price" = 'NaN') then
  insert into "millrace"."pending_shelves_v1" (u1, cause)
  select u1, 'NaN'
  from (select distinct (items.user_id)::integer from (select * from (select -1::bigint as "millrace_sign", "user_id", "kind", "price" from old_rows union all select 1::bigint as "millrace_sign", "user_id", "kind", "price" from new_rows) as changed where "price" = 'NaN') as "items") as unit (u1)
  where u1 is not null
  order by u1
  on conflict (u1) do update set cause = excluded.cause, retry_at = null;
end if;
    return null;
  end if;
  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_items" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_items" (slot, xid, op, changed, "old_user_id", "old_kind", "old_price", "new_user_id", "new_kind", "new_price", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."user_id", "o"."kind", "o"."price", "n"."user_id", "n"."kind", "n"."price", millrace_deferred, millrace_statement
    from (select row_number() over () as position, "o"."user_id", "o"."kind", "o"."price" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."user_id", "n"."kind", "n"."price" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."kind"), row("n"."kind")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."price"), row("n"."price")) then '16'::bigint else 0 end end as changed
      ) as difference
    where (millrace_nested and ((difference.changed & '-9223372036854775780'::bigint <> 0 and ((o.position is not null and ((o.kind <> 'scrap'::text))) or (n.position is not null and ((n.kind <> 'scrap'::text)))))));
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('add_shelves_v1', millrace_applies_1)) as model (apply, applies)
    where model.applies;
    if millrace_nested then
      perform set_config('millrace.nested', 'on', true);
    end if;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."items"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_items_update"();
create or replace function "millrace"."capture_items_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_nested boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."items"'::regclass, '"s"."user_id", "s"."kind", "s"."price"', 'null::integer, null::text, null::numeric(8,2)', array['user_id', 'kind']::text[]);
    if problem is null and millrace_nested then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."user_id", "o"."kind", "o"."price", ((millrace_nested and (((o.kind <> 'scrap'::text))))) as millrace_applies_1
        from old_rows as o
        where (millrace_nested and (((o.kind <> 'scrap'::text))))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is null and not millrace_nested then
insert into "millrace"."shelves_v1" as stored ("user_id", "items", "cogs", "price__s1", "price__s2", "price", "mean__s1", "mean__s2", "mean")
select changes.u1, changes.d1, changes.d2, (case when changes.d3 = 0 and changes.d4 = 0 then 0 else changes.d3 end), changes.d4, CASE WHEN changes.d4 > 0 THEN CASE WHEN changes.d3 = 0 AND changes.d4 = 0 THEN 0 ELSE changes.d3 END END, (case when changes.d5 = 0 and changes.d6 = 0 then 0 else changes.d5 end), changes.d6, CAST(CASE WHEN changes.d5 = 0 AND changes.d6 = 0 THEN 0 ELSE changes.d5 END AS numeric) / (NULLIF (changes.d6, 0))
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::numeric as d3, coalesce(sum(d4), 0)::bigint as d4, coalesce(sum(d5), 0)::numeric as d5, coalesce(sum(d6), 0)::bigint as d6
  from (
select (items.user_id)::integer, "millrace_sign", case when (items.kind = 'cog'::text) then "millrace_sign" else 0 end, "millrace_sign" * items.price::numeric, case when items.price is not null then "millrace_sign" else 0 end, "millrace_sign" * items.price::numeric, case when items.price is not null then "millrace_sign" else 0 end
from (select -1::bigint as "millrace_sign", "user_id", "kind", "price" from old_rows) as "items"
where (items.kind <> 'scrap'::text)
  ) as delta (u1, d1, d2, d3, d4, d5, d6)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0 or coalesce(sum(d4), 0) <> 0 or coalesce(sum(d5), 0) <> 0 or coalesce(sum(d6), 0) <> 0
) as changes
order by changes.u1
on conflict ("user_id") do update
set "items" = ("stored"."items" + "excluded"."items"),
    "cogs" = ("stored"."cogs" + "excluded"."cogs"),
    "price__s1" = (case when ("stored"."price__s2" + "excluded"."price__s2") = 0 then 0 else ("stored"."price__s1" + "excluded"."price__s1") end),
    "price__s2" = ("stored"."price__s2" + "excluded"."price__s2"),
    "price" = CASE WHEN (stored.price__s2 + excluded.price__s2) > 0 THEN CASE WHEN (stored.price__s2 + excluded.price__s2) = 0 THEN 0 ELSE stored.price__s1 + excluded.price__s1 END END,
    "mean__s1" = (case when ("stored"."mean__s2" + "excluded"."mean__s2") = 0 then 0 else ("stored"."mean__s1" + "excluded"."mean__s1") end),
    "mean__s2" = ("stored"."mean__s2" + "excluded"."mean__s2"),
    "mean" = CAST(CASE WHEN (stored.mean__s2 + excluded.mean__s2) = 0 THEN 0 ELSE stored.mean__s1 + excluded.mean__s1 END AS numeric) / (NULLIF (stored.mean__s2 + excluded.mean__s2, 0));
if found then delete from "millrace"."shelves_v1" as stored
using (select distinct (items.user_id)::integer from (select * from (select -1::bigint as "millrace_sign", "user_id", "kind", "price" from old_rows) as changed where "millrace_sign" < 0) as "items") as gone (u1)
where "stored"."user_id" = gone.u1
  and "stored"."items" = 0; end if;
if exists (select * from (select -1::bigint as "millrace_sign", "user_id", "kind", "price" from old_rows) as changed where "price" = 'NaN') then
  insert into "millrace"."pending_shelves_v1" (u1, cause)
  select u1, 'NaN'
  from (select distinct (items.user_id)::integer from (select * from (select -1::bigint as "millrace_sign", "user_id", "kind", "price" from old_rows) as changed where "price" = 'NaN') as "items") as unit (u1)
  where u1 is not null
  order by u1
  on conflict (u1) do update set cause = excluded.cause, retry_at = null;
end if;
    return null;
  end if;
  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_items" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_items" (slot, xid, op, changed, "old_user_id", "old_kind", "old_price", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."user_id", "o"."kind", "o"."price", millrace_deferred, millrace_statement
    from old_rows as o
    where (millrace_nested and (((o.kind <> 'scrap'::text))));
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('add_shelves_v1', millrace_applies_1)) as model (apply, applies)
    where model.applies;
    if millrace_nested then
      perform set_config('millrace.nested', 'on', true);
    end if;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."items"
referencing old table as old_rows
for each statement execute function "millrace"."capture_items_delete"();
create or replace function "millrace"."capture_items_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_items" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated', true);
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."items"
for each statement execute function "millrace"."capture_items_truncate"();
create or replace function "millrace"."nested_items"() returns trigger
language plpgsql
as $millrace$
begin
  perform pg_catalog.set_config('millrace.nested', 'on', true);
  return null;
end
$millrace$;
create or replace trigger "!millrace_nested"
before update or delete on "public"."items"
for each statement when (pg_trigger_depth() > 0) execute function "millrace"."nested_items"();
create table if not exists "millrace"."queue_items" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_items_0" partition of "millrace"."queue_items" for values in (0);
create table if not exists "millrace"."queue_items_1" partition of "millrace"."queue_items" for values in (1);
create table if not exists "millrace"."queue_items_2" partition of "millrace"."queue_items" for values in (2);
create index if not exists "queue_items_xid" on "millrace"."queue_items" (xid);
insert into "millrace"."queue_items" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_items" as present where present.slot = slot.slot and present.xid = '0');
create index if not exists "queue_items_deferred" on "millrace"."queue_items" (xid) where deferred;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace view "public"."shelves" as
select "user_id", "items", "cogs", "price", "mean"
from "millrace"."shelves_v1";
create or replace view "public"."shelves_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_items" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'shelves_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'shelves_v1' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."shelves_v1"'::regclass from millrace.watermark as w where w.model = 'shelves_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_items" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (items.user_id)::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as "items"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_shelves_v1") as dirty
)
select "user_id", "items", "cogs", "price", "mean"
from "millrace"."shelves_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."user_id")
union all
select "user_id", "items", "cogs", "price", "mean"
from (
SELECT
  items.user_id,
  count(*) AS items,
  count(*) FILTER (WHERE items.kind = 'cog'::text) AS cogs,
  sum(items.price) AS price,
  avg(items.price) AS mean
FROM public.items
WHERE
  items.kind <> 'scrap'::text
  AND items.user_id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
GROUP BY
  items.user_id
) as live
where (select is_trusted from millrace_trust)
union all
select "user_id", "items", "cogs", "price", "mean"
from (
SELECT
  items.user_id,
  count(*) AS items,
  count(*) FILTER (WHERE items.kind = 'cog'::text) AS cogs,
  sum(items.price) AS price,
  avg(items.price) AS mean
FROM public.items
WHERE
  items.kind <> 'scrap'::text
GROUP BY
  items.user_id
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."shelves_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."shelves_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_items" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''shelves_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''shelves_v1'' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."shelves_v1"''::regclass from millrace.watermark as w where w.model = ''shelves_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_items" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (items.user_id)::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775780''::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775780''::bigint <> 0
) as "items"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_shelves_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "user_id", "items", "cogs", "price", "mean"
from "millrace"."shelves_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."user_id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "user_id", "items", "cogs", "price", "mean"
from (
SELECT
  items.user_id,
  count(*) AS items,
  count(*) FILTER (WHERE items.kind = ''cog''::text) AS cogs,
  sum(items.price) AS price,
  avg(items.price) AS mean
FROM public.items
WHERE
  items.kind <> ''scrap''::text
  AND items.user_id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
GROUP BY
  items.user_id
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "user_id", "items", "cogs", "price", "mean"
from (
SELECT
  items.user_id,
  count(*) AS items,
  count(*) FILTER (WHERE items.kind = ''cog''::text) AS cogs,
  sum(items.price) AS price,
  avg(items.price) AS mean
FROM public.items
WHERE
  items.kind <> ''scrap''::text
GROUP BY
  items.user_id
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."shelves_strict"', matching),
      millrace.page_order('"public"."shelves_strict"', order_by) || '"user_id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."shelves_strict_page" from public;
grant select on "public"."shelves", "public"."shelves_strict" to "millrace_reader";
grant execute on function "public"."shelves_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'shelves_v1';
commit;
