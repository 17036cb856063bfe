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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id", "s"."title", "s"."score"', 'null::integer, null::integer, null::text, null::integer', array['id', 'user_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."id", "n"."user_id", (millrace_nested) as millrace_applies_1
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

  if problem is null and not millrace_nested then
insert into "millrace"."writers_v1" as stored ("id", "projects")
select changes.u1, changes.d1
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1
  from (
select (p.user_id)::integer, "millrace_sign"
from (select 1::bigint as "millrace_sign", "user_id" from new_rows) as "p"
where true
  ) as delta (u1, d1)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0
) as changes
order by changes.u1
on conflict ("id") do update
set "projects" = ("stored"."projects" + "excluded"."projects");
  end if;
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
    from (values ('add_writers_v1', millrace_applies_1)) as model (apply, applies)
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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id", "s"."title", "s"."score"', 'null::integer, null::integer, null::text, null::integer', array['id', 'user_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", "o"."user_id", "n"."id", "n"."user_id", ((millrace_nested and (difference.changed & '-9223372036854775804'::bigint <> 0))) as millrace_applies_1
        from (select row_number() over () as position, "o"."id", "o"."user_id", "o"."title", "o"."score" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id", "n"."title", "n"."score" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."score"), row("n"."score")) then '16'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775790'::bigint <> 0
         or difference.changed & '-9223372036854775794'::bigint <> 0
         or (millrace_nested and (difference.changed & '-9223372036854775804'::bigint <> 0))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is null and not millrace_nested then
insert into "millrace"."writers_v1" as stored ("id", "projects")
select changes.u1, changes.d1
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1
  from (
select (p.user_id)::integer, "millrace_sign"
from (select -1::bigint as "millrace_sign", "user_id" from old_rows union all select 1::bigint as "millrace_sign", "user_id" from new_rows) as "p"
where true
  ) as delta (u1, d1)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0
) as changes
order by changes.u1
on conflict ("id") do update
set "projects" = ("stored"."projects" + "excluded"."projects");
if found then delete from "millrace"."writers_v1" as stored
using (select distinct (p.user_id)::integer from (select * from (select -1::bigint as "millrace_sign", "user_id" from old_rows union all select 1::bigint as "millrace_sign", "user_id" from new_rows) as changed where "millrace_sign" < 0) as "p") as gone (u1)
where "stored"."id" = gone.u1
  and "stored"."millrace_shown" is null
  and "stored"."projects" = 0; end if;
  end if;
  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "old_user_id", "new_id", "new_user_id", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."user_id", "n"."id", "n"."user_id", millrace_deferred, millrace_statement
    from (select row_number() over () as position, "o"."id", "o"."user_id", "o"."title", "o"."score" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id", "n"."title", "n"."score" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."score"), row("n"."score")) then '16'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775790'::bigint <> 0
         or difference.changed & '-9223372036854775794'::bigint <> 0
         or (millrace_nested and (difference.changed & '-9223372036854775804'::bigint <> 0));
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('add_writers_v1', millrace_applies_1)) as model (apply, applies)
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
    problem := millrace.shape_problem('"public"."projects"'::regclass, '"s"."id", "s"."user_id", "s"."title", "s"."score"', 'null::integer, null::integer, null::text, null::integer', array['id', 'user_id']::text[]);
    if problem is null then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."id", "o"."user_id", (millrace_nested) as millrace_applies_1
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

  if problem is null and not millrace_nested then
insert into "millrace"."writers_v1" as stored ("id", "projects")
select changes.u1, changes.d1
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1
  from (
select (p.user_id)::integer, "millrace_sign"
from (select -1::bigint as "millrace_sign", "user_id" from old_rows) as "p"
where true
  ) as delta (u1, d1)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0
) as changes
order by changes.u1
on conflict ("id") do update
set "projects" = ("stored"."projects" + "excluded"."projects");
if found then delete from "millrace"."writers_v1" as stored
using (select distinct (p.user_id)::integer from (select * from (select -1::bigint as "millrace_sign", "user_id" from old_rows) as changed where "millrace_sign" < 0) as "p") as gone (u1)
where "stored"."id" = gone.u1
  and "stored"."millrace_shown" is null
  and "stored"."projects" = 0; end if;
  end if;
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
    from (values ('add_writers_v1', millrace_applies_1)) as model (apply, applies)
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
create table if not exists "millrace"."queue_millrace.voted_v1" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_millrace.voted_v1_0" partition of "millrace"."queue_millrace.voted_v1" for values in (0);
create table if not exists "millrace"."queue_millrace.voted_v1_1" partition of "millrace"."queue_millrace.voted_v1" for values in (1);
create table if not exists "millrace"."queue_millrace.voted_v1_2" partition of "millrace"."queue_millrace.voted_v1" for values in (2);
create index if not exists "queue_millrace.voted_v1_xid" on "millrace"."queue_millrace.voted_v1" (xid);
insert into "millrace"."queue_millrace.voted_v1" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_millrace.voted_v1" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_millrace.voted_v1" add column if not exists "old_user_id" integer;
alter table "millrace"."queue_millrace.voted_v1" add column if not exists "new_user_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create table if not exists "millrace"."queue_millrace.writers_v1" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_millrace.writers_v1_0" partition of "millrace"."queue_millrace.writers_v1" for values in (0);
create table if not exists "millrace"."queue_millrace.writers_v1_1" partition of "millrace"."queue_millrace.writers_v1" for values in (1);
create table if not exists "millrace"."queue_millrace.writers_v1_2" partition of "millrace"."queue_millrace.writers_v1" for values in (2);
create index if not exists "queue_millrace.writers_v1_xid" on "millrace"."queue_millrace.writers_v1" (xid);
insert into "millrace"."queue_millrace.writers_v1" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_millrace.writers_v1" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_millrace.writers_v1" add column if not exists "old_id" integer;
alter table "millrace"."queue_millrace.writers_v1" add column if not exists "new_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."best_v1" (
  "user_id" integer,
  "name" text,
  "projects" bigint,
  "votes" numeric,
  "score" integer
);
create unique index if not exists "best_v1_key" on "millrace"."best_v1" ("user_id") nulls not distinct;
create table if not exists "millrace"."pending_best_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
grant select, insert, update, delete on "millrace"."best_v1", "millrace"."pending_best_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_millrace.voted_v1" to "millrace_worker";
grant select, truncate on "millrace"."queue_millrace.voted_v1_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_millrace.voted_v1_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_millrace.voted_v1_2" to "millrace_worker";
grant select, insert on "millrace"."queue_millrace.writers_v1" to "millrace_worker";
grant select, truncate on "millrace"."queue_millrace.writers_v1_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_millrace.writers_v1_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_millrace.writers_v1_2" to "millrace_worker";
grant select, insert on "millrace"."queue_projects" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_projects_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('best_v1', 'public', 'best', 'select v.user_id, w.name, w.projects, sum(v.votes) as votes, max(p.score) as score
from voted v
join writers w on w.id = v.user_id
join projects p on p.id = v.id
group by v.user_id, w.name, w.projects
', <plan>, 'waiting')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_millrace.voted_v1_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"millrace"."voted_v1"'::regclass, '"s"."id", "s"."user_id", "s"."votes"', 'null::integer, null::integer, null::bigint', array[]::text[]);
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
    insert into "millrace"."queue_millrace.voted_v1" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_millrace.voted_v1" (slot, xid, op, changed, "new_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."user_id"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "millrace"."voted_v1"
referencing new table as new_rows
for each statement execute function "millrace"."capture_millrace.voted_v1_insert"();
create or replace function "millrace"."capture_millrace.voted_v1_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"millrace"."voted_v1"'::regclass, '"s"."id", "s"."user_id", "s"."votes"', 'null::integer, null::integer, null::bigint', array[]::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."user_id", "n"."user_id"
        from (select row_number() over () as position, "o"."id", "o"."user_id", "o"."votes" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id", "n"."votes" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."votes"), row("n"."votes")) then '16'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775786'::bigint <> 0
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_millrace.voted_v1" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_millrace.voted_v1" (slot, xid, op, changed, "old_user_id", "new_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."user_id", "n"."user_id"
    from (select row_number() over () as position, "o"."id", "o"."user_id", "o"."votes" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id", "n"."votes" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."votes"), row("n"."votes")) then '16'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775786'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "millrace"."voted_v1"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_millrace.voted_v1_update"();
create or replace function "millrace"."capture_millrace.voted_v1_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"millrace"."voted_v1"'::regclass, '"s"."id", "s"."user_id", "s"."votes"', 'null::integer, null::integer, null::bigint', array[]::text[]);
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
    insert into "millrace"."queue_millrace.voted_v1" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_millrace.voted_v1" (slot, xid, op, changed, "old_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."user_id"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "millrace"."voted_v1"
referencing old table as old_rows
for each statement execute function "millrace"."capture_millrace.voted_v1_delete"();
create or replace function "millrace"."capture_millrace.voted_v1_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_millrace.voted_v1" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "millrace"."voted_v1"
for each statement execute function "millrace"."capture_millrace.voted_v1_truncate"();
create table if not exists "millrace"."queue_millrace.voted_v1" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_millrace.voted_v1_0" partition of "millrace"."queue_millrace.voted_v1" for values in (0);
create table if not exists "millrace"."queue_millrace.voted_v1_1" partition of "millrace"."queue_millrace.voted_v1" for values in (1);
create table if not exists "millrace"."queue_millrace.voted_v1_2" partition of "millrace"."queue_millrace.voted_v1" for values in (2);
create index if not exists "queue_millrace.voted_v1_xid" on "millrace"."queue_millrace.voted_v1" (xid);
insert into "millrace"."queue_millrace.voted_v1" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_millrace.voted_v1" as present where present.slot = slot.slot and present.xid = '0');
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_millrace.writers_v1_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"millrace"."writers_v1"'::regclass, '"s"."id", "s"."name", "s"."projects", "s"."millrace_shown"', 'null::integer, null::text, null::bigint, null::boolean', array[]::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."id"
        from new_rows as n
        where ((n.millrace_shown))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_millrace.writers_v1" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_millrace.writers_v1" (slot, xid, op, changed, "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id"
    from new_rows as n
    where ((n.millrace_shown));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "millrace"."writers_v1"
referencing new table as new_rows
for each statement execute function "millrace"."capture_millrace.writers_v1_insert"();
create or replace function "millrace"."capture_millrace.writers_v1_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"millrace"."writers_v1"'::regclass, '"s"."id", "s"."name", "s"."projects", "s"."millrace_shown"', 'null::integer, null::text, null::bigint, null::boolean', array[]::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "n"."id"
        from (select row_number() over () as position, "o"."id", "o"."name", "o"."projects", "o"."millrace_shown" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."name", "n"."projects", "n"."millrace_shown" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."name"), row("n"."name")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."projects"), row("n"."projects")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."millrace_shown"), row("n"."millrace_shown")) then '16'::bigint else 0 end end as changed
      ) as difference
        where (difference.changed & '-9223372036854775778'::bigint <> 0 and ((o.position is not null and ((o.millrace_shown))) or (n.position is not null and ((n.millrace_shown)))))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_millrace.writers_v1" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_millrace.writers_v1" (slot, xid, op, changed, "old_id", "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "n"."id"
    from (select row_number() over () as position, "o"."id", "o"."name", "o"."projects", "o"."millrace_shown" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."name", "n"."projects", "n"."millrace_shown" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."name"), row("n"."name")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."projects"), row("n"."projects")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."millrace_shown"), row("n"."millrace_shown")) then '16'::bigint else 0 end end as changed
      ) as difference
    where (difference.changed & '-9223372036854775778'::bigint <> 0 and ((o.position is not null and ((o.millrace_shown))) or (n.position is not null and ((n.millrace_shown)))));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "millrace"."writers_v1"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_millrace.writers_v1_update"();
create or replace function "millrace"."capture_millrace.writers_v1_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"millrace"."writers_v1"'::regclass, '"s"."id", "s"."name", "s"."projects", "s"."millrace_shown"', 'null::integer, null::text, null::bigint, null::boolean', array[]::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id"
        from old_rows as o
        where ((o.millrace_shown))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_millrace.writers_v1" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_millrace.writers_v1" (slot, xid, op, changed, "old_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id"
    from old_rows as o
    where ((o.millrace_shown));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "millrace"."writers_v1"
referencing old table as old_rows
for each statement execute function "millrace"."capture_millrace.writers_v1_delete"();
create or replace function "millrace"."capture_millrace.writers_v1_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_millrace.writers_v1" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "millrace"."writers_v1"
for each statement execute function "millrace"."capture_millrace.writers_v1_truncate"();
create table if not exists "millrace"."queue_millrace.writers_v1" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_millrace.writers_v1_0" partition of "millrace"."queue_millrace.writers_v1" for values in (0);
create table if not exists "millrace"."queue_millrace.writers_v1_1" partition of "millrace"."queue_millrace.writers_v1" for values in (1);
create table if not exists "millrace"."queue_millrace.writers_v1_2" partition of "millrace"."queue_millrace.writers_v1" for values in (2);
create index if not exists "queue_millrace.writers_v1_xid" on "millrace"."queue_millrace.writers_v1" (xid);
insert into "millrace"."queue_millrace.writers_v1" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_millrace.writers_v1" as present where present.slot = slot.slot and present.xid = '0');
commit;

-- $1: 'best_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."best_v1", "millrace"."pending_best_v1" in access share mode;
lock table "millrace"."voted_v1", "millrace"."queue_millrace.voted_v1", "millrace"."writers_v1", "millrace"."queue_millrace.writers_v1", "public"."projects", "millrace"."queue_projects" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (v.user_id)::integer from "millrace"."voted_v1" as "v"
union all
select "user_id" from "millrace"."best_v1"
union all
select u1 from "millrace"."pending_best_v1"
),
waiting as (
  insert into "millrace"."pending_best_v1" (u1, cause)
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
with fresh ("user_id", "name", "projects", "votes", "score") as materialized (
SELECT
  v.user_id,
  w.name,
  w.projects,
  sum(v.votes) AS votes,
  max(p.score) AS score
FROM millrace.voted_v1 AS v
JOIN ( SELECT
  writers_v1.id,
  writers_v1.name,
  writers_v1.projects
FROM millrace.writers_v1
WHERE
  writers_v1.millrace_shown
  AND writers_v1.id = ANY (CAST(CAST($1 AS text[]) AS int[])) ) AS w(id, name, projects) ON w.id = v.user_id
JOIN public.projects AS p ON p.id = v.id
WHERE
  v.user_id = ANY (CAST(CAST($1 AS text[]) AS int[]))
GROUP BY
  v.user_id,
  w.name,
  w.projects
),
duplicate as (
  select "user_id"
  from fresh
  group by "user_id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."best_v1" as stored
  where ("stored"."user_id") = any ($1::text[]::integer[])
    and not exists (select from fresh where "fresh"."user_id" = "stored"."user_id")
  returning 1
),
written as (
  insert into "millrace"."best_v1" as stored ("user_id", "name", "projects", "votes", "score")
  select "user_id", "name", "projects", "votes", "score"
  from fresh
  where not exists (select from duplicate)
  on conflict ("user_id") do update
  set ("user_id", "name", "projects", "votes", "score") = row("excluded"."user_id", "excluded"."name", "excluded"."projects", "excluded"."votes", "excluded"."score")
  where record_image_ne(row("stored"."user_id", "stored"."name", "stored"."projects", "stored"."votes", "stored"."score"), row("excluded"."user_id", "excluded"."name", "excluded"."projects", "excluded"."votes", "excluded"."score"))
  returning 1
),
settled as (
  delete from "millrace"."pending_best_v1"
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
values ('best_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."best_v1"'::regclass,
        not exists (select from "millrace"."pending_best_v1" where retry_at is null));
-- $1: 'best_v1'
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
create or replace view "public"."best" as
select "user_id", "name", "projects", "votes", "score"
from "millrace"."best_v1";
create or replace view "public"."best_strict" as
with "voted_v1_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'voted_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'voted_v1' order by w.n desc limit 1))
  ),
"voted_v1_batch_2" as materialized (
    select op, changed, note, "old_project_id", "new_project_id"
    from "millrace"."queue_votes" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'voted_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'voted_v1' order by w.n desc limit 1))
  ),
"voted_v1_trust" (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."voted_v1"'::regclass from millrace.watermark as w where w.model = 'voted_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_votes" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "voted_v1_batch_1" as marks where op = 'R')
    and not exists (select from "voted_v1_batch_2" as marks where op = 'R')
),
"voted_v1_dirty" (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "voted_v1_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "voted_v1_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "p"
union all
select (v.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "voted_v1_batch_2" where op in ('U', 'D') and changed & '-9223372036854775804'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "voted_v1_batch_2" where op in ('U', 'I') and changed & '-9223372036854775804'::bigint <> 0
) as "v"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_voted_v1") as dirty
),
"writers_v1_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'writers_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'writers_v1' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
"writers_v1_batch_2" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'writers_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'writers_v1' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
"writers_v1_trust" (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."writers_v1"'::regclass from millrace.watermark as w where w.model = 'writers_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_users" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "writers_v1_batch_1" as marks where op = 'R')
    and not exists (select from "writers_v1_batch_2" as marks where op = 'R')
),
"writers_v1_dirty" (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (u.id)::integer as u1
from (
  select "old_id" as "id" from "writers_v1_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "writers_v1_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
union all
select (p.user_id)::integer as u1
from (
  select "old_user_id" as "user_id" from "writers_v1_batch_2" where op in ('U', 'D') and changed & '-9223372036854775804'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "writers_v1_batch_2" where op in ('U', 'I') and changed & '-9223372036854775804'::bigint <> 0
) as "p"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_writers_v1") as dirty
),
"voted_v1_live" as materialized (
select "id", "user_id", "title", "votes"
from (
SELECT
  p.id,
  p.user_id,
  p.title,
  (SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id) AS votes
FROM public.projects AS p
WHERE
  p.id = ANY (ARRAY(SELECT u1
FROM voted_v1_dirty))
) as live
where (select is_trusted from "voted_v1_trust")
),
"millrace_batch_1" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_millrace.voted_v1" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'best_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'best_v1' order by w.n desc limit 1))
    union all
    select 'D', -1, null, "stored"."user_id", null from "voted_v1_dirty" as dirty join "millrace"."voted_v1" as stored on dirty.u1 = "stored"."id"
    union all
    select 'I', -1, null, null, "live"."user_id" from "voted_v1_live" as live
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_millrace.writers_v1" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'best_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'best_v1' order by w.n desc limit 1))
    union all
    select 'D', -1, null, u1, null from "writers_v1_dirty"
  ),
"millrace_batch_3" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'best_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'best_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."best_v1"'::regclass from millrace.watermark as w where w.model = 'best_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_millrace.voted_v1" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_millrace.writers_v1" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
    and not exists (select from "millrace_batch_2" as marks where op = 'R')
    and not exists (select from "millrace_batch_3" as marks where op = 'R')
    and (select is_trusted from "voted_v1_trust")
    and (select is_trusted from "writers_v1_trust")
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (v.user_id)::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775786'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775786'::bigint <> 0
) as "v"
union all
select (writers_v1.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775778'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775778'::bigint <> 0
) as "writers_v1"
union all
select (v.user_id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775790'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775790'::bigint <> 0
) as "p"
join "millrace"."voted_v1" as "v" on p.id = v.id
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_best_v1") as dirty
)
select "user_id", "name", "projects", "votes", "score"
from "millrace"."best_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."user_id")
union all
select "user_id", "name", "projects", "votes", "score"
from (
SELECT
  v.user_id,
  w.name,
  w.projects,
  sum(v.votes) AS votes,
  max(p.score) AS score
FROM ( SELECT
  ahead.id,
  ahead.user_id,
  ahead.title,
  ahead.votes
FROM ( SELECT
  stored.id,
  stored.user_id,
  stored.title,
  stored.votes,
  false AS millrace_is_live
FROM millrace.voted_v1 AS stored
UNION
ALL
SELECT
  live.id,
  live.user_id,
  live.title,
  live.votes,
  true
FROM ( SELECT *
FROM voted_v1_live
OFFSET 0 ) AS live ) AS ahead
WHERE
  ahead.millrace_is_live
  OR NOT (EXISTS (SELECT
FROM voted_v1_dirty AS dirty
WHERE
  dirty.u1 = ahead.id)) ) AS v
JOIN ( SELECT
  writers_v1.id,
  writers_v1.name,
  writers_v1.projects
FROM ( SELECT
  ahead.id,
  ahead.name,
  ahead.projects,
  ahead.millrace_shown AS millrace_shown
FROM ( SELECT
  stored.id,
  stored.name,
  stored.projects,
  stored.millrace_shown AS millrace_shown,
  false AS millrace_is_live
FROM millrace.writers_v1 AS stored
UNION
ALL
SELECT
  live.id,
  live.name,
  live.projects,
  true AS millrace_shown,
  true
FROM ( SELECT
  id,
  name,
  projects
FROM ( SELECT
  u.id,
  u.name,
  (SELECT count(*) AS count
  FROM public.projects AS p
  WHERE
    p.user_id = u.id) AS projects
FROM public.users AS u
WHERE
  u.name <> ''::text
  AND u.id = ANY (ARRAY(SELECT u1
FROM writers_v1_dirty)) ) AS live
WHERE
  (SELECT is_trusted
FROM writers_v1_trust) ) AS live ) AS ahead
WHERE
  ahead.millrace_is_live
  OR NOT (EXISTS (SELECT
FROM writers_v1_dirty AS dirty
WHERE
  dirty.u1 = ahead.id)) ) AS writers_v1
WHERE
  writers_v1.millrace_shown
  AND writers_v1.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty)) ) AS w(id, name, projects) ON w.id = v.user_id
JOIN public.projects AS p ON p.id = v.id
WHERE
  v.user_id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
GROUP BY
  v.user_id,
  w.name,
  w.projects
) as live
where (select is_trusted from millrace_trust)
union all
select "user_id", "name", "projects", "votes", "score"
from (
SELECT
  v.user_id,
  w.name,
  w.projects,
  sum(v.votes) AS votes,
  max(p.score) AS score
FROM ( SELECT
  live.id,
  live.user_id,
  live.title,
  live.votes
FROM ( SELECT
  p.id,
  p.user_id,
  p.title,
  (SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id) AS votes
FROM public.projects AS p ) AS live ) AS v
JOIN ( SELECT
  writers_v1.id,
  writers_v1.name,
  writers_v1.projects
FROM ( SELECT
  live.id,
  live.name,
  live.projects,
  true AS millrace_shown
FROM ( SELECT
  u.id,
  u.name,
  (SELECT count(*) AS count
  FROM public.projects AS p
  WHERE
    p.user_id = u.id) AS projects
FROM public.users AS u
WHERE
  u.name <> ''::text ) AS live ) AS writers_v1
WHERE
  writers_v1.millrace_shown ) AS w(id, name, projects) ON w.id = v.user_id
JOIN public.projects AS p ON p.id = v.id
GROUP BY
  v.user_id,
  w.name,
  w.projects
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."best_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."best_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "voted_v1_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''voted_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''voted_v1'' order by w.n desc limit 1))
  ),
"voted_v1_batch_2" as materialized (
    select op, changed, note, "old_project_id", "new_project_id"
    from "millrace"."queue_votes" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''voted_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''voted_v1'' order by w.n desc limit 1))
  ),
"voted_v1_trust" (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."voted_v1"''::regclass from millrace.watermark as w where w.model = ''voted_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_votes" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "voted_v1_batch_1" as marks where op = ''R'')
    and not exists (select from "voted_v1_batch_2" as marks where op = ''R'')
),
"voted_v1_dirty" (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "voted_v1_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0
  union all
  select "new_id" as "id" from "voted_v1_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0
) as "p"
union all
select (v.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "voted_v1_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "voted_v1_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0
) as "v"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_voted_v1") as dirty
),
"writers_v1_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''writers_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''writers_v1'' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
"writers_v1_batch_2" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''writers_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''writers_v1'' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
"writers_v1_trust" (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."writers_v1"''::regclass from millrace.watermark as w where w.model = ''writers_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_users" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "writers_v1_batch_1" as marks where op = ''R'')
    and not exists (select from "writers_v1_batch_2" as marks where op = ''R'')
),
"writers_v1_dirty" (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (u.id)::integer as u1
from (
  select "old_id" as "id" from "writers_v1_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_id" as "id" from "writers_v1_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "u"
union all
select (p.user_id)::integer as u1
from (
  select "old_user_id" as "user_id" from "writers_v1_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "writers_v1_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0
) as "p"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_writers_v1") as dirty
),
"voted_v1_live" as materialized (
select "id", "user_id", "title", "votes"
from (
SELECT
  p.id,
  p.user_id,
  p.title,
  (SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id) AS votes
FROM public.projects AS p
WHERE
  p.id = ANY (ARRAY(SELECT u1
FROM voted_v1_dirty))
) as live
where (select is_trusted from "voted_v1_trust")
),
"millrace_batch_1" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_millrace.voted_v1" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''best_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''best_v1'' order by w.n desc limit 1))
    union all
    select ''D'', -1, null, "stored"."user_id", null from "voted_v1_dirty" as dirty join "millrace"."voted_v1" as stored on dirty.u1 = "stored"."id"
    union all
    select ''I'', -1, null, null, "live"."user_id" from "voted_v1_live" as live
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_millrace.writers_v1" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''best_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''best_v1'' order by w.n desc limit 1))
    union all
    select ''D'', -1, null, u1, null from "writers_v1_dirty"
  ),
"millrace_batch_3" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''best_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''best_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."best_v1"''::regclass from millrace.watermark as w where w.model = ''best_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_millrace.voted_v1" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_millrace.writers_v1" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
    and not exists (select from "millrace_batch_2" as marks where op = ''R'')
    and not exists (select from "millrace_batch_3" as marks where op = ''R'')
    and (select is_trusted from "voted_v1_trust")
    and (select is_trusted from "writers_v1_trust")
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (v.user_id)::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775786''::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775786''::bigint <> 0
) as "v"
union all
select (writers_v1.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775778''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775778''::bigint <> 0
) as "writers_v1"
union all
select (v.user_id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_3" where op in (''U'', ''D'') and changed & ''-9223372036854775790''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_3" where op in (''U'', ''I'') and changed & ''-9223372036854775790''::bigint <> 0
) as "p"
join "millrace"."voted_v1" as "v" on p.id = v.id
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_best_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "user_id", "name", "projects", "votes", "score"
from "millrace"."best_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."user_id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "user_id", "name", "projects", "votes", "score"
from (
SELECT
  v.user_id,
  w.name,
  w.projects,
  sum(v.votes) AS votes,
  max(p.score) AS score
FROM ( SELECT
  ahead.id,
  ahead.user_id,
  ahead.title,
  ahead.votes
FROM ( SELECT
  stored.id,
  stored.user_id,
  stored.title,
  stored.votes,
  false AS millrace_is_live
FROM millrace.voted_v1 AS stored
UNION
ALL
SELECT
  live.id,
  live.user_id,
  live.title,
  live.votes,
  true
FROM ( SELECT *
FROM voted_v1_live
OFFSET 0 ) AS live ) AS ahead
WHERE
  ahead.millrace_is_live
  OR NOT (EXISTS (SELECT
FROM voted_v1_dirty AS dirty
WHERE
  dirty.u1 = ahead.id)) ) AS v
JOIN ( SELECT
  writers_v1.id,
  writers_v1.name,
  writers_v1.projects
FROM ( SELECT
  ahead.id,
  ahead.name,
  ahead.projects,
  ahead.millrace_shown AS millrace_shown
FROM ( SELECT
  stored.id,
  stored.name,
  stored.projects,
  stored.millrace_shown AS millrace_shown,
  false AS millrace_is_live
FROM millrace.writers_v1 AS stored
UNION
ALL
SELECT
  live.id,
  live.name,
  live.projects,
  true AS millrace_shown,
  true
FROM ( SELECT
  id,
  name,
  projects
FROM ( SELECT
  u.id,
  u.name,
  (SELECT count(*) AS count
  FROM public.projects AS p
  WHERE
    p.user_id = u.id) AS projects
FROM public.users AS u
WHERE
  u.name <> ''''::text
  AND u.id = ANY (ARRAY(SELECT u1
FROM writers_v1_dirty)) ) AS live
WHERE
  (SELECT is_trusted
FROM writers_v1_trust) ) AS live ) AS ahead
WHERE
  ahead.millrace_is_live
  OR NOT (EXISTS (SELECT
FROM writers_v1_dirty AS dirty
WHERE
  dirty.u1 = ahead.id)) ) AS writers_v1
WHERE
  writers_v1.millrace_shown
  AND writers_v1.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty)) ) AS w(id, name, projects) ON w.id = v.user_id
JOIN public.projects AS p ON p.id = v.id
WHERE
  v.user_id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
GROUP BY
  v.user_id,
  w.name,
  w.projects
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "user_id", "name", "projects", "votes", "score"
from (
SELECT
  v.user_id,
  w.name,
  w.projects,
  sum(v.votes) AS votes,
  max(p.score) AS score
FROM ( SELECT
  live.id,
  live.user_id,
  live.title,
  live.votes
FROM ( SELECT
  p.id,
  p.user_id,
  p.title,
  (SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id) AS votes
FROM public.projects AS p ) AS live ) AS v
JOIN ( SELECT
  writers_v1.id,
  writers_v1.name,
  writers_v1.projects
FROM ( SELECT
  live.id,
  live.name,
  live.projects,
  true AS millrace_shown
FROM ( SELECT
  u.id,
  u.name,
  (SELECT count(*) AS count
  FROM public.projects AS p
  WHERE
    p.user_id = u.id) AS projects
FROM public.users AS u
WHERE
  u.name <> ''''::text ) AS live ) AS writers_v1
WHERE
  writers_v1.millrace_shown ) AS w(id, name, projects) ON w.id = v.user_id
JOIN public.projects AS p ON p.id = v.id
GROUP BY
  v.user_id,
  w.name,
  w.projects
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."best_strict"', matching),
      millrace.page_order('"public"."best_strict"', order_by) || '"user_id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."best_strict_page" from public;
grant select on "public"."best", "public"."best_strict" to "millrace_reader";
grant execute on function "public"."best_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'best_v1';
commit;
