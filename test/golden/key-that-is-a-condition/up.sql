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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."value", "s"."day"', 'null::integer, null::date', array[]::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."value", "n"."day"
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, "new_value", "new_day")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."value", "n"."day"
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."value", "s"."day"', 'null::integer, null::date', array[]::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."value", "o"."day", "n"."value", "n"."day"
        from (select row_number() over () as position, "o"."value", "o"."day" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."value", "n"."day" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."value"), row("n"."value")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."day"), row("n"."day")) then '8'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775796'::bigint <> 0
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_value", "old_day", "new_value", "new_day")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."value", "o"."day", "n"."value", "n"."day"
    from (select row_number() over () as position, "o"."value", "o"."day" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."value", "n"."day" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."value"), row("n"."value")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."day"), row("n"."day")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775796'::bigint <> 0;
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."value", "s"."day"', 'null::integer, null::date', array[]::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."value", "o"."day"
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_value", "old_day")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."value", "o"."day"
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
alter table "millrace"."queue_users" add column if not exists "old_value" integer;
alter table "millrace"."queue_users" add column if not exists "new_value" integer;
alter table "millrace"."queue_users" add column if not exists "old_day" date;
alter table "millrace"."queue_users" add column if not exists "new_day" date;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."page_v1" (
  "is_large" boolean,
  "is_early" boolean,
  "is_open" boolean,
  "users" bigint
);
create unique index if not exists "page_v1_key" on "millrace"."page_v1" ("is_large", "is_early", "is_open") nulls not distinct;
create table if not exists "millrace"."pending_page_v1" (
  u1 boolean,
  u2 boolean,
  u3 boolean,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1, u2, u3)
);
grant select, insert, update, delete on "millrace"."page_v1", "millrace"."pending_page_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_users" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('page_v1', 'public', 'page', 'select u.value > 3 as is_large,
       (u.value is null or u.day <= date ''2026-01-01'') as is_early,
       u.day is not distinct from null as is_open,
       count(*) as users
from users u
group by u.value > 3, (u.value is null or u.day <= date ''2026-01-01''), u.day is not distinct from null
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'page_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."page_v1", "millrace"."pending_page_v1" in access share mode;
lock table "public"."users", "millrace"."queue_users" in access share mode;
-- $1: 'backfill'
with everything (u1, u2, u3) as (
select (u.value > 3)::boolean, (u.value IS NULL OR u.day <= '2026-01-01'::date)::boolean, (u.day IS NULL)::boolean from "public"."users" as "u"
union all
select "is_large", "is_early", "is_open" from "millrace"."page_v1"
union all
select u1, u2, u3 from "millrace"."pending_page_v1"
),
waiting as (
  insert into "millrace"."pending_page_v1" (u1, u2, u3, cause)
  select distinct u1, u2, u3, $1::text
  from everything
  where true
  on conflict (u1, u2, u3) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['false', 'true']
-- $2: array['false', 'true']
-- $3: array['false', 'false']
with fresh ("is_large", "is_early", "is_open", "users") as materialized (
SELECT
  u.value > 3 AS is_large,
  u.value IS NULL
    OR u.day <= '2026-01-01'::date AS is_early,
  u.day IS NULL AS is_open,
  count(*) AS users
FROM public.users AS u
WHERE
  (u.value > 3, u.value IS NULL
  OR u.day <= '2026-01-01'::date, u.day IS NULL) IN (SELECT *
FROM unnest(CAST(CAST($1 AS text[]) AS boolean[]), CAST(CAST($2 AS text[]) AS boolean[]), CAST(CAST($3 AS text[]) AS boolean[])))
GROUP BY
  u.value > 3,
  u.value IS NULL
      OR u.day <= '2026-01-01'::date,
  u.day IS NULL
),
duplicate as (
  select "is_large", "is_early", "is_open"
  from fresh
  group by "is_large", "is_early", "is_open"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."page_v1" as stored
  where (("stored"."is_large"), ("stored"."is_early"), ("stored"."is_open")) in (select * from unnest($1::text[]::boolean[], $2::text[]::boolean[], $3::text[]::boolean[]))
    and not exists (select from fresh where not ("fresh"."is_large" is distinct from "stored"."is_large") and not ("fresh"."is_early" is distinct from "stored"."is_early") and not ("fresh"."is_open" is distinct from "stored"."is_open"))
  returning 1
),
written as (
  insert into "millrace"."page_v1" as stored ("is_large", "is_early", "is_open", "users")
  select "is_large", "is_early", "is_open", "users"
  from fresh
  where not exists (select from duplicate)
  on conflict ("is_large", "is_early", "is_open") do update
  set ("is_large", "is_early", "is_open", "users") = row("excluded"."is_large", "excluded"."is_early", "excluded"."is_open", "excluded"."users")
  where record_image_ne(row("stored"."is_large", "stored"."is_early", "stored"."is_open", "stored"."users"), row("excluded"."is_large", "excluded"."is_early", "excluded"."is_open", "excluded"."users"))
  returning 1
),
settled as (
  delete from "millrace"."pending_page_v1"
  where ((u1), (u2), (u3)) in (select * from unnest($1::text[]::boolean[], $2::text[]::boolean[], $3::text[]::boolean[]))
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates;
release savepoint attempt;
savepoint attempt;
-- $1: array['true']
-- $2: array['true']
with fresh ("is_large", "is_early", "is_open", "users") as materialized (
SELECT
  u.value > 3 AS is_large,
  u.value IS NULL
    OR u.day <= '2026-01-01'::date AS is_early,
  u.day IS NULL AS is_open,
  count(*) AS users
FROM public.users AS u
WHERE
  (u.value IS NULL
  OR u.day <= '2026-01-01'::date) IS NULL
  AND (u.value > 3, u.day IS NULL) IN (SELECT *
FROM unnest(CAST(CAST($1 AS text[]) AS boolean[]), CAST(CAST($2 AS text[]) AS boolean[])))
GROUP BY
  u.value > 3,
  u.value IS NULL
      OR u.day <= '2026-01-01'::date,
  u.day IS NULL
),
duplicate as (
  select "is_large", "is_early", "is_open"
  from fresh
  group by "is_large", "is_early", "is_open"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."page_v1" as stored
  where ("stored"."is_early") is null and (("stored"."is_large"), ("stored"."is_open")) in (select * from unnest($1::text[]::boolean[], $2::text[]::boolean[]))
    and not exists (select from fresh where not ("fresh"."is_large" is distinct from "stored"."is_large") and not ("fresh"."is_early" is distinct from "stored"."is_early") and not ("fresh"."is_open" is distinct from "stored"."is_open"))
  returning 1
),
written as (
  insert into "millrace"."page_v1" as stored ("is_large", "is_early", "is_open", "users")
  select "is_large", "is_early", "is_open", "users"
  from fresh
  where not exists (select from duplicate)
  on conflict ("is_large", "is_early", "is_open") do update
  set ("is_large", "is_early", "is_open", "users") = row("excluded"."is_large", "excluded"."is_early", "excluded"."is_open", "excluded"."users")
  where record_image_ne(row("stored"."is_large", "stored"."is_early", "stored"."is_open", "stored"."users"), row("excluded"."is_large", "excluded"."is_early", "excluded"."is_open", "excluded"."users"))
  returning 1
),
settled as (
  delete from "millrace"."pending_page_v1"
  where (u2) is null and ((u1), (u3)) in (select * from unnest($1::text[]::boolean[], $2::text[]::boolean[]))
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates;
release savepoint attempt;
savepoint attempt;
-- $1: array['true']
-- $2: array['true']
with fresh ("is_large", "is_early", "is_open", "users") as materialized (
SELECT
  u.value > 3 AS is_large,
  u.value IS NULL
    OR u.day <= '2026-01-01'::date AS is_early,
  u.day IS NULL AS is_open,
  count(*) AS users
FROM public.users AS u
WHERE
  u.value > 3 IS NULL
  AND ((u.value IS NULL
  OR u.day <= '2026-01-01'::date), u.day IS NULL) IN (SELECT *
FROM unnest(CAST(CAST($1 AS text[]) AS boolean[]), CAST(CAST($2 AS text[]) AS boolean[])))
GROUP BY
  u.value > 3,
  u.value IS NULL
      OR u.day <= '2026-01-01'::date,
  u.day IS NULL
),
duplicate as (
  select "is_large", "is_early", "is_open"
  from fresh
  group by "is_large", "is_early", "is_open"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."page_v1" as stored
  where ("stored"."is_large") is null and (("stored"."is_early"), ("stored"."is_open")) in (select * from unnest($1::text[]::boolean[], $2::text[]::boolean[]))
    and not exists (select from fresh where not ("fresh"."is_large" is distinct from "stored"."is_large") and not ("fresh"."is_early" is distinct from "stored"."is_early") and not ("fresh"."is_open" is distinct from "stored"."is_open"))
  returning 1
),
written as (
  insert into "millrace"."page_v1" as stored ("is_large", "is_early", "is_open", "users")
  select "is_large", "is_early", "is_open", "users"
  from fresh
  where not exists (select from duplicate)
  on conflict ("is_large", "is_early", "is_open") do update
  set ("is_large", "is_early", "is_open", "users") = row("excluded"."is_large", "excluded"."is_early", "excluded"."is_open", "excluded"."users")
  where record_image_ne(row("stored"."is_large", "stored"."is_early", "stored"."is_open", "stored"."users"), row("excluded"."is_large", "excluded"."is_early", "excluded"."is_open", "excluded"."users"))
  returning 1
),
settled as (
  delete from "millrace"."pending_page_v1"
  where (u1) is null and ((u2), (u3)) in (select * from unnest($1::text[]::boolean[], $2::text[]::boolean[]))
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
create or replace view "public"."page" as
select "is_large", "is_early", "is_open", "users"
from "millrace"."page_v1";
create or replace view "public"."page_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_value", "old_day", "new_value", "new_day"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."page_v1"'::regclass from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_users" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
),
millrace_dirty (u1, u2, u3) as materialized (
  select distinct *
  from (select u1, u2, u3
  from (
select (u.value > 3)::boolean as u1, (u.value IS NULL OR u.day <= '2026-01-01'::date)::boolean as u2, (u.day IS NULL)::boolean as u3
from (
  select "old_value" as "value", "old_day" as "day" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_value" as "value", "new_day" as "day" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "u"
  ) as resolved (u1, u2, u3)
  where true
  union all
  select u1, u2, u3
  from "millrace"."pending_page_v1") as dirty
)
select "is_large", "is_early", "is_open", "users"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."is_large" and dirty.u2 = "stored"."is_early" and dirty.u3 = "stored"."is_open")
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."is_large" and dirty.u2 = "stored"."is_early" and dirty.u3 is null and "stored"."is_open" is null)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."is_large" and dirty.u2 is null and "stored"."is_early" is null and dirty.u3 = "stored"."is_open")
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."is_large" and dirty.u2 is null and "stored"."is_early" is null and dirty.u3 is null and "stored"."is_open" is null)
  and not exists (select from millrace_dirty as dirty where dirty.u1 is null and "stored"."is_large" is null and dirty.u2 = "stored"."is_early" and dirty.u3 = "stored"."is_open")
  and not exists (select from millrace_dirty as dirty where dirty.u1 is null and "stored"."is_large" is null and dirty.u2 = "stored"."is_early" and dirty.u3 is null and "stored"."is_open" is null)
  and not exists (select from millrace_dirty as dirty where dirty.u1 is null and "stored"."is_large" is null and dirty.u2 is null and "stored"."is_early" is null and dirty.u3 = "stored"."is_open")
  and not ("stored"."is_large" is null and "stored"."is_early" is null and "stored"."is_open" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null and dirty.u2 is null and dirty.u3 is null))
union all
select "is_large", "is_early", "is_open", "users"
from (
SELECT
  u.value > 3 AS is_large,
  u.value IS NULL
    OR u.day <= ('2026-01-01'::date) AS is_early,
  u.day IS NULL AS is_open,
  count(*) AS users
FROM public.users AS u
WHERE
  ((u.value > 3) = ANY ((ARRAY(SELECT u1
FROM millrace_dirty)))
  OR ((u.value > 3) IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL)))
  AND (((u.value IS NULL
  OR u.day <= ('2026-01-01'::date))) = ANY ((ARRAY(SELECT u2
FROM millrace_dirty)))
  OR (((u.value IS NULL
  OR u.day <= ('2026-01-01'::date))) IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u2 IS NULL)))
  AND ((u.day IS NULL) = ANY ((ARRAY(SELECT u3
FROM millrace_dirty)))
  OR ((u.day IS NULL) IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u3 IS NULL)))
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  (NOT (millrace_dirty.u1 IS DISTINCT FROM (u.value > 3))
  AND NOT (millrace_dirty.u2 IS DISTINCT FROM ((u.value IS NULL
  OR u.day <= ('2026-01-01'::date))))
  AND NOT (millrace_dirty.u3 IS DISTINCT FROM (u.day IS NULL))))
GROUP BY
  u.value > 3,
  u.value IS NULL
      OR u.day <= ('2026-01-01'::date),
  u.day IS NULL
) as live
where (select is_trusted from millrace_trust)
union all
select "is_large", "is_early", "is_open", "users"
from (
SELECT
  u.value > 3 AS is_large,
  u.value IS NULL
    OR u.day <= '2026-01-01'::date AS is_early,
  u.day IS NULL AS is_open,
  count(*) AS users
FROM public.users AS u
GROUP BY
  u.value > 3,
  u.value IS NULL
      OR u.day <= '2026-01-01'::date,
  u.day IS NULL
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
    select op, changed, note, "old_value", "old_day", "new_value", "new_day"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."page_v1"''::regclass from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_users" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
),
millrace_dirty (u1, u2, u3) as materialized (
  select distinct *
  from (select u1, u2, u3
  from (
select (u.value > 3)::boolean as u1, (u.value IS NULL OR u.day <= ''2026-01-01''::date)::boolean as u2, (u.day IS NULL)::boolean as u3
from (
  select "old_value" as "value", "old_day" as "day" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0
  union all
  select "new_value" as "value", "new_day" as "day" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0
) as "u"
  ) as resolved (u1, u2, u3)
  where true
  union all
  select u1, u2, u3
  from "millrace"."pending_page_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "is_large", "is_early", "is_open", "users"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."is_large" and dirty.u2 = "stored"."is_early" and dirty.u3 = "stored"."is_open")
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."is_large" and dirty.u2 = "stored"."is_early" and dirty.u3 is null and "stored"."is_open" is null)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."is_large" and dirty.u2 is null and "stored"."is_early" is null and dirty.u3 = "stored"."is_open")
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."is_large" and dirty.u2 is null and "stored"."is_early" is null and dirty.u3 is null and "stored"."is_open" is null)
  and not exists (select from millrace_dirty as dirty where dirty.u1 is null and "stored"."is_large" is null and dirty.u2 = "stored"."is_early" and dirty.u3 = "stored"."is_open")
  and not exists (select from millrace_dirty as dirty where dirty.u1 is null and "stored"."is_large" is null and dirty.u2 = "stored"."is_early" and dirty.u3 is null and "stored"."is_open" is null)
  and not exists (select from millrace_dirty as dirty where dirty.u1 is null and "stored"."is_large" is null and dirty.u2 is null and "stored"."is_early" is null and dirty.u3 = "stored"."is_open")
  and not ("stored"."is_large" is null and "stored"."is_early" is null and "stored"."is_open" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null and dirty.u2 is null and dirty.u3 is null))) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "is_large", "is_early", "is_open", "users"
from (
SELECT
  u.value > 3 AS is_large,
  u.value IS NULL
    OR u.day <= (''2026-01-01''::date) AS is_early,
  u.day IS NULL AS is_open,
  count(*) AS users
FROM public.users AS u
WHERE
  ((u.value > 3) = ANY ((ARRAY(SELECT u1
FROM millrace_dirty)))
  OR ((u.value > 3) IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL)))
  AND (((u.value IS NULL
  OR u.day <= (''2026-01-01''::date))) = ANY ((ARRAY(SELECT u2
FROM millrace_dirty)))
  OR (((u.value IS NULL
  OR u.day <= (''2026-01-01''::date))) IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u2 IS NULL)))
  AND ((u.day IS NULL) = ANY ((ARRAY(SELECT u3
FROM millrace_dirty)))
  OR ((u.day IS NULL) IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u3 IS NULL)))
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  (NOT (millrace_dirty.u1 IS DISTINCT FROM (u.value > 3))
  AND NOT (millrace_dirty.u2 IS DISTINCT FROM ((u.value IS NULL
  OR u.day <= (''2026-01-01''::date))))
  AND NOT (millrace_dirty.u3 IS DISTINCT FROM (u.day IS NULL))))
GROUP BY
  u.value > 3,
  u.value IS NULL
      OR u.day <= (''2026-01-01''::date),
  u.day IS NULL
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "is_large", "is_early", "is_open", "users"
from (
SELECT
  u.value > 3 AS is_large,
  u.value IS NULL
    OR u.day <= ''2026-01-01''::date AS is_early,
  u.day IS NULL AS is_open,
  count(*) AS users
FROM public.users AS u
GROUP BY
  u.value > 3,
  u.value IS NULL
      OR u.day <= ''2026-01-01''::date,
  u.day IS NULL
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."page_strict"', matching),
      millrace.page_order('"public"."page_strict"', order_by) || '"is_large", "is_early", "is_open"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."page_strict_page" from public;
grant select on "public"."page", "public"."page_strict" to "millrace_reader";
grant execute on function "public"."page_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'page_v1';
commit;
