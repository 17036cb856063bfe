-- all of sql/

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_readings_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."readings"'::regclass, '"s"."id", "s"."place", "s"."level", "s"."mood", "s"."taken"', 'null::integer, null::text, null::integer, null::public.mood, null::timestamp with time zone', array['id', 'taken']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."id", "n"."place", "n"."level", "n"."mood", "n"."taken"
        from new_rows as n
        where ((n.id < 100))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_readings" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_readings" (slot, xid, op, changed, "new_id", "new_place", "new_level", "new_mood", "new_taken")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", "n"."place", "n"."level", "n"."mood", "n"."taken"
    from new_rows as n
    where ((n.id < 100));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."readings"
referencing new table as new_rows
for each statement execute function "millrace"."capture_readings_insert"();
create or replace function "millrace"."capture_readings_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."readings"'::regclass, '"s"."id", "s"."place", "s"."level", "s"."mood", "s"."taken"', 'null::integer, null::text, null::integer, null::public.mood, null::timestamp with time zone', array['id', 'taken']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "o"."place", "o"."level", "o"."mood", "o"."taken", "n"."id", "n"."place", "n"."level", "n"."mood", "n"."taken"
        from (select row_number() over () as position, "o"."id", "o"."place", "o"."level", "o"."mood", "o"."taken" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."place", "n"."level", "n"."mood", "n"."taken" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."place"), row("n"."place")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."level"), row("n"."level")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."mood"), row("n"."mood")) then '16'::bigint else 0 end
                 | case when record_image_ne(row("o"."taken"), row("n"."taken")) then '32'::bigint else 0 end end as changed
      ) as difference
        where (difference.changed & '-9223372036854775746'::bigint <> 0 and ((o.position is not null and ((o.id < 100))) or (n.position is not null and ((n.id < 100)))))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_readings" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_readings" (slot, xid, op, changed, "old_id", "old_place", "old_level", "old_mood", "old_taken", "new_id", "new_place", "new_level", "new_mood", "new_taken")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."place", "o"."level", "o"."mood", "o"."taken", "n"."id", "n"."place", "n"."level", "n"."mood", "n"."taken"
    from (select row_number() over () as position, "o"."id", "o"."place", "o"."level", "o"."mood", "o"."taken" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."place", "n"."level", "n"."mood", "n"."taken" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."place"), row("n"."place")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."level"), row("n"."level")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."mood"), row("n"."mood")) then '16'::bigint else 0 end
                 | case when record_image_ne(row("o"."taken"), row("n"."taken")) then '32'::bigint else 0 end end as changed
      ) as difference
    where (difference.changed & '-9223372036854775746'::bigint <> 0 and ((o.position is not null and ((o.id < 100))) or (n.position is not null and ((n.id < 100)))));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."readings"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_readings_update"();
create or replace function "millrace"."capture_readings_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."readings"'::regclass, '"s"."id", "s"."place", "s"."level", "s"."mood", "s"."taken"', 'null::integer, null::text, null::integer, null::public.mood, null::timestamp with time zone', array['id', 'taken']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "o"."place", "o"."level", "o"."mood", "o"."taken"
        from old_rows as o
        where ((o.id < 100))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_readings" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_readings" (slot, xid, op, changed, "old_id", "old_place", "old_level", "old_mood", "old_taken")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", "o"."place", "o"."level", "o"."mood", "o"."taken"
    from old_rows as o
    where ((o.id < 100));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."readings"
referencing old table as old_rows
for each statement execute function "millrace"."capture_readings_delete"();
create or replace function "millrace"."capture_readings_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_readings" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."readings"
for each statement execute function "millrace"."capture_readings_truncate"();
create table if not exists "millrace"."queue_readings" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_readings_0" partition of "millrace"."queue_readings" for values in (0);
create table if not exists "millrace"."queue_readings_1" partition of "millrace"."queue_readings" for values in (1);
create table if not exists "millrace"."queue_readings_2" partition of "millrace"."queue_readings" for values in (2);
create index if not exists "queue_readings_xid" on "millrace"."queue_readings" (xid);
insert into "millrace"."queue_readings" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_readings" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_readings" add column if not exists "old_id" integer;
alter table "millrace"."queue_readings" add column if not exists "new_id" integer;
alter table "millrace"."queue_readings" add column if not exists "old_place" text;
alter table "millrace"."queue_readings" add column if not exists "new_place" text;
alter table "millrace"."queue_readings" add column if not exists "old_level" integer;
alter table "millrace"."queue_readings" add column if not exists "new_level" integer;
alter table "millrace"."queue_readings" add column if not exists "old_mood" public.mood;
alter table "millrace"."queue_readings" add column if not exists "new_mood" public.mood;
alter table "millrace"."queue_readings" add column if not exists "old_taken" timestamp with time zone;
alter table "millrace"."queue_readings" add column if not exists "new_taken" timestamp with time zone;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."levels_v1" (
  "place" text,
  "readings" bigint,
  "total" bigint,
  "highest" integer,
  "mood" public.mood,
  "since" timestamp with time zone,
  "spread" integer,
  "total__s1" bigint,
  "total__s2" bigint,
  "spread__s1" integer,
  "spread__s2" integer
);
create unique index if not exists "levels_v1_key" on "millrace"."levels_v1" ("place") nulls not distinct;
create table if not exists "millrace"."pending_levels_v1" (
  u1 text,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
grant select, insert, update, delete on "millrace"."levels_v1", "millrace"."pending_levels_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_readings" to "millrace_worker";
grant select, truncate on "millrace"."queue_readings_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_readings_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_readings_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('levels_v1', 'public', 'levels', 'select r.place, count(*) as readings, sum(r.level) as total, max(r.level) as highest, max(r.mood) as mood,
       min(r.taken) filter (where r.level > 1) as since, max(r.level) - min(r.level) as spread
from readings r
where r.id < 100
group by r.place
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'levels_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."levels_v1", "millrace"."pending_levels_v1" in access share mode;
lock table "public"."readings", "millrace"."queue_readings" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (r.place)::text from "public"."readings" as "r"
union all
select "place" from "millrace"."levels_v1"
union all
select u1 from "millrace"."pending_levels_v1"
),
waiting as (
  insert into "millrace"."pending_levels_v1" (u1, cause)
  select distinct u1, $1::text
  from everything
  where true
  on conflict (u1) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['weir']
with fresh ("place", "readings", "total", "highest", "mood", "since", "spread", "total__s1", "total__s2", "spread__s1", "spread__s2") as materialized (
SELECT
  r.place,
  count(*) AS readings,
  sum(r.level) AS total,
  max(r.level) AS highest,
  max(r.mood) AS mood,
  min(r.taken) FILTER (WHERE r.level > 1) AS since,
  max(r.level) - min(r.level) AS spread,
  COALESCE(sum(r.level), 0) AS total__s1,
  count(r.level) AS total__s2,
  max(r.level) AS spread__s1,
  min(r.level) AS spread__s2
FROM public.readings AS r
WHERE
  r.id < 100
  AND r.place = ANY (CAST(CAST($1 AS text[]) AS text[]))
GROUP BY
  r.place
),
duplicate as (
  select "place"
  from fresh
  group by "place"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."levels_v1" as stored
  where ("stored"."place") = any ($1::text[]::text[])
    and not exists (select from fresh where not ("fresh"."place" is distinct from "stored"."place"))
  returning 1
),
written as (
  insert into "millrace"."levels_v1" as stored ("place", "readings", "total", "highest", "mood", "since", "spread", "total__s1", "total__s2", "spread__s1", "spread__s2")
  select "place", "readings", "total", "highest", "mood", "since", "spread", "total__s1", "total__s2", "spread__s1", "spread__s2"
  from fresh
  where not exists (select from duplicate)
  on conflict ("place") do update
  set ("place", "readings", "total", "highest", "mood", "since", "spread", "total__s1", "total__s2", "spread__s1", "spread__s2") = row("excluded"."place", "excluded"."readings", "excluded"."total", "excluded"."highest", "excluded"."mood", "excluded"."since", "excluded"."spread", "excluded"."total__s1", "excluded"."total__s2", "excluded"."spread__s1", "excluded"."spread__s2")
  where record_image_ne(row("stored"."place", "stored"."readings", "stored"."total", "stored"."highest", "stored"."mood", "stored"."since", "stored"."spread", "stored"."total__s1", "stored"."total__s2", "stored"."spread__s1", "stored"."spread__s2"), row("excluded"."place", "excluded"."readings", "excluded"."total", "excluded"."highest", "excluded"."mood", "excluded"."since", "excluded"."spread", "excluded"."total__s1", "excluded"."total__s2", "excluded"."spread__s1", "excluded"."spread__s2"))
  returning 1
),
settled as (
  delete from "millrace"."pending_levels_v1"
  where (u1) = any ($1::text[]::text[])
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates;
release savepoint attempt;
savepoint attempt;
with fresh ("place", "readings", "total", "highest", "mood", "since", "spread", "total__s1", "total__s2", "spread__s1", "spread__s2") as materialized (
SELECT
  r.place,
  count(*) AS readings,
  sum(r.level) AS total,
  max(r.level) AS highest,
  max(r.mood) AS mood,
  min(r.taken) FILTER (WHERE r.level > 1) AS since,
  max(r.level) - min(r.level) AS spread,
  COALESCE(sum(r.level), 0) AS total__s1,
  count(r.level) AS total__s2,
  max(r.level) AS spread__s1,
  min(r.level) AS spread__s2
FROM public.readings AS r
WHERE
  r.id < 100
  AND r.place IS NULL
GROUP BY
  r.place
),
duplicate as (
  select "place"
  from fresh
  group by "place"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."levels_v1" as stored
  where ("stored"."place") is null
    and not exists (select from fresh where not ("fresh"."place" is distinct from "stored"."place"))
  returning 1
),
written as (
  insert into "millrace"."levels_v1" as stored ("place", "readings", "total", "highest", "mood", "since", "spread", "total__s1", "total__s2", "spread__s1", "spread__s2")
  select "place", "readings", "total", "highest", "mood", "since", "spread", "total__s1", "total__s2", "spread__s1", "spread__s2"
  from fresh
  where not exists (select from duplicate)
  on conflict ("place") do update
  set ("place", "readings", "total", "highest", "mood", "since", "spread", "total__s1", "total__s2", "spread__s1", "spread__s2") = row("excluded"."place", "excluded"."readings", "excluded"."total", "excluded"."highest", "excluded"."mood", "excluded"."since", "excluded"."spread", "excluded"."total__s1", "excluded"."total__s2", "excluded"."spread__s1", "excluded"."spread__s2")
  where record_image_ne(row("stored"."place", "stored"."readings", "stored"."total", "stored"."highest", "stored"."mood", "stored"."since", "stored"."spread", "stored"."total__s1", "stored"."total__s2", "stored"."spread__s1", "stored"."spread__s2"), row("excluded"."place", "excluded"."readings", "excluded"."total", "excluded"."highest", "excluded"."mood", "excluded"."since", "excluded"."spread", "excluded"."total__s1", "excluded"."total__s2", "excluded"."spread__s1", "excluded"."spread__s2"))
  returning 1
),
settled as (
  delete from "millrace"."pending_levels_v1"
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
values ('levels_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."levels_v1"'::regclass,
        not exists (select from "millrace"."pending_levels_v1" where retry_at is null));
-- $1: 'levels_v1'
-- $2: 'backfill'
-- $3: 0
-- $4: 2
-- $5: 2
-- $6: <milliseconds>
-- $7: 'completed'
-- $8: null
insert into millrace.refresh_log (model, cause, changes, units, rows_changed, duration_ms, status, error)
values ($1::text, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::float8, $7::text, $8::text);
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace view "public"."levels" as
select "place", "readings", "total", "highest", "mood", "since", "spread"
from "millrace"."levels_v1";
create or replace view "public"."levels_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_place", "new_place"
    from "millrace"."queue_readings" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'levels_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'levels_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."levels_v1"'::regclass from millrace.watermark as w where w.model = 'levels_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_readings" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (r.place)::text as u1
from (
  select "old_place" as "place" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775746'::bigint <> 0
  union all
  select "new_place" as "place" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775746'::bigint <> 0
) as "r"
  ) as resolved (u1)
  where true
  union all
  select u1
  from "millrace"."pending_levels_v1") as dirty
)
select "place", "readings", "total", "highest", "mood", "since", "spread"
from "millrace"."levels_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."place")
  and not ("stored"."place" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null))
union all
select "place", "readings", "total", "highest", "mood", "since", "spread"
from (
SELECT
  r.place,
  count(*) AS readings,
  sum(r.level) AS total,
  max(r.level) AS highest,
  max(r.mood) AS mood,
  min(r.taken) FILTER (WHERE r.level > 1) AS since,
  max(r.level) - min(r.level) AS spread
FROM public.readings AS r
WHERE
  r.id < 100
  AND (r.place = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (r.place IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL)))
GROUP BY
  r.place
) as live
where (select is_trusted from millrace_trust)
union all
select "place", "readings", "total", "highest", "mood", "since", "spread"
from (
SELECT
  r.place,
  count(*) AS readings,
  sum(r.level) AS total,
  max(r.level) AS highest,
  max(r.mood) AS mood,
  min(r.taken) FILTER (WHERE r.level > 1) AS since,
  max(r.level) - min(r.level) AS spread
FROM public.readings AS r
WHERE
  r.id < 100
GROUP BY
  r.place
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."levels_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."levels_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_place", "new_place"
    from "millrace"."queue_readings" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''levels_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''levels_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."levels_v1"''::regclass from millrace.watermark as w where w.model = ''levels_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_readings" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (r.place)::text as u1
from (
  select "old_place" as "place" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775746''::bigint <> 0
  union all
  select "new_place" as "place" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775746''::bigint <> 0
) as "r"
  ) as resolved (u1)
  where true
  union all
  select u1
  from "millrace"."pending_levels_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "place", "readings", "total", "highest", "mood", "since", "spread"
from "millrace"."levels_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."place")
  and not ("stored"."place" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null))) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "place", "readings", "total", "highest", "mood", "since", "spread"
from (
SELECT
  r.place,
  count(*) AS readings,
  sum(r.level) AS total,
  max(r.level) AS highest,
  max(r.mood) AS mood,
  min(r.taken) FILTER (WHERE r.level > 1) AS since,
  max(r.level) - min(r.level) AS spread
FROM public.readings AS r
WHERE
  r.id < 100
  AND (r.place = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (r.place IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL)))
GROUP BY
  r.place
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "place", "readings", "total", "highest", "mood", "since", "spread"
from (
SELECT
  r.place,
  count(*) AS readings,
  sum(r.level) AS total,
  max(r.level) AS highest,
  max(r.mood) AS mood,
  min(r.taken) FILTER (WHERE r.level > 1) AS since,
  max(r.level) - min(r.level) AS spread
FROM public.readings AS r
WHERE
  r.id < 100
GROUP BY
  r.place
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."levels_strict"', matching),
      millrace.page_order('"public"."levels_strict"', order_by) || '"place"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."levels_strict_page" from public;
grant select on "public"."levels", "public"."levels_strict" to "millrace_reader";
grant execute on function "public"."levels_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'levels_v1';
commit;
