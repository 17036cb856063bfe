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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."user_id", "s"."kind_id"', 'null::integer, null::integer', array['user_id', 'kind_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."user_id", "n"."kind_id"
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
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "new_user_id", "new_kind_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."user_id", "n"."kind_id"
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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."user_id", "s"."kind_id"', 'null::integer, null::integer', array['user_id', 'kind_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."user_id", "o"."kind_id", "n"."user_id", "n"."kind_id"
        from (select row_number() over () as position, "o"."user_id", "o"."kind_id" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."user_id", "n"."kind_id" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."kind_id"), row("n"."kind_id")) then '8'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_user_id", "old_kind_id", "new_user_id", "new_kind_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."user_id", "o"."kind_id", "n"."user_id", "n"."kind_id"
    from (select row_number() over () as position, "o"."user_id", "o"."kind_id" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."user_id", "n"."kind_id" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."kind_id"), row("n"."kind_id")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775796'::bigint <> 0;
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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."user_id", "s"."kind_id"', 'null::integer, null::integer', array['user_id', 'kind_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."user_id", "o"."kind_id"
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
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_user_id", "old_kind_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."user_id", "o"."kind_id"
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
alter table "millrace"."queue_projects" add column if not exists "old_user_id" integer;
alter table "millrace"."queue_projects" add column if not exists "new_user_id" integer;
alter table "millrace"."queue_projects" add column if not exists "old_kind_id" integer;
alter table "millrace"."queue_projects" add column if not exists "new_kind_id" integer;
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."country"', 'null::integer, null::text', array['id', 'country']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."id", "n"."country"
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, "new_id", "new_country")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", "n"."country"
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."country"', 'null::integer, null::text', array['id', 'country']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "o"."country", "n"."id", "n"."country"
        from (select row_number() over () as position, "o"."id", "o"."country" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."country" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."country"), row("n"."country")) then '4'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id", "old_country", "new_id", "new_country")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."country", "n"."id", "n"."country"
    from (select row_number() over () as position, "o"."id", "o"."country" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."country" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."country"), row("n"."country")) then '4'::bigint else 0 end end as changed
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."country"', 'null::integer, null::text', array['id', 'country']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "o"."country"
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id", "old_country")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", "o"."country"
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
alter table "millrace"."queue_users" add column if not exists "old_country" text;
alter table "millrace"."queue_users" add column if not exists "new_country" text;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_kinds_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."kinds"'::regclass, '"s"."id", "s"."title"', 'null::integer, null::text', array['id', 'title']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."id", "n"."title"
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
    insert into "millrace"."queue_kinds" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_kinds" (slot, xid, op, changed, "new_id", "new_title")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", "n"."title"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."kinds"
referencing new table as new_rows
for each statement execute function "millrace"."capture_kinds_insert"();
create or replace function "millrace"."capture_kinds_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."kinds"'::regclass, '"s"."id", "s"."title"', 'null::integer, null::text', array['id', 'title']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "o"."title", "n"."id", "n"."title"
        from (select row_number() over () as position, "o"."id", "o"."title" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."title" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '4'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_kinds" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_kinds" (slot, xid, op, changed, "old_id", "old_title", "new_id", "new_title")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."title", "n"."id", "n"."title"
    from (select row_number() over () as position, "o"."id", "o"."title" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."title" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '4'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775802'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."kinds"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_kinds_update"();
create or replace function "millrace"."capture_kinds_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."kinds"'::regclass, '"s"."id", "s"."title"', 'null::integer, null::text', array['id', 'title']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "o"."title"
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
    insert into "millrace"."queue_kinds" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_kinds" (slot, xid, op, changed, "old_id", "old_title")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", "o"."title"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."kinds"
referencing old table as old_rows
for each statement execute function "millrace"."capture_kinds_delete"();
create or replace function "millrace"."capture_kinds_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_kinds" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."kinds"
for each statement execute function "millrace"."capture_kinds_truncate"();
create table if not exists "millrace"."queue_kinds" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_kinds_0" partition of "millrace"."queue_kinds" for values in (0);
create table if not exists "millrace"."queue_kinds_1" partition of "millrace"."queue_kinds" for values in (1);
create table if not exists "millrace"."queue_kinds_2" partition of "millrace"."queue_kinds" for values in (2);
create index if not exists "queue_kinds_xid" on "millrace"."queue_kinds" (xid);
insert into "millrace"."queue_kinds" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_kinds" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_kinds" add column if not exists "old_id" integer;
alter table "millrace"."queue_kinds" add column if not exists "new_id" integer;
alter table "millrace"."queue_kinds" add column if not exists "old_title" text;
alter table "millrace"."queue_kinds" add column if not exists "new_title" text;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."matrix_v1" (
  "country" text,
  "title" text,
  "n" bigint
);
create unique index if not exists "matrix_v1_key" on "millrace"."matrix_v1" ("country", "title") nulls not distinct;
create table if not exists "millrace"."pending_matrix_v1" (
  u1 text,
  u2 text,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1, u2)
);
grant select, insert, update, delete on "millrace"."matrix_v1", "millrace"."pending_matrix_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_projects" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_2" to "millrace_worker";
grant select, insert on "millrace"."queue_users" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_2" to "millrace_worker";
grant select, insert on "millrace"."queue_kinds" to "millrace_worker";
grant select, truncate on "millrace"."queue_kinds_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_kinds_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_kinds_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('matrix_v1', 'public', 'matrix', 'select u.country, k.title, count(*) as n
from projects p
join users u on u.id = p.user_id
join kinds k on k.id = p.kind_id
group by u.country, k.title
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'matrix_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."matrix_v1", "millrace"."pending_matrix_v1" in access share mode;
lock table "public"."projects", "millrace"."queue_projects", "public"."users", "millrace"."queue_users", "public"."kinds", "millrace"."queue_kinds" in access share mode;
-- $1: 'backfill'
with everything (u1, u2) as (
select "live"."country", "live"."title" from (
SELECT
  u.country,
  k.title,
  count(*) AS n
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
JOIN public.kinds AS k ON k.id = p.kind_id
GROUP BY
  u.country,
  k.title
) as live
union all
select "country", "title" from "millrace"."matrix_v1"
union all
select u1, u2 from "millrace"."pending_matrix_v1"
),
waiting as (
  insert into "millrace"."pending_matrix_v1" (u1, u2, cause)
  select distinct u1, u2, $1::text
  from everything
  where u1 is not null and u2 is not null
  on conflict (u1, u2) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['de', 'de', 'fr']
-- $2: array['water', 'wood', 'water']
with fresh ("country", "title", "n") as materialized (
SELECT
  u.country,
  k.title,
  count(*) AS n
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
JOIN public.kinds AS k ON k.id = p.kind_id
WHERE
  (u.country, k.title) IN (SELECT *
FROM unnest(CAST(CAST($1 AS text[]) AS text[]), CAST(CAST($2 AS text[]) AS text[])))
GROUP BY
  u.country,
  k.title
),
duplicate as (
  select "country", "title"
  from fresh
  group by "country", "title"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."matrix_v1" as stored
  where (("stored"."country"), ("stored"."title")) in (select * from unnest($1::text[]::text[], $2::text[]::text[]))
    and not exists (select from fresh where "fresh"."country" = "stored"."country" and "fresh"."title" = "stored"."title")
  returning 1
),
written as (
  insert into "millrace"."matrix_v1" as stored ("country", "title", "n")
  select "country", "title", "n"
  from fresh
  where not exists (select from duplicate)
  on conflict ("country", "title") do update
  set ("country", "title", "n") = row("excluded"."country", "excluded"."title", "excluded"."n")
  where record_image_ne(row("stored"."country", "stored"."title", "stored"."n"), row("excluded"."country", "excluded"."title", "excluded"."n"))
  returning 1
),
settled as (
  delete from "millrace"."pending_matrix_v1"
  where ((u1), (u2)) in (select * from unnest($1::text[]::text[], $2::text[]::text[]))
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
values ('matrix_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."matrix_v1"'::regclass,
        not exists (select from "millrace"."pending_matrix_v1" where retry_at is null));
-- $1: 'matrix_v1'
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
create or replace view "public"."matrix" as
select "country", "title", "n"
from "millrace"."matrix_v1";
create or replace view "public"."matrix_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_user_id", "old_kind_id", "new_user_id", "new_kind_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'matrix_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'matrix_v1' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_country", "old_id", "new_country", "new_id"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'matrix_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'matrix_v1' order by w.n desc limit 1))
  ),
"millrace_batch_3" as materialized (
    select op, changed, note, "old_title", "old_id", "new_title", "new_id"
    from "millrace"."queue_kinds" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'matrix_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'matrix_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."matrix_v1"'::regclass from millrace.watermark as w where w.model = 'matrix_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_users" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_kinds" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
    and not exists (select from "millrace_batch_2" as marks where op = 'R')
    and not exists (select from "millrace_batch_3" as marks where op = 'R')
),
millrace_dirty (u1, u2) as materialized (
  select distinct *
  from (select u1, u2
  from (
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "p"
join "public"."users" as "u" on u.id = p.user_id
join "public"."kinds" as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "p"
join "public"."users" as "u" on u.id = p.user_id
join (select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "p"
join (select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "u" on u.id = p.user_id
join "public"."kinds" as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "p"
join (select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "u" on u.id = p.user_id
join (select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_country" as "country", "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
join "public"."kinds" as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_country" as "country", "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
join (select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_country" as "country", "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join (select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0) as "p" on u.id = p.user_id
join "public"."kinds" as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_country" as "country", "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join (select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0) as "p" on u.id = p.user_id
join (select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_title" as "title", "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "k"
join "public"."projects" as "p" on k.id = p.kind_id
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_title" as "title", "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "k"
join "public"."projects" as "p" on k.id = p.kind_id
join (select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_title" as "title", "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "k"
join (select "old_kind_id" as "kind_id", "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0) as "p" on k.id = p.kind_id
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_title" as "title", "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "k"
join (select "old_kind_id" as "kind_id", "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0) as "p" on k.id = p.kind_id
join (select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "u" on u.id = p.user_id
  ) as resolved (u1, u2)
  where u1 is not null and u2 is not null
  union all
  select u1, u2
  from "millrace"."pending_matrix_v1") as dirty
)
select "country", "title", "n"
from "millrace"."matrix_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."country" and dirty.u2 = "stored"."title")
union all
select "country", "title", "n"
from (
SELECT
  u.country,
  k.title,
  count(*) AS n
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
JOIN public.kinds AS k ON k.id = p.kind_id
WHERE
  (u.country, k.title) IN (SELECT
  u1,
  u2
FROM millrace_dirty)
GROUP BY
  u.country,
  k.title
) as live
where (select is_trusted from millrace_trust)
union all
select "country", "title", "n"
from (
SELECT
  u.country,
  k.title,
  count(*) AS n
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
JOIN public.kinds AS k ON k.id = p.kind_id
GROUP BY
  u.country,
  k.title
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."matrix_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."matrix_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_user_id", "old_kind_id", "new_user_id", "new_kind_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''matrix_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''matrix_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_country", "old_id", "new_country", "new_id"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''matrix_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''matrix_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_3" as materialized (
    select op, changed, note, "old_title", "old_id", "new_title", "new_id"
    from "millrace"."queue_kinds" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''matrix_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''matrix_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."matrix_v1"''::regclass from millrace.watermark as w where w.model = ''matrix_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_users" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_kinds" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
    and not exists (select from "millrace_batch_2" as marks where op = ''R'')
    and not exists (select from "millrace_batch_3" as marks where op = ''R'')
),
millrace_dirty (u1, u2) as materialized (
  select distinct *
  from (select u1, u2
  from (
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_kind_id" as "kind_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0
) as "p"
join "public"."users" as "u" on u.id = p.user_id
join "public"."kinds" as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_kind_id" as "kind_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0
) as "p"
join "public"."users" as "u" on u.id = p.user_id
join (select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0) as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_kind_id" as "kind_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0
) as "p"
join (select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0) as "u" on u.id = p.user_id
join "public"."kinds" as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_kind_id" as "kind_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0
) as "p"
join (select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0) as "u" on u.id = p.user_id
join (select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0) as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_country" as "country", "new_id" as "id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
join "public"."kinds" as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_country" as "country", "new_id" as "id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
join (select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0) as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_country" as "country", "new_id" as "id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "u"
join (select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0) as "p" on u.id = p.user_id
join "public"."kinds" as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_country" as "country", "new_id" as "id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "u"
join (select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0) as "p" on u.id = p.user_id
join (select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0) as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_title" as "title", "new_id" as "id" from "millrace_batch_3" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "k"
join "public"."projects" as "p" on k.id = p.kind_id
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_title" as "title", "new_id" as "id" from "millrace_batch_3" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "k"
join "public"."projects" as "p" on k.id = p.kind_id
join (select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0) as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_title" as "title", "new_id" as "id" from "millrace_batch_3" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "k"
join (select "old_kind_id" as "kind_id", "old_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0) as "p" on k.id = p.kind_id
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_title" as "title", "new_id" as "id" from "millrace_batch_3" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "k"
join (select "old_kind_id" as "kind_id", "old_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0) as "p" on k.id = p.kind_id
join (select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0) as "u" on u.id = p.user_id
  ) as resolved (u1, u2)
  where u1 is not null and u2 is not null
  union all
  select u1, u2
  from "millrace"."pending_matrix_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "country", "title", "n"
from "millrace"."matrix_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."country" and dirty.u2 = "stored"."title")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "country", "title", "n"
from (
SELECT
  u.country,
  k.title,
  count(*) AS n
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
JOIN public.kinds AS k ON k.id = p.kind_id
WHERE
  (u.country, k.title) IN (SELECT
  u1,
  u2
FROM millrace_dirty)
GROUP BY
  u.country,
  k.title
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "country", "title", "n"
from (
SELECT
  u.country,
  k.title,
  count(*) AS n
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
JOIN public.kinds AS k ON k.id = p.kind_id
GROUP BY
  u.country,
  k.title
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."matrix_strict"', matching),
      millrace.page_order('"public"."matrix_strict"', order_by) || '"country", "title"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."matrix_strict_page" from public;
grant select on "public"."matrix", "public"."matrix_strict" to "millrace_reader";
grant execute on function "public"."matrix_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'matrix_v1';
commit;
