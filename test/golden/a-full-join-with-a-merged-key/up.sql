-- all of sql/

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_comments_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."comments"'::regclass, '"s"."user_id"', 'null::integer', array['user_id']::text[]);
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
    insert into "millrace"."queue_comments" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_comments" (slot, xid, op, changed, "new_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."user_id"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."comments"
referencing new table as new_rows
for each statement execute function "millrace"."capture_comments_insert"();
create or replace function "millrace"."capture_comments_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."comments"'::regclass, '"s"."user_id"', 'null::integer', array['user_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."user_id", "n"."user_id"
        from (select row_number() over () as position, "o"."user_id" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."user_id" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775804'::bigint <> 0
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_comments" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_comments" (slot, xid, op, changed, "old_user_id", "new_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."user_id", "n"."user_id"
    from (select row_number() over () as position, "o"."user_id" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."user_id" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775804'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."comments"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_comments_update"();
create or replace function "millrace"."capture_comments_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."comments"'::regclass, '"s"."user_id"', 'null::integer', array['user_id']::text[]);
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
    insert into "millrace"."queue_comments" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_comments" (slot, xid, op, changed, "old_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."user_id"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."comments"
referencing old table as old_rows
for each statement execute function "millrace"."capture_comments_delete"();
create or replace function "millrace"."capture_comments_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_comments" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."comments"
for each statement execute function "millrace"."capture_comments_truncate"();
create table if not exists "millrace"."queue_comments" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_comments_0" partition of "millrace"."queue_comments" for values in (0);
create table if not exists "millrace"."queue_comments_1" partition of "millrace"."queue_comments" for values in (1);
create table if not exists "millrace"."queue_comments_2" partition of "millrace"."queue_comments" for values in (2);
create index if not exists "queue_comments_xid" on "millrace"."queue_comments" (xid);
insert into "millrace"."queue_comments" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_comments" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_comments" add column if not exists "old_user_id" integer;
alter table "millrace"."queue_comments" add column if not exists "new_user_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_votes_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."user_id", "s"."up"', 'null::integer, null::boolean', array['user_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."user_id"
        from new_rows as n
        where ((n.up))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "new_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."user_id"
    from new_rows as n
    where ((n.up));
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
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."user_id", "s"."up"', 'null::integer, null::boolean', array['user_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."user_id", "n"."user_id"
        from (select row_number() over () as position, "o"."user_id", "o"."up" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."user_id", "n"."up" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."up"), row("n"."up")) then '8'::bigint else 0 end end as changed
      ) as difference
        where (difference.changed & '-9223372036854775796'::bigint <> 0 and ((o.position is not null and ((o.up))) or (n.position is not null and ((n.up)))))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_user_id", "new_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."user_id", "n"."user_id"
    from (select row_number() over () as position, "o"."user_id", "o"."up" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."user_id", "n"."up" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."up"), row("n"."up")) then '8'::bigint else 0 end end as changed
      ) as difference
    where (difference.changed & '-9223372036854775796'::bigint <> 0 and ((o.position is not null and ((o.up))) or (n.position is not null and ((n.up)))));
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
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."votes"'::regclass, '"s"."user_id", "s"."up"', 'null::integer, null::boolean', array['user_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."user_id"
        from old_rows as o
        where ((o.up))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."user_id"
    from old_rows as o
    where ((o.up));
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
  insert into "millrace"."queue_votes" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
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
alter table "millrace"."queue_votes" add column if not exists "old_user_id" integer;
alter table "millrace"."queue_votes" add column if not exists "new_user_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."talk_v1" (
  "user_id" integer,
  "said" bigint,
  "ups" bigint
);
create unique index if not exists "talk_v1_key" on "millrace"."talk_v1" ("user_id") nulls not distinct;
create table if not exists "millrace"."pending_talk_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
grant select, insert, update, delete on "millrace"."talk_v1", "millrace"."pending_talk_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_comments" to "millrace_worker";
grant select, truncate on "millrace"."queue_comments_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_comments_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_comments_2" to "millrace_worker";
grant select, insert on "millrace"."queue_votes" to "millrace_worker";
grant select, truncate on "millrace"."queue_votes_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_votes_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_votes_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('talk_v1', 'public', 'talk', 'select user_id, c.said, v.ups
from (select user_id, count(*) as said from comments group by user_id) c
full join (select user_id, count(*) as ups from votes where up group by user_id) v using (user_id)
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'talk_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."talk_v1", "millrace"."pending_talk_v1" in access share mode;
lock table "public"."comments", "millrace"."queue_comments", "public"."votes", "millrace"."queue_votes" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (COALESCE(comments.user_id, comments.user_id))::integer from "public"."comments" as "comments"
union all
select (COALESCE(NULL::int, votes.user_id))::integer from "public"."votes" as "votes"
union all
select (COALESCE(comments.user_id, NULL::int))::integer from "public"."comments" as "comments"
union all
select "user_id" from "millrace"."talk_v1"
union all
select u1 from "millrace"."pending_talk_v1"
),
waiting as (
  insert into "millrace"."pending_talk_v1" (u1, cause)
  select distinct u1, $1::text
  from everything
  where true
  on conflict (u1) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['1', '2', '3']
with fresh ("user_id", "said", "ups") as materialized (
SELECT
  COALESCE(c.user_id, v.user_id) AS user_id,
  c.said,
  v.ups
FROM ( SELECT *
FROM ( SELECT
  comments.user_id,
  count(*) AS said
FROM public.comments
GROUP BY
  comments.user_id ) AS c
WHERE
  c.user_id = ANY (CAST(CAST($1 AS text[]) AS int[])) ) AS c
FULL JOIN ( SELECT *
FROM ( SELECT
  votes.user_id,
  count(*) AS ups
FROM public.votes
WHERE
  votes.up
GROUP BY
  votes.user_id ) AS v
WHERE
  v.user_id = ANY (CAST(CAST($1 AS text[]) AS int[])) ) AS v ON c.user_id = v.user_id
WHERE
  COALESCE(c.user_id, v.user_id) = ANY (CAST(CAST($1 AS text[]) AS int[]))
),
duplicate as (
  select "user_id"
  from fresh
  group by "user_id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."talk_v1" as stored
  where ("stored"."user_id") = any ($1::text[]::integer[])
    and not exists (select from fresh where not ("fresh"."user_id" is distinct from "stored"."user_id"))
  returning 1
),
written as (
  insert into "millrace"."talk_v1" as stored ("user_id", "said", "ups")
  select "user_id", "said", "ups"
  from fresh
  where not exists (select from duplicate)
  on conflict ("user_id") do update
  set ("user_id", "said", "ups") = row("excluded"."user_id", "excluded"."said", "excluded"."ups")
  where record_image_ne(row("stored"."user_id", "stored"."said", "stored"."ups"), row("excluded"."user_id", "excluded"."said", "excluded"."ups"))
  returning 1
),
settled as (
  delete from "millrace"."pending_talk_v1"
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
values ('talk_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."talk_v1"'::regclass,
        not exists (select from "millrace"."pending_talk_v1" where retry_at is null));
-- $1: 'talk_v1'
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
create or replace view "public"."talk" as
select "user_id", "said", "ups"
from "millrace"."talk_v1";
create or replace view "public"."talk_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_comments" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'talk_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'talk_v1' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_votes" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'talk_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'talk_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."talk_v1"'::regclass from millrace.watermark as w where w.model = 'talk_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_comments" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_votes" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
    and not exists (select from "millrace_batch_2" as marks where op = 'R')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (COALESCE(comments.user_id, comments.user_id))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775804'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775804'::bigint <> 0
) as "comments"
union all
select (COALESCE(votes.user_id, votes.user_id))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "votes"
union all
select (COALESCE(NULL::int, comments.user_id))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775804'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775804'::bigint <> 0
) as "comments"
union all
select (COALESCE(NULL::int, votes.user_id))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "votes"
union all
select (COALESCE(comments.user_id, NULL::int))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775804'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775804'::bigint <> 0
) as "comments"
union all
select (COALESCE(votes.user_id, NULL::int))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "votes"
  ) as resolved (u1)
  where true
  union all
  select u1
  from "millrace"."pending_talk_v1") as dirty
)
select "user_id", "said", "ups"
from "millrace"."talk_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."user_id")
  and not ("stored"."user_id" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null))
union all
select "user_id", "said", "ups"
from (
SELECT
  COALESCE(c.user_id, v.user_id) AS user_id,
  c.said,
  v.ups
FROM ( SELECT
  comments.user_id,
  count(*) AS said
FROM public.comments
GROUP BY
  comments.user_id ) AS c
FULL JOIN ( SELECT
  votes.user_id,
  count(*) AS ups
FROM public.votes
WHERE
  votes.up
GROUP BY
  votes.user_id ) AS v ON c.user_id = v.user_id
WHERE
  COALESCE(c.user_id, v.user_id) = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (COALESCE(c.user_id, v.user_id) IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL))
) as live
where (select is_trusted from millrace_trust)
union all
select "user_id", "said", "ups"
from (
SELECT
  user_id,
  c.said,
  v.ups
FROM ( SELECT
  comments.user_id,
  count(*) AS said
FROM public.comments
GROUP BY
  comments.user_id ) AS c
FULL JOIN ( SELECT
  votes.user_id,
  count(*) AS ups
FROM public.votes
WHERE
  votes.up
GROUP BY
  votes.user_id ) AS v USING (user_id)
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."talk_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."talk_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_comments" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''talk_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''talk_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_user_id", "new_user_id"
    from "millrace"."queue_votes" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''talk_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''talk_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."talk_v1"''::regclass from millrace.watermark as w where w.model = ''talk_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_comments" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_votes" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
    and not exists (select from "millrace_batch_2" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (COALESCE(comments.user_id, comments.user_id))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0
) as "comments"
union all
select (COALESCE(votes.user_id, votes.user_id))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0
) as "votes"
union all
select (COALESCE(NULL::int, comments.user_id))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0
) as "comments"
union all
select (COALESCE(NULL::int, votes.user_id))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0
) as "votes"
union all
select (COALESCE(comments.user_id, NULL::int))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0
) as "comments"
union all
select (COALESCE(votes.user_id, NULL::int))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0
) as "votes"
  ) as resolved (u1)
  where true
  union all
  select u1
  from "millrace"."pending_talk_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "user_id", "said", "ups"
from "millrace"."talk_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."user_id")
  and not ("stored"."user_id" is null and exists (select from millrace_dirty as dirty where dirty.u1 is null))) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "user_id", "said", "ups"
from (
SELECT
  COALESCE(c.user_id, v.user_id) AS user_id,
  c.said,
  v.ups
FROM ( SELECT
  comments.user_id,
  count(*) AS said
FROM public.comments
GROUP BY
  comments.user_id ) AS c
FULL JOIN ( SELECT
  votes.user_id,
  count(*) AS ups
FROM public.votes
WHERE
  votes.up
GROUP BY
  votes.user_id ) AS v ON c.user_id = v.user_id
WHERE
  COALESCE(c.user_id, v.user_id) = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
  OR (COALESCE(c.user_id, v.user_id) IS NULL
  AND EXISTS (SELECT
FROM millrace_dirty
WHERE
  u1 IS NULL))
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "user_id", "said", "ups"
from (
SELECT
  user_id,
  c.said,
  v.ups
FROM ( SELECT
  comments.user_id,
  count(*) AS said
FROM public.comments
GROUP BY
  comments.user_id ) AS c
FULL JOIN ( SELECT
  votes.user_id,
  count(*) AS ups
FROM public.votes
WHERE
  votes.up
GROUP BY
  votes.user_id ) AS v USING (user_id)
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."talk_strict"', matching),
      millrace.page_order('"public"."talk_strict"', order_by) || '"user_id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."talk_strict_page" from public;
grant select on "public"."talk", "public"."talk_strict" to "millrace_reader";
grant execute on function "public"."talk_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'talk_v1';
commit;
