begin isolation level read committed;
set local lock_timeout = 500;
update millrace.model set state = 'building' where storage = 'workload_v1';
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_tickets_insert"() returns trigger
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
    problem := millrace.shape_problem('"public"."tickets"'::regclass, '"s"."owner_id", "s"."hours"', 'null::integer, null::integer', array[]::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."owner_id", "n"."hours", (true) as millrace_applies_1
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
    insert into "millrace"."queue_tickets" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_tickets" (slot, xid, op, changed, "new_owner_id", "new_hours", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."owner_id", "n"."hours", true, millrace_statement
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."tickets"
referencing new table as new_rows
for each statement execute function "millrace"."capture_tickets_insert"();
create or replace function "millrace"."capture_tickets_update"() returns trigger
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
    problem := millrace.shape_problem('"public"."tickets"'::regclass, '"s"."owner_id", "s"."hours"', 'null::integer, null::integer', array[]::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."owner_id", "o"."hours", "n"."owner_id", "n"."hours", (difference.changed & '-9223372036854775796'::bigint <> 0) as millrace_applies_1
        from (select row_number() over () as position, "o"."owner_id", "o"."hours" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."owner_id", "n"."hours" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."owner_id"), row("n"."owner_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."hours"), row("n"."hours")) then '8'::bigint else 0 end end as changed
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

  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_tickets" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_tickets" (slot, xid, op, changed, "old_owner_id", "old_hours", "new_owner_id", "new_hours", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."owner_id", "o"."hours", "n"."owner_id", "n"."hours", true, millrace_statement
    from (select row_number() over () as position, "o"."owner_id", "o"."hours" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."owner_id", "n"."hours" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."owner_id"), row("n"."owner_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."hours"), row("n"."hours")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775796'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."tickets"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_tickets_update"();
create or replace function "millrace"."capture_tickets_delete"() returns trigger
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
    problem := millrace.shape_problem('"public"."tickets"'::regclass, '"s"."owner_id", "s"."hours"', 'null::integer, null::integer', array[]::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."owner_id", "o"."hours", (true) as millrace_applies_1
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
    insert into "millrace"."queue_tickets" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_tickets" (slot, xid, op, changed, "old_owner_id", "old_hours", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."owner_id", "o"."hours", true, millrace_statement
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."tickets"
referencing old table as old_rows
for each statement execute function "millrace"."capture_tickets_delete"();
create or replace function "millrace"."capture_tickets_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_tickets" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated', true);
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."tickets"
for each statement execute function "millrace"."capture_tickets_truncate"();
create table if not exists "millrace"."queue_tickets" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_tickets_0" partition of "millrace"."queue_tickets" for values in (0);
create table if not exists "millrace"."queue_tickets_1" partition of "millrace"."queue_tickets" for values in (1);
create table if not exists "millrace"."queue_tickets_2" partition of "millrace"."queue_tickets" for values in (2);
create index if not exists "queue_tickets_xid" on "millrace"."queue_tickets" (xid);
insert into "millrace"."queue_tickets" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_tickets" as present where present.slot = slot.slot and present.xid = '0');
create index if not exists "queue_tickets_deferred" on "millrace"."queue_tickets" (xid) where deferred;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."workload_strict_page";
drop view if exists "public"."workload_strict";
drop view if exists "public"."workload";
drop function if exists "millrace"."add_workload_v1"(bigint[]);
drop table if exists "millrace"."pending_workload_v1";
drop table if exists "millrace"."workload_v1";
delete from millrace.watermark where model = 'workload_v1';
delete from millrace.refresh_log where model = 'workload_v1';
delete from millrace.model where storage = 'workload_v1';
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_tickets_insert"() cascade;
drop function if exists "millrace"."capture_tickets_update"() cascade;
drop function if exists "millrace"."capture_tickets_delete"() cascade;
drop function if exists "millrace"."capture_tickets_truncate"() cascade;
drop function if exists "millrace"."nested_tickets"() cascade;
drop function if exists "millrace"."queue_tickets"(xid8[], boolean), "millrace"."queue_tickets"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_tickets";
commit;

-- what sql/ made is dropped
