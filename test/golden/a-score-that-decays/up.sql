-- all of sql/

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_posts_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."posts"'::regclass, '"s"."id", "s"."title", "s"."made"', 'null::integer, null::text, null::timestamp with time zone', array['id']::text[]);
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
    insert into "millrace"."queue_posts" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_posts" (slot, xid, op, changed, "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."posts"
referencing new table as new_rows
for each statement execute function "millrace"."capture_posts_insert"();
create or replace function "millrace"."capture_posts_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."posts"'::regclass, '"s"."id", "s"."title", "s"."made"', 'null::integer, null::text, null::timestamp with time zone', array['id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "n"."id"
        from (select row_number() over () as position, "o"."id", "o"."title", "o"."made" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."title", "n"."made" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."made"), row("n"."made")) then '8'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_posts" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_posts" (slot, xid, op, changed, "old_id", "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "n"."id"
    from (select row_number() over () as position, "o"."id", "o"."title", "o"."made" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."title", "n"."made" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."made"), row("n"."made")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775794'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."posts"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_posts_update"();
create or replace function "millrace"."capture_posts_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."posts"'::regclass, '"s"."id", "s"."title", "s"."made"', 'null::integer, null::text, null::timestamp with time zone', array['id']::text[]);
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
    insert into "millrace"."queue_posts" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_posts" (slot, xid, op, changed, "old_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."posts"
referencing old table as old_rows
for each statement execute function "millrace"."capture_posts_delete"();
create or replace function "millrace"."capture_posts_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_posts" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."posts"
for each statement execute function "millrace"."capture_posts_truncate"();
create table if not exists "millrace"."queue_posts" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_posts_0" partition of "millrace"."queue_posts" for values in (0);
create table if not exists "millrace"."queue_posts_1" partition of "millrace"."queue_posts" for values in (1);
create table if not exists "millrace"."queue_posts_2" partition of "millrace"."queue_posts" for values in (2);
create index if not exists "queue_posts_xid" on "millrace"."queue_posts" (xid);
insert into "millrace"."queue_posts" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_posts" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_posts" add column if not exists "old_id" integer;
alter table "millrace"."queue_posts" add column if not exists "new_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_votes_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."post_id"', 'null::integer', array['post_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."post_id"
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
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "new_post_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."post_id"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."votes"
referencing new table as new_rows
for each statement execute function "millrace"."capture_votes_insert"();
create or replace function "millrace"."capture_votes_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."post_id"', 'null::integer', array['post_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."post_id", "n"."post_id"
        from (select row_number() over () as position, "o"."post_id" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."post_id" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."post_id"), row("n"."post_id")) then '4'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775804'::bigint <> 0
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_post_id", "new_post_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."post_id", "n"."post_id"
    from (select row_number() over () as position, "o"."post_id" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."post_id" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."post_id"), row("n"."post_id")) then '4'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775804'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."votes"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_votes_update"();
create or replace function "millrace"."capture_votes_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."post_id"', 'null::integer', array['post_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."post_id"
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
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_post_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."post_id"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."votes"
referencing old table as old_rows
for each statement execute function "millrace"."capture_votes_delete"();
create or replace function "millrace"."capture_votes_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_votes" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."votes"
for each statement execute function "millrace"."capture_votes_truncate"();
create table if not exists "millrace"."queue_votes" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_votes_0" partition of "millrace"."queue_votes" for values in (0);
create table if not exists "millrace"."queue_votes_1" partition of "millrace"."queue_votes" for values in (1);
create table if not exists "millrace"."queue_votes_2" partition of "millrace"."queue_votes" for values in (2);
create index if not exists "queue_votes_xid" on "millrace"."queue_votes" (xid);
insert into "millrace"."queue_votes" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_votes" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_votes" add column if not exists "old_post_id" integer;
alter table "millrace"."queue_votes" add column if not exists "new_post_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."hot_v1" (
  "id" integer,
  "title" text,
  "heat__score" numeric,
  "heat__at" timestamp with time zone,
  "heat__score__s1" bigint,
  "heat_rank_key" numeric generated always as (case when "heat__score" > 0 then round(ln("heat__score" * 1.000000000000000000000000) + (extract(epoch from ("heat__at" at time zone 'UTC')) - 946684800) * 0.000001146076576215418867266736967225, 20)
         when "heat__score" <= 0 and "heat__at" is not null then '-Infinity'::numeric end) stored
);
create unique index if not exists "hot_v1_key" on "millrace"."hot_v1" ("id") nulls not distinct;
create index if not exists "hot_v1_heat_rank_key" on "millrace"."hot_v1" ("heat_rank_key" desc, "id");
create table if not exists "millrace"."pending_hot_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
grant select, insert, update, delete on "millrace"."hot_v1", "millrace"."pending_hot_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_posts" to "millrace_worker";
grant select, truncate on "millrace"."queue_posts_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_posts_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_posts_2" to "millrace_worker";
grant select, insert on "millrace"."queue_votes" to "millrace_worker";
grant select, truncate on "millrace"."queue_votes_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_votes_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_votes_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('hot_v1', 'public', 'hot', '-- as exponentialDecay({ score: sql`(select count(*) from votes v where v.post_id = p.id)`, at: sql`p.made`, halfLife: ''1 week'' }) writes it
select p.id, p.title,
       pg_catalog.jsonb_build_array(''millrace.exponential_decay''::text, ((select count(*) from votes v where v.post_id = p.id)
)::numeric, (p.made
)::timestamptz, ''0.000001146076576215418867266736967225''::text) as heat
from posts p
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'hot_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."hot_v1", "millrace"."pending_hot_v1" in access share mode;
lock table "public"."posts", "millrace"."queue_posts", "public"."votes", "millrace"."queue_votes" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (p.id)::integer from "public"."posts" as "p"
union all
select "id" from "millrace"."hot_v1"
union all
select u1 from "millrace"."pending_hot_v1"
),
waiting as (
  insert into "millrace"."pending_hot_v1" (u1, cause)
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
with fresh ("id", "title", "heat__score", "heat__at", "heat__score__s1") as materialized (
SELECT
  p.id,
  p.title,
  millrace_fold_3_1.s1::numeric AS heat__score,
  p.made AS heat__at,
  millrace_fold_3_1.s1 AS heat__score__s1
FROM public.posts AS p, LATERAL ( SELECT count(*) AS s1
FROM public.votes AS v
WHERE
  v.post_id = p.id ) AS millrace_fold_3_1
WHERE
  p.id = ANY (CAST(CAST($1 AS text[]) AS int[]))
),
duplicate as (
  select "id"
  from fresh
  group by "id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."hot_v1" as stored
  where ("stored"."id") = any ($1::text[]::integer[])
    and not exists (select from fresh where "fresh"."id" = "stored"."id")
  returning 1
),
written as (
  insert into "millrace"."hot_v1" as stored ("id", "title", "heat__score", "heat__at", "heat__score__s1")
  select "id", "title", "heat__score", "heat__at", "heat__score__s1"
  from fresh
  where not exists (select from duplicate)
  on conflict ("id") do update
  set ("id", "title", "heat__score", "heat__at", "heat__score__s1") = row("excluded"."id", "excluded"."title", "excluded"."heat__score", "excluded"."heat__at", "excluded"."heat__score__s1")
  where record_image_ne(row("stored"."id", "stored"."title", "stored"."heat__score", "stored"."heat__at", "stored"."heat__score__s1"), row("excluded"."id", "excluded"."title", "excluded"."heat__score", "excluded"."heat__at", "excluded"."heat__score__s1"))
  returning 1
),
settled as (
  delete from "millrace"."pending_hot_v1"
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
values ('hot_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."hot_v1"'::regclass,
        not exists (select from "millrace"."pending_hot_v1" where retry_at is null));
-- $1: 'hot_v1'
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
create or replace view "public"."hot" as
select "id", "title", case when ("heat_rank_key" - (extract(epoch from (now() at time zone 'UTC')) - 946684800) * 0.000001146076576215418867266736967225)::float8 < -700 then 0
       when ("heat_rank_key" - (extract(epoch from (now() at time zone 'UTC')) - 946684800) * 0.000001146076576215418867266736967225)::float8 <= 700 then exp(("heat_rank_key" - (extract(epoch from (now() at time zone 'UTC')) - 946684800) * 0.000001146076576215418867266736967225)::float8)
       else ("heat_rank_key" - (extract(epoch from (now() at time zone 'UTC')) - 946684800) * 0.000001146076576215418867266736967225)::float8 * 'Infinity' end as "heat", "heat_rank_key"
from "millrace"."hot_v1";
create or replace view "public"."hot_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_posts" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'hot_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'hot_v1' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_post_id", "new_post_id"
    from "millrace"."queue_votes" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'hot_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'hot_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."hot_v1"'::regclass from millrace.watermark as w where w.model = 'hot_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_posts" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_votes" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
    and not exists (select from "millrace_batch_2" as marks where op = 'R')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "p"
union all
select (v.post_id)::integer as u1
from (
  select "old_post_id" as "post_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775804'::bigint <> 0
  union all
  select "new_post_id" as "post_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775804'::bigint <> 0
) as "v"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_hot_v1") as dirty
)
select "id", "title", case when ("heat_rank_key" - (extract(epoch from (now() at time zone 'UTC')) - 946684800) * 0.000001146076576215418867266736967225)::float8 < -700 then 0
       when ("heat_rank_key" - (extract(epoch from (now() at time zone 'UTC')) - 946684800) * 0.000001146076576215418867266736967225)::float8 <= 700 then exp(("heat_rank_key" - (extract(epoch from (now() at time zone 'UTC')) - 946684800) * 0.000001146076576215418867266736967225)::float8)
       else ("heat_rank_key" - (extract(epoch from (now() at time zone 'UTC')) - 946684800) * 0.000001146076576215418867266736967225)::float8 * 'Infinity' end as "heat", "heat_rank_key"
from (
select "id", "title", "heat_rank_key" as "heat", "heat_rank_key"
from "millrace"."hot_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")
union all
select "id", "title", "heat_rank_key" as "heat", "heat_rank_key"
from (
SELECT
  p.id,
  p.title,
  CAST((SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.post_id = p.id) AS numeric) AS heat__score,
  p.made AS heat__at
FROM public.posts AS p
WHERE
  p.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
cross join lateral (
  select case when "given"."heat__score" > 0 then round(ln("given"."heat__score" * 1.000000000000000000000000) + (extract(epoch from ("given"."heat__at" at time zone 'UTC')) - 946684800) * 0.000001146076576215418867266736967225, 20)
         when "given"."heat__score" <= 0 and "given"."heat__at" is not null then '-Infinity'::numeric end as "heat_rank_key"
  from (select "live"."heat__score", "live"."heat__at" offset 0) as given
  offset 0
) as rank_keys
where (select is_trusted from millrace_trust)
union all
select "id", "title", "heat_rank_key" as "heat", "heat_rank_key"
from (
SELECT
  p.id,
  p.title,
  CAST((SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.post_id = p.id) AS numeric) AS heat__score,
  p.made AS heat__at
FROM public.posts AS p
) as live
cross join lateral (
  select case when "given"."heat__score" > 0 then round(ln("given"."heat__score" * 1.000000000000000000000000) + (extract(epoch from ("given"."heat__at" at time zone 'UTC')) - 946684800) * 0.000001146076576215418867266736967225, 20)
         when "given"."heat__score" <= 0 and "given"."heat__at" is not null then '-Infinity'::numeric end as "heat_rank_key"
  from (select "live"."heat__score", "live"."heat__at" offset 0) as given
  offset 0
) as rank_keys
where not (select is_trusted from millrace_trust)
) as rows;
create or replace function "public"."hot_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."hot_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_posts" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''hot_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''hot_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_post_id", "new_post_id"
    from "millrace"."queue_votes" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''hot_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''hot_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."hot_v1"''::regclass from millrace.watermark as w where w.model = ''hot_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_posts" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_votes" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
    and not exists (select from "millrace_batch_2" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0
) as "p"
union all
select (v.post_id)::integer as u1
from (
  select "old_post_id" as "post_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0
  union all
  select "new_post_id" as "post_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0
) as "v"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_hot_v1") as dirty
) '
    || format(
      'select "id", "title", case when ("heat_rank_key" - (extract(epoch from (now() at time zone ''UTC'')) - 946684800) * 0.000001146076576215418867266736967225)::float8 < -700 then 0
       when ("heat_rank_key" - (extract(epoch from (now() at time zone ''UTC'')) - 946684800) * 0.000001146076576215418867266736967225)::float8 <= 700 then exp(("heat_rank_key" - (extract(epoch from (now() at time zone ''UTC'')) - 946684800) * 0.000001146076576215418867266736967225)::float8)
       else ("heat_rank_key" - (extract(epoch from (now() at time zone ''UTC'')) - 946684800) * 0.000001146076576215418867266736967225)::float8 * ''Infinity'' end as "heat", "heat_rank_key" from (select * from ('
      || '(select * from (select "id", "title", "heat_rank_key" as "heat", "heat_rank_key"
from "millrace"."hot_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "title", "heat_rank_key" as "heat", "heat_rank_key"
from (
SELECT
  p.id,
  p.title,
  CAST((SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.post_id = p.id) AS numeric) AS heat__score,
  p.made AS heat__at
FROM public.posts AS p
WHERE
  p.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
cross join lateral (
  select case when "given"."heat__score" > 0 then round(ln("given"."heat__score" * 1.000000000000000000000000) + (extract(epoch from ("given"."heat__at" at time zone ''UTC'')) - 946684800) * 0.000001146076576215418867266736967225, 20)
         when "given"."heat__score" <= 0 and "given"."heat__at" is not null then ''-Infinity''::numeric end as "heat_rank_key"
  from (select "live"."heat__score", "live"."heat__at" offset 0) as given
  offset 0
) as rank_keys
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "title", "heat_rank_key" as "heat", "heat_rank_key"
from (
SELECT
  p.id,
  p.title,
  CAST((SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.post_id = p.id) AS numeric) AS heat__score,
  p.made AS heat__at
FROM public.posts AS p
) as live
cross join lateral (
  select case when "given"."heat__score" > 0 then round(ln("given"."heat__score" * 1.000000000000000000000000) + (extract(epoch from ("given"."heat__at" at time zone ''UTC'')) - 946684800) * 0.000001146076576215418867266736967225, 20)
         when "given"."heat__score" <= 0 and "given"."heat__at" is not null then ''-Infinity''::numeric end as "heat_rank_key"
  from (select "live"."heat__score", "live"."heat__at" offset 0) as given
  offset 0
) as rank_keys
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s) as page',
      millrace.page_filter('"public"."hot_strict"', matching),
      millrace.page_order('"public"."hot_strict"', order_by) || '"id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."hot_strict_page" from public;
grant select on "public"."hot", "public"."hot_strict" to "millrace_reader";
grant execute on function "public"."hot_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'hot_v1';
commit;
