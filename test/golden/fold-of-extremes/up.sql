-- all of sql/

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_threads_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."threads"'::regclass, '"s"."id", "s"."title"', 'null::integer, null::text', array['id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."id"
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
    insert into "millrace"."queue_threads" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_threads" (slot, xid, op, changed, "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."threads"
referencing new table as new_rows
for each statement execute function "millrace"."capture_threads_insert"();
create or replace function "millrace"."capture_threads_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."threads"'::regclass, '"s"."id", "s"."title"', 'null::integer, null::text', array['id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "n"."id"
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
    insert into "millrace"."queue_threads" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_threads" (slot, xid, op, changed, "old_id", "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "n"."id"
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
after update on "public"."threads"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_threads_update"();
create or replace function "millrace"."capture_threads_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."threads"'::regclass, '"s"."id", "s"."title"', 'null::integer, null::text', array['id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id"
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
    insert into "millrace"."queue_threads" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_threads" (slot, xid, op, changed, "old_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."threads"
referencing old table as old_rows
for each statement execute function "millrace"."capture_threads_delete"();
create or replace function "millrace"."capture_threads_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_threads" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."threads"
for each statement execute function "millrace"."capture_threads_truncate"();
create table if not exists "millrace"."queue_threads" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_threads_0" partition of "millrace"."queue_threads" for values in (0);
create table if not exists "millrace"."queue_threads_1" partition of "millrace"."queue_threads" for values in (1);
create table if not exists "millrace"."queue_threads_2" partition of "millrace"."queue_threads" for values in (2);
create index if not exists "queue_threads_xid" on "millrace"."queue_threads" (xid);
insert into "millrace"."queue_threads" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_threads" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_threads" add column if not exists "old_id" integer;
alter table "millrace"."queue_threads" add column if not exists "new_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_messages_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."messages"'::regclass, '"s"."id", "s"."thread_id", "s"."author", "s"."price", "s"."sent", "s"."hidden"', 'null::integer, null::integer, null::character varying(20), null::numeric(8,2), null::timestamp without time zone, null::boolean', array['id', 'thread_id', 'author', 'hidden']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."id", "n"."thread_id", "n"."author", "n"."price", "n"."sent", "n"."hidden"
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
    insert into "millrace"."queue_messages" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_messages" (slot, xid, op, changed, "new_id", "new_thread_id", "new_author", "new_price", "new_sent", "new_hidden")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", "n"."thread_id", "n"."author", "n"."price", "n"."sent", "n"."hidden"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."messages"
referencing new table as new_rows
for each statement execute function "millrace"."capture_messages_insert"();
create or replace function "millrace"."capture_messages_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."messages"'::regclass, '"s"."id", "s"."thread_id", "s"."author", "s"."price", "s"."sent", "s"."hidden"', 'null::integer, null::integer, null::character varying(20), null::numeric(8,2), null::timestamp without time zone, null::boolean', array['id', 'thread_id', 'author', 'hidden']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "o"."thread_id", "o"."author", "o"."price", "o"."sent", "o"."hidden", "n"."id", "n"."thread_id", "n"."author", "n"."price", "n"."sent", "n"."hidden"
        from (select row_number() over () as position, "o"."id", "o"."thread_id", "o"."author", "o"."price", "o"."sent", "o"."hidden" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."thread_id", "n"."author", "n"."price", "n"."sent", "n"."hidden" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."thread_id"), row("n"."thread_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."author"), row("n"."author")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."price"), row("n"."price")) then '16'::bigint else 0 end
                 | case when record_image_ne(row("o"."sent"), row("n"."sent")) then '32'::bigint else 0 end
                 | case when record_image_ne(row("o"."hidden"), row("n"."hidden")) then '64'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775762'::bigint <> 0
         or difference.changed & '-9223372036854775780'::bigint <> 0
         or difference.changed & '-9223372036854775788'::bigint <> 0
         or (difference.changed & '-9223372036854775708'::bigint <> 0 and ((o.position is not null and ((NOT (o.hidden)))) or (n.position is not null and ((NOT (n.hidden))))))
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_messages" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_messages" (slot, xid, op, changed, "old_id", "old_thread_id", "old_author", "old_price", "old_sent", "old_hidden", "new_id", "new_thread_id", "new_author", "new_price", "new_sent", "new_hidden")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."thread_id", "o"."author", "o"."price", "o"."sent", "o"."hidden", "n"."id", "n"."thread_id", "n"."author", "n"."price", "n"."sent", "n"."hidden"
    from (select row_number() over () as position, "o"."id", "o"."thread_id", "o"."author", "o"."price", "o"."sent", "o"."hidden" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."thread_id", "n"."author", "n"."price", "n"."sent", "n"."hidden" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."thread_id"), row("n"."thread_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."author"), row("n"."author")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."price"), row("n"."price")) then '16'::bigint else 0 end
                 | case when record_image_ne(row("o"."sent"), row("n"."sent")) then '32'::bigint else 0 end
                 | case when record_image_ne(row("o"."hidden"), row("n"."hidden")) then '64'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775762'::bigint <> 0
         or difference.changed & '-9223372036854775780'::bigint <> 0
         or difference.changed & '-9223372036854775788'::bigint <> 0
         or (difference.changed & '-9223372036854775708'::bigint <> 0 and ((o.position is not null and ((NOT (o.hidden)))) or (n.position is not null and ((NOT (n.hidden))))));
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."messages"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_messages_update"();
create or replace function "millrace"."capture_messages_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."messages"'::regclass, '"s"."id", "s"."thread_id", "s"."author", "s"."price", "s"."sent", "s"."hidden"', 'null::integer, null::integer, null::character varying(20), null::numeric(8,2), null::timestamp without time zone, null::boolean', array['id', 'thread_id', 'author', 'hidden']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "o"."thread_id", "o"."author", "o"."price", "o"."sent", "o"."hidden"
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
    insert into "millrace"."queue_messages" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_messages" (slot, xid, op, changed, "old_id", "old_thread_id", "old_author", "old_price", "old_sent", "old_hidden")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", "o"."thread_id", "o"."author", "o"."price", "o"."sent", "o"."hidden"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."messages"
referencing old table as old_rows
for each statement execute function "millrace"."capture_messages_delete"();
create or replace function "millrace"."capture_messages_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_messages" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."messages"
for each statement execute function "millrace"."capture_messages_truncate"();
create table if not exists "millrace"."queue_messages" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_messages_0" partition of "millrace"."queue_messages" for values in (0);
create table if not exists "millrace"."queue_messages_1" partition of "millrace"."queue_messages" for values in (1);
create table if not exists "millrace"."queue_messages_2" partition of "millrace"."queue_messages" for values in (2);
create index if not exists "queue_messages_xid" on "millrace"."queue_messages" (xid);
insert into "millrace"."queue_messages" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_messages" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_messages" add column if not exists "old_id" integer;
alter table "millrace"."queue_messages" add column if not exists "new_id" integer;
alter table "millrace"."queue_messages" add column if not exists "old_thread_id" integer;
alter table "millrace"."queue_messages" add column if not exists "new_thread_id" integer;
alter table "millrace"."queue_messages" add column if not exists "old_author" character varying(20);
alter table "millrace"."queue_messages" add column if not exists "new_author" character varying(20);
alter table "millrace"."queue_messages" add column if not exists "old_price" numeric(8,2);
alter table "millrace"."queue_messages" add column if not exists "new_price" numeric(8,2);
alter table "millrace"."queue_messages" add column if not exists "old_sent" timestamp without time zone;
alter table "millrace"."queue_messages" add column if not exists "new_sent" timestamp without time zone;
alter table "millrace"."queue_messages" add column if not exists "old_hidden" boolean;
alter table "millrace"."queue_messages" add column if not exists "new_hidden" boolean;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."page_v1" (
  "id" integer,
  "title" text,
  "last" timestamp without time zone,
  "author" text,
  "mixed" numeric,
  "latest" character varying(20),
  "mixed__s1" numeric(8,2),
  "mixed__s2" bigint,
  "latest__s1" timestamp without time zone,
  "latest__s2" integer
);
create unique index if not exists "page_v1_key" on "millrace"."page_v1" ("id") nulls not distinct;
create table if not exists "millrace"."pending_page_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
grant select, insert, update, delete on "millrace"."page_v1", "millrace"."pending_page_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_threads" to "millrace_worker";
grant select, truncate on "millrace"."queue_threads_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_threads_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_threads_2" to "millrace_worker";
grant select, insert on "millrace"."queue_messages" to "millrace_worker";
grant select, truncate on "millrace"."queue_messages_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_messages_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_messages_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('page_v1', 'public', 'page', 'select t.id, t.title,
       (select max(m.sent) from messages m where m.thread_id = t.id and not m.hidden) as last,
       (select min(m.author) filter (where m.price > 1) from messages m where m.thread_id = t.id) as author,
       (select coalesce(max(m.price), 0) + count(*) from messages m where m.thread_id = t.id) as mixed,
       (select m.author from messages m where m.thread_id = t.id
        order by m.sent desc nulls last, m.id desc limit 1) as latest
from threads t
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'page_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."page_v1", "millrace"."pending_page_v1" in access share mode;
lock table "public"."threads", "millrace"."queue_threads", "public"."messages", "millrace"."queue_messages" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (t.id)::integer from "public"."threads" as "t"
union all
select "id" from "millrace"."page_v1"
union all
select u1 from "millrace"."pending_page_v1"
),
waiting as (
  insert into "millrace"."pending_page_v1" (u1, cause)
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
with fresh ("id", "title", "last", "author", "mixed", "latest", "mixed__s1", "mixed__s2", "latest__s1", "latest__s2") as materialized (
SELECT
  t.id,
  t.title,
  millrace_fold_3_1.s1 AS last,
  millrace_fold_4_1.s1 AS author,
  (COALESCE(millrace_fold_5_1.s1, 0::numeric)) + millrace_fold_5_1.s2::numeric AS mixed,
  millrace_fold_6_1.s3 AS latest,
  millrace_fold_5_1.s1 AS mixed__s1,
  millrace_fold_5_1.s2 AS mixed__s2,
  millrace_fold_6_1.s1 AS latest__s1,
  millrace_fold_6_1.s2 AS latest__s2
FROM public.threads AS t, LATERAL ( SELECT max(m.sent) AS s1
FROM public.messages AS m
WHERE
  m.thread_id = t.id
  AND NOT (m.hidden) ) AS millrace_fold_3_1, LATERAL ( SELECT min(m.author::text) FILTER (WHERE m.price > 1::numeric) AS s1
FROM public.messages AS m
WHERE
  m.thread_id = t.id ) AS millrace_fold_4_1, LATERAL ( SELECT
  max(m.price) AS s1,
  count(*) AS s2
FROM public.messages AS m
WHERE
  m.thread_id = t.id ) AS millrace_fold_5_1
LEFT JOIN LATERAL ( SELECT
  m.sent AS s1,
  m.id AS s2,
  m.author AS s3
FROM public.messages AS m
WHERE
  m.thread_id = t.id
ORDER BY
  m.sent DESC NULLS LAST,
  m.id DESC
LIMIT 1 ) AS millrace_fold_6_1 ON true
WHERE
  t.id = ANY (CAST(CAST($1 AS text[]) AS int[]))
),
duplicate as (
  select "id"
  from fresh
  group by "id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."page_v1" as stored
  where ("stored"."id") = any ($1::text[]::integer[])
    and not exists (select from fresh where "fresh"."id" = "stored"."id")
  returning 1
),
written as (
  insert into "millrace"."page_v1" as stored ("id", "title", "last", "author", "mixed", "latest", "mixed__s1", "mixed__s2", "latest__s1", "latest__s2")
  select "id", "title", "last", "author", "mixed", "latest", "mixed__s1", "mixed__s2", "latest__s1", "latest__s2"
  from fresh
  where not exists (select from duplicate)
  on conflict ("id") do update
  set ("id", "title", "last", "author", "mixed", "latest", "mixed__s1", "mixed__s2", "latest__s1", "latest__s2") = row("excluded"."id", "excluded"."title", "excluded"."last", "excluded"."author", "excluded"."mixed", "excluded"."latest", "excluded"."mixed__s1", "excluded"."mixed__s2", "excluded"."latest__s1", "excluded"."latest__s2")
  where record_image_ne(row("stored"."id", "stored"."title", "stored"."last", "stored"."author", "stored"."mixed", "stored"."latest", "stored"."mixed__s1", "stored"."mixed__s2", "stored"."latest__s1", "stored"."latest__s2"), row("excluded"."id", "excluded"."title", "excluded"."last", "excluded"."author", "excluded"."mixed", "excluded"."latest", "excluded"."mixed__s1", "excluded"."mixed__s2", "excluded"."latest__s1", "excluded"."latest__s2"))
  returning 1
),
settled as (
  delete from "millrace"."pending_page_v1"
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
values ('page_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."page_v1"'::regclass,
        not exists (select from "millrace"."pending_page_v1" where retry_at is null));
-- $1: 'page_v1'
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
create or replace view "public"."page" as
select "id", "title", "last", "author", "mixed", "latest"
from "millrace"."page_v1";
create or replace view "public"."page_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_threads" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_thread_id", "new_thread_id"
    from "millrace"."queue_messages" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."page_v1"'::regclass from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_threads" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_messages" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
    and not exists (select from "millrace_batch_2" as marks where op = 'R')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (t.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "t"
union all
select (m.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775708'::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775708'::bigint <> 0
) as "m"
union all
select (m_2.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as "m_2"
union all
select (m_3.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775788'::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775788'::bigint <> 0
) as "m_3"
union all
select (m_4.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775762'::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775762'::bigint <> 0
) as "m_4"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_page_v1") as dirty
)
select "id", "title", "last", "author", "mixed", "latest"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")
union all
select "id", "title", "last", "author", "mixed", "latest"
from (
SELECT
  t.id,
  t.title,
  (SELECT max(m.sent) AS max
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id
    AND NOT (m.hidden)) AS last,
  (SELECT min(m.author::text) FILTER (WHERE m.price > 1::numeric) AS min
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id) AS author,
  (SELECT
    (COALESCE(max(m.price), 0::numeric)) + (count(*))::numeric
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id) AS mixed,
  (SELECT m.author
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id
  ORDER BY
    m.sent DESC NULLS LAST,
    m.id DESC
  LIMIT 1) AS latest
FROM public.threads AS t
WHERE
  t.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)
union all
select "id", "title", "last", "author", "mixed", "latest"
from (
SELECT
  t.id,
  t.title,
  (SELECT max(m.sent) AS max
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id
    AND NOT (m.hidden)) AS last,
  (SELECT min(m.author::text) FILTER (WHERE m.price > 1::numeric) AS min
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id) AS author,
  (SELECT
    (COALESCE(max(m.price), 0::numeric)) + (count(*))::numeric
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id) AS mixed,
  (SELECT m.author
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id
  ORDER BY
    m.sent DESC NULLS LAST,
    m.id DESC
  LIMIT 1) AS latest
FROM public.threads AS t
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."page_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."page_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_threads" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_thread_id", "new_thread_id"
    from "millrace"."queue_messages" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."page_v1"''::regclass from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_threads" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_messages" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
    and not exists (select from "millrace_batch_2" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (t.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "t"
union all
select (m.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775708''::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775708''::bigint <> 0
) as "m"
union all
select (m_2.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775780''::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775780''::bigint <> 0
) as "m_2"
union all
select (m_3.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775788''::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775788''::bigint <> 0
) as "m_3"
union all
select (m_4.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775762''::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775762''::bigint <> 0
) as "m_4"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_page_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "id", "title", "last", "author", "mixed", "latest"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "title", "last", "author", "mixed", "latest"
from (
SELECT
  t.id,
  t.title,
  (SELECT max(m.sent) AS max
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id
    AND NOT (m.hidden)) AS last,
  (SELECT min(m.author::text) FILTER (WHERE m.price > 1::numeric) AS min
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id) AS author,
  (SELECT
    (COALESCE(max(m.price), 0::numeric)) + (count(*))::numeric
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id) AS mixed,
  (SELECT m.author
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id
  ORDER BY
    m.sent DESC NULLS LAST,
    m.id DESC
  LIMIT 1) AS latest
FROM public.threads AS t
WHERE
  t.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "title", "last", "author", "mixed", "latest"
from (
SELECT
  t.id,
  t.title,
  (SELECT max(m.sent) AS max
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id
    AND NOT (m.hidden)) AS last,
  (SELECT min(m.author::text) FILTER (WHERE m.price > 1::numeric) AS min
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id) AS author,
  (SELECT
    (COALESCE(max(m.price), 0::numeric)) + (count(*))::numeric
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id) AS mixed,
  (SELECT m.author
  FROM public.messages AS m
  WHERE
    m.thread_id = t.id
  ORDER BY
    m.sent DESC NULLS LAST,
    m.id DESC
  LIMIT 1) AS latest
FROM public.threads AS t
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."page_strict"', matching),
      millrace.page_order('"public"."page_strict"', order_by) || '"id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."page_strict_page" from public;
grant select on "public"."page", "public"."page_strict" to "millrace_reader";
grant execute on function "public"."page_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'page_v1';
commit;
