-- all of sql/

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
    problem := millrace.shape_problem('"public"."messages"'::regclass, '"s"."id", "s"."sender_id", "s"."recipient_id", "s"."body", "s"."seen", "s"."sent"', 'null::integer, null::integer, null::integer, null::text, null::boolean, null::timestamp without time zone', array['sender_id', 'recipient_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."sender_id", "n"."recipient_id"
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
    insert into "millrace"."queue_messages" (slot, xid, op, changed, "new_sender_id", "new_recipient_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."sender_id", "n"."recipient_id"
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
    problem := millrace.shape_problem('"public"."messages"'::regclass, '"s"."id", "s"."sender_id", "s"."recipient_id", "s"."body", "s"."seen", "s"."sent"', 'null::integer, null::integer, null::integer, null::text, null::boolean, null::timestamp without time zone', array['sender_id', 'recipient_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."sender_id", "o"."recipient_id", "n"."sender_id", "n"."recipient_id"
        from (select row_number() over () as position, "o"."id", "o"."sender_id", "o"."recipient_id", "o"."body", "o"."seen", "o"."sent" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."sender_id", "n"."recipient_id", "n"."body", "n"."seen", "n"."sent" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."sender_id"), row("n"."sender_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."recipient_id"), row("n"."recipient_id")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."body"), row("n"."body")) then '16'::bigint else 0 end
                 | case when record_image_ne(row("o"."seen"), row("n"."seen")) then '32'::bigint else 0 end
                 | case when record_image_ne(row("o"."sent"), row("n"."sent")) then '64'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775682'::bigint <> 0
         or difference.changed & '-9223372036854775714'::bigint <> 0
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
    insert into "millrace"."queue_messages" (slot, xid, op, changed, "old_sender_id", "old_recipient_id", "new_sender_id", "new_recipient_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."sender_id", "o"."recipient_id", "n"."sender_id", "n"."recipient_id"
    from (select row_number() over () as position, "o"."id", "o"."sender_id", "o"."recipient_id", "o"."body", "o"."seen", "o"."sent" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."sender_id", "n"."recipient_id", "n"."body", "n"."seen", "n"."sent" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."sender_id"), row("n"."sender_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."recipient_id"), row("n"."recipient_id")) then '8'::bigint else 0 end
                 | case when record_image_ne(row("o"."body"), row("n"."body")) then '16'::bigint else 0 end
                 | case when record_image_ne(row("o"."seen"), row("n"."seen")) then '32'::bigint else 0 end
                 | case when record_image_ne(row("o"."sent"), row("n"."sent")) then '64'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775682'::bigint <> 0
         or difference.changed & '-9223372036854775714'::bigint <> 0;
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
    problem := millrace.shape_problem('"public"."messages"'::regclass, '"s"."id", "s"."sender_id", "s"."recipient_id", "s"."body", "s"."seen", "s"."sent"', 'null::integer, null::integer, null::integer, null::text, null::boolean, null::timestamp without time zone', array['sender_id', 'recipient_id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."sender_id", "o"."recipient_id"
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
    insert into "millrace"."queue_messages" (slot, xid, op, changed, "old_sender_id", "old_recipient_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."sender_id", "o"."recipient_id"
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
alter table "millrace"."queue_messages" add column if not exists "old_sender_id" integer;
alter table "millrace"."queue_messages" add column if not exists "new_sender_id" integer;
alter table "millrace"."queue_messages" add column if not exists "old_recipient_id" integer;
alter table "millrace"."queue_messages" add column if not exists "new_recipient_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."page_v1" (
  "user_id" integer,
  "other_id" integer,
  "messages" bigint,
  "unread" bigint,
  "last" text
);
create unique index if not exists "page_v1_key" on "millrace"."page_v1" ("user_id", "other_id") nulls not distinct;
create table if not exists "millrace"."pending_page_v1" (
  u1 integer,
  u2 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1, u2)
);
grant select, insert, update, delete on "millrace"."page_v1", "millrace"."pending_page_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_messages" to "millrace_worker";
grant select, truncate on "millrace"."queue_messages_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_messages_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_messages_2" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('page_v1', 'public', 'page', 'select m.user_id, m.other_id, count(*) as messages, count(*) filter (where m.unread) as unread,
       (array_agg(m.body order by m.sent desc, m.id desc))[1] as last
from (
  select recipient_id as user_id, sender_id as other_id, id, body, sent, not seen as unread from messages
  union all
  select sender_id, recipient_id, id, body, sent, false from messages
) m
group by m.user_id, m.other_id
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'page_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."page_v1", "millrace"."pending_page_v1" in access share mode;
lock table "public"."messages", "millrace"."queue_messages" in access share mode;
-- $1: 'backfill'
with everything (u1, u2) as (
select (messages.recipient_id)::integer, (messages.sender_id)::integer from "public"."messages" as "messages"
union all
select (messages_2.sender_id)::integer, (messages_2.recipient_id)::integer from "public"."messages" as "messages_2"
union all
select "user_id", "other_id" from "millrace"."page_v1"
union all
select u1, u2 from "millrace"."pending_page_v1"
),
waiting as (
  insert into "millrace"."pending_page_v1" (u1, u2, cause)
  select distinct u1, u2, $1::text
  from everything
  where u1 is not null and u2 is not null
  on conflict (u1, u2) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['1', '1', '2', '3']
-- $2: array['2', '3', '1', '1']
with fresh ("user_id", "other_id", "messages", "unread", "last") as materialized (
SELECT
  m.user_id,
  m.other_id,
  count(*) AS messages,
  count(*) FILTER (WHERE m.unread) AS unread,
  (array_agg(m.body ORDER BY m.sent DESC, m.id DESC))[1] AS last
FROM ( SELECT
  messages.recipient_id AS user_id,
  messages.sender_id AS other_id,
  messages.id,
  messages.body,
  messages.sent,
  NOT (messages.seen) AS unread
FROM public.messages
WHERE
  (messages.recipient_id, messages.sender_id) IN (SELECT *
FROM unnest(CAST(CAST($1 AS text[]) AS int[]), CAST(CAST($2 AS text[]) AS int[])))
UNION
ALL
SELECT
  messages.sender_id,
  messages.recipient_id,
  messages.id,
  messages.body,
  messages.sent,
  false
FROM public.messages
WHERE
  (messages.sender_id, messages.recipient_id) IN (SELECT *
FROM unnest(CAST(CAST($1 AS text[]) AS int[]), CAST(CAST($2 AS text[]) AS int[]))) ) AS m
GROUP BY
  m.user_id,
  m.other_id
),
duplicate as (
  select "user_id", "other_id"
  from fresh
  group by "user_id", "other_id"
  having count(*) > 1
  limit 1
),
removed as (
  delete from "millrace"."page_v1" as stored
  where (("stored"."user_id"), ("stored"."other_id")) in (select * from unnest($1::text[]::integer[], $2::text[]::integer[]))
    and not exists (select from fresh where "fresh"."user_id" = "stored"."user_id" and "fresh"."other_id" = "stored"."other_id")
  returning 1
),
written as (
  insert into "millrace"."page_v1" as stored ("user_id", "other_id", "messages", "unread", "last")
  select "user_id", "other_id", "messages", "unread", "last"
  from fresh
  where not exists (select from duplicate)
  on conflict ("user_id", "other_id") do update
  set ("user_id", "other_id", "messages", "unread", "last") = row("excluded"."user_id", "excluded"."other_id", "excluded"."messages", "excluded"."unread", "excluded"."last")
  where record_image_ne(row("stored"."user_id", "stored"."other_id", "stored"."messages", "stored"."unread", "stored"."last"), row("excluded"."user_id", "excluded"."other_id", "excluded"."messages", "excluded"."unread", "excluded"."last"))
  returning 1
),
settled as (
  delete from "millrace"."pending_page_v1"
  where ((u1), (u2)) in (select * from unnest($1::text[]::integer[], $2::text[]::integer[]))
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
-- $4: 4
-- $5: 4
-- $6: <milliseconds>
-- $7: 'completed'
-- $8: null
insert into millrace.refresh_log (model, cause, changes, units, rows_changed, duration_ms, status, error)
values ($1::text, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::float8, $7::text, $8::text);
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace view "public"."page" as
select "user_id", "other_id", "messages", "unread", "last"
from "millrace"."page_v1";
create or replace view "public"."page_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_recipient_id", "old_sender_id", "new_recipient_id", "new_sender_id"
    from "millrace"."queue_messages" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."page_v1"'::regclass from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_messages" as q where q.xid = '0'::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = 'R')
),
millrace_dirty (u1, u2) as materialized (
  select distinct *
  from (select u1, u2
  from (
select (messages.recipient_id)::integer as u1, (messages.sender_id)::integer as u2
from (
  select "old_recipient_id" as "recipient_id", "old_sender_id" as "sender_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775682'::bigint <> 0
  union all
  select "new_recipient_id" as "recipient_id", "new_sender_id" as "sender_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775682'::bigint <> 0
) as "messages"
union all
select (messages_2.sender_id)::integer as u1, (messages_2.recipient_id)::integer as u2
from (
  select "old_sender_id" as "sender_id", "old_recipient_id" as "recipient_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775714'::bigint <> 0
  union all
  select "new_sender_id" as "sender_id", "new_recipient_id" as "recipient_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775714'::bigint <> 0
) as "messages_2"
  ) as resolved (u1, u2)
  where u1 is not null and u2 is not null
  union all
  select u1, u2
  from "millrace"."pending_page_v1") as dirty
)
select "user_id", "other_id", "messages", "unread", "last"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."user_id" and dirty.u2 = "stored"."other_id")
union all
select "user_id", "other_id", "messages", "unread", "last"
from (
SELECT
  m.user_id,
  m.other_id,
  count(*) AS messages,
  count(*) FILTER (WHERE m.unread) AS unread,
  (array_agg(m.body ORDER BY m.sent DESC, m.id DESC))[1] AS last
FROM ( SELECT
  messages.recipient_id AS user_id,
  messages.sender_id AS other_id,
  messages.id,
  messages.body,
  messages.sent,
  NOT (messages.seen) AS unread
FROM public.messages
WHERE
  (messages.recipient_id, messages.sender_id) IN (SELECT
  u1,
  u2
FROM millrace_dirty)
UNION
ALL
SELECT
  messages.sender_id,
  messages.recipient_id,
  messages.id,
  messages.body,
  messages.sent,
  false
FROM public.messages
WHERE
  (messages.sender_id, messages.recipient_id) IN (SELECT
  u1,
  u2
FROM millrace_dirty) ) AS m
GROUP BY
  m.user_id,
  m.other_id
) as live
where (select is_trusted from millrace_trust)
union all
select "user_id", "other_id", "messages", "unread", "last"
from (
SELECT
  m.user_id,
  m.other_id,
  count(*) AS messages,
  count(*) FILTER (WHERE m.unread) AS unread,
  (array_agg(m.body ORDER BY m.sent DESC, m.id DESC))[1] AS last
FROM ( SELECT
  messages.recipient_id AS user_id,
  messages.sender_id AS other_id,
  messages.id,
  messages.body,
  messages.sent,
  NOT (messages.seen) AS unread
FROM public.messages
UNION
ALL
SELECT
  messages.sender_id,
  messages.recipient_id,
  messages.id,
  messages.body,
  messages.sent,
  false
FROM public.messages ) AS m
GROUP BY
  m.user_id,
  m.other_id
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
    select op, changed, note, "old_recipient_id", "old_sender_id", "new_recipient_id", "new_sender_id"
    from "millrace"."queue_messages" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."page_v1"''::regclass from millrace.watermark as w where w.model = ''page_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_messages" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
),
millrace_dirty (u1, u2) as materialized (
  select distinct *
  from (select u1, u2
  from (
select (messages.recipient_id)::integer as u1, (messages.sender_id)::integer as u2
from (
  select "old_recipient_id" as "recipient_id", "old_sender_id" as "sender_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775682''::bigint <> 0
  union all
  select "new_recipient_id" as "recipient_id", "new_sender_id" as "sender_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775682''::bigint <> 0
) as "messages"
union all
select (messages_2.sender_id)::integer as u1, (messages_2.recipient_id)::integer as u2
from (
  select "old_sender_id" as "sender_id", "old_recipient_id" as "recipient_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775714''::bigint <> 0
  union all
  select "new_sender_id" as "sender_id", "new_recipient_id" as "recipient_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775714''::bigint <> 0
) as "messages_2"
  ) as resolved (u1, u2)
  where u1 is not null and u2 is not null
  union all
  select u1, u2
  from "millrace"."pending_page_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "user_id", "other_id", "messages", "unread", "last"
from "millrace"."page_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."user_id" and dirty.u2 = "stored"."other_id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "user_id", "other_id", "messages", "unread", "last"
from (
SELECT
  m.user_id,
  m.other_id,
  count(*) AS messages,
  count(*) FILTER (WHERE m.unread) AS unread,
  (array_agg(m.body ORDER BY m.sent DESC, m.id DESC))[1] AS last
FROM ( SELECT
  messages.recipient_id AS user_id,
  messages.sender_id AS other_id,
  messages.id,
  messages.body,
  messages.sent,
  NOT (messages.seen) AS unread
FROM public.messages
WHERE
  (messages.recipient_id, messages.sender_id) IN (SELECT
  u1,
  u2
FROM millrace_dirty)
UNION
ALL
SELECT
  messages.sender_id,
  messages.recipient_id,
  messages.id,
  messages.body,
  messages.sent,
  false
FROM public.messages
WHERE
  (messages.sender_id, messages.recipient_id) IN (SELECT
  u1,
  u2
FROM millrace_dirty) ) AS m
GROUP BY
  m.user_id,
  m.other_id
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "user_id", "other_id", "messages", "unread", "last"
from (
SELECT
  m.user_id,
  m.other_id,
  count(*) AS messages,
  count(*) FILTER (WHERE m.unread) AS unread,
  (array_agg(m.body ORDER BY m.sent DESC, m.id DESC))[1] AS last
FROM ( SELECT
  messages.recipient_id AS user_id,
  messages.sender_id AS other_id,
  messages.id,
  messages.body,
  messages.sent,
  NOT (messages.seen) AS unread
FROM public.messages
UNION
ALL
SELECT
  messages.sender_id,
  messages.recipient_id,
  messages.id,
  messages.body,
  messages.sent,
  false
FROM public.messages ) AS m
GROUP BY
  m.user_id,
  m.other_id
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."page_strict"', matching),
      millrace.page_order('"public"."page_strict"', order_by) || '"user_id", "other_id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."page_strict_page" from public;
grant select on "public"."page", "public"."page_strict" to "millrace_reader";
grant execute on function "public"."page_strict_page" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'page_v1';
commit;
