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
    problem := millrace.shape_problem('"public"."posts"'::regclass, '"s"."id"', 'null::integer', array['id']::text[]);
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
    problem := millrace.shape_problem('"public"."posts"'::regclass, '"s"."id"', 'null::integer', array['id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "n"."id"
        from (select row_number() over () as position, "o"."id" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775806'::bigint <> 0
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
    from (select row_number() over () as position, "o"."id" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775806'::bigint <> 0;
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
    problem := millrace.shape_problem('"public"."posts"'::regclass, '"s"."id"', 'null::integer', array['id']::text[]);
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
create or replace function "millrace"."capture_comments_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."comments"'::regclass, '"s"."id", "s"."post_id", "s"."words", "s"."weight"', 'null::integer, null::integer, null::text, null::numeric', array['post_id']::text[]);
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
    insert into "millrace"."queue_comments" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_comments" (slot, xid, op, changed, "new_post_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."post_id"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."comments"
referencing new table as new_rows
for each statement execute function "millrace"."capture_comments_insert"();
create or replace function "millrace"."capture_comments_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."comments"'::regclass, '"s"."id", "s"."post_id", "s"."words", "s"."weight"', 'null::integer, null::integer, null::text, null::numeric', array['post_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."post_id", "n"."post_id"
        from (select row_number() over () as position, "o"."id", "o"."post_id", "o"."words", "o"."weight" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."post_id", "n"."words", "n"."weight" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."post_id"), row("n"."post_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."words"), row("n"."words")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."weight"), row("n"."weight")) then '16'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775778'::bigint <> 0
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_comments" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_comments" (slot, xid, op, changed, "old_post_id", "new_post_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."post_id", "n"."post_id"
    from (select row_number() over () as position, "o"."id", "o"."post_id", "o"."words", "o"."weight" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."post_id", "n"."words", "n"."weight" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."post_id"), row("n"."post_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."words"), row("n"."words")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."weight"), row("n"."weight")) then '16'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775778'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."comments"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_comments_update"();
create or replace function "millrace"."capture_comments_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."comments"'::regclass, '"s"."id", "s"."post_id", "s"."words", "s"."weight"', 'null::integer, null::integer, null::text, null::numeric', array['post_id']::text[]);
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
    insert into "millrace"."queue_comments" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_comments" (slot, xid, op, changed, "old_post_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."post_id"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."comments"
referencing old table as old_rows
for each statement execute function "millrace"."capture_comments_delete"();
create or replace function "millrace"."capture_comments_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_comments" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."comments"
for each statement execute function "millrace"."capture_comments_truncate"();
create table if not exists "millrace"."queue_comments" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_comments_0" partition of "millrace"."queue_comments" for values in (0);
create table if not exists "millrace"."queue_comments_1" partition of "millrace"."queue_comments" for values in (1);
create table if not exists "millrace"."queue_comments_2" partition of "millrace"."queue_comments" for values in (2);
create index if not exists "queue_comments_xid" on "millrace"."queue_comments" (xid);
insert into "millrace"."queue_comments" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_comments" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_comments" add column if not exists "old_post_id" integer;
alter table "millrace"."queue_comments" add column if not exists "new_post_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."page_v1" (
  "id" integer,
  "list" jsonb
);
create unique index if not exists "page_v1_key" on "millrace"."page_v1" ("id") nulls not distinct;
create table if not exists "millrace"."pending_page_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
grant select, insert, update, delete on "millrace"."page_v1", "millrace"."pending_page_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_posts" to "millrace_worker";
grant select, truncate on "millrace"."queue_posts_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_posts_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_posts_2" to "millrace_worker";
grant select, insert on "millrace"."queue_comments" to "millrace_worker";
grant select, truncate on "millrace"."queue_comments_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_comments_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_comments_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('page_v1', 'public', 'page', 'select p.id, coalesce((select jsonb_agg(to_jsonb(c) order by c.id) from comments c where c.post_id = p.id), ''[]'') as list
from posts p
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'page_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."page_v1", "millrace"."pending_page_v1" in access share mode;
lock table "public"."posts", "millrace"."queue_posts", "public"."comments", "millrace"."queue_comments" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (p.id)::integer from "public"."posts" as "p"
union all
select "id" from "millrace"."page_v1"
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
-- $1: array['1', '2']
with fresh ("id", "list") as materialized (
SELECT
  p.id,
  COALESCE((SELECT jsonb_agg(to_jsonb(c.*) ORDER BY c.id) AS jsonb_agg
  FROM public.comments AS c
  WHERE
    c.post_id = p.id), '[]'::jsonb) AS list
FROM public.posts AS p
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
  delete from "millrace"."page_v1" as stored
  where ("stored"."id") = any ($1::text[]::integer[])
    and not exists (select from fresh where "fresh"."id" = "stored"."id")
  returning 1
),
written as (
  insert into "millrace"."page_v1" as stored ("id", "list")
  select "id", "list"
  from fresh
  where not exists (select from duplicate)
  on conflict ("id") do update
  set ("id", "list") = row("excluded"."id", "excluded"."list")
  where record_image_ne(row("stored"."id", "stored"."list"), row("excluded"."id", "excluded"."list"))
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
create or replace view "public"."page" as
select "id", "list"
from "millrace"."page_v1";
create or replace view "public"."page_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_posts" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_post_id", "new_post_id"
    from "millrace"."queue_comments" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."page_v1"'::regclass from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_posts" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_comments" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
    and not exists (select from "millrace_batch_2" as marks where op = 'R')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775806'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775806'::bigint <> 0
) as "p"
union all
select (c.post_id)::integer as u1
from (
  select "old_post_id" as "post_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775778'::bigint <> 0
  union all
  select "new_post_id" as "post_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775778'::bigint <> 0
) as "c"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_page_v1") as dirty
)
select "id", "list"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")
union all
select "id", "list"
from (
SELECT
  p.id,
  COALESCE((SELECT jsonb_agg(to_jsonb(c.*) ORDER BY c.id) AS jsonb_agg
  FROM public.comments AS c
  WHERE
    c.post_id = p.id), '[]'::jsonb) AS list
FROM public.posts AS p
WHERE
  p.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)
union all
select "id", "list"
from (
SELECT
  p.id,
  COALESCE((SELECT jsonb_agg(to_jsonb(c.*) ORDER BY c.id) AS jsonb_agg
  FROM public.comments AS c
  WHERE
    c.post_id = p.id), '[]'::jsonb) AS list
FROM public.posts AS p
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
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_posts" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_post_id", "new_post_id"
    from "millrace"."queue_comments" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."page_v1"''::regclass from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_posts" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_comments" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
    and not exists (select from "millrace_batch_2" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775806''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775806''::bigint <> 0
) as "p"
union all
select (c.post_id)::integer as u1
from (
  select "old_post_id" as "post_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775778''::bigint <> 0
  union all
  select "new_post_id" as "post_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775778''::bigint <> 0
) as "c"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_page_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "id", "list"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "list"
from (
SELECT
  p.id,
  COALESCE((SELECT jsonb_agg(to_jsonb(c.*) ORDER BY c.id) AS jsonb_agg
  FROM public.comments AS c
  WHERE
    c.post_id = p.id), ''[]''::jsonb) AS list
FROM public.posts AS p
WHERE
  p.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "list"
from (
SELECT
  p.id,
  COALESCE((SELECT jsonb_agg(to_jsonb(c.*) ORDER BY c.id) AS jsonb_agg
  FROM public.comments AS c
  WHERE
    c.post_id = p.id), ''[]''::jsonb) AS list
FROM public.posts AS p
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."page_strict"', matching),
      millrace.page_order('"public"."page_strict"', order_by) || '"id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."page_strict_page" from public;
grant select on "public"."page", "public"."page_strict" to "millrace_reader";
grant execute on function "public"."page_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'page_v1';
commit;
