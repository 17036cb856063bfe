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
alter table "millrace"."queue_users" add column if not exists "old_id" integer;
alter table "millrace"."queue_users" add column if not exists "new_id" integer;
create index if not exists "queue_users_deferred" on "millrace"."queue_users" (xid) where deferred;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."feed_v1" (
  "id" integer,
  "title" text,
  "author" text
);
create unique index if not exists "feed_v1_key" on "millrace"."feed_v1" ("id") nulls not distinct;
create table if not exists "millrace"."pending_feed_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
create or replace function "millrace"."recompute_feed_v1_0"(text[]) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $millrace$
#variable_conflict use_column
declare
  millrace_rows "millrace"."feed_v1"[];
  written int;
  removed int;
  shared_key jsonb;
  problem text;
  code text;
  is_reshaped boolean := false;
begin
  begin
    select array_agg(row(fresh.*)::"millrace"."feed_v1") into millrace_rows
    from (
SELECT
  p.id,
  p.title,
  u.name AS author
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
WHERE
  p.id = ANY (CAST(CAST($1 AS text[]) AS int[]))
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
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
    return;
  end if;
  if problem is null then
    with fresh ("id", "title", "author") as materialized (
select * from unnest(millrace_rows)
),
duplicate as (
  select "id"
  from fresh
  group by "id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."feed_v1" as stored
  where ("stored"."id") = any ($1::text[]::integer[])
    and not exists (select from fresh where "fresh"."id" = "stored"."id")
  returning 1
),
written as (
  insert into "millrace"."feed_v1" as stored ("id", "title", "author")
  select "id", "title", "author"
  from fresh
  where not exists (select from duplicate)
  on conflict ("id") do update
  set ("id", "title", "author") = row("excluded"."id", "excluded"."title", "excluded"."author")
  where record_image_ne(row("stored"."id", "stored"."title", "stored"."author"), row("excluded"."id", "excluded"."title", "excluded"."author"))
  returning 1
),
settled as (
  delete from "millrace"."pending_feed_v1"
  where (u1) = any ($1::text[]::integer[])
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
      perform "millrace"."recompute_feed_v1_0"($1[i:i]);
    end loop;
    return;
  end if;
  raise exception using errcode = code,
    message = format('read model public.feed cannot be kept for (id) = (%s): %s', concat_ws(', ', coalesce($1[1], 'null')), problem),
    hint = 'Mend what the write makes of this row, or the query. With onError: ''queue'' the write would go through, and the row wait.';
end
$millrace$;
create or replace function "millrace"."apply_feed_v1"(bigint[]) returns void
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
  millrace_wide boolean;
  millrace_problem text;
begin
  begin
    millrace_problem := coalesce(millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id", "s"."title"', 'null::integer, null::integer, null::text', array['id', 'user_id']::text[]), millrace.shape_problem('"public"."users"'::regclass, '"s"."id", "s"."name"', 'null::integer, null::text', array['id']::text[]));
    if millrace_problem is null then
      with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_users" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
  resolved (u1) as (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "p"
union all
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
  )
      select count(*) > 1000 into millrace_wide
      from (
        select distinct u1 from resolved where u1 is not null limit 1001
      ) as units;
    end if;
  exception when syntax_error_or_access_rule_violation or invalid_schema_name then
    millrace_problem := sqlerrm;
  end;
  if millrace_problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, millrace_problem, true);
    return;
  end if;

  if millrace_wide then
    perform set_config('plan_cache_mode', 'force_custom_plan', true);
    lock table "millrace"."feed_v1" in exclusive mode;
  else
    lock table "millrace"."feed_v1" in row exclusive mode;
    -- edges, 1 away from the key
    perform case when locks.is_exclusive then pg_advisory_xact_lock(locks.id)::text
                 else pg_advisory_xact_lock_shared(locks.id)::text end
    from (
      with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
      "millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_users" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  )
      select id, bool_or(is_exclusive) as is_exclusive
      from (
select hash_record_extended(row("u"."id"), '2976886099646585021'::bigint), true
from (
  select "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
where "u"."id" is not null
union all
select hash_record_extended(row("p"."user_id"), '2976886099646585021'::bigint), false
from (
  select -1::bigint as "millrace_sign", "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "p"
where "p"."millrace_sign" > 0 and "p"."user_id" is not null
      ) as edges (id, is_exclusive)
      group by id
      order by id
    ) as locks;
  end if;

  with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_projects" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_users" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)
  ),
  resolved (u1) as (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "p"
union all
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
  )
  select array_agg(units.u1::text order by units.u1)
  into millrace_all_1
  from (select distinct u1 from resolved where u1 is not null) as units;
  if millrace_all_1 is null then
    return;
  end if;

  if not millrace_wide then
    perform pg_advisory_xact_lock(units.id)
    from (
      select distinct hash_record_extended(row((unit.u1)::integer), '4839240385655872902'::bigint) as id
      from unnest(millrace_all_1) as unit (u1)
      order by 1
    ) as units;
  end if;

  perform "millrace"."recompute_feed_v1_0"(array_agg(unit.u1))
  from unnest(millrace_all_1) as unit (u1)
  where unit.u1 is not null
  having count(*) > 0;
end
$millrace$;
revoke all on function "millrace"."apply_feed_v1"(bigint[]), "millrace"."recompute_feed_v1_0"(text[]) from public;
grant select, insert, update, delete on "millrace"."feed_v1", "millrace"."pending_feed_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_projects" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_2" to "millrace_worker";
grant select, insert on "millrace"."queue_users" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_users_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('feed_v1', 'public', 'feed', 'select p.id, p.title, u.name as author
from projects p
join users u on u.id = p.user_id
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'feed_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 60; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."feed_v1", "millrace"."pending_feed_v1" in access share mode;
lock table "millrace"."feed_v1" in exclusive mode;
lock table "public"."projects", "millrace"."queue_projects", "public"."users", "millrace"."queue_users" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (p.id)::integer from "public"."projects" as "p"
union all
select "id" from "millrace"."feed_v1"
union all
select u1 from "millrace"."pending_feed_v1"
),
waiting as (
  insert into "millrace"."pending_feed_v1" (u1, cause)
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
with fresh ("id", "title", "author") as materialized (
SELECT
  p.id,
  p.title,
  u.name AS author
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
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
  delete from "millrace"."feed_v1" as stored
  where ("stored"."id") = any ($1::text[]::integer[])
    and not exists (select from fresh where "fresh"."id" = "stored"."id")
  returning 1
),
written as (
  insert into "millrace"."feed_v1" as stored ("id", "title", "author")
  select "id", "title", "author"
  from fresh
  where not exists (select from duplicate)
  on conflict ("id") do update
  set ("id", "title", "author") = row("excluded"."id", "excluded"."title", "excluded"."author")
  where record_image_ne(row("stored"."id", "stored"."title", "stored"."author"), row("excluded"."id", "excluded"."title", "excluded"."author"))
  returning 1
),
settled as (
  delete from "millrace"."pending_feed_v1"
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
values ('feed_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."feed_v1"'::regclass,
        not exists (select from "millrace"."pending_feed_v1" where retry_at is null));
-- $1: 'feed_v1'
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
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "new_id", "new_user_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", "n"."user_id", millrace_deferred, millrace_statement
    from new_rows as n
    where true;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_feed_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
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
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "old_user_id", "new_id", "new_user_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."user_id", "n"."id", "n"."user_id", millrace_deferred, millrace_statement
    from (select row_number() over () as position, "o"."id", "o"."user_id", "o"."title" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id", "n"."title" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775794'::bigint <> 0;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_feed_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
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
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "old_user_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", "o"."user_id", millrace_deferred, millrace_statement
    from old_rows as o
    where true;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_feed_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
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
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_users" (slot, xid, op, changed, "new_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", millrace_deferred, millrace_statement
    from new_rows as n
    where true;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_feed_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
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
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id", "new_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "n"."id", millrace_deferred, millrace_statement
    from (select row_number() over () as position, "o"."id", "o"."name" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."name" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."name"), row("n"."name")) then '4'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775802'::bigint <> 0;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_feed_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
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
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", millrace_deferred, millrace_statement
    from old_rows as o
    where true;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('apply_feed_v1', millrace_applies_1 and not millrace_deferred)) as model (apply, applies)
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
create or replace view "public"."feed" as
select "id", "title", "author"
from "millrace"."feed_v1";
create or replace view "public"."feed_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'feed_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'feed_v1' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'feed_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'feed_v1' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."feed_v1"'::regclass from millrace.watermark as w where w.model = 'feed_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_users" as q where q.xid = '0'::xid8) = 3
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
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_feed_v1") as dirty
)
select "id", "title", "author"
from "millrace"."feed_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")
union all
select "id", "title", "author"
from (
SELECT
  p.id,
  p.title,
  u.name AS author
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
WHERE
  p.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)
union all
select "id", "title", "author"
from (
SELECT
  p.id,
  p.title,
  u.name AS author
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."feed_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."feed_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."feed_v1"''::regclass from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_users" as q where q.xid = ''0''::xid8) = 3
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
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_feed_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "id", "title", "author"
from "millrace"."feed_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "title", "author"
from (
SELECT
  p.id,
  p.title,
  u.name AS author
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
WHERE
  p.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "title", "author"
from (
SELECT
  p.id,
  p.title,
  u.name AS author
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."feed_strict"', matching),
      millrace.page_order('"public"."feed_strict"', order_by) || '"id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."feed_strict_page" from public;
grant select on "public"."feed", "public"."feed_strict" to "millrace_reader";
grant execute on function "public"."feed_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'feed_v1';
commit;
