begin isolation level read committed;
set local lock_timeout = 500;
update millrace.model set state = 'building' where storage = 'shelves_v1';
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_items_insert"() returns trigger
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
    problem := millrace.shape_problem('"public"."items"'::regclass, '"s"."user_id", "s"."kind", "s"."price"', 'null::integer, null::text, null::numeric(8,2)', array['user_id', 'kind']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."user_id", "n"."kind", "n"."price", (((n.kind <> 'scrap'::text))) as millrace_applies_1
        from new_rows as n
        where ((n.kind <> 'scrap'::text))
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
    insert into "millrace"."queue_items" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_items" (slot, xid, op, changed, "new_user_id", "new_kind", "new_price", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."user_id", "n"."kind", "n"."price", true, millrace_statement
    from new_rows as n
    where ((n.kind <> 'scrap'::text));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."items"
referencing new table as new_rows
for each statement execute function "millrace"."capture_items_insert"();
create or replace function "millrace"."capture_items_update"() returns trigger
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
    problem := millrace.shape_problem('"public"."items"'::regclass, '"s"."user_id", "s"."kind", "s"."price"', 'null::integer, null::text, null::numeric(8,2)', array['user_id', 'kind']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."user_id", "o"."kind", "o"."price", "n"."user_id", "n"."kind", "n"."price", ((difference.changed & '-9223372036854775780'::bigint <> 0 and ((o.position is not null and ((o.kind <> 'scrap'::text))) or (n.position is not null and ((n.kind <> 'scrap'::text)))))) as millrace_applies_1
        from (select row_number() over () as position, "o"."user_id", "o"."kind", "o"."price" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."user_id", "n"."kind", "n"."price" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."kind"), row("n"."kind")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."price"), row("n"."price")) then '16'::bigint else 0 end end as changed
      ) as difference
        where (difference.changed & '-9223372036854775780'::bigint <> 0 and ((o.position is not null and ((o.kind <> 'scrap'::text))) or (n.position is not null and ((n.kind <> 'scrap'::text)))))
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
    insert into "millrace"."queue_items" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_items" (slot, xid, op, changed, "old_user_id", "old_kind", "old_price", "new_user_id", "new_kind", "new_price", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."user_id", "o"."kind", "o"."price", "n"."user_id", "n"."kind", "n"."price", true, millrace_statement
    from (select row_number() over () as position, "o"."user_id", "o"."kind", "o"."price" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."user_id", "n"."kind", "n"."price" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."kind"), row("n"."kind")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."price"), row("n"."price")) then '16'::bigint else 0 end end as changed
      ) as difference
    where (difference.changed & '-9223372036854775780'::bigint <> 0 and ((o.position is not null and ((o.kind <> 'scrap'::text))) or (n.position is not null and ((n.kind <> 'scrap'::text)))));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."items"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_items_update"();
create or replace function "millrace"."capture_items_delete"() returns trigger
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
    problem := millrace.shape_problem('"public"."items"'::regclass, '"s"."user_id", "s"."kind", "s"."price"', 'null::integer, null::text, null::numeric(8,2)', array['user_id', 'kind']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."user_id", "o"."kind", "o"."price", (((o.kind <> 'scrap'::text))) as millrace_applies_1
        from old_rows as o
        where ((o.kind <> 'scrap'::text))
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
    insert into "millrace"."queue_items" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_items" (slot, xid, op, changed, "old_user_id", "old_kind", "old_price", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."user_id", "o"."kind", "o"."price", true, millrace_statement
    from old_rows as o
    where ((o.kind <> 'scrap'::text));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."items"
referencing old table as old_rows
for each statement execute function "millrace"."capture_items_delete"();
create or replace function "millrace"."capture_items_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_items" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated', true);
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."items"
for each statement execute function "millrace"."capture_items_truncate"();
create table if not exists "millrace"."queue_items" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_items_0" partition of "millrace"."queue_items" for values in (0);
create table if not exists "millrace"."queue_items_1" partition of "millrace"."queue_items" for values in (1);
create table if not exists "millrace"."queue_items_2" partition of "millrace"."queue_items" for values in (2);
create index if not exists "queue_items_xid" on "millrace"."queue_items" (xid);
insert into "millrace"."queue_items" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_items" as present where present.slot = slot.slot and present.xid = '0');
create index if not exists "queue_items_deferred" on "millrace"."queue_items" (xid) where deferred;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."shelves_strict_page";
drop view if exists "public"."shelves_strict";
drop view if exists "public"."shelves";
drop function if exists "millrace"."add_shelves_v1"(bigint[]);
drop table if exists "millrace"."pending_shelves_v1";
drop table if exists "millrace"."shelves_v1";
delete from millrace.watermark where model = 'shelves_v1';
delete from millrace.refresh_log where model = 'shelves_v1';
delete from millrace.model where storage = 'shelves_v1';
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_items_insert"() cascade;
drop function if exists "millrace"."capture_items_update"() cascade;
drop function if exists "millrace"."capture_items_delete"() cascade;
drop function if exists "millrace"."capture_items_truncate"() cascade;
drop function if exists "millrace"."nested_items"() cascade;
drop function if exists "millrace"."queue_items"(xid8[], boolean), "millrace"."queue_items"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_items";
commit;

-- what sql/ made is dropped
