-- all of sql/

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_users_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."place"', 'null::integer, null::integer', array[]::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."place"
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_users" (slot, xid, op, changed, "new_place")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."place"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."users"
referencing new table as new_rows
for each statement execute function "millrace"."capture_users_insert"();
create or replace function "millrace"."capture_users_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."place"', 'null::integer, null::integer', array[]::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."place", "n"."place"
        from (select row_number() over () as position, "o"."id", "o"."place" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."place" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."place"), row("n"."place")) then '4'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_place", "new_place")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."place", "n"."place"
    from (select row_number() over () as position, "o"."id", "o"."place" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."place" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."place"), row("n"."place")) then '4'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775802'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."users"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_users_update"();
create or replace function "millrace"."capture_users_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."place"', 'null::integer, null::integer', array[]::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."place"
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_place")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."place"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."users"
referencing old table as old_rows
for each statement execute function "millrace"."capture_users_delete"();
create or replace function "millrace"."capture_users_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_users" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."users"
for each statement execute function "millrace"."capture_users_truncate"();
create table if not exists "millrace"."queue_users" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_users_0" partition of "millrace"."queue_users" for values in (0);
create table if not exists "millrace"."queue_users_1" partition of "millrace"."queue_users" for values in (1);
create table if not exists "millrace"."queue_users_2" partition of "millrace"."queue_users" for values in (2);
create index if not exists "queue_users_xid" on "millrace"."queue_users" (xid);
insert into "millrace"."queue_users" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_users" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_users" add column if not exists "old_place" integer;
alter table "millrace"."queue_users" add column if not exists "new_place" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_offers_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."offers"'::regclass, '"s"."place", "s"."rank", "s"."title"', 'null::integer, null::integer, null::text', array['place']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."place"
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
    insert into "millrace"."queue_offers" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_offers" (slot, xid, op, changed, "new_place")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."place"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."offers"
referencing new table as new_rows
for each statement execute function "millrace"."capture_offers_insert"();
create or replace function "millrace"."capture_offers_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."offers"'::regclass, '"s"."place", "s"."rank", "s"."title"', 'null::integer, null::integer, null::text', array['place']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."place", "n"."place"
        from (select row_number() over () as position, "o"."place", "o"."rank", "o"."title" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."place", "n"."rank", "n"."title" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."place"), row("n"."place")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."rank"), row("n"."rank")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '8'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775794'::bigint <> 0
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_offers" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_offers" (slot, xid, op, changed, "old_place", "new_place")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."place", "n"."place"
    from (select row_number() over () as position, "o"."place", "o"."rank", "o"."title" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."place", "n"."rank", "n"."title" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."place"), row("n"."place")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."rank"), row("n"."rank")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775794'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."offers"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_offers_update"();
create or replace function "millrace"."capture_offers_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."offers"'::regclass, '"s"."place", "s"."rank", "s"."title"', 'null::integer, null::integer, null::text', array['place']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."place"
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
    insert into "millrace"."queue_offers" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_offers" (slot, xid, op, changed, "old_place")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."place"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."offers"
referencing old table as old_rows
for each statement execute function "millrace"."capture_offers_delete"();
create or replace function "millrace"."capture_offers_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_offers" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."offers"
for each statement execute function "millrace"."capture_offers_truncate"();
create table if not exists "millrace"."queue_offers" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_offers_0" partition of "millrace"."queue_offers" for values in (0);
create table if not exists "millrace"."queue_offers_1" partition of "millrace"."queue_offers" for values in (1);
create table if not exists "millrace"."queue_offers_2" partition of "millrace"."queue_offers" for values in (2);
create index if not exists "queue_offers_xid" on "millrace"."queue_offers" (xid);
insert into "millrace"."queue_offers" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_offers" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_offers" add column if not exists "old_place" integer;
alter table "millrace"."queue_offers" add column if not exists "new_place" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."page_v1" (
  "place" integer,
  "offered" text,
  "id" integer
);
create unique index if not exists "page_v1_key" on "millrace"."page_v1" ("place") nulls not distinct;
create table if not exists "millrace"."pending_page_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
grant select, insert, update, delete on "millrace"."page_v1", "millrace"."pending_page_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_users" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_2" to "millrace_worker";
grant select, insert on "millrace"."queue_offers" to "millrace_worker";
grant select, truncate on "millrace"."queue_offers_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_offers_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_offers_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('page_v1', 'public', 'page', 'select distinct on (o.place) o.place, o.offered, u.id
from users u
full join (select place, rank, title as offered from offers) o on o.place = u.place
order by o.place, u.id desc nulls last, o.rank
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'page_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."page_v1", "millrace"."pending_page_v1" in access share mode;
lock table "public"."users", "millrace"."queue_users", "public"."offers", "millrace"."queue_offers" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (offers.place)::integer from "public"."offers" as "offers"
union all
select (NULL::int)::integer
union all
select "place" from "millrace"."page_v1"
union all
select u1 from "millrace"."pending_page_v1"
),
waiting as (
  insert into "millrace"."pending_page_v1" (u1, cause)
  select distinct u1, $1::text
  from everything
  where true
  on conflict (u1) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['4', '7']
with fresh ("place", "offered", "id") as materialized (
SELECT DISTINCT ON (o.place)
  o.place,
  o.offered,
  u.id
FROM ( SELECT *
FROM public.users AS u
WHERE
  u.place = ANY (CAST(CAST($1 AS text[]) AS int[])) ) AS u
FULL JOIN ( SELECT *
FROM ( SELECT
  offers.place,
  offers.rank,
  offers.title AS offered
FROM public.offers ) AS o
WHERE
  o.place = ANY (CAST(CAST($1 AS text[]) AS int[])) ) AS o ON o.place = u.place
WHERE
  o.place = ANY (CAST(CAST($1 AS text[]) AS int[]))
ORDER BY
  o.place,
  u.id DESC NULLS LAST,
  o.rank
),
duplicate as (
  select "place"
  from fresh
  group by "place"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."page_v1" as stored
  where ("stored"."place") = any ($1::text[]::integer[])
    and not exists (select from fresh where not ("fresh"."place" is distinct from "stored"."place"))
  returning 1
),
written as (
  insert into "millrace"."page_v1" as stored ("place", "offered", "id")
  select "place", "offered", "id"
  from fresh
  where not exists (select from duplicate)
  on conflict ("place") do update
  set ("place", "offered", "id") = row("excluded"."place", "excluded"."offered", "excluded"."id")
  where record_image_ne(row("stored"."place", "stored"."offered", "stored"."id"), row("excluded"."place", "excluded"."offered", "excluded"."id"))
  returning 1
),
settled as (
  delete from "millrace"."pending_page_v1"
  where (u1) = any ($1::text[]::integer[])
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates;
release savepoint attempt;
savepoint attempt;
with fresh ("place", "offered", "id") as materialized (
SELECT DISTINCT ON (o.place)
  o.place,
  o.offered,
  u.id
FROM public.users AS u
FULL JOIN ( SELECT
  offers.place,
  offers.rank,
  offers.title AS offered
FROM public.offers ) AS o ON o.place = u.place
WHERE
  o.place IS NULL
ORDER BY
  o.place,
  u.id DESC NULLS LAST,
  o.rank
),
duplicate as (
  select "place"
  from fresh
  group by "place"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."page_v1" as stored
  where ("stored"."place") is null
    and not exists (select from fresh where not ("fresh"."place" is distinct from "stored"."place"))
  returning 1
),
written as (
  insert into "millrace"."page_v1" as stored ("place", "offered", "id")
  select "place", "offered", "id"
  from fresh
  where not exists (select from duplicate)
  on conflict ("place") do update
  set ("place", "offered", "id") = row("excluded"."place", "excluded"."offered", "excluded"."id")
  where record_image_ne(row("stored"."place", "stored"."offered", "stored"."id"), row("excluded"."place", "excluded"."offered", "excluded"."id"))
  returning 1
),
settled as (
  delete from "millrace"."pending_page_v1"
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
values ('page_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."page_v1"'::regclass,
        not exists (select from "millrace"."pending_page_v1" where retry_at is null));
-- $1: 'page_v1'
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
create or replace view "public"."page" as
select "place", "offered", "id"
from "millrace"."page_v1";
create or replace view "public"."page_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_place", "new_place"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_place", "new_place"
    from "millrace"."queue_offers" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."page_v1"'::regclass from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_users" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_offers" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
    and not exists (select from "millrace_batch_2" as marks where op = 'R')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (u.place)::integer as u1
from (
  select "old_place" as "place" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_place" as "place" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
union all
select (offers.place)::integer as u1
from (
  select "old_place" as "place" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_place" as "place" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "offers"
union all
select (NULL::int)::integer as u1
from (
  select  from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select  from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
union all
select (NULL::int)::integer as u1
from (
  select  from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select  from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "offers"
  ) as resolved (u1)
  where true
  union all
  select u1
  from "millrace"."pending_page_v1") as dirty
)
select "place", "offered", "id"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."place")
  and not ("stored"."place" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null))
union all
select "place", "offered", "id"
from (
SELECT DISTINCT ON (o.place)
  o.place,
  o.offered,
  u.id
FROM public.users AS u
FULL JOIN ( SELECT
  offers.place,
  offers.rank,
  offers.title AS offered
FROM public.offers ) AS o ON o.place = u.place
WHERE
  o.place = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (o.place IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL))
ORDER BY
  o.place,
  u.id DESC NULLS LAST,
  o.rank
) as live
where (select is_trusted from millrace_trust)
union all
select "place", "offered", "id"
from (
SELECT DISTINCT ON (o.place)
  o.place,
  o.offered,
  u.id
FROM public.users AS u
FULL JOIN ( SELECT
  offers.place,
  offers.rank,
  offers.title AS offered
FROM public.offers ) AS o ON o.place = u.place
ORDER BY
  o.place,
  u.id DESC NULLS LAST,
  o.rank
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
    select op, changed, note, "old_place", "new_place"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_place", "new_place"
    from "millrace"."queue_offers" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."page_v1"''::regclass from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_users" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_offers" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
    and not exists (select from "millrace_batch_2" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (u.place)::integer as u1
from (
  select "old_place" as "place" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_place" as "place" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "u"
union all
select (offers.place)::integer as u1
from (
  select "old_place" as "place" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0
  union all
  select "new_place" as "place" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0
) as "offers"
union all
select (NULL::int)::integer as u1
from (
  select  from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select  from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "u"
union all
select (NULL::int)::integer as u1
from (
  select  from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0
  union all
  select  from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0
) as "offers"
  ) as resolved (u1)
  where true
  union all
  select u1
  from "millrace"."pending_page_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "place", "offered", "id"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."place")
  and not ("stored"."place" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null))) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "place", "offered", "id"
from (
SELECT DISTINCT ON (o.place)
  o.place,
  o.offered,
  u.id
FROM public.users AS u
FULL JOIN ( SELECT
  offers.place,
  offers.rank,
  offers.title AS offered
FROM public.offers ) AS o ON o.place = u.place
WHERE
  o.place = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (o.place IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL))
ORDER BY
  o.place,
  u.id DESC NULLS LAST,
  o.rank
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "place", "offered", "id"
from (
SELECT DISTINCT ON (o.place)
  o.place,
  o.offered,
  u.id
FROM public.users AS u
FULL JOIN ( SELECT
  offers.place,
  offers.rank,
  offers.title AS offered
FROM public.offers ) AS o ON o.place = u.place
ORDER BY
  o.place,
  u.id DESC NULLS LAST,
  o.rank
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."page_strict"', matching),
      millrace.page_order('"public"."page_strict"', order_by) || '"place"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."page_strict_page" from public;
grant select on "public"."page", "public"."page_strict" to "millrace_reader";
grant execute on function "public"."page_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'page_v1';
commit;
