-- all of sql/

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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."title", "s"."is_hidden"', 'null::integer, null::text, null::boolean', array['id']::text[]);
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
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "new_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", true, millrace_statement
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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."title", "s"."is_hidden"', 'null::integer, null::text, null::boolean', array['id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", "n"."id", (difference.changed & '-9223372036854775794'::bigint <> 0) as millrace_applies_1
        from (select row_number() over () as position, "o"."id", "o"."title", "o"."is_hidden" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."title", "n"."is_hidden" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."is_hidden"), row("n"."is_hidden")) then '8'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "new_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "n"."id", true, millrace_statement
    from (select row_number() over () as position, "o"."id", "o"."title", "o"."is_hidden" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."title", "n"."is_hidden" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."is_hidden"), row("n"."is_hidden")) then '8'::bigint else 0 end end as changed
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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."title", "s"."is_hidden"', 'null::integer, null::text, null::boolean', array['id']::text[]);
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
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", true, millrace_statement
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
create index if not exists "queue_projects_deferred" on "millrace"."queue_projects" (xid) where deferred;
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
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."weight"', 'null::integer, null::integer', array['project_id', 'weight']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."project_id", "n"."weight", (true) as millrace_applies_1
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
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "new_project_id", "new_weight", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."project_id", "n"."weight", true, millrace_statement
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
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."weight"', 'null::integer, null::integer', array['project_id', 'weight']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."project_id", "o"."weight", "n"."project_id", "n"."weight", (difference.changed & '-9223372036854775806'::bigint <> 0
         or (difference.changed & '-9223372036854775798'::bigint <> 0 and ((o.position is not null and ((o.weight > 0))) or (n.position is not null and ((n.weight > 0)))))
         or difference.changed & '-9223372036854775806'::bigint <> 0) as millrace_applies_1
        from (select row_number() over () as position, "o"."project_id", "o"."weight" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."project_id", "n"."weight" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."project_id"), row("n"."project_id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."weight"), row("n"."weight")) then '8'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775806'::bigint <> 0
         or (difference.changed & '-9223372036854775798'::bigint <> 0 and ((o.position is not null and ((o.weight > 0))) or (n.position is not null and ((n.weight > 0)))))
         or difference.changed & '-9223372036854775806'::bigint <> 0
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
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_project_id", "old_weight", "new_project_id", "new_weight", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."project_id", "o"."weight", "n"."project_id", "n"."weight", true, millrace_statement
    from (select row_number() over () as position, "o"."project_id", "o"."weight" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."project_id", "n"."weight" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."project_id"), row("n"."project_id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."weight"), row("n"."weight")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775806'::bigint <> 0
         or (difference.changed & '-9223372036854775798'::bigint <> 0 and ((o.position is not null and ((o.weight > 0))) or (n.position is not null and ((n.weight > 0)))))
         or difference.changed & '-9223372036854775806'::bigint <> 0;
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
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."weight"', 'null::integer, null::integer', array['project_id', 'weight']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."project_id", "o"."weight", (true) as millrace_applies_1
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
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_project_id", "old_weight", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."project_id", "o"."weight", true, millrace_statement
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
alter table "millrace"."queue_votes" add column if not exists "old_weight" integer;
alter table "millrace"."queue_votes" add column if not exists "new_weight" integer;
create index if not exists "queue_votes_deferred" on "millrace"."queue_votes" (xid) where deferred;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."pages_v1" (
  "id" integer,
  "title" text,
  "votes" bigint,
  "share" bigint,
  "share__s1" bigint,
  "share__s2" bigint,
  "share__s3" bigint,
  "millrace_shown" boolean
);
create unique index if not exists "pages_v1_key" on "millrace"."pages_v1" ("id") nulls not distinct;
create table if not exists "millrace"."pending_pages_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
create or replace function "millrace"."add_pages_v1"(bigint[]) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
#variable_conflict use_column
declare
  millrace_problem text;
begin
  begin
    millrace_problem := coalesce(millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."title", "s"."is_hidden"', 'null::integer, null::text, null::boolean', array['id']::text[]), millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."weight"', 'null::integer, null::integer', array['project_id', 'weight']::text[]));
  exception when syntax_error_or_access_rule_violation or invalid_schema_name then
    millrace_problem := sqlerrm;
  end;
  if millrace_problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, millrace_problem, true);
    return;
  end if;
begin
insert into "millrace"."pages_v1" as stored ("id", "votes", "share__s1", "share__s2", "share__s3")
select changes.u1, changes.d1, changes.d2, changes.d3, changes.d4
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::bigint as d3, coalesce(sum(d4), 0)::bigint as d4
  from (
select (v.project_id)::integer, "millrace_sign", 0, 0, 0
from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775806'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775806'::bigint <> 0
) as "v"
where true
    union all
select (v_2.project_id)::integer, 0, "millrace_sign" * v_2.weight::bigint, case when v_2.weight is not null then "millrace_sign" else 0 end, 0
from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id", "old_weight" as "weight" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775798'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id", "new_weight" as "weight" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775798'::bigint <> 0
) as "v_2"
where (v_2.weight > 0)
    union all
select (v_3.project_id)::integer, 0, 0, 0, "millrace_sign"
from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775806'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775806'::bigint <> 0
) as "v_3"
where true
    union all
select "id", 0, 0, 0, 0 from (
  select -1::bigint as "millrace_sign", "old_id" as "id" from (select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_id" as "id" from (select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as root
  ) as delta (u1, d1, d2, d3, d4)
  where u1 is not null
  group by u1
) as changes
order by changes.u1
on conflict ("id") do update
set "votes" = ("stored"."votes" + "excluded"."votes"),
    "share__s1" = (case when ("stored"."share__s2" + "excluded"."share__s2") = 0 then 0 else ("stored"."share__s1" + "excluded"."share__s1") end),
    "share__s2" = ("stored"."share__s2" + "excluded"."share__s2"),
    "share__s3" = ("stored"."share__s3" + "excluded"."share__s3"),
    "share" = case when "stored"."millrace_shown" then (CASE WHEN (stored.share__s2 + excluded.share__s2) > 0 THEN CASE WHEN (stored.share__s2 + excluded.share__s2) = 0 THEN 0 ELSE stored.share__s1 + excluded.share__s1 END END) / (stored.share__s3 + excluded.share__s3) end;
insert into "millrace"."pages_v1" as stored ("id", "millrace_shown", "title", "votes", "share__s1", "share__s2", "share__s3", "share")
select "p"."id",
       case when "millrace_came" then coalesce(NOT (p.is_hidden), false) end,
       case when "millrace_came" and coalesce(NOT (p.is_hidden), false) then upper(p.title) end::text,
       0,
       0,
       0,
       0,
       case when "millrace_came" and coalesce(NOT (p.is_hidden), false) then (CASE WHEN 0 > 0 THEN 0 END) / 0 end
from (select "present"."id" is not null as "millrace_came", "changed"."id", "present"."title", "present"."is_hidden"
      from (select distinct "id" from (
  select -1::bigint as "millrace_sign", "old_id" as "id" from (select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_id" as "id" from (select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as keys) as changed
      left join lateral (
        select "stands"."id", "stands"."title", "stands"."is_hidden"
        from "public"."projects" as stands
        where "stands"."id" = "changed"."id"
        order by age(stands.xmin)
        limit 1
      ) as present on true) as "p"
order by "p"."id"
on conflict ("id") do update
set "millrace_shown" = "excluded"."millrace_shown",
    "title" = "excluded"."title",
    "share" = case when "excluded"."millrace_shown" then (CASE WHEN stored.share__s2 > 0 THEN stored.share__s1 END) / stored.share__s3 end;
delete from "millrace"."pages_v1" as stored
using (select distinct (v.project_id)::integer from (select * from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775806'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775806'::bigint <> 0
) as changed where "millrace_sign" < 0) as "v"
  union
  select distinct (v_2.project_id)::integer from (select * from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id", "old_weight" as "weight" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775798'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id", "new_weight" as "weight" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775798'::bigint <> 0
) as changed where "millrace_sign" < 0) as "v_2"
  union
  select distinct (v_3.project_id)::integer from (select * from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775806'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775806'::bigint <> 0
) as changed where "millrace_sign" < 0) as "v_3"
  union
  select distinct "id" from (select * from (
  select -1::bigint as "millrace_sign", "old_id" as "id" from (select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_id" as "id" from (select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as changed where "millrace_sign" < 0) as root) as gone (u1)
where "stored"."id" = gone.u1
  and "stored"."millrace_shown" is null
  and "stored"."votes" = 0
  and "stored"."share__s1" = 0
  and "stored"."share__s2" = 0
  and "stored"."share__s3" = 0;
exception
  when cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error then
    insert into "millrace"."pending_pages_v1" (u1, cause, error)
    select unit.u1, 'error', sqlerrm
    from (select distinct (v.project_id)::integer from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775806'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775806'::bigint <> 0
) as "v"
  union
  select distinct (v_2.project_id)::integer from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id", "old_weight" as "weight" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775798'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id", "new_weight" as "weight" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775798'::bigint <> 0
) as "v_2"
  union
  select distinct (v_3.project_id)::integer from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775806'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id" from (select *
    from "millrace"."queue_votes" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775806'::bigint <> 0
) as "v_3"
  union
  select distinct "id" from (
  select -1::bigint as "millrace_sign", "old_id" as "id" from (select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_id" as "id" from (select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as root) as unit (u1)
    where u1 is not null
    order by unit.u1
    on conflict (u1) do update set cause = excluded.cause, error = excluded.error, retry_at = null;
end;
end
$millrace$;
revoke all on function "millrace"."add_pages_v1"(bigint[]) from public;
grant select, insert, update, delete on "millrace"."pages_v1", "millrace"."pending_pages_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_projects" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_2" to "millrace_worker";
grant select, insert on "millrace"."queue_votes" to "millrace_worker";
grant select, truncate on "millrace"."queue_votes_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_votes_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_votes_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('pages_v1', 'public', 'pages', 'select p.id, upper(p.title) as title,
       (select count(*) from votes v where v.project_id = p.id) as votes,
       (select sum(v.weight) from votes v where v.project_id = p.id and v.weight > 0)
         / (select count(*) from votes v where v.project_id = p.id) as share
from projects p
where not p.is_hidden
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'pages_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 60; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."pages_v1", "millrace"."pending_pages_v1" in access share mode;
lock table "millrace"."pages_v1" in exclusive mode;
lock table "public"."projects", "millrace"."queue_projects", "public"."votes", "millrace"."queue_votes" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (p.id)::integer from "public"."projects" as "p"
union all
select "id" from "millrace"."pages_v1"
union all
select u1 from "millrace"."pending_pages_v1"
),
waiting as (
  insert into "millrace"."pending_pages_v1" (u1, cause)
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
with fresh ("id", "title", "votes", "share", "share__s1", "share__s2", "share__s3", "millrace_shown") as materialized (
SELECT
  p.id AS id,
  CAST(CASE 
    WHEN NOT (p.is_hidden) THEN upper(p.title) 
  END AS text) AS title,
  millrace_fold_3_1.s1 AS votes,
  CAST(CASE 
    WHEN NOT (p.is_hidden) THEN (CASE 
      WHEN millrace_fold_4_1.s2 > 0 THEN millrace_fold_4_1.s1 
    END) / millrace_fold_4_2.s3 
  END AS bigint) AS share,
  millrace_fold_4_1.s1 AS share__s1,
  millrace_fold_4_1.s2 AS share__s2,
  millrace_fold_4_2.s3 AS share__s3,
  COALESCE(NOT (p.is_hidden), false) AS millrace_shown
FROM public.projects AS p, LATERAL ( SELECT count(*) AS s1
FROM public.votes AS v
WHERE
  v.project_id = p.id ) AS millrace_fold_3_1, LATERAL ( SELECT
  COALESCE(sum(v.weight), 0) AS s1,
  count(v.weight) AS s2
FROM public.votes AS v
WHERE
  v.project_id = p.id
  AND v.weight > 0 ) AS millrace_fold_4_1, LATERAL ( SELECT count(*) AS s3
FROM public.votes AS v
WHERE
  v.project_id = p.id ) AS millrace_fold_4_2
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
  delete from "millrace"."pages_v1" as stored
  where ("stored"."id") = any ($1::text[]::integer[])
    and not exists (select from fresh where "fresh"."id" = "stored"."id")
  returning 1
),
written as (
  insert into "millrace"."pages_v1" as stored ("id", "title", "votes", "share", "share__s1", "share__s2", "share__s3", "millrace_shown")
  select "id", "title", "votes", "share", "share__s1", "share__s2", "share__s3", "millrace_shown"
  from fresh
  where not exists (select from duplicate)
  on conflict ("id") do update
  set ("id", "title", "votes", "share", "share__s1", "share__s2", "share__s3", "millrace_shown") = row("excluded"."id", "excluded"."title", "excluded"."votes", "excluded"."share", "excluded"."share__s1", "excluded"."share__s2", "excluded"."share__s3", "excluded"."millrace_shown")
  where record_image_ne(row("stored"."id", "stored"."title", "stored"."votes", "stored"."share", "stored"."share__s1", "stored"."share__s2", "stored"."share__s3", "stored"."millrace_shown"), row("excluded"."id", "excluded"."title", "excluded"."votes", "excluded"."share", "excluded"."share__s1", "excluded"."share__s2", "excluded"."share__s3", "excluded"."millrace_shown"))
  returning 1
),
settled as (
  delete from "millrace"."pending_pages_v1"
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
values ('pages_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."pages_v1"'::regclass,
        not exists (select from "millrace"."pending_pages_v1" where retry_at is null));
-- $1: 'pages_v1'
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
  millrace_nested boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."title", "s"."is_hidden"', 'null::integer, null::text, null::boolean', array['id']::text[]);
    if problem is null and millrace_nested then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."id", (millrace_nested) as millrace_applies_1
        from new_rows as n
        where millrace_nested
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is null and not millrace_nested then
begin
insert into "millrace"."pages_v1" as stored ("id", "millrace_shown", "title", "votes", "share__s1", "share__s2", "share__s3", "share")
select "p"."id",
       case when "millrace_came" then coalesce(NOT (p.is_hidden), false) end,
       case when "millrace_came" and coalesce(NOT (p.is_hidden), false) then upper(p.title) end::text,
       0,
       0,
       0,
       0,
       case when "millrace_came" and coalesce(NOT (p.is_hidden), false) then (CASE WHEN 0 > 0 THEN 0 END) / 0 end
from (select true as "millrace_came", "n"."id", "n"."title", "n"."is_hidden" from new_rows as n) as "p"
order by "p"."id"
on conflict ("id") do update
set "millrace_shown" = "excluded"."millrace_shown",
    "title" = "excluded"."title",
    "share" = case when "excluded"."millrace_shown" then (CASE WHEN stored.share__s2 > 0 THEN stored.share__s1 END) / stored.share__s3 end;
exception
  when cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error then
    insert into "millrace"."pending_pages_v1" (u1, cause, error)
    select unit.u1, 'error', sqlerrm
    from (select distinct "id" from (select 1::bigint as "millrace_sign", "id" from new_rows) as root) as unit (u1)
    where u1 is not null
    order by unit.u1
    on conflict (u1) do update set cause = excluded.cause, error = excluded.error, retry_at = null;
end;
    return null;
  end if;
  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "new_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", millrace_deferred, millrace_statement
    from new_rows as n
    where millrace_nested;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('add_pages_v1', millrace_applies_1)) as model (apply, applies)
    where model.applies;
    if millrace_nested then
      perform set_config('millrace.nested', 'on', true);
    end if;
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
  millrace_nested boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."title", "s"."is_hidden"', 'null::integer, null::text, null::boolean', array['id']::text[]);
    if problem is null and millrace_nested then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", "n"."id", ((millrace_nested and (difference.changed & '-9223372036854775794'::bigint <> 0))) as millrace_applies_1
        from (select row_number() over () as position, "o"."id", "o"."title", "o"."is_hidden" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."title", "n"."is_hidden" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."is_hidden"), row("n"."is_hidden")) then '8'::bigint else 0 end end as changed
      ) as difference
        where (millrace_nested and (difference.changed & '-9223372036854775794'::bigint <> 0))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is null and not millrace_nested then
begin
insert into "millrace"."pages_v1" as stored ("id", "millrace_shown", "title", "votes", "share__s1", "share__s2", "share__s3", "share")
select "p"."id",
       case when "millrace_came" then coalesce(NOT (p.is_hidden), false) end,
       case when "millrace_came" and coalesce(NOT (p.is_hidden), false) then upper(p.title) end::text,
       0,
       0,
       0,
       0,
       case when "millrace_came" and coalesce(NOT (p.is_hidden), false) then (CASE WHEN 0 > 0 THEN 0 END) / 0 end
from (select true as "millrace_came", "n"."id", "n"."title", "n"."is_hidden"
      from (select row_number() over () as position, "o"."id", "o"."title", "o"."is_hidden" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."title", "n"."is_hidden" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."is_hidden"), row("n"."is_hidden")) then '8'::bigint else 0 end end as changed
      ) as difference
      where n.position is not null and difference.changed & '-9223372036854775794'::bigint <> 0
      union all
      select false as "millrace_came", "o"."id", "o"."title", "o"."is_hidden"
      from (select row_number() over () as position, "o"."id", "o"."title", "o"."is_hidden" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."title", "n"."is_hidden" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."is_hidden"), row("n"."is_hidden")) then '8'::bigint else 0 end end as changed
      ) as difference
      where o.position is not null and difference.changed & '-9223372036854775794'::bigint <> 0
        and not exists (select from new_rows as kept where "kept"."id" = "o"."id")) as "p"
order by "p"."id"
on conflict ("id") do update
set "millrace_shown" = "excluded"."millrace_shown",
    "title" = "excluded"."title",
    "share" = case when "excluded"."millrace_shown" then (CASE WHEN stored.share__s2 > 0 THEN stored.share__s1 END) / stored.share__s3 end;
if found then delete from "millrace"."pages_v1" as stored
using (select distinct "id" from (select * from (select -1::bigint as "millrace_sign", "id" from old_rows union all select 1::bigint as "millrace_sign", "id" from new_rows) as changed where "millrace_sign" < 0) as root) as gone (u1)
where "stored"."id" = gone.u1
  and "stored"."millrace_shown" is null
  and "stored"."votes" = 0
  and "stored"."share__s1" = 0
  and "stored"."share__s2" = 0
  and "stored"."share__s3" = 0; end if;
exception
  when cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error then
    insert into "millrace"."pending_pages_v1" (u1, cause, error)
    select unit.u1, 'error', sqlerrm
    from (select distinct "id" from (select -1::bigint as "millrace_sign", "id" from old_rows union all select 1::bigint as "millrace_sign", "id" from new_rows) as root) as unit (u1)
    where u1 is not null
    order by unit.u1
    on conflict (u1) do update set cause = excluded.cause, error = excluded.error, retry_at = null;
end;
    return null;
  end if;
  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "new_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "n"."id", millrace_deferred, millrace_statement
    from (select row_number() over () as position, "o"."id", "o"."title", "o"."is_hidden" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."title", "n"."is_hidden" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."is_hidden"), row("n"."is_hidden")) then '8'::bigint else 0 end end as changed
      ) as difference
    where (millrace_nested and (difference.changed & '-9223372036854775794'::bigint <> 0));
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('add_pages_v1', millrace_applies_1)) as model (apply, applies)
    where model.applies;
    if millrace_nested then
      perform set_config('millrace.nested', 'on', true);
    end if;
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
  millrace_nested boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."title", "s"."is_hidden"', 'null::integer, null::text, null::boolean', array['id']::text[]);
    if problem is null and millrace_nested then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", (millrace_nested) as millrace_applies_1
        from old_rows as o
        where millrace_nested
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is null and not millrace_nested then
begin
insert into "millrace"."pages_v1" as stored ("id", "millrace_shown", "title", "votes", "share__s1", "share__s2", "share__s3", "share")
select "p"."id",
       case when "millrace_came" then coalesce(NOT (p.is_hidden), false) end,
       case when "millrace_came" and coalesce(NOT (p.is_hidden), false) then upper(p.title) end::text,
       0,
       0,
       0,
       0,
       case when "millrace_came" and coalesce(NOT (p.is_hidden), false) then (CASE WHEN 0 > 0 THEN 0 END) / 0 end
from (select false as "millrace_came", "o"."id", "o"."title", "o"."is_hidden" from old_rows as o) as "p"
order by "p"."id"
on conflict ("id") do update
set "millrace_shown" = "excluded"."millrace_shown",
    "title" = "excluded"."title",
    "share" = case when "excluded"."millrace_shown" then (CASE WHEN stored.share__s2 > 0 THEN stored.share__s1 END) / stored.share__s3 end;
if found then delete from "millrace"."pages_v1" as stored
using (select distinct "id" from (select * from (select -1::bigint as "millrace_sign", "id" from old_rows) as changed where "millrace_sign" < 0) as root) as gone (u1)
where "stored"."id" = gone.u1
  and "stored"."millrace_shown" is null
  and "stored"."votes" = 0
  and "stored"."share__s1" = 0
  and "stored"."share__s2" = 0
  and "stored"."share__s3" = 0; end if;
exception
  when cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error then
    insert into "millrace"."pending_pages_v1" (u1, cause, error)
    select unit.u1, 'error', sqlerrm
    from (select distinct "id" from (select -1::bigint as "millrace_sign", "id" from old_rows) as root) as unit (u1)
    where u1 is not null
    order by unit.u1
    on conflict (u1) do update set cause = excluded.cause, error = excluded.error, retry_at = null;
end;
    return null;
  end if;
  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", millrace_deferred, millrace_statement
    from old_rows as o
    where millrace_nested;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('add_pages_v1', millrace_applies_1)) as model (apply, applies)
    where model.applies;
    if millrace_nested then
      perform set_config('millrace.nested', 'on', true);
    end if;
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
create or replace function "millrace"."nested_projects"() returns trigger
language plpgsql
as $millrace$
begin
  perform pg_catalog.set_config('millrace.nested', 'on', true);
  return null;
end
$millrace$;
create or replace trigger "!millrace_nested"
before update or delete on "public"."projects"
for each statement when (pg_trigger_depth() > 0) execute function "millrace"."nested_projects"();
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
  millrace_nested boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."weight"', 'null::integer, null::integer', array['project_id', 'weight']::text[]);
    if problem is null and millrace_nested then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."project_id", "n"."weight", (millrace_nested) as millrace_applies_1
        from new_rows as n
        where millrace_nested
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is null and not millrace_nested then
begin
insert into "millrace"."pages_v1" as stored ("id", "votes", "share__s1", "share__s2", "share__s3")
select changes.u1, changes.d1, changes.d2, changes.d3, changes.d4
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::bigint as d3, coalesce(sum(d4), 0)::bigint as d4
  from (
select (v.project_id)::integer, "millrace_sign", 0, 0, 0
from (select 1::bigint as "millrace_sign", "project_id" from new_rows) as "v"
where true
    union all
select (v_2.project_id)::integer, 0, "millrace_sign" * v_2.weight::bigint, case when v_2.weight is not null then "millrace_sign" else 0 end, 0
from (select 1::bigint as "millrace_sign", "project_id", "weight" from new_rows) as "v_2"
where (v_2.weight > 0)
    union all
select (v_3.project_id)::integer, 0, 0, 0, "millrace_sign"
from (select 1::bigint as "millrace_sign", "project_id" from new_rows) as "v_3"
where true
  ) as delta (u1, d1, d2, d3, d4)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0 or coalesce(sum(d4), 0) <> 0
) as changes
order by changes.u1
on conflict ("id") do update
set "votes" = ("stored"."votes" + "excluded"."votes"),
    "share__s1" = (case when ("stored"."share__s2" + "excluded"."share__s2") = 0 then 0 else ("stored"."share__s1" + "excluded"."share__s1") end),
    "share__s2" = ("stored"."share__s2" + "excluded"."share__s2"),
    "share__s3" = ("stored"."share__s3" + "excluded"."share__s3"),
    "share" = case when "stored"."millrace_shown" then (CASE WHEN (stored.share__s2 + excluded.share__s2) > 0 THEN CASE WHEN (stored.share__s2 + excluded.share__s2) = 0 THEN 0 ELSE stored.share__s1 + excluded.share__s1 END END) / (stored.share__s3 + excluded.share__s3) end;
exception
  when cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error then
    insert into "millrace"."pending_pages_v1" (u1, cause, error)
    select unit.u1, 'error', sqlerrm
    from (select distinct (v.project_id)::integer from (select 1::bigint as "millrace_sign", "project_id" from new_rows) as "v"
  union
  select distinct (v_2.project_id)::integer from (select 1::bigint as "millrace_sign", "project_id", "weight" from new_rows) as "v_2"
  union
  select distinct (v_3.project_id)::integer from (select 1::bigint as "millrace_sign", "project_id" from new_rows) as "v_3") as unit (u1)
    where u1 is not null
    order by unit.u1
    on conflict (u1) do update set cause = excluded.cause, error = excluded.error, retry_at = null;
end;
    return null;
  end if;
  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "new_project_id", "new_weight", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."project_id", "n"."weight", millrace_deferred, millrace_statement
    from new_rows as n
    where millrace_nested;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('add_pages_v1', millrace_applies_1)) as model (apply, applies)
    where model.applies;
    if millrace_nested then
      perform set_config('millrace.nested', 'on', true);
    end if;
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
  millrace_nested boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."weight"', 'null::integer, null::integer', array['project_id', 'weight']::text[]);
    if problem is null and millrace_nested then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."project_id", "o"."weight", "n"."project_id", "n"."weight", ((millrace_nested and (difference.changed & '-9223372036854775806'::bigint <> 0
         or (difference.changed & '-9223372036854775798'::bigint <> 0 and ((o.position is not null and ((o.weight > 0))) or (n.position is not null and ((n.weight > 0)))))
         or difference.changed & '-9223372036854775806'::bigint <> 0))) as millrace_applies_1
        from (select row_number() over () as position, "o"."project_id", "o"."weight" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."project_id", "n"."weight" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."project_id"), row("n"."project_id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."weight"), row("n"."weight")) then '8'::bigint else 0 end end as changed
      ) as difference
        where (millrace_nested and (difference.changed & '-9223372036854775806'::bigint <> 0
         or (difference.changed & '-9223372036854775798'::bigint <> 0 and ((o.position is not null and ((o.weight > 0))) or (n.position is not null and ((n.weight > 0)))))
         or difference.changed & '-9223372036854775806'::bigint <> 0))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is null and not millrace_nested then
begin
insert into "millrace"."pages_v1" as stored ("id", "votes", "share__s1", "share__s2", "share__s3")
select changes.u1, changes.d1, changes.d2, changes.d3, changes.d4
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::bigint as d3, coalesce(sum(d4), 0)::bigint as d4
  from (
select (v.project_id)::integer, "millrace_sign", 0, 0, 0
from (select -1::bigint as "millrace_sign", "project_id" from old_rows union all select 1::bigint as "millrace_sign", "project_id" from new_rows) as "v"
where true
    union all
select (v_2.project_id)::integer, 0, "millrace_sign" * v_2.weight::bigint, case when v_2.weight is not null then "millrace_sign" else 0 end, 0
from (select -1::bigint as "millrace_sign", "project_id", "weight" from old_rows union all select 1::bigint as "millrace_sign", "project_id", "weight" from new_rows) as "v_2"
where (v_2.weight > 0)
    union all
select (v_3.project_id)::integer, 0, 0, 0, "millrace_sign"
from (select -1::bigint as "millrace_sign", "project_id" from old_rows union all select 1::bigint as "millrace_sign", "project_id" from new_rows) as "v_3"
where true
  ) as delta (u1, d1, d2, d3, d4)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0 or coalesce(sum(d4), 0) <> 0
) as changes
order by changes.u1
on conflict ("id") do update
set "votes" = ("stored"."votes" + "excluded"."votes"),
    "share__s1" = (case when ("stored"."share__s2" + "excluded"."share__s2") = 0 then 0 else ("stored"."share__s1" + "excluded"."share__s1") end),
    "share__s2" = ("stored"."share__s2" + "excluded"."share__s2"),
    "share__s3" = ("stored"."share__s3" + "excluded"."share__s3"),
    "share" = case when "stored"."millrace_shown" then (CASE WHEN (stored.share__s2 + excluded.share__s2) > 0 THEN CASE WHEN (stored.share__s2 + excluded.share__s2) = 0 THEN 0 ELSE stored.share__s1 + excluded.share__s1 END END) / (stored.share__s3 + excluded.share__s3) end;
if found then delete from "millrace"."pages_v1" as stored
using (select distinct (v.project_id)::integer from (select * from (select -1::bigint as "millrace_sign", "project_id" from old_rows union all select 1::bigint as "millrace_sign", "project_id" from new_rows) as changed where "millrace_sign" < 0) as "v"
  union
  select distinct (v_2.project_id)::integer from (select * from (select -1::bigint as "millrace_sign", "project_id", "weight" from old_rows union all select 1::bigint as "millrace_sign", "project_id", "weight" from new_rows) as changed where "millrace_sign" < 0) as "v_2"
  union
  select distinct (v_3.project_id)::integer from (select * from (select -1::bigint as "millrace_sign", "project_id" from old_rows union all select 1::bigint as "millrace_sign", "project_id" from new_rows) as changed where "millrace_sign" < 0) as "v_3") as gone (u1)
where "stored"."id" = gone.u1
  and "stored"."millrace_shown" is null
  and "stored"."votes" = 0
  and "stored"."share__s1" = 0
  and "stored"."share__s2" = 0
  and "stored"."share__s3" = 0; end if;
exception
  when cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error then
    insert into "millrace"."pending_pages_v1" (u1, cause, error)
    select unit.u1, 'error', sqlerrm
    from (select distinct (v.project_id)::integer from (select -1::bigint as "millrace_sign", "project_id" from old_rows union all select 1::bigint as "millrace_sign", "project_id" from new_rows) as "v"
  union
  select distinct (v_2.project_id)::integer from (select -1::bigint as "millrace_sign", "project_id", "weight" from old_rows union all select 1::bigint as "millrace_sign", "project_id", "weight" from new_rows) as "v_2"
  union
  select distinct (v_3.project_id)::integer from (select -1::bigint as "millrace_sign", "project_id" from old_rows union all select 1::bigint as "millrace_sign", "project_id" from new_rows) as "v_3") as unit (u1)
    where u1 is not null
    order by unit.u1
    on conflict (u1) do update set cause = excluded.cause, error = excluded.error, retry_at = null;
end;
    return null;
  end if;
  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_project_id", "old_weight", "new_project_id", "new_weight", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."project_id", "o"."weight", "n"."project_id", "n"."weight", millrace_deferred, millrace_statement
    from (select row_number() over () as position, "o"."project_id", "o"."weight" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."project_id", "n"."weight" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."project_id"), row("n"."project_id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."weight"), row("n"."weight")) then '8'::bigint else 0 end end as changed
      ) as difference
    where (millrace_nested and (difference.changed & '-9223372036854775806'::bigint <> 0
         or (difference.changed & '-9223372036854775798'::bigint <> 0 and ((o.position is not null and ((o.weight > 0))) or (n.position is not null and ((n.weight > 0)))))
         or difference.changed & '-9223372036854775806'::bigint <> 0));
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('add_pages_v1', millrace_applies_1)) as model (apply, applies)
    where model.applies;
    if millrace_nested then
      perform set_config('millrace.nested', 'on', true);
    end if;
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
  millrace_nested boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."project_id", "s"."weight"', 'null::integer, null::integer', array['project_id', 'weight']::text[]);
    if problem is null and millrace_nested then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."project_id", "o"."weight", (millrace_nested) as millrace_applies_1
        from old_rows as o
        where millrace_nested
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is null and not millrace_nested then
begin
insert into "millrace"."pages_v1" as stored ("id", "votes", "share__s1", "share__s2", "share__s3")
select changes.u1, changes.d1, changes.d2, changes.d3, changes.d4
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::bigint as d3, coalesce(sum(d4), 0)::bigint as d4
  from (
select (v.project_id)::integer, "millrace_sign", 0, 0, 0
from (select -1::bigint as "millrace_sign", "project_id" from old_rows) as "v"
where true
    union all
select (v_2.project_id)::integer, 0, "millrace_sign" * v_2.weight::bigint, case when v_2.weight is not null then "millrace_sign" else 0 end, 0
from (select -1::bigint as "millrace_sign", "project_id", "weight" from old_rows) as "v_2"
where (v_2.weight > 0)
    union all
select (v_3.project_id)::integer, 0, 0, 0, "millrace_sign"
from (select -1::bigint as "millrace_sign", "project_id" from old_rows) as "v_3"
where true
  ) as delta (u1, d1, d2, d3, d4)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0 or coalesce(sum(d4), 0) <> 0
) as changes
order by changes.u1
on conflict ("id") do update
set "votes" = ("stored"."votes" + "excluded"."votes"),
    "share__s1" = (case when ("stored"."share__s2" + "excluded"."share__s2") = 0 then 0 else ("stored"."share__s1" + "excluded"."share__s1") end),
    "share__s2" = ("stored"."share__s2" + "excluded"."share__s2"),
    "share__s3" = ("stored"."share__s3" + "excluded"."share__s3"),
    "share" = case when "stored"."millrace_shown" then (CASE WHEN (stored.share__s2 + excluded.share__s2) > 0 THEN CASE WHEN (stored.share__s2 + excluded.share__s2) = 0 THEN 0 ELSE stored.share__s1 + excluded.share__s1 END END) / (stored.share__s3 + excluded.share__s3) end;
if found then delete from "millrace"."pages_v1" as stored
using (select distinct (v.project_id)::integer from (select * from (select -1::bigint as "millrace_sign", "project_id" from old_rows) as changed where "millrace_sign" < 0) as "v"
  union
  select distinct (v_2.project_id)::integer from (select * from (select -1::bigint as "millrace_sign", "project_id", "weight" from old_rows) as changed where "millrace_sign" < 0) as "v_2"
  union
  select distinct (v_3.project_id)::integer from (select * from (select -1::bigint as "millrace_sign", "project_id" from old_rows) as changed where "millrace_sign" < 0) as "v_3") as gone (u1)
where "stored"."id" = gone.u1
  and "stored"."millrace_shown" is null
  and "stored"."votes" = 0
  and "stored"."share__s1" = 0
  and "stored"."share__s2" = 0
  and "stored"."share__s3" = 0; end if;
exception
  when cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error then
    insert into "millrace"."pending_pages_v1" (u1, cause, error)
    select unit.u1, 'error', sqlerrm
    from (select distinct (v.project_id)::integer from (select -1::bigint as "millrace_sign", "project_id" from old_rows) as "v"
  union
  select distinct (v_2.project_id)::integer from (select -1::bigint as "millrace_sign", "project_id", "weight" from old_rows) as "v_2"
  union
  select distinct (v_3.project_id)::integer from (select -1::bigint as "millrace_sign", "project_id" from old_rows) as "v_3") as unit (u1)
    where u1 is not null
    order by unit.u1
    on conflict (u1) do update set cause = excluded.cause, error = excluded.error, retry_at = null;
end;
    return null;
  end if;
  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_project_id", "old_weight", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."project_id", "o"."weight", millrace_deferred, millrace_statement
    from old_rows as o
    where millrace_nested;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('add_pages_v1', millrace_applies_1)) as model (apply, applies)
    where model.applies;
    if millrace_nested then
      perform set_config('millrace.nested', 'on', true);
    end if;
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
create or replace function "millrace"."nested_votes"() returns trigger
language plpgsql
as $millrace$
begin
  perform pg_catalog.set_config('millrace.nested', 'on', true);
  return null;
end
$millrace$;
create or replace trigger "!millrace_nested"
before update or delete on "public"."votes"
for each statement when (pg_trigger_depth() > 0) execute function "millrace"."nested_votes"();
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
create or replace view "public"."pages" as
select "id", "title", "votes", "share"
from "millrace"."pages_v1"
where "millrace_shown";
create or replace view "public"."pages_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'pages_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'pages_v1' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_project_id", "new_project_id"
    from "millrace"."queue_votes" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'pages_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'pages_v1' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."pages_v1"'::regclass from millrace.watermark as w where w.model = 'pages_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = '0'::xid8) = 3
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
select (v.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775806'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775806'::bigint <> 0
) as "v"
union all
select (v_2.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775798'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775798'::bigint <> 0
) as "v_2"
union all
select (v_3.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775806'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775806'::bigint <> 0
) as "v_3"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_pages_v1") as dirty
)
select "id", "title", "votes", "share"
from "millrace"."pages_v1" as stored
where (select is_trusted from millrace_trust)
  and "stored"."millrace_shown"
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")
union all
select "id", "title", "votes", "share"
from (
SELECT
  p.id,
  upper(p.title) AS title,
  (SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id) AS votes,
  ((SELECT sum(v.weight) AS sum
  FROM public.votes AS v
  WHERE
    v.project_id = p.id
    AND v.weight > 0)) / ((SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id)) AS share
FROM public.projects AS p
WHERE
  NOT (p.is_hidden)
  AND p.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)
union all
select "id", "title", "votes", "share"
from (
SELECT
  p.id,
  upper(p.title) AS title,
  (SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id) AS votes,
  ((SELECT sum(v.weight) AS sum
  FROM public.votes AS v
  WHERE
    v.project_id = p.id
    AND v.weight > 0)) / ((SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id)) AS share
FROM public.projects AS p
WHERE
  NOT (p.is_hidden)
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."pages_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."pages_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''pages_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''pages_v1'' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_project_id", "new_project_id"
    from "millrace"."queue_votes" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''pages_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''pages_v1'' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."pages_v1"''::regclass from millrace.watermark as w where w.model = ''pages_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = ''0''::xid8) = 3
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
select (v.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775806''::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775806''::bigint <> 0
) as "v"
union all
select (v_2.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775798''::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775798''::bigint <> 0
) as "v_2"
union all
select (v_3.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775806''::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775806''::bigint <> 0
) as "v_3"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_pages_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "id", "title", "votes", "share"
from "millrace"."pages_v1" as stored
where (select is_trusted from millrace_trust)
  and "stored"."millrace_shown"
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "title", "votes", "share"
from (
SELECT
  p.id,
  upper(p.title) AS title,
  (SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id) AS votes,
  ((SELECT sum(v.weight) AS sum
  FROM public.votes AS v
  WHERE
    v.project_id = p.id
    AND v.weight > 0)) / ((SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id)) AS share
FROM public.projects AS p
WHERE
  NOT (p.is_hidden)
  AND p.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "title", "votes", "share"
from (
SELECT
  p.id,
  upper(p.title) AS title,
  (SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id) AS votes,
  ((SELECT sum(v.weight) AS sum
  FROM public.votes AS v
  WHERE
    v.project_id = p.id
    AND v.weight > 0)) / ((SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id)) AS share
FROM public.projects AS p
WHERE
  NOT (p.is_hidden)
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."pages_strict"', matching),
      millrace.page_order('"public"."pages_strict"', order_by) || '"id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."pages_strict_page" from public;
grant select on "public"."pages", "public"."pages_strict" to "millrace_reader";
grant execute on function "public"."pages_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'pages_v1';
commit;
