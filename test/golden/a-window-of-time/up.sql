-- all of sql/

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_events_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."events"'::regclass, '"s"."person_id", "s"."at"', 'null::integer, null::timestamp with time zone', array['person_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."person_id"
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
    insert into "millrace"."queue_events" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_events" (slot, xid, op, changed, "new_person_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."person_id"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."events"
referencing new table as new_rows
for each statement execute function "millrace"."capture_events_insert"();
create or replace function "millrace"."capture_events_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."events"'::regclass, '"s"."person_id", "s"."at"', 'null::integer, null::timestamp with time zone', array['person_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."person_id", "n"."person_id"
        from (select row_number() over () as position, "o"."person_id", "o"."at" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."person_id", "n"."at" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."person_id"), row("n"."person_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."at"), row("n"."at")) then '8'::bigint else 0 end end as changed
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
    insert into "millrace"."queue_events" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_events" (slot, xid, op, changed, "old_person_id", "new_person_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."person_id", "n"."person_id"
    from (select row_number() over () as position, "o"."person_id", "o"."at" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."person_id", "n"."at" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."person_id"), row("n"."person_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."at"), row("n"."at")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775796'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."events"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_events_update"();
create or replace function "millrace"."capture_events_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."events"'::regclass, '"s"."person_id", "s"."at"', 'null::integer, null::timestamp with time zone', array['person_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."person_id"
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
    insert into "millrace"."queue_events" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_events" (slot, xid, op, changed, "old_person_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."person_id"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."events"
referencing old table as old_rows
for each statement execute function "millrace"."capture_events_delete"();
create or replace function "millrace"."capture_events_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_events" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."events"
for each statement execute function "millrace"."capture_events_truncate"();
create table if not exists "millrace"."queue_events" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_events_0" partition of "millrace"."queue_events" for values in (0);
create table if not exists "millrace"."queue_events_1" partition of "millrace"."queue_events" for values in (1);
create table if not exists "millrace"."queue_events_2" partition of "millrace"."queue_events" for values in (2);
create index if not exists "queue_events_xid" on "millrace"."queue_events" (xid);
insert into "millrace"."queue_events" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_events" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_events" add column if not exists "old_person_id" integer;
alter table "millrace"."queue_events" add column if not exists "new_person_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."lively_v1" (
  "person_id" integer,
  "n" bigint,
  "of_a_day" bigint,
  "of_a_week" bigint
);
create unique index if not exists "lively_v1_key" on "millrace"."lively_v1" ("person_id") nulls not distinct;
create table if not exists "millrace"."pending_lively_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
grant select, insert, update, delete on "millrace"."lively_v1", "millrace"."pending_lively_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_events" to "millrace_worker";
grant select, truncate on "millrace"."queue_events_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_events_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_events_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('lively_v1', 'public', 'lively', 'select e.person_id, count(*) as n,
       count(*) filter (where e.at > now() - interval ''1 day'') as of_a_day,
       count(*) filter (where e.at > now() - interval ''7 days'') as of_a_week
from events e
group by e.person_id
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'lively_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."lively_v1", "millrace"."pending_lively_v1" in access share mode;
lock table "public"."events", "millrace"."queue_events" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (e.person_id)::integer from "public"."events" as "e"
union all
select "person_id" from "millrace"."lively_v1"
union all
select u1 from "millrace"."pending_lively_v1"
),
waiting as (
  insert into "millrace"."pending_lively_v1" (u1, cause)
  select distinct u1, $1::text
  from everything
  where u1 is not null
  on conflict (u1) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['1']
with fresh ("person_id", "n", "of_a_day", "of_a_week") as materialized (
SELECT
  e.person_id,
  count(*) AS n,
  count(*) FILTER (WHERE e.at > timezone('UTC'::text, timezone('UTC'::text, now()) - '1 day'::interval)) AS of_a_day,
  count(*) FILTER (WHERE e.at > timezone('UTC'::text, timezone('UTC'::text, now()) - '7 days'::interval)) AS of_a_week
FROM public.events AS e
WHERE
  e.person_id = ANY (CAST(CAST($1 AS text[]) AS int[]))
GROUP BY
  e.person_id
),
duplicate as (
  select "person_id"
  from fresh
  group by "person_id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."lively_v1" as stored
  where ("stored"."person_id") = any ($1::text[]::integer[])
    and not exists (select from fresh where "fresh"."person_id" = "stored"."person_id")
  returning 1
),
written as (
  insert into "millrace"."lively_v1" as stored ("person_id", "n", "of_a_day", "of_a_week")
  select "person_id", "n", "of_a_day", "of_a_week"
  from fresh
  where not exists (select from duplicate)
  on conflict ("person_id") do update
  set ("person_id", "n", "of_a_day", "of_a_week") = row("excluded"."person_id", "excluded"."n", "excluded"."of_a_day", "excluded"."of_a_week")
  where record_image_ne(row("stored"."person_id", "stored"."n", "stored"."of_a_day", "stored"."of_a_week"), row("excluded"."person_id", "excluded"."n", "excluded"."of_a_day", "excluded"."of_a_week"))
  returning 1
),
settled as (
  delete from "millrace"."pending_lively_v1"
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
values ('lively_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."lively_v1"'::regclass,
        not exists (select from "millrace"."pending_lively_v1" where retry_at is null));
-- $1: 'lively_v1'
-- $2: 'backfill'
-- $3: 0
-- $4: 1
-- $5: 1
-- $6: <milliseconds>
-- $7: 'completed'
-- $8: null
insert into millrace.refresh_log (model, cause, changes, units, rows_changed, duration_ms, status, error)
values ($1::text, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::float8, $7::text, $8::text);
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace view "public"."lively" as
select "person_id", "n", "of_a_day", "of_a_week"
from "millrace"."lively_v1";
create or replace view "public"."lively_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_person_id", "new_person_id"
    from "millrace"."queue_events" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'lively_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'lively_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."lively_v1"'::regclass from millrace.watermark as w where w.model = 'lively_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_events" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (e.person_id)::integer as u1
from (
  select "old_person_id" as "person_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_person_id" as "person_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "e"
union all
select (e.person_id)::integer as u1
from (
  select "e"."person_id"
  from (select w.clock from millrace.watermark as w where w.model = 'lively_v1' order by w.n desc limit 1) as millrace_since (moment)
  join "public"."events" as "e" on "e"."at" >= least(timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '1 day'::interval), timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '1 day'::interval)) and "e"."at" <= greatest(timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '1 day'::interval), timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '1 day'::interval))
  where timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '1 day'::interval) <> timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '1 day'::interval)
) as "e"
union all
select (e.person_id)::integer as u1
from (
  select "e"."person_id"
  from (select w.clock from millrace.watermark as w where w.model = 'lively_v1' order by w.n desc limit 1) as millrace_since (moment)
  join "public"."events" as "e" on "e"."at" >= least(timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '7 days'::interval), timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '7 days'::interval)) and "e"."at" <= greatest(timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '7 days'::interval), timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '7 days'::interval))
  where timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '7 days'::interval) <> timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '7 days'::interval)
) as "e"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_lively_v1") as dirty
)
select "person_id", "n", "of_a_day", "of_a_week"
from "millrace"."lively_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."person_id")
union all
select "person_id", "n", "of_a_day", "of_a_week"
from (
SELECT
  e.person_id,
  count(*) AS n,
  count(*) FILTER (WHERE e.at > timezone('UTC'::text, timezone('UTC'::text, now()) - '1 day'::interval)) AS of_a_day,
  count(*) FILTER (WHERE e.at > timezone('UTC'::text, timezone('UTC'::text, now()) - '7 days'::interval)) AS of_a_week
FROM public.events AS e
WHERE
  e.person_id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
GROUP BY
  e.person_id
) as live
where (select is_trusted from millrace_trust)
union all
select "person_id", "n", "of_a_day", "of_a_week"
from (
SELECT
  e.person_id,
  count(*) AS n,
  count(*) FILTER (WHERE e.at > timezone('UTC'::text, timezone('UTC'::text, now()) - '1 day'::interval)) AS of_a_day,
  count(*) FILTER (WHERE e.at > timezone('UTC'::text, timezone('UTC'::text, now()) - '7 days'::interval)) AS of_a_week
FROM public.events AS e
GROUP BY
  e.person_id
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."lively_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."lively_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_person_id", "new_person_id"
    from "millrace"."queue_events" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''lively_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''lively_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."lively_v1"''::regclass from millrace.watermark as w where w.model = ''lively_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_events" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (e.person_id)::integer as u1
from (
  select "old_person_id" as "person_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0
  union all
  select "new_person_id" as "person_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0
) as "e"
union all
select (e.person_id)::integer as u1
from (
  select "e"."person_id"
  from (select w.clock from millrace.watermark as w where w.model = ''lively_v1'' order by w.n desc limit 1) as millrace_since (moment)
  join "public"."events" as "e" on "e"."at" >= least(timezone(''UTC''::text, timezone(''UTC''::text, millrace_since.moment) - ''1 day''::interval), timezone(''UTC''::text, timezone(''UTC''::text, pg_catalog.now()) - ''1 day''::interval)) and "e"."at" <= greatest(timezone(''UTC''::text, timezone(''UTC''::text, millrace_since.moment) - ''1 day''::interval), timezone(''UTC''::text, timezone(''UTC''::text, pg_catalog.now()) - ''1 day''::interval))
  where timezone(''UTC''::text, timezone(''UTC''::text, millrace_since.moment) - ''1 day''::interval) <> timezone(''UTC''::text, timezone(''UTC''::text, pg_catalog.now()) - ''1 day''::interval)
) as "e"
union all
select (e.person_id)::integer as u1
from (
  select "e"."person_id"
  from (select w.clock from millrace.watermark as w where w.model = ''lively_v1'' order by w.n desc limit 1) as millrace_since (moment)
  join "public"."events" as "e" on "e"."at" >= least(timezone(''UTC''::text, timezone(''UTC''::text, millrace_since.moment) - ''7 days''::interval), timezone(''UTC''::text, timezone(''UTC''::text, pg_catalog.now()) - ''7 days''::interval)) and "e"."at" <= greatest(timezone(''UTC''::text, timezone(''UTC''::text, millrace_since.moment) - ''7 days''::interval), timezone(''UTC''::text, timezone(''UTC''::text, pg_catalog.now()) - ''7 days''::interval))
  where timezone(''UTC''::text, timezone(''UTC''::text, millrace_since.moment) - ''7 days''::interval) <> timezone(''UTC''::text, timezone(''UTC''::text, pg_catalog.now()) - ''7 days''::interval)
) as "e"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_lively_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "person_id", "n", "of_a_day", "of_a_week"
from "millrace"."lively_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."person_id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "person_id", "n", "of_a_day", "of_a_week"
from (
SELECT
  e.person_id,
  count(*) AS n,
  count(*) FILTER (WHERE e.at > timezone(''UTC''::text, timezone(''UTC''::text, now()) - ''1 day''::interval)) AS of_a_day,
  count(*) FILTER (WHERE e.at > timezone(''UTC''::text, timezone(''UTC''::text, now()) - ''7 days''::interval)) AS of_a_week
FROM public.events AS e
WHERE
  e.person_id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
GROUP BY
  e.person_id
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "person_id", "n", "of_a_day", "of_a_week"
from (
SELECT
  e.person_id,
  count(*) AS n,
  count(*) FILTER (WHERE e.at > timezone(''UTC''::text, timezone(''UTC''::text, now()) - ''1 day''::interval)) AS of_a_day,
  count(*) FILTER (WHERE e.at > timezone(''UTC''::text, timezone(''UTC''::text, now()) - ''7 days''::interval)) AS of_a_week
FROM public.events AS e
GROUP BY
  e.person_id
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."lively_strict"', matching),
      millrace.page_order('"public"."lively_strict"', order_by) || '"person_id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."lively_strict_page" from public;
grant select on "public"."lively", "public"."lively_strict" to "millrace_reader";
grant execute on function "public"."lively_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'lively_v1';
commit;
