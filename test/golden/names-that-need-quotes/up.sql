-- all of sql/

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_Order_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."Order"'::regclass, '"s"."select", "s"."first name", "s"."Größe"', 'null::integer, null::text, null::integer', array['select']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."select"
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
    insert into "millrace"."queue_Order" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_Order" (slot, xid, op, changed, "new_select")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."select"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."Order"
referencing new table as new_rows
for each statement execute function "millrace"."capture_Order_insert"();
create or replace function "millrace"."capture_Order_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."Order"'::regclass, '"s"."select", "s"."first name", "s"."Größe"', 'null::integer, null::text, null::integer', array['select']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."select", "n"."select"
        from (select row_number() over () as position, "o"."select", "o"."first name", "o"."Größe" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."select", "n"."first name", "n"."Größe" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."select"), row("n"."select")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."first name"), row("n"."first name")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."Größe"), row("n"."Größe")) then '8'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775794'::bigint <> 0
         or difference.changed & '-9223372036854775802'::bigint <> 0
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_Order" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_Order" (slot, xid, op, changed, "old_select", "new_select")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."select", "n"."select"
    from (select row_number() over () as position, "o"."select", "o"."first name", "o"."Größe" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."select", "n"."first name", "n"."Größe" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."select"), row("n"."select")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."first name"), row("n"."first name")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."Größe"), row("n"."Größe")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775794'::bigint <> 0
         or difference.changed & '-9223372036854775802'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."Order"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_Order_update"();
create or replace function "millrace"."capture_Order_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."Order"'::regclass, '"s"."select", "s"."first name", "s"."Größe"', 'null::integer, null::text, null::integer', array['select']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."select"
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
    insert into "millrace"."queue_Order" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_Order" (slot, xid, op, changed, "old_select")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."select"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."Order"
referencing old table as old_rows
for each statement execute function "millrace"."capture_Order_delete"();
create or replace function "millrace"."capture_Order_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_Order" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."Order"
for each statement execute function "millrace"."capture_Order_truncate"();
create table if not exists "millrace"."queue_Order" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_Order_0" partition of "millrace"."queue_Order" for values in (0);
create table if not exists "millrace"."queue_Order_1" partition of "millrace"."queue_Order" for values in (1);
create table if not exists "millrace"."queue_Order_2" partition of "millrace"."queue_Order" for values in (2);
create index if not exists "queue_Order_xid" on "millrace"."queue_Order" (xid);
insert into "millrace"."queue_Order" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_Order" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_Order" add column if not exists "old_select" integer;
alter table "millrace"."queue_Order" add column if not exists "new_select" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_tab ""le_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."tab ""le"'::regclass, '"s"."select", "s"."u1", "s"."op"', 'null::integer, null::text, null::integer', array['select']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."select"
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
    insert into "millrace"."queue_tab ""le" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_tab ""le" (slot, xid, op, changed, "new_select")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."select"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."tab ""le"
referencing new table as new_rows
for each statement execute function "millrace"."capture_tab ""le_insert"();
create or replace function "millrace"."capture_tab ""le_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."tab ""le"'::regclass, '"s"."select", "s"."u1", "s"."op"', 'null::integer, null::text, null::integer', array['select']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."select", "n"."select"
        from (select row_number() over () as position, "o"."select", "o"."u1", "o"."op" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."select", "n"."u1", "n"."op" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."select"), row("n"."select")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."u1"), row("n"."u1")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."op"), row("n"."op")) then '8'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775798'::bigint <> 0
         or difference.changed & '-9223372036854775794'::bigint <> 0
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_tab ""le" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_tab ""le" (slot, xid, op, changed, "old_select", "new_select")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."select", "n"."select"
    from (select row_number() over () as position, "o"."select", "o"."u1", "o"."op" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."select", "n"."u1", "n"."op" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."select"), row("n"."select")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."u1"), row("n"."u1")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."op"), row("n"."op")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775798'::bigint <> 0
         or difference.changed & '-9223372036854775794'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."tab ""le"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_tab ""le_update"();
create or replace function "millrace"."capture_tab ""le_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."tab ""le"'::regclass, '"s"."select", "s"."u1", "s"."op"', 'null::integer, null::text, null::integer', array['select']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."select"
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
    insert into "millrace"."queue_tab ""le" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_tab ""le" (slot, xid, op, changed, "old_select")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."select"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."tab ""le"
referencing old table as old_rows
for each statement execute function "millrace"."capture_tab ""le_delete"();
create or replace function "millrace"."capture_tab ""le_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_tab ""le" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."tab ""le"
for each statement execute function "millrace"."capture_tab ""le_truncate"();
create table if not exists "millrace"."queue_tab ""le" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_tab ""le_0" partition of "millrace"."queue_tab ""le" for values in (0);
create table if not exists "millrace"."queue_tab ""le_1" partition of "millrace"."queue_tab ""le" for values in (1);
create table if not exists "millrace"."queue_tab ""le_2" partition of "millrace"."queue_tab ""le" for values in (2);
create index if not exists "queue_tab ""le_xid" on "millrace"."queue_tab ""le" (xid);
insert into "millrace"."queue_tab ""le" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_tab ""le" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_tab ""le" add column if not exists "old_select" integer;
alter table "millrace"."queue_tab ""le" add column if not exists "new_select" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."page_v1" (
  "key ""1""" integer,
  "first name" text,
  "Op" integer,
  "u1" text
);
create unique index if not exists "page_v1_key" on "millrace"."page_v1" ("key ""1""") nulls not distinct;
create table if not exists "millrace"."pending_page_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
grant select, insert, update, delete on "millrace"."page_v1", "millrace"."pending_page_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_Order" to "millrace_worker";
grant select, truncate on "millrace"."queue_Order_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_Order_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_Order_2" to "millrace_worker";
grant select, insert on "millrace"."queue_tab ""le" to "millrace_worker";
grant select, truncate on "millrace"."queue_tab ""le_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_tab ""le_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_tab ""le_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('page_v1', 'public', 'page', 'with "With 1" as (
  select "T 2"."select", max("T 2"."op") over "w 1" as "Op"
  from "tab ""le" as "T 2"
  window "w 1" as (partition by "T 2"."select")
)
select "O 1"."select" as "key ""1""", "O 1"."first name", "W"."Op", "J 3"."u1"
from "Order" as "O 1"
left join "With 1" as "W" using ("select") as "U 1"
left join ("tab ""le" as "T 4" join "Order" as "O 2" on "O 2"."select" = "T 4"."op") as "J 3" ("s 1", "u1", "op", "s 2")
  on "J 3"."s 1" = "O 1"."select"
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'page_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."page_v1", "millrace"."pending_page_v1" in access share mode;
lock table "public"."Order", "millrace"."queue_Order", "public"."tab ""le", "millrace"."queue_tab ""le" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select ("O 1"."select")::integer from "public"."Order" as "O 1"
union all
select "key ""1""" from "millrace"."page_v1"
union all
select u1 from "millrace"."pending_page_v1"
),
waiting as (
  insert into "millrace"."pending_page_v1" (u1, cause)
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
with fresh ("key ""1""", "first name", "Op", "u1") as materialized (
SELECT
  "O 1"."select" AS "key ""1""",
  "O 1"."first name",
  "W"."Op",
  "J 3".u1
FROM public."Order" AS "O 1"
LEFT JOIN ( SELECT
  "T 2"."select",
  max("T 2".op) OVER "w 1" AS "Op"
FROM public."tab ""le" AS "T 2"
WHERE
  "T 2"."select" = ANY (CAST(CAST($1 AS text[]) AS int[]))
WINDOW
"w 1" AS (PARTITION BY "T 2"."select") ) AS "W"("select", "Op") ON "O 1"."select" = "W"."select"
LEFT JOIN ( SELECT
  "T 4"."select" AS "s 1",
  "T 4".u1 AS u1,
  "T 4".op AS op,
  "O 2"."select" AS "s 2",
  "O 2"."first name" AS "first name",
  "O 2"."Größe" AS "Größe"
FROM public."tab ""le" AS "T 4"
JOIN public."Order" AS "O 2" ON "O 2"."select" = "T 4".op
WHERE
  "T 4"."select" = ANY (CAST(CAST($1 AS text[]) AS int[])) ) AS "J 3"("s 1", u1, op, "s 2", "first name", "Größe") ON "J 3"."s 1" = "O 1"."select"
WHERE
  "O 1"."select" = ANY (CAST(CAST($1 AS text[]) AS int[]))
),
duplicate as (
  select "key ""1"""
  from fresh
  group by "key ""1"""
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."page_v1" as stored
  where ("stored"."key ""1""") = any ($1::text[]::integer[])
    and not exists (select from fresh where "fresh"."key ""1""" = "stored"."key ""1""")
  returning 1
),
written as (
  insert into "millrace"."page_v1" as stored ("key ""1""", "first name", "Op", "u1")
  select "key ""1""", "first name", "Op", "u1"
  from fresh
  where not exists (select from duplicate)
  on conflict ("key ""1""") do update
  set ("key ""1""", "first name", "Op", "u1") = row("excluded"."key ""1""", "excluded"."first name", "excluded"."Op", "excluded"."u1")
  where record_image_ne(row("stored"."key ""1""", "stored"."first name", "stored"."Op", "stored"."u1"), row("excluded"."key ""1""", "excluded"."first name", "excluded"."Op", "excluded"."u1"))
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
select "key ""1""", "first name", "Op", "u1"
from "millrace"."page_v1";
create or replace view "public"."page_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_select", "new_select"
    from "millrace"."queue_Order" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_select", "new_select"
    from "millrace"."queue_tab ""le" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."page_v1"'::regclass from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_Order" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_tab ""le" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
    and not exists (select from "millrace_batch_2" as marks where op = 'R')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select ("O 1"."select")::integer as u1
from (
  select "old_select" as "select" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_select" as "select" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "O 1"
union all
select ("T 2"."select")::integer as u1
from (
  select "old_select" as "select" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775798'::bigint <> 0
  union all
  select "new_select" as "select" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775798'::bigint <> 0
) as "T 2"
union all
select ("T 4"."select")::integer as u1
from (
  select "old_select" as "select" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_select" as "select" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "T 4"
union all
select ("T 4"."select")::integer as u1
from (
  select "old_select" as "select" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_select" as "select" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "O 2"
join "public"."tab ""le" as "T 4" on "O 2"."select" = "T 4".op
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_page_v1") as dirty
)
select "key ""1""", "first name", "Op", "u1"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."key ""1""")
union all
select "key ""1""", "first name", "Op", "u1"
from (
SELECT
  "O 1"."select" AS "key ""1""",
  "O 1"."first name",
  "W"."Op",
  "J 3".u1
FROM public."Order" AS "O 1"
LEFT JOIN ( SELECT
  "T 2"."select",
  max("T 2".op) OVER "w 1" AS "Op"
FROM public."tab ""le" AS "T 2"
WHERE
  "T 2"."select" = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
WINDOW
"w 1" AS (PARTITION BY "T 2"."select") ) AS "W"("select", "Op") ON "O 1"."select" = "W"."select"
LEFT JOIN ( SELECT
  "T 4"."select" AS "s 1",
  "T 4".u1 AS u1,
  "T 4".op AS op,
  "O 2"."select" AS "s 2",
  "O 2"."first name" AS "first name",
  "O 2"."Größe" AS "Größe"
FROM public."tab ""le" AS "T 4"
JOIN public."Order" AS "O 2" ON "O 2"."select" = "T 4".op
WHERE
  "T 4"."select" = ANY (ARRAY(SELECT u1
FROM millrace_dirty)) ) AS "J 3"("s 1", u1, op, "s 2", "first name", "Größe") ON "J 3"."s 1" = "O 1"."select"
WHERE
  "O 1"."select" = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)
union all
select "key ""1""", "first name", "Op", "u1"
from (
WITH 
  "With 1" AS (SELECT
    "T 2"."select",
    max("T 2".op) OVER "w 1" AS "Op"
  FROM public."tab ""le" AS "T 2"
  WINDOW
  "w 1" AS (PARTITION BY "T 2"."select"))
SELECT
  "O 1"."select" AS "key ""1""",
  "O 1"."first name",
  "W"."Op",
  "J 3".u1
FROM public."Order" AS "O 1"
LEFT JOIN "With 1" AS "W" USING ("select") AS "U 1"
LEFT JOIN (public."tab ""le" AS "T 4"
JOIN public."Order" AS "O 2" ON "O 2"."select" = "T 4".op) "J 3"("s 1", u1, op, "s 2", "first name", "Größe") ON "J 3"."s 1" = "O 1"."select"
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
    select op, changed, note, "old_select", "new_select"
    from "millrace"."queue_Order" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_select", "new_select"
    from "millrace"."queue_tab ""le" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."page_v1"''::regclass from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_Order" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_tab ""le" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
    and not exists (select from "millrace_batch_2" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select ("O 1"."select")::integer as u1
from (
  select "old_select" as "select" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_select" as "select" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "O 1"
union all
select ("T 2"."select")::integer as u1
from (
  select "old_select" as "select" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775798''::bigint <> 0
  union all
  select "new_select" as "select" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775798''::bigint <> 0
) as "T 2"
union all
select ("T 4"."select")::integer as u1
from (
  select "old_select" as "select" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0
  union all
  select "new_select" as "select" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0
) as "T 4"
union all
select ("T 4"."select")::integer as u1
from (
  select "old_select" as "select" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0
  union all
  select "new_select" as "select" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0
) as "O 2"
join "public"."tab ""le" as "T 4" on "O 2"."select" = "T 4".op
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_page_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "key ""1""", "first name", "Op", "u1"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."key ""1""")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "key ""1""", "first name", "Op", "u1"
from (
SELECT
  "O 1"."select" AS "key ""1""",
  "O 1"."first name",
  "W"."Op",
  "J 3".u1
FROM public."Order" AS "O 1"
LEFT JOIN ( SELECT
  "T 2"."select",
  max("T 2".op) OVER "w 1" AS "Op"
FROM public."tab ""le" AS "T 2"
WHERE
  "T 2"."select" = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
WINDOW
"w 1" AS (PARTITION BY "T 2"."select") ) AS "W"("select", "Op") ON "O 1"."select" = "W"."select"
LEFT JOIN ( SELECT
  "T 4"."select" AS "s 1",
  "T 4".u1 AS u1,
  "T 4".op AS op,
  "O 2"."select" AS "s 2",
  "O 2"."first name" AS "first name",
  "O 2"."Größe" AS "Größe"
FROM public."tab ""le" AS "T 4"
JOIN public."Order" AS "O 2" ON "O 2"."select" = "T 4".op
WHERE
  "T 4"."select" = ANY (ARRAY(SELECT u1
FROM millrace_dirty)) ) AS "J 3"("s 1", u1, op, "s 2", "first name", "Größe") ON "J 3"."s 1" = "O 1"."select"
WHERE
  "O 1"."select" = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "key ""1""", "first name", "Op", "u1"
from (
WITH 
  "With 1" AS (SELECT
    "T 2"."select",
    max("T 2".op) OVER "w 1" AS "Op"
  FROM public."tab ""le" AS "T 2"
  WINDOW
  "w 1" AS (PARTITION BY "T 2"."select"))
SELECT
  "O 1"."select" AS "key ""1""",
  "O 1"."first name",
  "W"."Op",
  "J 3".u1
FROM public."Order" AS "O 1"
LEFT JOIN "With 1" AS "W" USING ("select") AS "U 1"
LEFT JOIN (public."tab ""le" AS "T 4"
JOIN public."Order" AS "O 2" ON "O 2"."select" = "T 4".op) "J 3"("s 1", u1, op, "s 2", "first name", "Größe") ON "J 3"."s 1" = "O 1"."select"
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."page_strict"', matching),
      millrace.page_order('"public"."page_strict"', order_by) || '"key ""1"""',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."page_strict_page" from public;
grant select on "public"."page", "public"."page_strict" to "millrace_reader";
grant execute on function "public"."page_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'page_v1';
commit;
