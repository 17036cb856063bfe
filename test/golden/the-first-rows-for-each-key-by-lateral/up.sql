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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id"', 'null::integer', array['id']::text[]);
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_users" (slot, xid, op, changed, "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id"
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id"', 'null::integer', array['id']::text[]);
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id", "new_id")
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id"', 'null::integer', array['id']::text[]);
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id"
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
alter table "millrace"."queue_users" add column if not exists "old_id" integer;
alter table "millrace"."queue_users" add column if not exists "new_id" integer;
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
    problem := millrace.shape_problem('"public"."comments"'::regclass, '"s"."id", "s"."user_id", "s"."body"', 'null::integer, null::integer, null::text', array['user_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."user_id"
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
    insert into "millrace"."queue_comments" (slot, xid, op, changed, "new_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."user_id"
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
    problem := millrace.shape_problem('"public"."comments"'::regclass, '"s"."id", "s"."user_id", "s"."body"', 'null::integer, null::integer, null::text', array['user_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."user_id", "n"."user_id"
        from (select row_number() over () as position, "o"."id", "o"."user_id", "o"."body" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id", "n"."body" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."body"), row("n"."body")) then '8'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_comments" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_comments" (slot, xid, op, changed, "old_user_id", "new_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."user_id", "n"."user_id"
    from (select row_number() over () as position, "o"."id", "o"."user_id", "o"."body" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id", "n"."body" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."body"), row("n"."body")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775794'::bigint <> 0;
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
    problem := millrace.shape_problem('"public"."comments"'::regclass, '"s"."id", "s"."user_id", "s"."body"', 'null::integer, null::integer, null::text', array['user_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."user_id"
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
    insert into "millrace"."queue_comments" (slot, xid, op, changed, "old_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."user_id"
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
alter table "millrace"."queue_comments" add column if not exists "old_user_id" integer;
alter table "millrace"."queue_comments" add column if not exists "new_user_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."latest_v1" (
  "id" integer,
  "comment_id" integer,
  "body" text
);
create unique index if not exists "latest_v1_key" on "millrace"."latest_v1" ("id", "comment_id") nulls not distinct;
create table if not exists "millrace"."pending_latest_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
grant select, insert, update, delete on "millrace"."latest_v1", "millrace"."pending_latest_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_users" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_2" to "millrace_worker";
grant select, insert on "millrace"."queue_comments" to "millrace_worker";
grant select, truncate on "millrace"."queue_comments_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_comments_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_comments_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('latest_v1', 'public', 'latest', 'select u.id, n.id as comment_id, n.body
from users u
cross join lateral (
  select c.id, c.body from comments c where c.user_id = u.id order by c.id desc limit 2
) n
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'latest_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."latest_v1", "millrace"."pending_latest_v1" in access share mode;
lock table "public"."users", "millrace"."queue_users", "public"."comments", "millrace"."queue_comments" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (u.id)::integer from "public"."users" as "u"
union all
select "id" from "millrace"."latest_v1"
union all
select u1 from "millrace"."pending_latest_v1"
),
waiting as (
  insert into "millrace"."pending_latest_v1" (u1, cause)
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
with fresh ("id", "comment_id", "body") as materialized (
SELECT
  u.id,
  n.id AS comment_id,
  n.body
FROM public.users AS u
CROSS JOIN LATERAL ( SELECT
  c.id,
  c.body
FROM public.comments AS c
WHERE
  c.user_id = u.id
ORDER BY
  c.id DESC
LIMIT 2 ) AS n
WHERE
  u.id = ANY (CAST(CAST($1 AS text[]) AS int[]))
),
duplicate as (
  select "id", "comment_id"
  from fresh
  group by "id", "comment_id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."latest_v1" as stored
  where ("stored"."id") = any ($1::text[]::integer[])
    and not exists (select from fresh where not ("fresh"."id" is distinct from "stored"."id") and not ("fresh"."comment_id" is distinct from "stored"."comment_id"))
  returning 1
),
written as (
  insert into "millrace"."latest_v1" as stored ("id", "comment_id", "body")
  select "id", "comment_id", "body"
  from fresh
  where not exists (select from duplicate)
  on conflict ("id", "comment_id") do update
  set ("id", "comment_id", "body") = row("excluded"."id", "excluded"."comment_id", "excluded"."body")
  where record_image_ne(row("stored"."id", "stored"."comment_id", "stored"."body"), row("excluded"."id", "excluded"."comment_id", "excluded"."body"))
  returning 1
),
settled as (
  delete from "millrace"."pending_latest_v1"
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
values ('latest_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."latest_v1"'::regclass,
        not exists (select from "millrace"."pending_latest_v1" where retry_at is null));
-- $1: 'latest_v1'
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
create or replace view "public"."latest" as
select "id", "comment_id", "body"
from "millrace"."latest_v1";
create or replace view "public"."latest_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'latest_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'latest_v1' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_comments" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'latest_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'latest_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."latest_v1"'::regclass from millrace.watermark as w where w.model = 'latest_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_users" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_comments" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
    and not exists (select from "millrace_batch_2" as marks where op = 'R')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (u.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775806'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775806'::bigint <> 0
) as "u"
union all
select (c.user_id)::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "c"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_latest_v1") as dirty
)
select "id", "comment_id", "body"
from "millrace"."latest_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")
union all
select "id", "comment_id", "body"
from (
SELECT
  u.id,
  n.id AS comment_id,
  n.body
FROM public.users AS u
CROSS JOIN LATERAL ( SELECT
  c.id,
  c.body
FROM public.comments AS c
WHERE
  c.user_id = u.id
ORDER BY
  c.id DESC
LIMIT 2 ) AS n
WHERE
  u.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)
union all
select "id", "comment_id", "body"
from (
SELECT
  u.id,
  n.id AS comment_id,
  n.body
FROM public.users AS u
CROSS JOIN LATERAL ( SELECT
  c.id,
  c.body
FROM public.comments AS c
WHERE
  c.user_id = u.id
ORDER BY
  c.id DESC
LIMIT 2 ) AS n
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."latest_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."latest_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''latest_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''latest_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_comments" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''latest_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''latest_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."latest_v1"''::regclass from millrace.watermark as w where w.model = ''latest_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_users" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_comments" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
    and not exists (select from "millrace_batch_2" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (u.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775806''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775806''::bigint <> 0
) as "u"
union all
select (c.user_id)::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0
) as "c"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_latest_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "id", "comment_id", "body"
from "millrace"."latest_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "comment_id", "body"
from (
SELECT
  u.id,
  n.id AS comment_id,
  n.body
FROM public.users AS u
CROSS JOIN LATERAL ( SELECT
  c.id,
  c.body
FROM public.comments AS c
WHERE
  c.user_id = u.id
ORDER BY
  c.id DESC
LIMIT 2 ) AS n
WHERE
  u.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "comment_id", "body"
from (
SELECT
  u.id,
  n.id AS comment_id,
  n.body
FROM public.users AS u
CROSS JOIN LATERAL ( SELECT
  c.id,
  c.body
FROM public.comments AS c
WHERE
  c.user_id = u.id
ORDER BY
  c.id DESC
LIMIT 2 ) AS n
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."latest_strict"', matching),
      millrace.page_order('"public"."latest_strict"', order_by) || '"id", "comment_id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."latest_strict_page" from public;
grant select on "public"."latest", "public"."latest_strict" to "millrace_reader";
grant execute on function "public"."latest_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'latest_v1';
commit;
