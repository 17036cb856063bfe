-- all of sql/

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_projects_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id"', 'null::integer, null::integer', array['id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."id", "n"."user_id"
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
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "new_id", "new_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", "n"."user_id"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."projects"
referencing new table as new_rows
for each statement execute function "millrace"."capture_projects_insert"();
create or replace function "millrace"."capture_projects_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id"', 'null::integer, null::integer', array['id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "o"."user_id", "n"."id", "n"."user_id"
        from (select row_number() over () as position, "o"."id", "o"."user_id" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "old_user_id", "new_id", "new_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."user_id", "n"."id", "n"."user_id"
    from (select row_number() over () as position, "o"."id", "o"."user_id" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775802'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."projects"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_projects_update"();
create or replace function "millrace"."capture_projects_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id"', 'null::integer, null::integer', array['id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "o"."user_id"
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
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "old_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", "o"."user_id"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."projects"
referencing old table as old_rows
for each statement execute function "millrace"."capture_projects_delete"();
create or replace function "millrace"."capture_projects_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_projects" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."projects"
for each statement execute function "millrace"."capture_projects_truncate"();
create table if not exists "millrace"."queue_projects" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_projects_0" partition of "millrace"."queue_projects" for values in (0);
create table if not exists "millrace"."queue_projects_1" partition of "millrace"."queue_projects" for values in (1);
create table if not exists "millrace"."queue_projects_2" partition of "millrace"."queue_projects" for values in (2);
create index if not exists "queue_projects_xid" on "millrace"."queue_projects" (xid);
insert into "millrace"."queue_projects" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_projects" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_projects" add column if not exists "old_id" integer;
alter table "millrace"."queue_projects" add column if not exists "new_id" integer;
alter table "millrace"."queue_projects" add column if not exists "old_user_id" integer;
alter table "millrace"."queue_projects" add column if not exists "new_user_id" integer;
commit;

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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."team"', 'null::integer, null::integer', array['id']::text[]);
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."team"', 'null::integer, null::integer', array['id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "n"."id"
        from (select row_number() over () as position, "o"."id", "o"."team" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."team" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."team"), row("n"."team")) then '4'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id", "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "n"."id"
    from (select row_number() over () as position, "o"."id", "o"."team" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."team" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."team"), row("n"."team")) then '4'::bigint else 0 end end as changed
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."team"', 'null::integer, null::integer', array['id']::text[]);
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
create or replace function "millrace"."capture_teams_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."teams"'::regclass, '"s"."id", "s"."name"', 'null::integer, null::text', array['id']::text[]);
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
    insert into "millrace"."queue_teams" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_teams" (slot, xid, op, changed, "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."teams"
referencing new table as new_rows
for each statement execute function "millrace"."capture_teams_insert"();
create or replace function "millrace"."capture_teams_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."teams"'::regclass, '"s"."id", "s"."name"', 'null::integer, null::text', array['id']::text[]);
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
    insert into "millrace"."queue_teams" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_teams" (slot, xid, op, changed, "old_id", "new_id")
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
after update on "public"."teams"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_teams_update"();
create or replace function "millrace"."capture_teams_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."teams"'::regclass, '"s"."id", "s"."name"', 'null::integer, null::text', array['id']::text[]);
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
    insert into "millrace"."queue_teams" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_teams" (slot, xid, op, changed, "old_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."teams"
referencing old table as old_rows
for each statement execute function "millrace"."capture_teams_delete"();
create or replace function "millrace"."capture_teams_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_teams" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."teams"
for each statement execute function "millrace"."capture_teams_truncate"();
create table if not exists "millrace"."queue_teams" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_teams_0" partition of "millrace"."queue_teams" for values in (0);
create table if not exists "millrace"."queue_teams_1" partition of "millrace"."queue_teams" for values in (1);
create table if not exists "millrace"."queue_teams_2" partition of "millrace"."queue_teams" for values in (2);
create index if not exists "queue_teams_xid" on "millrace"."queue_teams" (xid);
insert into "millrace"."queue_teams" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_teams" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_teams" add column if not exists "old_id" integer;
alter table "millrace"."queue_teams" add column if not exists "new_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."page_v1" (
  "id" integer,
  "user_id" integer,
  "team" text
);
create unique index if not exists "page_v1_key" on "millrace"."page_v1" ("user_id", "id") nulls not distinct;
create table if not exists "millrace"."pending_page_v1" (
  u1 integer,
  u2 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1, u2)
);
grant select, insert, update, delete on "millrace"."page_v1", "millrace"."pending_page_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_projects" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_2" to "millrace_worker";
grant select, insert on "millrace"."queue_users" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_2" to "millrace_worker";
grant select, insert on "millrace"."queue_teams" to "millrace_worker";
grant select, truncate on "millrace"."queue_teams_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_teams_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_teams_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('page_v1', 'public', 'page', 'select p.id, u.id as user_id, t.name as team
from projects p
left join users u on u.id = p.user_id
left join teams t on t.id = u.team
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'page_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."page_v1", "millrace"."pending_page_v1" in access share mode;
lock table "public"."projects", "millrace"."queue_projects", "public"."users", "millrace"."queue_users", "public"."teams", "millrace"."queue_teams" in access share mode;
-- $1: 'backfill'
with everything (u1, u2) as (
select (p.user_id)::integer, (p.id)::integer from "public"."projects" as "p"
union all
select (NULL::int)::integer, (p.id)::integer from "public"."projects" as "p"
union all
select "user_id", "id" from "millrace"."page_v1"
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
-- $1: array['1', '1', '2', '7']
-- $2: array['1', '2', '3', '5']
with fresh ("id", "user_id", "team") as materialized (
SELECT
  p.id,
  u.id AS user_id,
  t.name AS team
FROM public.projects AS p
LEFT JOIN public.users AS u ON u.id = p.user_id
LEFT JOIN public.teams AS t ON t.id = u.team
WHERE
  (u.id, p.id) IN (SELECT *
FROM unnest(CAST(CAST($1 AS text[]) AS int[]), CAST(CAST($2 AS text[]) AS int[])))
),
duplicate as (
  select "user_id", "id"
  from fresh
  group by "user_id", "id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."page_v1" as stored
  where (("stored"."user_id"), ("stored"."id")) in (select * from unnest($1::text[]::integer[], $2::text[]::integer[]))
    and not exists (select from fresh where not ("fresh"."user_id" is distinct from "stored"."user_id") and not ("fresh"."id" is distinct from "stored"."id"))
  returning 1
),
written as (
  insert into "millrace"."page_v1" as stored ("id", "user_id", "team")
  select "id", "user_id", "team"
  from fresh
  where not exists (select from duplicate)
  on conflict ("user_id", "id") do update
  set ("id", "user_id", "team") = row("excluded"."id", "excluded"."user_id", "excluded"."team")
  where record_image_ne(row("stored"."id", "stored"."user_id", "stored"."team"), row("excluded"."id", "excluded"."user_id", "excluded"."team"))
  returning 1
),
settled as (
  delete from "millrace"."pending_page_v1"
  where ((u1), (u2)) in (select * from unnest($1::text[]::integer[], $2::text[]::integer[]))
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates;
release savepoint attempt;
savepoint attempt;
-- $1: array['1', '2', '3', '4', '5']
with fresh ("id", "user_id", "team") as materialized (
SELECT
  p.id,
  u.id AS user_id,
  t.name AS team
FROM public.projects AS p
LEFT JOIN public.users AS u ON u.id = p.user_id
LEFT JOIN public.teams AS t ON t.id = u.team
WHERE
  u.id IS NULL
  AND p.id = ANY (CAST(CAST($1 AS text[]) AS int[]))
),
duplicate as (
  select "user_id", "id"
  from fresh
  group by "user_id", "id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."page_v1" as stored
  where ("stored"."user_id") is null and ("stored"."id") = any ($1::text[]::integer[])
    and not exists (select from fresh where not ("fresh"."user_id" is distinct from "stored"."user_id") and not ("fresh"."id" is distinct from "stored"."id"))
  returning 1
),
written as (
  insert into "millrace"."page_v1" as stored ("id", "user_id", "team")
  select "id", "user_id", "team"
  from fresh
  where not exists (select from duplicate)
  on conflict ("user_id", "id") do update
  set ("id", "user_id", "team") = row("excluded"."id", "excluded"."user_id", "excluded"."team")
  where record_image_ne(row("stored"."id", "stored"."user_id", "stored"."team"), row("excluded"."id", "excluded"."user_id", "excluded"."team"))
  returning 1
),
settled as (
  delete from "millrace"."pending_page_v1"
  where (u1) is null and (u2) = any ($1::text[]::integer[])
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
-- $4: 9
-- $5: 5
-- $6: <milliseconds>
-- $7: 'completed'
-- $8: null
insert into millrace.refresh_log (model, cause, changes, units, rows_changed, duration_ms, status, error)
values ($1::text, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::float8, $7::text, $8::text);
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace view "public"."page" as
select "id", "user_id", "team"
from "millrace"."page_v1";
create or replace view "public"."page_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_user_id", "old_id", "new_user_id", "new_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
"millrace_batch_3" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_teams" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."page_v1"'::regclass from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_users" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_teams" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
    and not exists (select from "millrace_batch_2" as marks where op = 'R')
    and not exists (select from "millrace_batch_3" as marks where op = 'R')
),
millrace_dirty (u1, u2) as materialized (
  select distinct *
  from (select u1, u2
  from (
select (p.user_id)::integer as u1, (p.id)::integer as u2
from (
  select "old_user_id" as "user_id", "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "p"
union all
select (p.user_id)::integer as u1, (p.id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
union all
select (p.user_id)::integer as u1, (p.id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "t"
join "public"."users" as "u" on t.id = u.team
join "public"."projects" as "p" on u.id = p.user_id
union all
select (NULL::int)::integer as u1, (p.id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "p"
union all
select (NULL::int)::integer as u1, (p.id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
union all
select (NULL::int)::integer as u1, (p.id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join (select "old_id" as "id", "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "p" on u.id = p.user_id
union all
select (NULL::int)::integer as u1, (p.id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "t"
join "public"."users" as "u" on t.id = u.team
join "public"."projects" as "p" on u.id = p.user_id
  ) as resolved (u1, u2)
  where u2 is not null
  union all
  select u1, u2
  from "millrace"."pending_page_v1") as dirty
)
select "id", "user_id", "team"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."user_id" and dirty.u2 = "stored"."id")
  and not exists (select from millrace_dirty as dirty where dirty.u1 is null and "stored"."user_id" is null and dirty.u2 = "stored"."id")
union all
select "id", "user_id", "team"
from (
SELECT
  p.id,
  u.id AS user_id,
  t.name AS team
FROM public.projects AS p
LEFT JOIN public.users AS u ON u.id = p.user_id
LEFT JOIN public.teams AS t ON t.id = u.team
WHERE
  (u.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (u.id IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL)))
  AND p.id = ANY (ARRAY(SELECT u2
FROM millrace_dirty))
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  (NOT (millrace_dirty.u1 IS DISTINCT FROM u.id)
  AND NOT (millrace_dirty.u2 IS DISTINCT FROM p.id)))
) as live
where (select is_trusted from millrace_trust)
union all
select "id", "user_id", "team"
from (
SELECT
  p.id,
  u.id AS user_id,
  t.name AS team
FROM public.projects AS p
LEFT JOIN public.users AS u ON u.id = p.user_id
LEFT JOIN public.teams AS t ON t.id = u.team
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
    select op, changed, note, "old_user_id", "old_id", "new_user_id", "new_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_3" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_teams" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."page_v1"''::regclass from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_users" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_teams" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
    and not exists (select from "millrace_batch_2" as marks where op = ''R'')
    and not exists (select from "millrace_batch_3" as marks where op = ''R'')
),
millrace_dirty (u1, u2) as materialized (
  select distinct *
  from (select u1, u2
  from (
select (p.user_id)::integer as u1, (p.id)::integer as u2
from (
  select "old_user_id" as "user_id", "old_id" as "id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_id" as "id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "p"
union all
select (p.user_id)::integer as u1, (p.id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
union all
select (p.user_id)::integer as u1, (p.id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_3" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_3" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "t"
join "public"."users" as "u" on t.id = u.team
join "public"."projects" as "p" on u.id = p.user_id
union all
select (NULL::int)::integer as u1, (p.id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "p"
union all
select (NULL::int)::integer as u1, (p.id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
union all
select (NULL::int)::integer as u1, (p.id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "u"
join (select "old_id" as "id", "old_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0) as "p" on u.id = p.user_id
union all
select (NULL::int)::integer as u1, (p.id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_3" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_3" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "t"
join "public"."users" as "u" on t.id = u.team
join "public"."projects" as "p" on u.id = p.user_id
  ) as resolved (u1, u2)
  where u2 is not null
  union all
  select u1, u2
  from "millrace"."pending_page_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "id", "user_id", "team"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."user_id" and dirty.u2 = "stored"."id")
  and not exists (select from millrace_dirty as dirty where dirty.u1 is null and "stored"."user_id" is null and dirty.u2 = "stored"."id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "user_id", "team"
from (
SELECT
  p.id,
  u.id AS user_id,
  t.name AS team
FROM public.projects AS p
LEFT JOIN public.users AS u ON u.id = p.user_id
LEFT JOIN public.teams AS t ON t.id = u.team
WHERE
  (u.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (u.id IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL)))
  AND p.id = ANY (ARRAY(SELECT u2
FROM millrace_dirty))
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  (NOT (millrace_dirty.u1 IS DISTINCT FROM u.id)
  AND NOT (millrace_dirty.u2 IS DISTINCT FROM p.id)))
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "user_id", "team"
from (
SELECT
  p.id,
  u.id AS user_id,
  t.name AS team
FROM public.projects AS p
LEFT JOIN public.users AS u ON u.id = p.user_id
LEFT JOIN public.teams AS t ON t.id = u.team
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."page_strict"', matching),
      millrace.page_order('"public"."page_strict"', order_by) || '"user_id", "id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."page_strict_page" from public;
grant select on "public"."page", "public"."page_strict" to "millrace_reader";
grant execute on function "public"."page_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'page_v1';
commit;
