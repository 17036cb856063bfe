-- all of sql/

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
alter table "millrace"."queue_tickets" add column if not exists "old_owner_id" integer;
alter table "millrace"."queue_tickets" add column if not exists "new_owner_id" integer;
alter table "millrace"."queue_tickets" add column if not exists "old_hours" integer;
alter table "millrace"."queue_tickets" add column if not exists "new_hours" integer;
create index if not exists "queue_tickets_deferred" on "millrace"."queue_tickets" (xid) where deferred;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."workload_v1" (
  "owner_id" integer,
  "tickets" bigint,
  "hours" bigint,
  "hours__s1" bigint,
  "hours__s2" bigint
);
create unique index if not exists "workload_v1_key" on "millrace"."workload_v1" ("owner_id") nulls not distinct;
create table if not exists "millrace"."pending_workload_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
create or replace function "millrace"."add_workload_v1"(bigint[]) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
#variable_conflict use_column
declare
  millrace_problem text;
begin
  begin
    millrace_problem := millrace.shape_problem('"public"."tickets"'::regclass, '"s"."owner_id", "s"."hours"', 'null::integer, null::integer', array[]::text[]);
  exception when syntax_error_or_access_rule_violation or invalid_schema_name then
    millrace_problem := sqlerrm;
  end;
  if millrace_problem is not null then
    insert into "millrace"."queue_tickets" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, millrace_problem, true);
    return;
  end if;
begin
insert into "millrace"."workload_v1" as stored ("owner_id", "tickets", "hours__s1", "hours__s2", "hours")
select changes.u1, changes.d1, changes.d2, changes.d3, COALESCE(CASE WHEN changes.d3 > 0 THEN changes.d2 END, CAST(0 AS bigint))
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::bigint as d3
  from (
select (tickets.owner_id)::integer, "millrace_sign", "millrace_sign" * tickets.hours::bigint, case when tickets.hours is not null then "millrace_sign" else 0 end
from (
  select -1::bigint as "millrace_sign", "old_owner_id" as "owner_id", "old_hours" as "hours" from (select *
    from "millrace"."queue_tickets" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_owner_id" as "owner_id", "new_hours" as "hours" from (select *
    from "millrace"."queue_tickets" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "tickets"
where true
  ) as delta (u1, d1, d2, d3)
  where true
  group by u1
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0
) as changes
order by changes.u1
on conflict ("owner_id") do update
set "tickets" = ("stored"."tickets" + "excluded"."tickets"),
    "hours__s1" = (case when ("stored"."hours__s2" + "excluded"."hours__s2") = 0 then 0 else ("stored"."hours__s1" + "excluded"."hours__s1") end),
    "hours__s2" = ("stored"."hours__s2" + "excluded"."hours__s2"),
    "hours" = COALESCE(CASE WHEN (stored.hours__s2 + excluded.hours__s2) > 0 THEN CASE WHEN (stored.hours__s2 + excluded.hours__s2) = 0 THEN 0 ELSE stored.hours__s1 + excluded.hours__s1 END END, CAST(0 AS bigint));
if found then delete from "millrace"."workload_v1" as stored
using (select distinct (tickets.owner_id)::integer from (select * from (
  select -1::bigint as "millrace_sign", "old_owner_id" as "owner_id", "old_hours" as "hours" from (select *
    from "millrace"."queue_tickets" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_owner_id" as "owner_id", "new_hours" as "hours" from (select *
    from "millrace"."queue_tickets" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as changed where "millrace_sign" < 0) as "tickets") as gone (u1)
where "stored"."owner_id" = gone.u1
  and "stored"."tickets" = 0;
delete from "millrace"."workload_v1" as stored
using (select distinct (tickets.owner_id)::integer from (select * from (
  select -1::bigint as "millrace_sign", "old_owner_id" as "owner_id", "old_hours" as "hours" from (select *
    from "millrace"."queue_tickets" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_owner_id" as "owner_id", "new_hours" as "hours" from (select *
    from "millrace"."queue_tickets" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as changed where "millrace_sign" < 0) as "tickets") as gone (u1)
where "stored"."owner_id" is null and gone.u1 is null
  and "stored"."tickets" = 0; end if;
exception
  when cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error then
    if exists (select from millrace.model where storage = 'workload_v1' and state = 'ready') then
      raise exception using errcode = sqlstate,
    message = format('read model public.workload cannot be kept for (owner_id) = (%s): %s', (select string_agg(concat_ws(', ', unit.u1), '; ' order by unit.u1)
      from (select * from (select distinct (tickets.owner_id)::integer from (
  select -1::bigint as "millrace_sign", "old_owner_id" as "owner_id", "old_hours" as "hours" from (select *
    from "millrace"."queue_tickets" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_owner_id" as "owner_id", "new_hours" as "hours" from (select *
    from "millrace"."queue_tickets" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "tickets") as unit (u1) order by unit.u1 limit 5) as unit), sqlerrm),
    hint = 'Mend what the write makes of this row, or the query. With onError: ''queue'' the write would go through, and the row wait.';
    end if;
    insert into "millrace"."pending_workload_v1" (u1, cause, error)
    select unit.u1, 'error', sqlerrm
    from (select distinct (tickets.owner_id)::integer from (
  select -1::bigint as "millrace_sign", "old_owner_id" as "owner_id", "old_hours" as "hours" from (select *
    from "millrace"."queue_tickets" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_owner_id" as "owner_id", "new_hours" as "hours" from (select *
    from "millrace"."queue_tickets" as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)) as own where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "tickets") as unit (u1)
    where true
    order by unit.u1
    on conflict (u1) do update set cause = excluded.cause, error = excluded.error, retry_at = null;
end;
end
$millrace$;
revoke all on function "millrace"."add_workload_v1"(bigint[]) from public;
grant select, insert, update, delete on "millrace"."workload_v1", "millrace"."pending_workload_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_tickets" to "millrace_worker";
grant select, truncate on "millrace"."queue_tickets_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_tickets_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_tickets_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('workload_v1', 'public', 'workload', 'select owner_id, count(*) as tickets, coalesce(sum(hours), 0) as hours
from tickets
group by owner_id
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'workload_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 60; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."workload_v1", "millrace"."pending_workload_v1" in access share mode;
lock table "millrace"."workload_v1" in exclusive mode;
lock table "public"."tickets", "millrace"."queue_tickets" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (tickets.owner_id)::integer from "public"."tickets" as "tickets"
union all
select "owner_id" from "millrace"."workload_v1"
union all
select u1 from "millrace"."pending_workload_v1"
),
waiting as (
  insert into "millrace"."pending_workload_v1" (u1, cause)
  select distinct u1, $1::text
  from everything
  where true
  on conflict (u1) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['1']
with fresh ("owner_id", "tickets", "hours", "hours__s1", "hours__s2") as materialized (
SELECT
  tickets.owner_id,
  count(*) AS tickets,
  COALESCE(sum(tickets.hours), CAST(0 AS bigint)) AS hours,
  COALESCE(sum(tickets.hours), 0) AS hours__s1,
  count(tickets.hours) AS hours__s2
FROM public.tickets
WHERE
  tickets.owner_id = ANY (CAST(CAST($1 AS text[]) AS int[]))
GROUP BY
  tickets.owner_id
),
duplicate as (
  select "owner_id"
  from fresh
  group by "owner_id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."workload_v1" as stored
  where ("stored"."owner_id") = any ($1::text[]::integer[])
    and not exists (select from fresh where not ("fresh"."owner_id" is distinct from "stored"."owner_id"))
  returning 1
),
written as (
  insert into "millrace"."workload_v1" as stored ("owner_id", "tickets", "hours", "hours__s1", "hours__s2")
  select "owner_id", "tickets", "hours", "hours__s1", "hours__s2"
  from fresh
  where not exists (select from duplicate)
  on conflict ("owner_id") do update
  set ("owner_id", "tickets", "hours", "hours__s1", "hours__s2") = row("excluded"."owner_id", "excluded"."tickets", "excluded"."hours", "excluded"."hours__s1", "excluded"."hours__s2")
  where record_image_ne(row("stored"."owner_id", "stored"."tickets", "stored"."hours", "stored"."hours__s1", "stored"."hours__s2"), row("excluded"."owner_id", "excluded"."tickets", "excluded"."hours", "excluded"."hours__s1", "excluded"."hours__s2"))
  returning 1
),
settled as (
  delete from "millrace"."pending_workload_v1"
  where (u1) = any ($1::text[]::integer[])
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates;
release savepoint attempt;
savepoint attempt;
with fresh ("owner_id", "tickets", "hours", "hours__s1", "hours__s2") as materialized (
SELECT
  tickets.owner_id,
  count(*) AS tickets,
  COALESCE(sum(tickets.hours), CAST(0 AS bigint)) AS hours,
  COALESCE(sum(tickets.hours), 0) AS hours__s1,
  count(tickets.hours) AS hours__s2
FROM public.tickets
WHERE
  tickets.owner_id IS NULL
GROUP BY
  tickets.owner_id
),
duplicate as (
  select "owner_id"
  from fresh
  group by "owner_id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."workload_v1" as stored
  where ("stored"."owner_id") is null
    and not exists (select from fresh where not ("fresh"."owner_id" is distinct from "stored"."owner_id"))
  returning 1
),
written as (
  insert into "millrace"."workload_v1" as stored ("owner_id", "tickets", "hours", "hours__s1", "hours__s2")
  select "owner_id", "tickets", "hours", "hours__s1", "hours__s2"
  from fresh
  where not exists (select from duplicate)
  on conflict ("owner_id") do update
  set ("owner_id", "tickets", "hours", "hours__s1", "hours__s2") = row("excluded"."owner_id", "excluded"."tickets", "excluded"."hours", "excluded"."hours__s1", "excluded"."hours__s2")
  where record_image_ne(row("stored"."owner_id", "stored"."tickets", "stored"."hours", "stored"."hours__s1", "stored"."hours__s2"), row("excluded"."owner_id", "excluded"."tickets", "excluded"."hours", "excluded"."hours__s1", "excluded"."hours__s2"))
  returning 1
),
settled as (
  delete from "millrace"."pending_workload_v1"
  where (u1) is null
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
values ('workload_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."workload_v1"'::regclass,
        not exists (select from "millrace"."pending_workload_v1" where retry_at is null));
-- $1: 'workload_v1'
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
  millrace_nested boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."tickets"'::regclass, '"s"."owner_id", "s"."hours"', 'null::integer, null::integer', array[]::text[]);
    if problem is null and millrace_nested then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "n"."owner_id", "n"."hours", (millrace_nested) as millrace_applies_1
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
insert into "millrace"."workload_v1" as stored ("owner_id", "tickets", "hours__s1", "hours__s2", "hours")
select changes.u1, changes.d1, changes.d2, changes.d3, COALESCE(CASE WHEN changes.d3 > 0 THEN changes.d2 END, CAST(0 AS bigint))
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::bigint as d3
  from (
select (tickets.owner_id)::integer, "millrace_sign", "millrace_sign" * tickets.hours::bigint, case when tickets.hours is not null then "millrace_sign" else 0 end
from (select 1::bigint as "millrace_sign", "owner_id", "hours" from new_rows) as "tickets"
where true
  ) as delta (u1, d1, d2, d3)
  where true
  group by u1
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0
) as changes
order by changes.u1
on conflict ("owner_id") do update
set "tickets" = ("stored"."tickets" + "excluded"."tickets"),
    "hours__s1" = (case when ("stored"."hours__s2" + "excluded"."hours__s2") = 0 then 0 else ("stored"."hours__s1" + "excluded"."hours__s1") end),
    "hours__s2" = ("stored"."hours__s2" + "excluded"."hours__s2"),
    "hours" = COALESCE(CASE WHEN (stored.hours__s2 + excluded.hours__s2) > 0 THEN CASE WHEN (stored.hours__s2 + excluded.hours__s2) = 0 THEN 0 ELSE stored.hours__s1 + excluded.hours__s1 END END, CAST(0 AS bigint));
exception
  when cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error then
    if exists (select from millrace.model where storage = 'workload_v1' and state = 'ready') then
      raise exception using errcode = sqlstate,
    message = format('read model public.workload cannot be kept for (owner_id) = (%s): %s', (select string_agg(concat_ws(', ', unit.u1), '; ' order by unit.u1)
      from (select * from (select distinct (tickets.owner_id)::integer from (select 1::bigint as "millrace_sign", "owner_id", "hours" from new_rows) as "tickets") as unit (u1) order by unit.u1 limit 5) as unit), sqlerrm),
    hint = 'Mend what the write makes of this row, or the query. With onError: ''queue'' the write would go through, and the row wait.';
    end if;
    insert into "millrace"."pending_workload_v1" (u1, cause, error)
    select unit.u1, 'error', sqlerrm
    from (select distinct (tickets.owner_id)::integer from (select 1::bigint as "millrace_sign", "owner_id", "hours" from new_rows) as "tickets") as unit (u1)
    where true
    order by unit.u1
    on conflict (u1) do update set cause = excluded.cause, error = excluded.error, retry_at = null;
end;
    return null;
  end if;
  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_tickets" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_tickets" (slot, xid, op, changed, "new_owner_id", "new_hours", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."owner_id", "n"."hours", millrace_deferred, millrace_statement
    from new_rows as n
    where millrace_nested;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('add_workload_v1', millrace_applies_1)) as model (apply, applies)
    where model.applies;
    if millrace_nested then
      perform set_config('millrace.nested', 'on', true);
    end if;
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
  millrace_nested boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."tickets"'::regclass, '"s"."owner_id", "s"."hours"', 'null::integer, null::integer', array[]::text[]);
    if problem is null and millrace_nested then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."owner_id", "o"."hours", "n"."owner_id", "n"."hours", ((millrace_nested and (difference.changed & '-9223372036854775796'::bigint <> 0))) as millrace_applies_1
        from (select row_number() over () as position, "o"."owner_id", "o"."hours" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."owner_id", "n"."hours" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."owner_id"), row("n"."owner_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."hours"), row("n"."hours")) then '8'::bigint else 0 end end as changed
      ) as difference
        where (millrace_nested and (difference.changed & '-9223372036854775796'::bigint <> 0))
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
insert into "millrace"."workload_v1" as stored ("owner_id", "tickets", "hours__s1", "hours__s2", "hours")
select changes.u1, changes.d1, changes.d2, changes.d3, COALESCE(CASE WHEN changes.d3 > 0 THEN changes.d2 END, CAST(0 AS bigint))
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::bigint as d3
  from (
select (tickets.owner_id)::integer, "millrace_sign", "millrace_sign" * tickets.hours::bigint, case when tickets.hours is not null then "millrace_sign" else 0 end
from (select -1::bigint as "millrace_sign", "owner_id", "hours" from old_rows union all select 1::bigint as "millrace_sign", "owner_id", "hours" from new_rows) as "tickets"
where true
  ) as delta (u1, d1, d2, d3)
  where true
  group by u1
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0
) as changes
order by changes.u1
on conflict ("owner_id") do update
set "tickets" = ("stored"."tickets" + "excluded"."tickets"),
    "hours__s1" = (case when ("stored"."hours__s2" + "excluded"."hours__s2") = 0 then 0 else ("stored"."hours__s1" + "excluded"."hours__s1") end),
    "hours__s2" = ("stored"."hours__s2" + "excluded"."hours__s2"),
    "hours" = COALESCE(CASE WHEN (stored.hours__s2 + excluded.hours__s2) > 0 THEN CASE WHEN (stored.hours__s2 + excluded.hours__s2) = 0 THEN 0 ELSE stored.hours__s1 + excluded.hours__s1 END END, CAST(0 AS bigint));
if found then delete from "millrace"."workload_v1" as stored
using (select distinct (tickets.owner_id)::integer from (select * from (select -1::bigint as "millrace_sign", "owner_id", "hours" from old_rows union all select 1::bigint as "millrace_sign", "owner_id", "hours" from new_rows) as changed where "millrace_sign" < 0) as "tickets") as gone (u1)
where "stored"."owner_id" = gone.u1
  and "stored"."tickets" = 0;
delete from "millrace"."workload_v1" as stored
using (select distinct (tickets.owner_id)::integer from (select * from (select -1::bigint as "millrace_sign", "owner_id", "hours" from old_rows union all select 1::bigint as "millrace_sign", "owner_id", "hours" from new_rows) as changed where "millrace_sign" < 0) as "tickets") as gone (u1)
where "stored"."owner_id" is null and gone.u1 is null
  and "stored"."tickets" = 0; end if;
exception
  when cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error then
    if exists (select from millrace.model where storage = 'workload_v1' and state = 'ready') then
      raise exception using errcode = sqlstate,
    message = format('read model public.workload cannot be kept for (owner_id) = (%s): %s', (select string_agg(concat_ws(', ', unit.u1), '; ' order by unit.u1)
      from (select * from (select distinct (tickets.owner_id)::integer from (select -1::bigint as "millrace_sign", "owner_id", "hours" from old_rows union all select 1::bigint as "millrace_sign", "owner_id", "hours" from new_rows) as "tickets") as unit (u1) order by unit.u1 limit 5) as unit), sqlerrm),
    hint = 'Mend what the write makes of this row, or the query. With onError: ''queue'' the write would go through, and the row wait.';
    end if;
    insert into "millrace"."pending_workload_v1" (u1, cause, error)
    select unit.u1, 'error', sqlerrm
    from (select distinct (tickets.owner_id)::integer from (select -1::bigint as "millrace_sign", "owner_id", "hours" from old_rows union all select 1::bigint as "millrace_sign", "owner_id", "hours" from new_rows) as "tickets") as unit (u1)
    where true
    order by unit.u1
    on conflict (u1) do update set cause = excluded.cause, error = excluded.error, retry_at = null;
end;
    return null;
  end if;
  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_tickets" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_tickets" (slot, xid, op, changed, "old_owner_id", "old_hours", "new_owner_id", "new_hours", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."owner_id", "o"."hours", "n"."owner_id", "n"."hours", millrace_deferred, millrace_statement
    from (select row_number() over () as position, "o"."owner_id", "o"."hours" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."owner_id", "n"."hours" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."owner_id"), row("n"."owner_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."hours"), row("n"."hours")) then '8'::bigint else 0 end end as changed
      ) as difference
    where (millrace_nested and (difference.changed & '-9223372036854775796'::bigint <> 0));
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('add_workload_v1', millrace_applies_1)) as model (apply, applies)
    where model.applies;
    if millrace_nested then
      perform set_config('millrace.nested', 'on', true);
    end if;
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
  millrace_nested boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';
  millrace_applies_1 boolean;
begin
  begin
    problem := millrace.shape_problem('"public"."tickets"'::regclass, '"s"."owner_id", "s"."hours"', 'null::integer, null::integer', array[]::text[]);
    if problem is null and millrace_nested then
      select count(*), coalesce(bool_or(changes.millrace_applies_1), false)
      into relevant, millrace_applies_1
      from (
        select "o"."owner_id", "o"."hours", (millrace_nested) as millrace_applies_1
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
insert into "millrace"."workload_v1" as stored ("owner_id", "tickets", "hours__s1", "hours__s2", "hours")
select changes.u1, changes.d1, changes.d2, changes.d3, COALESCE(CASE WHEN changes.d3 > 0 THEN changes.d2 END, CAST(0 AS bigint))
from (
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::bigint as d3
  from (
select (tickets.owner_id)::integer, "millrace_sign", "millrace_sign" * tickets.hours::bigint, case when tickets.hours is not null then "millrace_sign" else 0 end
from (select -1::bigint as "millrace_sign", "owner_id", "hours" from old_rows) as "tickets"
where true
  ) as delta (u1, d1, d2, d3)
  where true
  group by u1
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0
) as changes
order by changes.u1
on conflict ("owner_id") do update
set "tickets" = ("stored"."tickets" + "excluded"."tickets"),
    "hours__s1" = (case when ("stored"."hours__s2" + "excluded"."hours__s2") = 0 then 0 else ("stored"."hours__s1" + "excluded"."hours__s1") end),
    "hours__s2" = ("stored"."hours__s2" + "excluded"."hours__s2"),
    "hours" = COALESCE(CASE WHEN (stored.hours__s2 + excluded.hours__s2) > 0 THEN CASE WHEN (stored.hours__s2 + excluded.hours__s2) = 0 THEN 0 ELSE stored.hours__s1 + excluded.hours__s1 END END, CAST(0 AS bigint));
if found then delete from "millrace"."workload_v1" as stored
using (select distinct (tickets.owner_id)::integer from (select * from (select -1::bigint as "millrace_sign", "owner_id", "hours" from old_rows) as changed where "millrace_sign" < 0) as "tickets") as gone (u1)
where "stored"."owner_id" = gone.u1
  and "stored"."tickets" = 0;
delete from "millrace"."workload_v1" as stored
using (select distinct (tickets.owner_id)::integer from (select * from (select -1::bigint as "millrace_sign", "owner_id", "hours" from old_rows) as changed where "millrace_sign" < 0) as "tickets") as gone (u1)
where "stored"."owner_id" is null and gone.u1 is null
  and "stored"."tickets" = 0; end if;
exception
  when cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error then
    if exists (select from millrace.model where storage = 'workload_v1' and state = 'ready') then
      raise exception using errcode = sqlstate,
    message = format('read model public.workload cannot be kept for (owner_id) = (%s): %s', (select string_agg(concat_ws(', ', unit.u1), '; ' order by unit.u1)
      from (select * from (select distinct (tickets.owner_id)::integer from (select -1::bigint as "millrace_sign", "owner_id", "hours" from old_rows) as "tickets") as unit (u1) order by unit.u1 limit 5) as unit), sqlerrm),
    hint = 'Mend what the write makes of this row, or the query. With onError: ''queue'' the write would go through, and the row wait.';
    end if;
    insert into "millrace"."pending_workload_v1" (u1, cause, error)
    select unit.u1, 'error', sqlerrm
    from (select distinct (tickets.owner_id)::integer from (select -1::bigint as "millrace_sign", "owner_id", "hours" from old_rows) as "tickets") as unit (u1)
    where true
    order by unit.u1
    on conflict (u1) do update set cause = excluded.cause, error = excluded.error, retry_at = null;
end;
    return null;
  end if;
  millrace_deferred := current_setting('transaction_isolation') <> 'read committed';

  if problem is not null then
    insert into "millrace"."queue_tickets" (slot, xid, op, changed, note, deferred)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem, true);
  elsif relevant > 0 then
    millrace_statement := nextval('millrace.statement_number');
    insert into "millrace"."queue_tickets" (slot, xid, op, changed, "old_owner_id", "old_hours", deferred, statement)
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."owner_id", "o"."hours", millrace_deferred, millrace_statement
    from old_rows as o
    where millrace_nested;
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, millrace_statement
    from (values ('add_workload_v1', millrace_applies_1)) as model (apply, applies)
    where model.applies;
    if millrace_nested then
      perform set_config('millrace.nested', 'on', true);
    end if;
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
create or replace function "millrace"."nested_tickets"() returns trigger
language plpgsql
as $millrace$
begin
  perform pg_catalog.set_config('millrace.nested', 'on', true);
  return null;
end
$millrace$;
create or replace trigger "!millrace_nested"
before update or delete on "public"."tickets"
for each statement when (pg_trigger_depth() > 0) execute function "millrace"."nested_tickets"();
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
create or replace view "public"."workload" as
select "owner_id", "tickets", "hours"
from "millrace"."workload_v1";
create or replace view "public"."workload_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_owner_id", "new_owner_id"
    from "millrace"."queue_tickets" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'workload_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'workload_v1' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."workload_v1"'::regclass from millrace.watermark as w where w.model = 'workload_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_tickets" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (tickets.owner_id)::integer as u1
from (
  select "old_owner_id" as "owner_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_owner_id" as "owner_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "tickets"
  ) as resolved (u1)
  where true
  union all
  select u1
  from "millrace"."pending_workload_v1") as dirty
)
select "owner_id", "tickets", "hours"
from "millrace"."workload_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."owner_id")
  and not ("stored"."owner_id" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null))
union all
select "owner_id", "tickets", "hours"
from (
SELECT
  tickets.owner_id,
  count(*) AS tickets,
  COALESCE(sum(tickets.hours), CAST(0 AS bigint)) AS hours
FROM public.tickets
WHERE
  tickets.owner_id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (tickets.owner_id IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL))
GROUP BY
  tickets.owner_id
) as live
where (select is_trusted from millrace_trust)
union all
select "owner_id", "tickets", "hours"
from (
SELECT
  tickets.owner_id,
  count(*) AS tickets,
  COALESCE(sum(tickets.hours), CAST(0 AS bigint)) AS hours
FROM public.tickets
GROUP BY
  tickets.owner_id
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."workload_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."workload_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_owner_id", "new_owner_id"
    from "millrace"."queue_tickets" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''workload_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''workload_v1'' order by w.n desc limit 1))
      and (q.deferred or q.xid = pg_current_xact_id_if_assigned())
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."workload_v1"''::regclass from millrace.watermark as w where w.model = ''workload_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_tickets" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (tickets.owner_id)::integer as u1
from (
  select "old_owner_id" as "owner_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0
  union all
  select "new_owner_id" as "owner_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0
) as "tickets"
  ) as resolved (u1)
  where true
  union all
  select u1
  from "millrace"."pending_workload_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "owner_id", "tickets", "hours"
from "millrace"."workload_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."owner_id")
  and not ("stored"."owner_id" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null))) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "owner_id", "tickets", "hours"
from (
SELECT
  tickets.owner_id,
  count(*) AS tickets,
  COALESCE(sum(tickets.hours), CAST(0 AS bigint)) AS hours
FROM public.tickets
WHERE
  tickets.owner_id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (tickets.owner_id IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL))
GROUP BY
  tickets.owner_id
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "owner_id", "tickets", "hours"
from (
SELECT
  tickets.owner_id,
  count(*) AS tickets,
  COALESCE(sum(tickets.hours), CAST(0 AS bigint)) AS hours
FROM public.tickets
GROUP BY
  tickets.owner_id
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."workload_strict"', matching),
      millrace.page_order('"public"."workload_strict"', order_by) || '"owner_id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."workload_strict_page" from public;
grant select on "public"."workload", "public"."workload_strict" to "millrace_reader";
grant execute on function "public"."workload_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'workload_v1';
commit;
