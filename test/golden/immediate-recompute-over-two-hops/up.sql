-- all of sql/

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_votes_insert"() returns trigger
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
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."user_id", "s"."weight"', 'null::integer, null::integer, null::integer', array['project_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."project_id", (true) as millrace_applies_1
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
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "new_project_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."project_id", true, millrace_statement
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
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."user_id", "s"."weight"', 'null::integer, null::integer, null::integer', array['project_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."project_id", "n"."project_id", (difference.changed & '-9223372036854775794'::bigint <> 0) as millrace_applies_1
        from (select row_number() over () as position, "o"."project_id", "o"."user_id", "o"."weight" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."project_id", "n"."user_id", "n"."weight" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."project_id"), row("n"."project_id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."weight"), row("n"."weight")) then '8'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_project_id", "new_project_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."project_id", "n"."project_id", true, millrace_statement
    from (select row_number() over () as position, "o"."project_id", "o"."user_id", "o"."weight" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."project_id", "n"."user_id", "n"."weight" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."project_id"), row("n"."project_id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."weight"), row("n"."weight")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775794'::bigint <> 0;
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
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."user_id", "s"."weight"', 'null::integer, null::integer, null::integer', array['project_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."project_id", (true) as millrace_applies_1
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
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_project_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."project_id", true, millrace_statement
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
  insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated', true);
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
alter table "millrace"."queue_votes" add column if not exists "old_project_id" integer;
alter table "millrace"."queue_votes" add column if not exists "new_project_id" integer;
create index if not exists "queue_votes_deferred" on "millrace"."queue_votes" (xid) where deferred;
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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id"', 'null::integer, null::integer', array['id', 'user_id']::text[]);
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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id"', 'null::integer, null::integer', array['id', 'user_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", "o"."user_id", "n"."id", "n"."user_id", (difference.changed & '-9223372036854775802'::bigint <> 0) as millrace_applies_1
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

  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "old_user_id", "new_id", "new_user_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."user_id", "n"."id", "n"."user_id", true, millrace_statement
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
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id"', 'null::integer, null::integer', array['id', 'user_id']::text[]);
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
alter table "millrace"."queue_projects" add column if not exists "old_id" integer;
alter table "millrace"."queue_projects" add column if not exists "new_id" integer;
alter table "millrace"."queue_projects" add column if not exists "old_user_id" integer;
alter table "millrace"."queue_projects" add column if not exists "new_user_id" integer;
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."country", "s"."region"', 'null::integer, null::text, null::text', array['id', 'country']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."id", "n"."country", "n"."region", (true) as millrace_applies_1
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, "new_id", "new_country", "new_region", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", "n"."country", "n"."region", true, millrace_statement
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."country", "s"."region"', 'null::integer, null::text, null::text', array['id', 'country']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", "o"."country", "o"."region", "n"."id", "n"."country", "n"."region", (difference.changed & '-9223372036854775794'::bigint <> 0) as millrace_applies_1
        from (select row_number() over () as position, "o"."id", "o"."country", "o"."region" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."country", "n"."region" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."country"), row("n"."country")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."region"), row("n"."region")) then '8'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id", "old_country", "old_region", "new_id", "new_country", "new_region", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."country", "o"."region", "n"."id", "n"."country", "n"."region", true, millrace_statement
    from (select row_number() over () as position, "o"."id", "o"."country", "o"."region" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."country", "n"."region" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."country"), row("n"."country")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."region"), row("n"."region")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775794'::bigint <> 0;
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."country", "s"."region"', 'null::integer, null::text, null::text', array['id', 'country']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", "o"."country", "o"."region", (true) as millrace_applies_1
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id", "old_country", "old_region", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", "o"."country", "o"."region", true, millrace_statement
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
alter table "millrace"."queue_users" add column if not exists "old_id" integer;
alter table "millrace"."queue_users" add column if not exists "new_id" integer;
alter table "millrace"."queue_users" add column if not exists "old_country" text;
alter table "millrace"."queue_users" add column if not exists "new_country" text;
alter table "millrace"."queue_users" add column if not exists "old_region" text;
alter table "millrace"."queue_users" add column if not exists "new_region" text;
create index if not exists "queue_users_deferred" on "millrace"."queue_users" (xid) where deferred;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."tally_v1" (
  "country" text,
  "region" text,
  "most" integer,
  "voters" text
);
create unique index if not exists "tally_v1_key" on "millrace"."tally_v1" ("country", "region") nulls not distinct;
create table if not exists "millrace"."pending_tally_v1" (
  u1 text,
  u2 text,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1, u2)
);
create or replace function "millrace"."recompute_tally_v1_0"(text[], text[]) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $millrace$
#variable_conflict use_column
declare
  millrace_rows "millrace"."tally_v1"[];
  written int;
  removed int;
  shared_key jsonb;
  problem text;
  code text;
  is_reshaped boolean := false;
begin
  begin
    select array_agg(row(fresh.*)::"millrace"."tally_v1") into millrace_rows
    from (
SELECT
  u.country,
  u.region,
  max(v.weight) AS most,
  string_agg(v.user_id::text, ' '::text ORDER BY v.user_id, v.weight) AS voters
FROM public.votes AS v
JOIN public.projects AS p ON p.id = v.project_id
JOIN public.users AS u ON u.id = p.user_id
WHERE
  (u.country, u.region) IN (SELECT *
FROM unnest(CAST(CAST($1 AS text[]) AS text[]), CAST(CAST($2 AS text[]) AS text[])))
GROUP BY
  u.country,
  u.region
    ) as fresh;
  exception
    when cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error then
      problem := sqlerrm;
      code := sqlstate;
    when syntax_error_or_access_rule_violation or invalid_schema_name then
      problem := sqlerrm;
      is_reshaped := true;
  end;
  if is_reshaped then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
    return;
  end if;
  if problem is null then
    with fresh ("country", "region", "most", "voters") as materialized (
select * from unnest(millrace_rows)
),
duplicate as (
  select "country", "region"
  from fresh
  group by "country", "region"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."tally_v1" as stored
  where (("stored"."country"), ("stored"."region")) in (select * from unnest($1::text[]::text[], $2::text[]::text[]))
    and not exists (select from fresh where not ("fresh"."country" is distinct from "stored"."country") and not ("fresh"."region" is distinct from "stored"."region"))
  returning 1
),
written as (
  insert into "millrace"."tally_v1" as stored ("country", "region", "most", "voters")
  select "country", "region", "most", "voters"
  from fresh
  where not exists (select from duplicate)
  on conflict ("country", "region") do update
  set ("country", "region", "most", "voters") = row("excluded"."country", "excluded"."region", "excluded"."most", "excluded"."voters")
  where record_image_ne(row("stored"."country", "stored"."region", "stored"."most", "stored"."voters"), row("excluded"."country", "excluded"."region", "excluded"."most", "excluded"."voters"))
  returning 1
),
settled as (
  delete from "millrace"."pending_tally_v1"
  where ((u1), (u2)) in (select * from unnest($1::text[]::text[], $2::text[]::text[]))
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates
    into written, removed, shared_key;
    if shared_key is null then
      return;
    end if;
    problem := 'more than one row has the key ' || shared_key::text;
    code := '23505';
  end if;

  if cardinality($1) > 1 then
    for i in 1 .. cardinality($1) loop
      perform "millrace"."recompute_tally_v1_0"($1[i:i], $2[i:i]);
    end loop;
    return;
  end if;
  insert into "millrace"."pending_tally_v1" (u1, u2, cause, error)
  values ($1[1]::text, $2[1]::text, 'error', problem)
  on conflict (u1, u2) do update set cause = excluded.cause, error = excluded.error, retry_at = null;
end
$millrace$;
create or replace function "millrace"."recompute_tally_v1_1"(text[]) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $millrace$
#variable_conflict use_column
declare
  millrace_rows "millrace"."tally_v1"[];
  written int;
  removed int;
  shared_key jsonb;
  problem text;
  code text;
  is_reshaped boolean := false;
begin
  begin
    select array_agg(row(fresh.*)::"millrace"."tally_v1") into millrace_rows
    from (
SELECT
  u.country,
  u.region,
  max(v.weight) AS most,
  string_agg(v.user_id::text, ' '::text ORDER BY v.user_id, v.weight) AS voters
FROM public.votes AS v
JOIN public.projects AS p ON p.id = v.project_id
JOIN public.users AS u ON u.id = p.user_id
WHERE
  u.region IS NULL
  AND u.country = ANY (CAST(CAST($1 AS text[]) AS text[]))
GROUP BY
  u.country,
  u.region
    ) as fresh;
  exception
    when cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error then
      problem := sqlerrm;
      code := sqlstate;
    when syntax_error_or_access_rule_violation or invalid_schema_name then
      problem := sqlerrm;
      is_reshaped := true;
  end;
  if is_reshaped then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
    return;
  end if;
  if problem is null then
    with fresh ("country", "region", "most", "voters") as materialized (
select * from unnest(millrace_rows)
),
duplicate as (
  select "country", "region"
  from fresh
  group by "country", "region"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."tally_v1" as stored
  where ("stored"."region") is null and ("stored"."country") = any ($1::text[]::text[])
    and not exists (select from fresh where not ("fresh"."country" is distinct from "stored"."country") and not ("fresh"."region" is distinct from "stored"."region"))
  returning 1
),
written as (
  insert into "millrace"."tally_v1" as stored ("country", "region", "most", "voters")
  select "country", "region", "most", "voters"
  from fresh
  where not exists (select from duplicate)
  on conflict ("country", "region") do update
  set ("country", "region", "most", "voters") = row("excluded"."country", "excluded"."region", "excluded"."most", "excluded"."voters")
  where record_image_ne(row("stored"."country", "stored"."region", "stored"."most", "stored"."voters"), row("excluded"."country", "excluded"."region", "excluded"."most", "excluded"."voters"))
  returning 1
),
settled as (
  delete from "millrace"."pending_tally_v1"
  where (u2) is null and (u1) = any ($1::text[]::text[])
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates
    into written, removed, shared_key;
    if shared_key is null then
      return;
    end if;
    problem := 'more than one row has the key ' || shared_key::text;
    code := '23505';
  end if;

  if cardinality($1) > 1 then
    for i in 1 .. cardinality($1) loop
      perform "millrace"."recompute_tally_v1_1"($1[i:i]);
    end loop;
    return;
  end if;
  insert into "millrace"."pending_tally_v1" (u1, u2, cause, error)
  values ($1[1]::text, null::text, 'error', problem)
  on conflict (u1, u2) do update set cause = excluded.cause, error = excluded.error, retry_at = null;
end
$millrace$;
create or replace function "millrace"."apply_tally_v1"(bigint[]) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
-- units travel as text, and not every session reads what it prints
set TimeZone = 'UTC'
set DateStyle = 'ISO, YMD'
set IntervalStyle = 'postgres'
set extra_float_digits = 1
set bytea_output = 'hex'
set jit = off
-- planning costs more than running
set plan_cache_mode = force_generic_plan
as $millrace$
#variable_conflict use_column
declare
  millrace_all_1 text[];
  millrace_all_2 text[];
  millrace_wide boolean;
  millrace_problem text;
begin
  begin
    millrace_problem := coalesce(millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."user_id", "s"."weight"', 'null::integer, null::integer, null::integer', array['project_id']::text[]), millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id"', 'null::integer, null::integer', array['id', 'user_id']::text[]), millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."country", "s"."region"', 'null::integer, null::text, null::text', array['id', 'country']::text[]));
    if millrace_problem is null then
      with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
"millrace_batch_3" as materialized (
    select *
    from "millrace"."queue_users" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
  resolved (u1, u2) as (
select (u.country)::text as u1, (u.region)::text as u2
from (
  select "old_project_id" as "project_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "v"
join "public"."projects" as "p" on p.id = v.project_id
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (u.region)::text as u2
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "p"
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (u.region)::text as u2
from (
  select "old_country" as "country", "old_region" as "region" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_country" as "country", "new_region" as "region" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "u"
  )
      select count(*) > 1000 into millrace_wide
      from (
        select distinct u1, u2 from resolved where u1 is not null limit 1001
      ) as units;
    end if;
  exception when syntax_error_or_access_rule_violation or invalid_schema_name then
    millrace_problem := sqlerrm;
  end;
  if millrace_problem is not null then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, millrace_problem, true);
    return;
  end if;

  if millrace_wide then
    perform set_config('plan_cache_mode', 'force_custom_plan', true);
    lock table "millrace"."tally_v1" in exclusive mode;
  else
    lock table "millrace"."tally_v1" in row exclusive mode;
    -- edges, 1 away from the key
    perform case when locks.is_exclusive then pg_advisory_xact_lock(locks.id)::text
                 else pg_advisory_xact_lock_shared(locks.id)::text end
    from (
      with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
      "millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
      "millrace_batch_3" as materialized (
    select *
    from "millrace"."queue_users" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  )
      select id, bool_or(is_exclusive) as is_exclusive
      from (
select hash_record_extended(row("p"."user_id"), '4060880404218243452'::bigint), true
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "p"
where "p"."user_id" is not null
union all
select hash_record_extended(row("u"."id"), '4060880404218243452'::bigint), false
from (
  select -1::bigint as "millrace_sign", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "u"
where "u"."millrace_sign" > 0 and "u"."id" is not null
      ) as edges (id, is_exclusive)
      group by id
      order by id
    ) as locks;
    -- edges, 2 away from the key
    perform case when locks.is_exclusive then pg_advisory_xact_lock(locks.id)::text
                 else pg_advisory_xact_lock_shared(locks.id)::text end
    from (
      with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
      "millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
      "millrace_batch_3" as materialized (
    select *
    from "millrace"."queue_users" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  )
      select id, bool_or(is_exclusive) as is_exclusive
      from (
select hash_record_extended(row("v"."project_id"), '4026818341604550013'::bigint), true
from (
  select "old_project_id" as "project_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "v"
where "v"."project_id" is not null
union all
select hash_record_extended(row("p"."id"), '4026818341604550013'::bigint), false
from (
  select -1::bigint as "millrace_sign", "old_id" as "id", "old_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_id" as "id", "new_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "p"
where "p"."millrace_sign" > 0 and "p"."id" is not null
union all
select hash_record_extended(row("p"."id"), '4026818341604550013'::bigint), false
from (
  select -1::bigint as "millrace_sign", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
where "u"."millrace_sign" > 0 and "p"."id" is not null
      ) as edges (id, is_exclusive)
      group by id
      order by id
    ) as locks;
  end if;

  with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
"millrace_batch_3" as materialized (
    select *
    from "millrace"."queue_users" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
  resolved (u1, u2) as (
select (u.country)::text as u1, (u.region)::text as u2
from (
  select "old_project_id" as "project_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "v"
join "public"."projects" as "p" on p.id = v.project_id
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (u.region)::text as u2
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "p"
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (u.region)::text as u2
from (
  select "old_country" as "country", "old_region" as "region" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_country" as "country", "new_region" as "region" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "u"
  )
  select array_agg(units.u1::text order by units.u1, units.u2), array_agg(units.u2::text order by units.u1, units.u2)
  into millrace_all_1, millrace_all_2
  from (select distinct u1, u2 from resolved where u1 is not null) as units;
  if millrace_all_1 is null then
    return;
  end if;

  if not millrace_wide then
    perform pg_advisory_xact_lock(units.id)
    from (
      select distinct hash_record_extended(row((unit.u1)::text, (unit.u2)::text), '-3020843556297884073'::bigint) as id
      from unnest(millrace_all_1, millrace_all_2) as unit (u1, u2)
      order by 1
    ) as units;
  end if;

  perform "millrace"."recompute_tally_v1_0"(array_agg(unit.u1), array_agg(unit.u2))
  from unnest(millrace_all_1, millrace_all_2) as unit (u1, u2)
  where unit.u1 is not null and unit.u2 is not null
  having count(*) > 0;
  perform "millrace"."recompute_tally_v1_1"(array_agg(unit.u1))
  from unnest(millrace_all_1, millrace_all_2) as unit (u1, u2)
  where unit.u1 is not null and unit.u2 is null
  having count(*) > 0;
end
$millrace$;
revoke all on function "millrace"."apply_tally_v1"(bigint[]), "millrace"."recompute_tally_v1_0"(text[], text[]), "millrace"."recompute_tally_v1_1"(text[]) from public;
grant select, insert, update, delete on "millrace"."tally_v1", "millrace"."pending_tally_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_votes" to "millrace_worker";
grant select, truncate on "millrace"."queue_votes_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_votes_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_votes_2" to "millrace_worker";
grant select, insert on "millrace"."queue_projects" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_2" to "millrace_worker";
grant select, insert on "millrace"."queue_users" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('tally_v1', 'public', 'tally', 'select u.country, u.region, max(v.weight) as most, string_agg(v.user_id::text, '' '' order by v.user_id, v.weight) as voters
from votes v
join projects p on p.id = v.project_id
join users u on u.id = p.user_id
group by u.country, u.region
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'tally_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 60; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."tally_v1", "millrace"."pending_tally_v1" in access share mode;
lock table "millrace"."tally_v1" in exclusive mode;
lock table "public"."votes", "millrace"."queue_votes", "public"."projects", "millrace"."queue_projects", "public"."users", "millrace"."queue_users" in access share mode;
-- $1: 'backfill'
with everything (u1, u2) as (
select (u.country)::text, (u.region)::text from "public"."users" as "u"
union all
select "country", "region" from "millrace"."tally_v1"
union all
select u1, u2 from "millrace"."pending_tally_v1"
),
waiting as (
  insert into "millrace"."pending_tally_v1" (u1, u2, cause)
  select distinct u1, u2, $1::text
  from everything
  where u1 is not null
  on conflict (u1, u2) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['de']
-- $2: array['by']
with fresh ("country", "region", "most", "voters") as materialized (
SELECT
  u.country,
  u.region,
  max(v.weight) AS most,
  string_agg(v.user_id::text, ' '::text ORDER BY v.user_id, v.weight) AS voters
FROM public.votes AS v
JOIN public.projects AS p ON p.id = v.project_id
JOIN public.users AS u ON u.id = p.user_id
WHERE
  (u.country, u.region) IN (SELECT *
FROM unnest(CAST(CAST($1 AS text[]) AS text[]), CAST(CAST($2 AS text[]) AS text[])))
GROUP BY
  u.country,
  u.region
),
duplicate as (
  select "country", "region"
  from fresh
  group by "country", "region"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."tally_v1" as stored
  where (("stored"."country"), ("stored"."region")) in (select * from unnest($1::text[]::text[], $2::text[]::text[]))
    and not exists (select from fresh where not ("fresh"."country" is distinct from "stored"."country") and not ("fresh"."region" is distinct from "stored"."region"))
  returning 1
),
written as (
  insert into "millrace"."tally_v1" as stored ("country", "region", "most", "voters")
  select "country", "region", "most", "voters"
  from fresh
  where not exists (select from duplicate)
  on conflict ("country", "region") do update
  set ("country", "region", "most", "voters") = row("excluded"."country", "excluded"."region", "excluded"."most", "excluded"."voters")
  where record_image_ne(row("stored"."country", "stored"."region", "stored"."most", "stored"."voters"), row("excluded"."country", "excluded"."region", "excluded"."most", "excluded"."voters"))
  returning 1
),
settled as (
  delete from "millrace"."pending_tally_v1"
  where ((u1), (u2)) in (select * from unnest($1::text[]::text[], $2::text[]::text[]))
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates;
release savepoint attempt;
savepoint attempt;
-- $1: array['de', 'fr']
with fresh ("country", "region", "most", "voters") as materialized (
SELECT
  u.country,
  u.region,
  max(v.weight) AS most,
  string_agg(v.user_id::text, ' '::text ORDER BY v.user_id, v.weight) AS voters
FROM public.votes AS v
JOIN public.projects AS p ON p.id = v.project_id
JOIN public.users AS u ON u.id = p.user_id
WHERE
  u.region IS NULL
  AND u.country = ANY (CAST(CAST($1 AS text[]) AS text[]))
GROUP BY
  u.country,
  u.region
),
duplicate as (
  select "country", "region"
  from fresh
  group by "country", "region"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."tally_v1" as stored
  where ("stored"."region") is null and ("stored"."country") = any ($1::text[]::text[])
    and not exists (select from fresh where not ("fresh"."country" is distinct from "stored"."country") and not ("fresh"."region" is distinct from "stored"."region"))
  returning 1
),
written as (
  insert into "millrace"."tally_v1" as stored ("country", "region", "most", "voters")
  select "country", "region", "most", "voters"
  from fresh
  where not exists (select from duplicate)
  on conflict ("country", "region") do update
  set ("country", "region", "most", "voters") = row("excluded"."country", "excluded"."region", "excluded"."most", "excluded"."voters")
  where record_image_ne(row("stored"."country", "stored"."region", "stored"."most", "stored"."voters"), row("excluded"."country", "excluded"."region", "excluded"."most", "excluded"."voters"))
  returning 1
),
settled as (
  delete from "millrace"."pending_tally_v1"
  where (u2) is null and (u1) = any ($1::text[]::text[])
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
values ('tally_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."tally_v1"'::regclass,
        not exists (select from "millrace"."pending_tally_v1" where retry_at is null));
-- $1: 'tally_v1'
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
create or replace function "millrace"."capture_votes_insert"() returns trigger
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
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."user_id", "s"."weight"', 'null::integer, null::integer, null::integer', array['project_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."project_id", (true) as millrace_applies_1
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
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "new_project_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."project_id", millrace_deferred, millrace_statement
    from new_rows as n
    where true;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_tally_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
    where model.applies;
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
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."user_id", "s"."weight"', 'null::integer, null::integer, null::integer', array['project_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."project_id", "n"."project_id", (difference.changed & '-9223372036854775794'::bigint <> 0) as millrace_applies_1
        from (select row_number() over () as position, "o"."project_id", "o"."user_id", "o"."weight" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."project_id", "n"."user_id", "n"."weight" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."project_id"), row("n"."project_id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."weight"), row("n"."weight")) then '8'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_project_id", "new_project_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."project_id", "n"."project_id", millrace_deferred, millrace_statement
    from (select row_number() over () as position, "o"."project_id", "o"."user_id", "o"."weight" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."project_id", "n"."user_id", "n"."weight" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."project_id"), row("n"."project_id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."weight"), row("n"."weight")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775794'::bigint <> 0;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_tally_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
    where model.applies;
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
#variable_conflict use_column
declare
  relevant bigint;
  problem text;
  millrace_deferred boolean;
  millrace_statement bigint;
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."user_id", "s"."weight"', 'null::integer, null::integer, null::integer', array['project_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."project_id", (true) as millrace_applies_1
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
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_project_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."project_id", millrace_deferred, millrace_statement
    from old_rows as o
    where true;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_tally_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
    where model.applies;
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
  insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated', true);
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
create index if not exists "queue_votes_deferred" on "millrace"."queue_votes" (xid) where deferred;
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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id"', 'null::integer, null::integer', array['id', 'user_id']::text[]);
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
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "new_id", "new_user_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", "n"."user_id", millrace_deferred, millrace_statement
    from new_rows as n
    where true;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_tally_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
    where model.applies;
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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id"', 'null::integer, null::integer', array['id', 'user_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", "o"."user_id", "n"."id", "n"."user_id", (difference.changed & '-9223372036854775802'::bigint <> 0) as millrace_applies_1
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

  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "old_user_id", "new_id", "new_user_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."user_id", "n"."id", "n"."user_id", millrace_deferred, millrace_statement
    from (select row_number() over () as position, "o"."id", "o"."user_id" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775802'::bigint <> 0;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_tally_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
    where model.applies;
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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id"', 'null::integer, null::integer', array['id', 'user_id']::text[]);
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
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "old_user_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", "o"."user_id", millrace_deferred, millrace_statement
    from old_rows as o
    where true;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_tally_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
    where model.applies;
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."country", "s"."region"', 'null::integer, null::text, null::text', array['id', 'country']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."id", "n"."country", "n"."region", (true) as millrace_applies_1
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
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_users" (slot, xid, op, changed, "new_id", "new_country", "new_region", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", "n"."country", "n"."region", millrace_deferred, millrace_statement
    from new_rows as n
    where true;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_tally_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
    where model.applies;
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."country", "s"."region"', 'null::integer, null::text, null::text', array['id', 'country']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", "o"."country", "o"."region", "n"."id", "n"."country", "n"."region", (difference.changed & '-9223372036854775794'::bigint <> 0) as millrace_applies_1
        from (select row_number() over () as position, "o"."id", "o"."country", "o"."region" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."country", "n"."region" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."country"), row("n"."country")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."region"), row("n"."region")) then '8'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_users" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id", "old_country", "old_region", "new_id", "new_country", "new_region", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."country", "o"."region", "n"."id", "n"."country", "n"."region", millrace_deferred, millrace_statement
    from (select row_number() over () as position, "o"."id", "o"."country", "o"."region" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."country", "n"."region" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."country"), row("n"."country")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."region"), row("n"."region")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775794'::bigint <> 0;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_tally_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
    where model.applies;
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
    problem := millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."country", "s"."region"', 'null::integer, null::text, null::text', array['id', 'country']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", "o"."country", "o"."region", (true) as millrace_applies_1
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
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id", "old_country", "old_region", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", "o"."country", "o"."region", millrace_deferred, millrace_statement
    from old_rows as o
    where true;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_tally_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
    where model.applies;
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
create or replace view "public"."tally" as
select "country", "region", "most", "voters"
from "millrace"."tally_v1";
create or replace view "public"."tally_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_project_id", "new_project_id"
    from "millrace"."queue_votes" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'tally_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'tally_v1' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'tally_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'tally_v1' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
"millrace_batch_3" as materialized (
    select op, changed, note, "old_country", "old_region", "new_country", "new_region"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'tally_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'tally_v1' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."tally_v1"'::regclass from millrace.watermark as w where w.model = 'tally_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_votes" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_users" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
    and not exists (select from "millrace_batch_2" as marks where op = 'R')
    and not exists (select from "millrace_batch_3" as marks where op = 'R')
),
millrace_dirty (u1, u2) as materialized (
  select distinct *
  from (select u1, u2
  from (
select (u.country)::text as u1, (u.region)::text as u2
from (
  select "old_project_id" as "project_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "v"
join "public"."projects" as "p" on p.id = v.project_id
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (u.region)::text as u2
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "p"
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (u.region)::text as u2
from (
  select "old_country" as "country", "old_region" as "region" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_country" as "country", "new_region" as "region" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "u"
  ) as resolved (u1, u2)
  where u1 is not null
  union all
  select u1, u2
  from "millrace"."pending_tally_v1") as dirty
)
select "country", "region", "most", "voters"
from "millrace"."tally_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."country" and dirty.u2 = "stored"."region")
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."country" and dirty.u2 is null and "stored"."region" is null)
union all
select "country", "region", "most", "voters"
from (
SELECT
  u.country,
  u.region,
  max(v.weight) AS most,
  string_agg(v.user_id::text, ' '::text ORDER BY v.user_id, v.weight) AS voters
FROM public.votes AS v
JOIN public.projects AS p ON p.id = v.project_id
JOIN public.users AS u ON u.id = p.user_id
WHERE
  u.country = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  AND (u.region = ANY (ARRAY(SELECT u2
FROM millrace_dirty))
  OR (u.region IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u2 IS NULL)))
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  (NOT (millrace_dirty.u1 IS DISTINCT FROM u.country)
  AND NOT (millrace_dirty.u2 IS DISTINCT FROM u.region)))
GROUP BY
  u.country,
  u.region
) as live
where (select is_trusted from millrace_trust)
union all
select "country", "region", "most", "voters"
from (
SELECT
  u.country,
  u.region,
  max(v.weight) AS most,
  string_agg(v.user_id::text, ' '::text ORDER BY v.user_id, v.weight) AS voters
FROM public.votes AS v
JOIN public.projects AS p ON p.id = v.project_id
JOIN public.users AS u ON u.id = p.user_id
GROUP BY
  u.country,
  u.region
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."tally_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."tally_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_project_id", "new_project_id"
    from "millrace"."queue_votes" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''tally_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''tally_v1'' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''tally_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''tally_v1'' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
"millrace_batch_3" as materialized (
    select op, changed, note, "old_country", "old_region", "new_country", "new_region"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''tally_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''tally_v1'' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."tally_v1"''::regclass from millrace.watermark as w where w.model = ''tally_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_votes" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_users" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
    and not exists (select from "millrace_batch_2" as marks where op = ''R'')
    and not exists (select from "millrace_batch_3" as marks where op = ''R'')
),
millrace_dirty (u1, u2) as materialized (
  select distinct *
  from (select u1, u2
  from (
select (u.country)::text as u1, (u.region)::text as u2
from (
  select "old_project_id" as "project_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0
) as "v"
join "public"."projects" as "p" on p.id = v.project_id
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (u.region)::text as u2
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "p"
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (u.region)::text as u2
from (
  select "old_country" as "country", "old_region" as "region" from "millrace_batch_3" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0
  union all
  select "new_country" as "country", "new_region" as "region" from "millrace_batch_3" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0
) as "u"
  ) as resolved (u1, u2)
  where u1 is not null
  union all
  select u1, u2
  from "millrace"."pending_tally_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "country", "region", "most", "voters"
from "millrace"."tally_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."country" and dirty.u2 = "stored"."region")
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."country" and dirty.u2 is null and "stored"."region" is null)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "country", "region", "most", "voters"
from (
SELECT
  u.country,
  u.region,
  max(v.weight) AS most,
  string_agg(v.user_id::text, '' ''::text ORDER BY v.user_id, v.weight) AS voters
FROM public.votes AS v
JOIN public.projects AS p ON p.id = v.project_id
JOIN public.users AS u ON u.id = p.user_id
WHERE
  u.country = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  AND (u.region = ANY (ARRAY(SELECT u2
FROM millrace_dirty))
  OR (u.region IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u2 IS NULL)))
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  (NOT (millrace_dirty.u1 IS DISTINCT FROM u.country)
  AND NOT (millrace_dirty.u2 IS DISTINCT FROM u.region)))
GROUP BY
  u.country,
  u.region
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "country", "region", "most", "voters"
from (
SELECT
  u.country,
  u.region,
  max(v.weight) AS most,
  string_agg(v.user_id::text, '' ''::text ORDER BY v.user_id, v.weight) AS voters
FROM public.votes AS v
JOIN public.projects AS p ON p.id = v.project_id
JOIN public.users AS u ON u.id = p.user_id
GROUP BY
  u.country,
  u.region
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."tally_strict"', matching),
      millrace.page_order('"public"."tally_strict"', order_by) || '"country", "region"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."tally_strict_page" from public;
grant select on "public"."tally", "public"."tally_strict" to "millrace_reader";
grant execute on function "public"."tally_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'tally_v1';
commit;
