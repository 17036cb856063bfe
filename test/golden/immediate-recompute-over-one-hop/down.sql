begin isolation level read committed;
set local lock_timeout = 500;
update millrace.model set state = 'building' where storage = 'feed_v1';
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_projects_insert"() returns trigger
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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id", "s"."title"', 'null::integer, null::integer, null::text', array['id', 'user_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."id", "n"."user_id", (true) as millrace_applies_1
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

  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "new_id", "new_user_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", "n"."user_id", true, millrace_statement
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
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id", "s"."title"', 'null::integer, null::integer, null::text', array['id', 'user_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", "o"."user_id", "n"."id", "n"."user_id", (difference.changed & '-9223372036854775794'::bigint <> 0) as millrace_applies_1
        from (select row_number() over () as position, "o"."id", "o"."user_id", "o"."title" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id", "n"."title" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
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

  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "old_user_id", "new_id", "new_user_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."user_id", "n"."id", "n"."user_id", true, millrace_statement
    from (select row_number() over () as position, "o"."id", "o"."user_id", "o"."title" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id", "n"."title" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775794'::bigint <> 0;
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
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id", "s"."title"', 'null::integer, null::integer, null::text', array['id', 'user_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", "o"."user_id", (true) as millrace_applies_1
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

  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "old_user_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", "o"."user_id", true, millrace_statement
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
  insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated', true);
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
create index if not exists "queue_projects_deferred" on "millrace"."queue_projects" (xid) where deferred;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_users_insert"() returns trigger
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."name"', 'null::integer, null::text', array['id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."id", (true) as millrace_applies_1
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

  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_users" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_users" (slot, xid, op, changed, "new_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", true, millrace_statement
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
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."name"', 'null::integer, null::text', array['id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", "n"."id", (difference.changed & '-9223372036854775802'::bigint <> 0) as millrace_applies_1
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

  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_users" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id", "new_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "n"."id", true, millrace_statement
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
after update on "public"."users"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_users_update"();
create or replace function "millrace"."capture_users_delete"() returns trigger
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."name"', 'null::integer, null::text', array['id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", (true) as millrace_applies_1
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

  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_users" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", true, millrace_statement
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
  insert into "millrace"."queue_users" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated', true);
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
create index if not exists "queue_users_deferred" on "millrace"."queue_users" (xid) where deferred;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."feed_strict_page";
drop view if exists "public"."feed_strict";
drop view if exists "public"."feed";
drop function if exists "millrace"."apply_feed_v1"(bigint[]);
drop function if exists "millrace"."recompute_feed_v1_0"(text[]);
drop table if exists "millrace"."pending_feed_v1";
drop table if exists "millrace"."feed_v1";
delete from millrace.watermark where model = 'feed_v1';
delete from millrace.refresh_log where model = 'feed_v1';
delete from millrace.model where storage = 'feed_v1';
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_projects_insert"() cascade;
drop function if exists "millrace"."capture_projects_update"() cascade;
drop function if exists "millrace"."capture_projects_delete"() cascade;
drop function if exists "millrace"."capture_projects_truncate"() cascade;
drop function if exists "millrace"."nested_projects"() cascade;
drop function if exists "millrace"."queue_projects"(xid8[], boolean), "millrace"."queue_projects"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_projects";
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_users_insert"() cascade;
drop function if exists "millrace"."capture_users_update"() cascade;
drop function if exists "millrace"."capture_users_delete"() cascade;
drop function if exists "millrace"."capture_users_truncate"() cascade;
drop function if exists "millrace"."nested_users"() cascade;
drop function if exists "millrace"."queue_users"(xid8[], boolean), "millrace"."queue_users"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_users";
commit;

-- what sql/ made is dropped
