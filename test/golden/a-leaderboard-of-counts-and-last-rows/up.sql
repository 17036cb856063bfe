-- all of sql/

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_players_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."players"'::regclass, '"s"."id", "s"."country", "s"."name"', 'null::integer, null::text, null::text', array['id']::text[]);
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
    insert into "millrace"."queue_players" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_players" (slot, xid, op, changed, "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."players"
referencing new table as new_rows
for each statement execute function "millrace"."capture_players_insert"();
create or replace function "millrace"."capture_players_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."players"'::regclass, '"s"."id", "s"."country", "s"."name"', 'null::integer, null::text, null::text', array['id']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."id", "n"."id"
        from (select row_number() over () as position, "o"."id", "o"."country", "o"."name" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."country", "n"."name" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."country"), row("n"."country")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."name"), row("n"."name")) then '8'::bigint else 0 end end as changed
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

  if problem is not null then
    insert into "millrace"."queue_players" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_players" (slot, xid, op, changed, "old_id", "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "n"."id"
    from (select row_number() over () as position, "o"."id", "o"."country", "o"."name" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."country", "n"."name" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."country"), row("n"."country")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."name"), row("n"."name")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775794'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."players"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_players_update"();
create or replace function "millrace"."capture_players_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."players"'::regclass, '"s"."id", "s"."country", "s"."name"', 'null::integer, null::text, null::text', array['id']::text[]);
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
    insert into "millrace"."queue_players" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_players" (slot, xid, op, changed, "old_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."players"
referencing old table as old_rows
for each statement execute function "millrace"."capture_players_delete"();
create or replace function "millrace"."capture_players_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_players" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."players"
for each statement execute function "millrace"."capture_players_truncate"();
create table if not exists "millrace"."queue_players" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_players_0" partition of "millrace"."queue_players" for values in (0);
create table if not exists "millrace"."queue_players_1" partition of "millrace"."queue_players" for values in (1);
create table if not exists "millrace"."queue_players_2" partition of "millrace"."queue_players" for values in (2);
create index if not exists "queue_players_xid" on "millrace"."queue_players" (xid);
insert into "millrace"."queue_players" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_players" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_players" add column if not exists "old_id" integer;
alter table "millrace"."queue_players" add column if not exists "new_id" integer;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create or replace function "millrace"."capture_wins_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."wins"'::regclass, '"s"."player_id", "s"."won"', 'null::integer, null::timestamp without time zone', array['player_id', 'won']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "n"."player_id", "n"."won"
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
    insert into "millrace"."queue_wins" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_wins" (slot, xid, op, changed, "new_player_id", "new_won")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."player_id", "n"."won"
    from new_rows as n
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_insert"
after insert on "public"."wins"
referencing new table as new_rows
for each statement execute function "millrace"."capture_wins_insert"();
create or replace function "millrace"."capture_wins_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."wins"'::regclass, '"s"."player_id", "s"."won"', 'null::integer, null::timestamp without time zone', array['player_id', 'won']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."player_id", "o"."won", "n"."player_id", "n"."won"
        from (select row_number() over () as position, "o"."player_id", "o"."won" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."player_id", "n"."won" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."player_id"), row("n"."player_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."won"), row("n"."won")) then '8'::bigint else 0 end end as changed
      ) as difference
        where difference.changed & '-9223372036854775796'::bigint <> 0
         or difference.changed & '-9223372036854775804'::bigint <> 0
      ) as changes;
    end if;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_wins" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_wins" (slot, xid, op, changed, "old_player_id", "old_won", "new_player_id", "new_won")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."player_id", "o"."won", "n"."player_id", "n"."won"
    from (select row_number() over () as position, "o"."player_id", "o"."won" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."player_id", "n"."won" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."player_id"), row("n"."player_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."won"), row("n"."won")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775796'::bigint <> 0
         or difference.changed & '-9223372036854775804'::bigint <> 0;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_update"
after update on "public"."wins"
referencing old table as old_rows new table as new_rows
for each statement execute function "millrace"."capture_wins_update"();
create or replace function "millrace"."capture_wins_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  relevant bigint;
  problem text;
begin
  begin
    problem := millrace.shape_problem('"public"."wins"'::regclass, '"s"."player_id", "s"."won"', 'null::integer, null::timestamp without time zone', array['player_id', 'won']::text[]);
    if problem is null then
      select count(*)
      into relevant
      from (
        select "o"."player_id", "o"."won"
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
    insert into "millrace"."queue_wins" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_wins" (slot, xid, op, changed, "old_player_id", "old_won")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."player_id", "o"."won"
    from old_rows as o
    where true;
  end if;
  return null;
end
$millrace$;
create or replace trigger "!millrace_delete"
after delete on "public"."wins"
referencing old table as old_rows
for each statement execute function "millrace"."capture_wins_delete"();
create or replace function "millrace"."capture_wins_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  insert into "millrace"."queue_wins" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$millrace$;
create or replace trigger "!millrace_truncate"
after truncate on "public"."wins"
for each statement execute function "millrace"."capture_wins_truncate"();
create table if not exists "millrace"."queue_wins" (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  deferred boolean not null default false,
  statement bigint,
  note text
) partition by list (slot);
create table if not exists "millrace"."queue_wins_0" partition of "millrace"."queue_wins" for values in (0);
create table if not exists "millrace"."queue_wins_1" partition of "millrace"."queue_wins" for values in (1);
create table if not exists "millrace"."queue_wins_2" partition of "millrace"."queue_wins" for values in (2);
create index if not exists "queue_wins_xid" on "millrace"."queue_wins" (xid);
insert into "millrace"."queue_wins" (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, 2) as slot
where not exists (select from "millrace"."queue_wins" as present where present.slot = slot.slot and present.xid = '0');
alter table "millrace"."queue_wins" add column if not exists "old_player_id" integer;
alter table "millrace"."queue_wins" add column if not exists "new_player_id" integer;
alter table "millrace"."queue_wins" add column if not exists "old_won" timestamp without time zone;
alter table "millrace"."queue_wins" add column if not exists "new_won" timestamp without time zone;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
-- what the roles may do in the schema millrace
create table if not exists "millrace"."board_v1" (
  "id" integer,
  "country" text,
  "name" text,
  "wins" bigint,
  "last" timestamp without time zone
);
create unique index if not exists "board_v1_key" on "millrace"."board_v1" ("id") nulls not distinct;
create table if not exists "millrace"."pending_board_v1" (
  u1 integer,
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (u1)
);
create table if not exists "millrace"."ranks_board_v1" (
  id bigint generated by default as identity primary key,
  -- null: the root of its group
  parent bigint,
  is_leaf boolean not null,
  rows bigint not null,
  p1 bigint not null,
  p2 timestamp without time zone[] not null,
  p3 integer not null
) with (fillfactor = 70);
create index if not exists "ranks_board_v1_parent" on "millrace"."ranks_board_v1" (parent);
create unique index if not exists "ranks_board_v1_leaf" on "millrace"."ranks_board_v1" (p1 desc, p2, p3) where is_leaf;
create index if not exists "ranks_board_v1_order" on "millrace"."board_v1" ("wins" desc, (array["last"]), "id") include ("last") where "wins" is not null;
create or replace function "millrace"."ranks_board_v1_before"(place "millrace"."ranks_board_v1") returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  entry "millrace"."ranks_board_v1";
  earlier bigint;
  total bigint;
begin
  select e.* into entry
  from (select *
  from ((
    select 0 as range, e.id, e.p1 as p1, e.p2 as p2, e.p3 as p3
    from "millrace"."ranks_board_v1" as e
    where e.is_leaf and e.p1 = place.p1 and (e.p2, e.p3) <= (place.p2, place.p3)
    order by e.p1, e.p2 desc, e.p3 desc
    limit 1
  ) union all (
    select 1 as range, e.id, e.p1 as p1, e.p2 as p2, e.p3 as p3
    from "millrace"."ranks_board_v1" as e
    where e.is_leaf and e.p1 > place.p1
    order by e.p1, e.p2 desc, e.p3 desc
    limit 1
  )) as nearest
  order by nearest.range, nearest.p1, nearest.p2 desc, nearest.p3 desc
  limit 1) as leaf
  join "millrace"."ranks_board_v1" as e on e.id = leaf.id;
  if entry.id is null then
    return 0;
  end if;
  select count(*) into total
  from (select *
  from ((
    select 0 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" = entry.p1 and (array["s"."last"], "s"."id") >= (entry.p2, entry.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit entry.rows
  ) union all (
    select 1 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" < entry.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit entry.rows
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit entry.rows) as r
  where ((r.p1 = place.p1 and (r.p2, r.p3) < (place.p2, place.p3)) or (r.p1 > place.p1));
  while entry.parent is not null loop
    select coalesce(sum(e.rows), 0) into earlier
    from "millrace"."ranks_board_v1" as e
    where e.parent = entry.parent
      and ((e.p1 = entry.p1 and (e.p2, e.p3) < (entry.p2, entry.p3)) or (e.p1 > entry.p1));
    total := total + earlier;
    select e.* into entry from "millrace"."ranks_board_v1" as e where e.id = entry.parent;
  end loop;
  return total;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_at"(skip bigint, within "millrace"."ranks_board_v1") returns "millrace"."ranks_board_v1"
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  entry "millrace"."ranks_board_v1";
  child record;
  remaining bigint := skip;
begin
  select e.* into entry
  from "millrace"."ranks_board_v1" as e
  where e.parent is null;
  if entry.id is null or skip >= entry.rows then
    return null;
  end if;
  while not entry.is_leaf loop
    select c.id, c.before into child
    from (
      select e.id, e.rows, sum(e.rows) over (order by e.p1 desc, e.p2, e.p3) - e.rows as before
      from "millrace"."ranks_board_v1" as e
      where e.parent = entry.id
    ) as c
    where remaining >= c.before and remaining < c.before + c.rows;
    remaining := remaining - child.before;
    select e.* into entry from "millrace"."ranks_board_v1" as e where e.id = child.id;
  end loop;
  select p1, p2, p3 into entry.p1, entry.p2, entry.p3
  from (select *
  from ((
    select 0 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" = entry.p1 and (array["s"."last"], "s"."id") >= (entry.p2, entry.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit remaining + 1
  ) union all (
    select 1 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" < entry.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit remaining + 1
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit remaining + 1) as r
  offset remaining;
  return entry;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_apply"(changes "millrace"."ranks_board_v1"[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  ids bigint[];
  counts bigint[];
begin
  if cardinality(changes) = 0 then
    return;
  end if;
  lock table "millrace"."ranks_board_v1" in share row exclusive mode;

  -- a group that has rows for the first time
  insert into "millrace"."ranks_board_v1" (is_leaf, rows, p1, p2, p3)
  select true, 0, p1, p2, p3
  from unnest(changes) as c
  where c.rows > 0
    and not exists (select from "millrace"."ranks_board_v1" as e where e.parent is null and true)
  order by c.p1 desc, c.p2, c.p3
  limit 1;

  -- the first leaf of a group reaches down to its first row, and so does all that stands above it
  with recursive lowest as (
    select c.*
    from unnest(changes) as c
    where c.rows > 0
    order by c.p1 desc, c.p2, c.p3
  limit 1
  ),
  lowered (id, parent, p1, p2, p3) as (
    select first.id, first.parent, lowest.p1, lowest.p2, lowest.p3
    from lowest
    cross join lateral (
      select e.*
      from "millrace"."ranks_board_v1" as e
      where e.is_leaf and true
      order by e.p1 desc, e.p2, e.p3
      limit 1
    ) as first
    where ((lowest.p1 = first.p1 and (lowest.p2, lowest.p3) < (first.p2, first.p3)) or (lowest.p1 > first.p1))
    union all
    select e.id, e.parent, lowered.p1, lowered.p2, lowered.p3
    from lowered
    join "millrace"."ranks_board_v1" as e on e.id = lowered.parent
  )
  update "millrace"."ranks_board_v1" as e
  set (p1, p2, p3) = row(lowered.p1, lowered.p2, lowered.p3)
  from lowered
  where e.id = lowered.id;

  select array_agg(d.id), array_agg(d.rows) into ids, counts
  from (
    select leaf.id, sum(c.rows) as rows
    from unnest(changes) as c
    cross join lateral (select *
  from ((
    select 0 as range, e.id, e.p1 as p1, e.p2 as p2, e.p3 as p3
    from "millrace"."ranks_board_v1" as e
    where e.is_leaf and e.p1 = c.p1 and (e.p2, e.p3) <= (c.p2, c.p3)
    order by e.p1, e.p2 desc, e.p3 desc
    limit 1
  ) union all (
    select 1 as range, e.id, e.p1 as p1, e.p2 as p2, e.p3 as p3
    from "millrace"."ranks_board_v1" as e
    where e.is_leaf and e.p1 > c.p1
    order by e.p1, e.p2 desc, e.p3 desc
    limit 1
  )) as nearest
  order by nearest.range, nearest.p1, nearest.p2 desc, nearest.p3 desc
  limit 1) as leaf
    group by leaf.id
    having sum(c.rows) <> 0
  ) as d;
  while ids is not null loop
    with counted as (
      update "millrace"."ranks_board_v1" as e
      set rows = e.rows + d.rows
      from unnest(ids, counts) as d (id, rows)
      where e.id = d.id
      returning e.parent, d.rows
    )
    select array_agg(d.parent), array_agg(d.rows) into ids, counts
    from (
      select parent, sum(rows) as rows
      from counted
      where parent is not null
      group by parent
      having sum(rows) <> 0
    ) as d;
  end loop;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_first"(entry_id bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  child "millrace"."ranks_board_v1";
  above bigint;
begin
  select e.* into child
  from "millrace"."ranks_board_v1" as e
  where e.parent = entry_id
  order by e.p1 desc, e.p2, e.p3
  limit 1;
  update "millrace"."ranks_board_v1" as e
  set (p1, p2, p3) = row(child.p1, child.p2, child.p3)
  where e.id = entry_id and (child.p1 <> e.p1 or child.p2 <> e.p2 or child.p3 <> e.p3)
  returning e.parent into above;
  return above;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_split"(entry "millrace"."ranks_board_v1", size bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  pieces bigint := (size + 63) / 64;
begin
  if entry.parent is null then
    entry.parent := nextval(pg_get_serial_sequence('"millrace"."ranks_board_v1"', 'id'));
    insert into "millrace"."ranks_board_v1" (id, is_leaf, rows, p1, p2, p3)
    values (entry.parent, false, entry.rows, entry.p1, entry.p2, entry.p3);
    update "millrace"."ranks_board_v1" as e set parent = entry.parent where e.id = entry.id;
  end if;
  with member as (
    select u.*, row_number() over (order by u.p1 desc, u.p2, u.p3) - 1 as at
    from (
      select null::bigint as id, 1::bigint as rows, r.p1, r.p2, r.p3
      from (select *
  from ((
    select 0 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" = entry.p1 and (array["s"."last"], "s"."id") >= (entry.p2, entry.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit (case when entry.is_leaf then entry.rows else 0 end)
  ) union all (
    select 1 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" < entry.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit (case when entry.is_leaf then entry.rows else 0 end)
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit (case when entry.is_leaf then entry.rows else 0 end)) as r
      union all
      select e.id, e.rows, e.p1, e.p2, e.p3
      from "millrace"."ranks_board_v1" as e
      where e.parent = entry.id
    ) as u
  ),
  piece as materialized (
    select m.at * pieces / size as n, min(m.at) as at, sum(m.rows)::bigint as rows, nextval(pg_get_serial_sequence('"millrace"."ranks_board_v1"', 'id')) as id
    from member as m
    group by 1
  ),
  made as (
    insert into "millrace"."ranks_board_v1" (id, parent, is_leaf, rows, p1, p2, p3)
    select p.id, entry.parent, entry.is_leaf, p.rows, m.p1, m.p2, m.p3
    from piece as p
    join member as m on m.at = p.at
    where p.n > 0
  ),
  moved as (
    update "millrace"."ranks_board_v1" as e
    set parent = p.id
    from member as m
    join piece as p on p.n = m.at * pieces / size
    where p.n > 0 and e.id = m.id
  )
  update "millrace"."ranks_board_v1" as e
  set rows = p.rows
  from piece as p
  where p.n = 0 and e.id = entry.id;
  return entry.parent;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_merge"(entry "millrace"."ranks_board_v1", size bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  near "millrace"."ranks_board_v1";
  near_size bigint;
begin
  if size = 0 then
    delete from "millrace"."ranks_board_v1" as e where e.id = entry.id;
    return entry.parent;
  end if;
  if entry.parent is null then
    -- a root with one child is one level too many
    if not entry.is_leaf and size = 1 then
      update "millrace"."ranks_board_v1" as e set parent = null where e.parent = entry.id;
      delete from "millrace"."ranks_board_v1" as e where e.id = entry.id;
    end if;
    return null;
  end if;

  select e.* into near
  from "millrace"."ranks_board_v1" as e
  where e.parent = entry.parent and ((e.p1 = entry.p1 and (e.p2, e.p3) < (entry.p2, entry.p3)) or (e.p1 > entry.p1))
  order by e.p1, e.p2 desc, e.p3 desc
  limit 1;
  if near.id is null then
    near := entry;
    select e.* into entry
    from "millrace"."ranks_board_v1" as e
    where e.parent = near.parent and ((near.p1 = e.p1 and (near.p2, near.p3) < (e.p2, e.p3)) or (near.p1 > e.p1))
    order by e.p1 desc, e.p2, e.p3
    limit 1;
    if entry.id is null then
      return null;
    end if;
    near_size := size;
    size := case
        when entry.is_leaf then (select count(*) from (select *
  from ((
    select 0 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" = entry.p1 and (array["s"."last"], "s"."id") >= (entry.p2, entry.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit entry.rows
  ) union all (
    select 1 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" < entry.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit entry.rows
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit entry.rows) as r)
        else (select count(*) from "millrace"."ranks_board_v1" as e where e.parent = entry.id)
      end;
  else
    near_size := case
        when near.is_leaf then (select count(*) from (select *
  from ((
    select 0 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" = near.p1 and (array["s"."last"], "s"."id") >= (near.p2, near.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit near.rows
  ) union all (
    select 1 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" < near.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit near.rows
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit near.rows) as r)
        else (select count(*) from "millrace"."ranks_board_v1" as e where e.parent = near.id)
      end;
  end if;
  if near_size + size > 96 then
    return null;
  end if;
  update "millrace"."ranks_board_v1" as e set parent = near.id where e.parent = entry.id;
  update "millrace"."ranks_board_v1" as e set rows = e.rows + entry.rows where e.id = near.id;
  delete from "millrace"."ranks_board_v1" as e where e.id = entry.id;
  return near.parent;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_settle"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  at_id bigint := new.id;
  above bigint;
  entry "millrace"."ranks_board_v1";
  size bigint;
begin
  while at_id is not null loop
    above := "millrace"."ranks_board_v1_first"(at_id);
    select e.* into entry from "millrace"."ranks_board_v1" as e where e.id = at_id;
    exit when entry.id is null;
    size := case
        when entry.is_leaf then (select count(*) from (select *
  from ((
    select 0 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" = entry.p1 and (array["s"."last"], "s"."id") >= (entry.p2, entry.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit entry.rows
  ) union all (
    select 1 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" < entry.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit entry.rows
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit entry.rows) as r)
        else (select count(*) from "millrace"."ranks_board_v1" as e where e.parent = entry.id)
      end;
    if size > 2 * 64 then
      above := coalesce("millrace"."ranks_board_v1_split"(entry, size), above);
    elsif 2 * size < 64 or (size = 1 and not entry.is_leaf) then
      above := coalesce("millrace"."ranks_board_v1_merge"(entry, size), above);
    end if;
    at_id := above;
  end loop;
  return null;
end
$millrace$;
drop trigger if exists "ranks_board_v1_settle" on "millrace"."ranks_board_v1";
create constraint trigger "ranks_board_v1_settle"
after update on "millrace"."ranks_board_v1"
deferrable initially deferred
for each row
when (new.is_leaf and (new.rows > 2 * 64 or (2 * new.rows < 64 and new.rows < old.rows)))
execute function "millrace"."ranks_board_v1_settle"();
create or replace function "millrace"."ranks_board_v1_fill"() returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  raised bigint;
begin
  lock table "millrace"."board_v1" in share mode;
  lock table "millrace"."ranks_board_v1" in share row exclusive mode;
  delete from "millrace"."ranks_board_v1";
  with ranked as (
    select "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null
  ),
  sized as (
    select count(*) as size
    from ranked
  ),
  numbered as (
    select p1, p2, p3, row_number() over (order by p1 desc, p2, p3) - 1 as at
    from ranked
  )
  insert into "millrace"."ranks_board_v1" (is_leaf, rows, p1, p2, p3)
  select true, least(64, sized.size - numbered.at), numbered.p1, numbered.p2, numbered.p3
  from numbered
  join sized on true
  where numbered.at % 64 = 0;

  loop
    with orphan as (
      select id, rows, p1, p2, p3,
             row_number() over (order by p1 desc, p2, p3) - 1 as at,
             count(*) over () as size
      from "millrace"."ranks_board_v1"
      where parent is null
    ),
    above as materialized (
      select at / 64 as n, min(at) as at, sum(rows)::bigint as rows, nextval(pg_get_serial_sequence('"millrace"."ranks_board_v1"', 'id')) as id
      from orphan
      where size > 1
      group by at / 64
    ),
    made as (
      insert into "millrace"."ranks_board_v1" (id, is_leaf, rows, p1, p2, p3)
      select above.id, false, above.rows, o.p1, o.p2, o.p3
      from above
      join orphan as o on o.at = above.at and true
    )
    update "millrace"."ranks_board_v1" as e
    set parent = above.id
    from orphan as o
    join above on above.n = o.at / 64 and true
    where e.id = o.id;
    get diagnostics raised = row_count;
    exit when raised = 0;
  end loop;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_check"() returns bigint
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  with merged as (
    select null::bigint as id, r.*
    from (
    select "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null
    ) as r
    union all
    select id, p1, p2, p3
    from "millrace"."ranks_board_v1"
    where is_leaf
  ),
  counted as (
    select id, count(id) over (order by p1 desc, p2, p3, (id is null) rows unbounded preceding) as leaf
    from merged
  ),
  leaf as (
    select max(id) as id, count(*) - count(id) as rows
    from counted
    group by leaf
  ),
  child as (
    select parent, rows, p1, p2, p3, row_number() over (partition by parent order by p1 desc, p2, p3) as at
    from "millrace"."ranks_board_v1"
    where parent is not null
  ),
  inner_entry as (
    select c.parent as id, sum(c.rows) as rows
    from child as c
    group by c.parent
  )
  select (select count(*) from leaf left join "millrace"."ranks_board_v1" as e on e.id = leaf.id where e.rows is distinct from leaf.rows)
       + (select count(*) from "millrace"."ranks_board_v1" as e left join inner_entry as i on i.id = e.id where not e.is_leaf and e.rows is distinct from i.rows)
       + (select count(*) from (select from "millrace"."ranks_board_v1" where parent is null having count(*) > 1) as roots)
       + (select count(*) from child as c left join "millrace"."ranks_board_v1" as e on e.id = c.parent and not e.is_leaf
          where c.at = 1 and (e.id is null or e.p1 <> c.p1 or e.p2 <> c.p2 or e.p3 <> c.p3))
$millrace$;
create table if not exists "millrace"."ranks_board_v1_in_country" (
  id bigint generated by default as identity primary key,
  -- null: the root of its group
  parent bigint,
  is_leaf boolean not null,
  rows bigint not null,
  g1 text not null,
  p1 bigint not null,
  p2 timestamp without time zone[] not null,
  p3 integer not null
) with (fillfactor = 70);
create index if not exists "ranks_board_v1_in_country_parent" on "millrace"."ranks_board_v1_in_country" (parent, g1);
create unique index if not exists "ranks_board_v1_in_country_leaf" on "millrace"."ranks_board_v1_in_country" (g1, p1 desc, p2, p3) where is_leaf;
create index if not exists "ranks_board_v1_in_country_order" on "millrace"."board_v1" ("country", "wins" desc, (array["last"]), "id") include ("last") where "wins" is not null and "country" is not null;
create or replace function "millrace"."ranks_board_v1_in_country_before"(place "millrace"."ranks_board_v1_in_country") returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  entry "millrace"."ranks_board_v1_in_country";
  earlier bigint;
  total bigint;
begin
  select e.* into entry
  from (select *
  from ((
    select 0 as range, e.id, e.p1 as p1, e.p2 as p2, e.p3 as p3
    from "millrace"."ranks_board_v1_in_country" as e
    where e.g1 = place.g1 and e.is_leaf and e.p1 = place.p1 and (e.p2, e.p3) <= (place.p2, place.p3)
    order by e.p1, e.p2 desc, e.p3 desc
    limit 1
  ) union all (
    select 1 as range, e.id, e.p1 as p1, e.p2 as p2, e.p3 as p3
    from "millrace"."ranks_board_v1_in_country" as e
    where e.g1 = place.g1 and e.is_leaf and e.p1 > place.p1
    order by e.p1, e.p2 desc, e.p3 desc
    limit 1
  )) as nearest
  order by nearest.range, nearest.p1, nearest.p2 desc, nearest.p3 desc
  limit 1) as leaf
  join "millrace"."ranks_board_v1_in_country" as e on e.id = leaf.id;
  if entry.id is null then
    return 0;
  end if;
  select count(*) into total
  from (select *
  from ((
    select 0 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = entry.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" = entry.p1 and (array["s"."last"], "s"."id") >= (entry.p2, entry.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit entry.rows
  ) union all (
    select 1 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = entry.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" < entry.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit entry.rows
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit entry.rows) as r
  where ((r.p1 = place.p1 and (r.p2, r.p3) < (place.p2, place.p3)) or (r.p1 > place.p1));
  while entry.parent is not null loop
    select coalesce(sum(e.rows), 0) into earlier
    from "millrace"."ranks_board_v1_in_country" as e
    where e.parent = entry.parent
      and ((e.p1 = entry.p1 and (e.p2, e.p3) < (entry.p2, entry.p3)) or (e.p1 > entry.p1));
    total := total + earlier;
    select e.* into entry from "millrace"."ranks_board_v1_in_country" as e where e.id = entry.parent;
  end loop;
  return total;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_in_country_at"(skip bigint, within "millrace"."ranks_board_v1_in_country") returns "millrace"."ranks_board_v1_in_country"
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  entry "millrace"."ranks_board_v1_in_country";
  child record;
  remaining bigint := skip;
begin
  select e.* into entry
  from "millrace"."ranks_board_v1_in_country" as e
  where e.parent is null and e.g1 = within.g1;
  if entry.id is null or skip >= entry.rows then
    return null;
  end if;
  while not entry.is_leaf loop
    select c.id, c.before into child
    from (
      select e.id, e.rows, sum(e.rows) over (order by e.p1 desc, e.p2, e.p3) - e.rows as before
      from "millrace"."ranks_board_v1_in_country" as e
      where e.parent = entry.id
    ) as c
    where remaining >= c.before and remaining < c.before + c.rows;
    remaining := remaining - child.before;
    select e.* into entry from "millrace"."ranks_board_v1_in_country" as e where e.id = child.id;
  end loop;
  select p1, p2, p3 into entry.p1, entry.p2, entry.p3
  from (select *
  from ((
    select 0 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = entry.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" = entry.p1 and (array["s"."last"], "s"."id") >= (entry.p2, entry.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit remaining + 1
  ) union all (
    select 1 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = entry.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" < entry.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit remaining + 1
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit remaining + 1) as r
  offset remaining;
  return entry;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_in_country_apply"(changes "millrace"."ranks_board_v1_in_country"[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  ids bigint[];
  counts bigint[];
begin
  if cardinality(changes) = 0 then
    return;
  end if;
  lock table "millrace"."ranks_board_v1_in_country" in share row exclusive mode;

  -- a group that has rows for the first time
  insert into "millrace"."ranks_board_v1_in_country" (is_leaf, rows, g1, p1, p2, p3)
  select distinct on (c.g1) true, 0, g1, p1, p2, p3
  from unnest(changes) as c
  where c.rows > 0
    and not exists (select from "millrace"."ranks_board_v1_in_country" as e where e.parent is null and true and e.g1 = c.g1)
  order by c.g1, c.p1 desc, c.p2, c.p3;

  -- the first leaf of a group reaches down to its first row, and so does all that stands above it
  with recursive lowest as (
    select distinct on (c.g1) c.*
    from unnest(changes) as c
    where c.rows > 0
    order by c.g1, c.p1 desc, c.p2, c.p3
  ),
  lowered (id, parent, g1, p1, p2, p3) as (
    select first.id, first.parent, lowest.g1, lowest.p1, lowest.p2, lowest.p3
    from lowest
    cross join lateral (
      select e.*
      from "millrace"."ranks_board_v1_in_country" as e
      where e.is_leaf and true and e.g1 = lowest.g1
      order by e.p1 desc, e.p2, e.p3
      limit 1
    ) as first
    where ((lowest.p1 = first.p1 and (lowest.p2, lowest.p3) < (first.p2, first.p3)) or (lowest.p1 > first.p1))
    union all
    select e.id, e.parent, lowered.g1, lowered.p1, lowered.p2, lowered.p3
    from lowered
    join "millrace"."ranks_board_v1_in_country" as e on e.id = lowered.parent
  )
  update "millrace"."ranks_board_v1_in_country" as e
  set (p1, p2, p3) = row(lowered.p1, lowered.p2, lowered.p3)
  from lowered
  where e.id = lowered.id;

  select array_agg(d.id), array_agg(d.rows) into ids, counts
  from (
    select leaf.id, sum(c.rows) as rows
    from unnest(changes) as c
    cross join lateral (select *
  from ((
    select 0 as range, e.id, e.p1 as p1, e.p2 as p2, e.p3 as p3
    from "millrace"."ranks_board_v1_in_country" as e
    where e.g1 = c.g1 and e.is_leaf and e.p1 = c.p1 and (e.p2, e.p3) <= (c.p2, c.p3)
    order by e.p1, e.p2 desc, e.p3 desc
    limit 1
  ) union all (
    select 1 as range, e.id, e.p1 as p1, e.p2 as p2, e.p3 as p3
    from "millrace"."ranks_board_v1_in_country" as e
    where e.g1 = c.g1 and e.is_leaf and e.p1 > c.p1
    order by e.p1, e.p2 desc, e.p3 desc
    limit 1
  )) as nearest
  order by nearest.range, nearest.p1, nearest.p2 desc, nearest.p3 desc
  limit 1) as leaf
    group by leaf.id
    having sum(c.rows) <> 0
  ) as d;
  while ids is not null loop
    with counted as (
      update "millrace"."ranks_board_v1_in_country" as e
      set rows = e.rows + d.rows
      from unnest(ids, counts) as d (id, rows)
      where e.id = d.id
      returning e.parent, d.rows
    )
    select array_agg(d.parent), array_agg(d.rows) into ids, counts
    from (
      select parent, sum(rows) as rows
      from counted
      where parent is not null
      group by parent
      having sum(rows) <> 0
    ) as d;
  end loop;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_in_country_first"(entry_id bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  child "millrace"."ranks_board_v1_in_country";
  above bigint;
begin
  select e.* into child
  from "millrace"."ranks_board_v1_in_country" as e
  where e.parent = entry_id
  order by e.p1 desc, e.p2, e.p3
  limit 1;
  update "millrace"."ranks_board_v1_in_country" as e
  set (p1, p2, p3) = row(child.p1, child.p2, child.p3)
  where e.id = entry_id and (child.p1 <> e.p1 or child.p2 <> e.p2 or child.p3 <> e.p3)
  returning e.parent into above;
  return above;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_in_country_split"(entry "millrace"."ranks_board_v1_in_country", size bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  pieces bigint := (size + 63) / 64;
begin
  if entry.parent is null then
    entry.parent := nextval(pg_get_serial_sequence('"millrace"."ranks_board_v1_in_country"', 'id'));
    insert into "millrace"."ranks_board_v1_in_country" (id, is_leaf, rows, g1, p1, p2, p3)
    values (entry.parent, false, entry.rows, entry.g1, entry.p1, entry.p2, entry.p3);
    update "millrace"."ranks_board_v1_in_country" as e set parent = entry.parent where e.id = entry.id;
  end if;
  with member as (
    select u.*, row_number() over (order by u.p1 desc, u.p2, u.p3) - 1 as at
    from (
      select null::bigint as id, 1::bigint as rows, r.p1, r.p2, r.p3
      from (select *
  from ((
    select 0 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = entry.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" = entry.p1 and (array["s"."last"], "s"."id") >= (entry.p2, entry.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit (case when entry.is_leaf then entry.rows else 0 end)
  ) union all (
    select 1 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = entry.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" < entry.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit (case when entry.is_leaf then entry.rows else 0 end)
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit (case when entry.is_leaf then entry.rows else 0 end)) as r
      union all
      select e.id, e.rows, e.p1, e.p2, e.p3
      from "millrace"."ranks_board_v1_in_country" as e
      where e.parent = entry.id
    ) as u
  ),
  piece as materialized (
    select m.at * pieces / size as n, min(m.at) as at, sum(m.rows)::bigint as rows, nextval(pg_get_serial_sequence('"millrace"."ranks_board_v1_in_country"', 'id')) as id
    from member as m
    group by 1
  ),
  made as (
    insert into "millrace"."ranks_board_v1_in_country" (id, parent, is_leaf, rows, g1, p1, p2, p3)
    select p.id, entry.parent, entry.is_leaf, p.rows, entry.g1, m.p1, m.p2, m.p3
    from piece as p
    join member as m on m.at = p.at
    where p.n > 0
  ),
  moved as (
    update "millrace"."ranks_board_v1_in_country" as e
    set parent = p.id
    from member as m
    join piece as p on p.n = m.at * pieces / size
    where p.n > 0 and e.id = m.id
  )
  update "millrace"."ranks_board_v1_in_country" as e
  set rows = p.rows
  from piece as p
  where p.n = 0 and e.id = entry.id;
  return entry.parent;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_in_country_merge"(entry "millrace"."ranks_board_v1_in_country", size bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  near "millrace"."ranks_board_v1_in_country";
  near_size bigint;
begin
  if size = 0 then
    delete from "millrace"."ranks_board_v1_in_country" as e where e.id = entry.id;
    return entry.parent;
  end if;
  if entry.parent is null then
    -- a root with one child is one level too many
    if not entry.is_leaf and size = 1 then
      update "millrace"."ranks_board_v1_in_country" as e set parent = null where e.parent = entry.id;
      delete from "millrace"."ranks_board_v1_in_country" as e where e.id = entry.id;
    end if;
    return null;
  end if;

  select e.* into near
  from "millrace"."ranks_board_v1_in_country" as e
  where e.parent = entry.parent and ((e.p1 = entry.p1 and (e.p2, e.p3) < (entry.p2, entry.p3)) or (e.p1 > entry.p1))
  order by e.p1, e.p2 desc, e.p3 desc
  limit 1;
  if near.id is null then
    near := entry;
    select e.* into entry
    from "millrace"."ranks_board_v1_in_country" as e
    where e.parent = near.parent and ((near.p1 = e.p1 and (near.p2, near.p3) < (e.p2, e.p3)) or (near.p1 > e.p1))
    order by e.p1 desc, e.p2, e.p3
    limit 1;
    if entry.id is null then
      return null;
    end if;
    near_size := size;
    size := case
        when entry.is_leaf then (select count(*) from (select *
  from ((
    select 0 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = entry.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" = entry.p1 and (array["s"."last"], "s"."id") >= (entry.p2, entry.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit entry.rows
  ) union all (
    select 1 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = entry.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" < entry.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit entry.rows
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit entry.rows) as r)
        else (select count(*) from "millrace"."ranks_board_v1_in_country" as e where e.parent = entry.id)
      end;
  else
    near_size := case
        when near.is_leaf then (select count(*) from (select *
  from ((
    select 0 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = near.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" = near.p1 and (array["s"."last"], "s"."id") >= (near.p2, near.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit near.rows
  ) union all (
    select 1 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = near.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" < near.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit near.rows
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit near.rows) as r)
        else (select count(*) from "millrace"."ranks_board_v1_in_country" as e where e.parent = near.id)
      end;
  end if;
  if near_size + size > 96 then
    return null;
  end if;
  update "millrace"."ranks_board_v1_in_country" as e set parent = near.id where e.parent = entry.id;
  update "millrace"."ranks_board_v1_in_country" as e set rows = e.rows + entry.rows where e.id = near.id;
  delete from "millrace"."ranks_board_v1_in_country" as e where e.id = entry.id;
  return near.parent;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_in_country_settle"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  at_id bigint := new.id;
  above bigint;
  entry "millrace"."ranks_board_v1_in_country";
  size bigint;
begin
  while at_id is not null loop
    above := "millrace"."ranks_board_v1_in_country_first"(at_id);
    select e.* into entry from "millrace"."ranks_board_v1_in_country" as e where e.id = at_id;
    exit when entry.id is null;
    size := case
        when entry.is_leaf then (select count(*) from (select *
  from ((
    select 0 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = entry.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" = entry.p1 and (array["s"."last"], "s"."id") >= (entry.p2, entry.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit entry.rows
  ) union all (
    select 1 as range, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = entry.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" < entry.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit entry.rows
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit entry.rows) as r)
        else (select count(*) from "millrace"."ranks_board_v1_in_country" as e where e.parent = entry.id)
      end;
    if size > 2 * 64 then
      above := coalesce("millrace"."ranks_board_v1_in_country_split"(entry, size), above);
    elsif 2 * size < 64 or (size = 1 and not entry.is_leaf) then
      above := coalesce("millrace"."ranks_board_v1_in_country_merge"(entry, size), above);
    end if;
    at_id := above;
  end loop;
  return null;
end
$millrace$;
drop trigger if exists "ranks_board_v1_in_country_settle" on "millrace"."ranks_board_v1_in_country";
create constraint trigger "ranks_board_v1_in_country_settle"
after update on "millrace"."ranks_board_v1_in_country"
deferrable initially deferred
for each row
when (new.is_leaf and (new.rows > 2 * 64 or (2 * new.rows < 64 and new.rows < old.rows)))
execute function "millrace"."ranks_board_v1_in_country_settle"();
create or replace function "millrace"."ranks_board_v1_in_country_fill"() returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  raised bigint;
begin
  lock table "millrace"."board_v1" in share mode;
  lock table "millrace"."ranks_board_v1_in_country" in share row exclusive mode;
  delete from "millrace"."ranks_board_v1_in_country";
  with ranked as (
    select "s"."country" as g1, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."country" is not null
  ),
  sized as (
    select g1, count(*) as size
    from ranked
    group by g1
  ),
  numbered as (
    select g1, p1, p2, p3, row_number() over (partition by g1 order by p1 desc, p2, p3) - 1 as at
    from ranked
  )
  insert into "millrace"."ranks_board_v1_in_country" (is_leaf, rows, g1, p1, p2, p3)
  select true, least(64, sized.size - numbered.at), numbered.g1, numbered.p1, numbered.p2, numbered.p3
  from numbered
  join sized on true and sized.g1 = numbered.g1
  where numbered.at % 64 = 0;

  loop
    with orphan as (
      select id, rows, g1, p1, p2, p3,
             row_number() over (partition by g1 order by p1 desc, p2, p3) - 1 as at,
             count(*) over (partition by g1) as size
      from "millrace"."ranks_board_v1_in_country"
      where parent is null
    ),
    above as materialized (
      select g1, at / 64 as n, min(at) as at, sum(rows)::bigint as rows, nextval(pg_get_serial_sequence('"millrace"."ranks_board_v1_in_country"', 'id')) as id
      from orphan
      where size > 1
      group by g1, at / 64
    ),
    made as (
      insert into "millrace"."ranks_board_v1_in_country" (id, is_leaf, rows, g1, p1, p2, p3)
      select above.id, false, above.rows, o.g1, o.p1, o.p2, o.p3
      from above
      join orphan as o on o.at = above.at and true and o.g1 = above.g1
    )
    update "millrace"."ranks_board_v1_in_country" as e
    set parent = above.id
    from orphan as o
    join above on above.n = o.at / 64 and true and o.g1 = above.g1
    where e.id = o.id;
    get diagnostics raised = row_count;
    exit when raised = 0;
  end loop;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_in_country_check"() returns bigint
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  with merged as (
    select null::bigint as id, r.*
    from (
    select "s"."country" as g1, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."country" is not null
    ) as r
    union all
    select id, g1, p1, p2, p3
    from "millrace"."ranks_board_v1_in_country"
    where is_leaf
  ),
  counted as (
    select g1, id, count(id) over (partition by g1 order by p1 desc, p2, p3, (id is null) rows unbounded preceding) as leaf
    from merged
  ),
  leaf as (
    select max(id) as id, count(*) - count(id) as rows
    from counted
    group by g1, leaf
  ),
  child as (
    select parent, rows, p1, p2, p3, row_number() over (partition by parent order by p1 desc, p2, p3) as at
    from "millrace"."ranks_board_v1_in_country"
    where parent is not null
  ),
  inner_entry as (
    select c.parent as id, sum(c.rows) as rows
    from child as c
    group by c.parent
  )
  select (select count(*) from leaf left join "millrace"."ranks_board_v1_in_country" as e on e.id = leaf.id where e.rows is distinct from leaf.rows)
       + (select count(*) from "millrace"."ranks_board_v1_in_country" as e left join inner_entry as i on i.id = e.id where not e.is_leaf and e.rows is distinct from i.rows)
       + (select count(*) from (select from "millrace"."ranks_board_v1_in_country" where parent is null group by g1 having count(*) > 1) as roots)
       + (select count(*) from child as c left join "millrace"."ranks_board_v1_in_country" as e on e.id = c.parent and not e.is_leaf
          where c.at = 1 and (e.id is null or e.p1 <> c.p1 or e.p2 <> c.p2 or e.p3 <> c.p3))
$millrace$;
revoke all on function "millrace"."ranks_board_v1_before" from public;
revoke all on function "millrace"."ranks_board_v1_at" from public;
revoke all on function "millrace"."ranks_board_v1_apply" from public;
revoke all on function "millrace"."ranks_board_v1_settle" from public;
revoke all on function "millrace"."ranks_board_v1_first" from public;
revoke all on function "millrace"."ranks_board_v1_split" from public;
revoke all on function "millrace"."ranks_board_v1_merge" from public;
revoke all on function "millrace"."ranks_board_v1_fill" from public;
revoke all on function "millrace"."ranks_board_v1_check" from public;
revoke all on function "millrace"."ranks_board_v1_in_country_before" from public;
revoke all on function "millrace"."ranks_board_v1_in_country_at" from public;
revoke all on function "millrace"."ranks_board_v1_in_country_apply" from public;
revoke all on function "millrace"."ranks_board_v1_in_country_settle" from public;
revoke all on function "millrace"."ranks_board_v1_in_country_first" from public;
revoke all on function "millrace"."ranks_board_v1_in_country_split" from public;
revoke all on function "millrace"."ranks_board_v1_in_country_merge" from public;
revoke all on function "millrace"."ranks_board_v1_in_country_fill" from public;
revoke all on function "millrace"."ranks_board_v1_in_country_check" from public;
create or replace function "millrace"."rank_board_v1_insert"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  perform "millrace"."ranks_board_v1_apply"(array(select row(null, null, true, 1, "s"."wins", array["s"."last"], "s"."id")::"millrace"."ranks_board_v1" from new_rows as s where "s"."wins" is not null));
  perform "millrace"."ranks_board_v1_in_country_apply"(array(select row(null, null, true, 1, "s"."country", "s"."wins", array["s"."last"], "s"."id")::"millrace"."ranks_board_v1_in_country" from new_rows as s where "s"."wins" is not null and "s"."country" is not null));
  return null;
end
$millrace$;
revoke all on function "millrace"."rank_board_v1_insert"() from public;
create or replace function "millrace"."rank_board_v1_update"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  perform "millrace"."ranks_board_v1_apply"(array(select row(null, null, true, sum(c.rows), p1, p2, p3)::"millrace"."ranks_board_v1"
      from (select 1 as rows, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3 from new_rows as s where "s"."wins" is not null union all select -1 as rows, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3 from old_rows as s where "s"."wins" is not null) as c
      group by p1, p2, p3
      having sum(c.rows) <> 0));
  perform "millrace"."ranks_board_v1_in_country_apply"(array(select row(null, null, true, sum(c.rows), g1, p1, p2, p3)::"millrace"."ranks_board_v1_in_country"
      from (select 1 as rows, "s"."country" as g1, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3 from new_rows as s where "s"."wins" is not null and "s"."country" is not null union all select -1 as rows, "s"."country" as g1, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3 from old_rows as s where "s"."wins" is not null and "s"."country" is not null) as c
      group by g1, p1, p2, p3
      having sum(c.rows) <> 0));
  return null;
end
$millrace$;
revoke all on function "millrace"."rank_board_v1_update"() from public;
create or replace function "millrace"."rank_board_v1_delete"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  perform "millrace"."ranks_board_v1_apply"(array(select row(null, null, true, -1, "s"."wins", array["s"."last"], "s"."id")::"millrace"."ranks_board_v1" from old_rows as s where "s"."wins" is not null));
  perform "millrace"."ranks_board_v1_in_country_apply"(array(select row(null, null, true, -1, "s"."country", "s"."wins", array["s"."last"], "s"."id")::"millrace"."ranks_board_v1_in_country" from old_rows as s where "s"."wins" is not null and "s"."country" is not null));
  return null;
end
$millrace$;
revoke all on function "millrace"."rank_board_v1_delete"() from public;
create or replace function "millrace"."rank_board_v1_truncate"() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  truncate table "millrace"."ranks_board_v1";
  truncate table "millrace"."ranks_board_v1_in_country";
  return null;
end
$millrace$;
revoke all on function "millrace"."rank_board_v1_truncate"() from public;
do $millrace$
begin
  if to_regtype('"millrace"."ranked_board_v1"') is null then
    create type "millrace"."ranked_board_v1" as (rank bigint, "id" integer, "country" text, "name" text, "wins" bigint, "last" timestamp without time zone);
  end if;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_place"(integer) returns "millrace"."ranks_board_v1"
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  place "millrace"."ranks_board_v1";
begin
  select "s"."wins", array["s"."last"], "s"."id" into place.p1, place.p2, place.p3
  from "millrace"."board_v1" as s
  where "s"."id" = $1 and "s"."wins" is not null;
  return place;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_rank"(place "millrace"."ranks_board_v1", shared boolean) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
begin
  if shared then
    select "s"."wins", array["s"."last"], "s"."id" into place.p1, place.p2, place.p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" = place.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit 1;
  end if;
  return "millrace"."ranks_board_v1_before"(place) + 1;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_page"(within "millrace"."ranks_board_v1", skip bigint, n bigint, shared boolean)
returns setof "millrace"."ranked_board_v1"
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  place "millrace"."ranks_board_v1";
  standing bigint;
begin
  place := "millrace"."ranks_board_v1_at"(skip, within);
  if place.p1 is null then
    return;
  end if;
  standing := "millrace"."ranks_board_v1_rank"(place, shared);
  return query
  select case when not shared then skip + row_number() over (order by near.p1 desc, near.p2, near.p3)
              when near.p1 = place.p1 then standing
              else skip + rank() over (order by near.p1 desc) end,
         (near.item)."id", (near.item)."country", (near.item)."name", (near.item)."wins", (near.item)."last"
  from (select *
  from ((
    select 0 as range, s as item, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" = place.p1 and (array["s"."last"], "s"."id") >= (place.p2, place.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit n
  ) union all (
    select 1 as range, s as item, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."wins" is not null and "s"."wins" < place.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit n
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit n) as near
  order by near.p1 desc, near.p2, near.p3;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_in_country_place"(integer) returns "millrace"."ranks_board_v1_in_country"
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  place "millrace"."ranks_board_v1_in_country";
begin
  select "s"."country", "s"."wins", array["s"."last"], "s"."id" into place.g1, place.p1, place.p2, place.p3
  from "millrace"."board_v1" as s
  where "s"."id" = $1 and "s"."wins" is not null and "s"."country" is not null;
  return place;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_in_country_rank"(place "millrace"."ranks_board_v1_in_country", shared boolean) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
begin
  if shared then
    select "s"."wins", array["s"."last"], "s"."id" into place.p1, place.p2, place.p3
    from "millrace"."board_v1" as s
    where "s"."country" = place.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" = place.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit 1;
  end if;
  return "millrace"."ranks_board_v1_in_country_before"(place) + 1;
end
$millrace$;
create or replace function "millrace"."ranks_board_v1_in_country_page"(within "millrace"."ranks_board_v1_in_country", skip bigint, n bigint, shared boolean)
returns setof "millrace"."ranked_board_v1"
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $millrace$
declare
  place "millrace"."ranks_board_v1_in_country";
  standing bigint;
begin
  place := "millrace"."ranks_board_v1_in_country_at"(skip, within);
  if place.p1 is null then
    return;
  end if;
  standing := "millrace"."ranks_board_v1_in_country_rank"(place, shared);
  return query
  select case when not shared then skip + row_number() over (order by near.p1 desc, near.p2, near.p3)
              when near.p1 = place.p1 then standing
              else skip + rank() over (order by near.p1 desc) end,
         (near.item)."id", (near.item)."country", (near.item)."name", (near.item)."wins", (near.item)."last"
  from (select *
  from ((
    select 0 as range, s as item, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = place.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" = place.p1 and (array["s"."last"], "s"."id") >= (place.p2, place.p3)
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit n
  ) union all (
    select 1 as range, s as item, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from "millrace"."board_v1" as s
    where "s"."country" = place.g1 and "s"."wins" is not null and "s"."country" is not null and "s"."wins" < place.p1
    order by "s"."wins" desc, array["s"."last"], "s"."id"
    limit n
  )) as nearest
  order by nearest.range, nearest.p1 desc, nearest.p2, nearest.p3
  limit n) as near
  order by near.p1 desc, near.p2, near.p3;
end
$millrace$;
revoke all on function "millrace"."ranks_board_v1_place" from public;
revoke all on function "millrace"."ranks_board_v1_rank" from public;
revoke all on function "millrace"."ranks_board_v1_page" from public;
revoke all on function "millrace"."ranks_board_v1_in_country_place" from public;
revoke all on function "millrace"."ranks_board_v1_in_country_rank" from public;
revoke all on function "millrace"."ranks_board_v1_in_country_page" from public;
grant select, insert, update, delete on "millrace"."board_v1", "millrace"."pending_board_v1" to "millrace_worker";
grant select, insert on "millrace"."queue_players" to "millrace_worker";
grant select, truncate on "millrace"."queue_players_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_players_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_players_2" to "millrace_worker";
grant select, insert on "millrace"."queue_wins" to "millrace_worker";
grant select, truncate on "millrace"."queue_wins_0" to "millrace_worker";
grant select, truncate on "millrace"."queue_wins_1" to "millrace_worker";
grant select, truncate on "millrace"."queue_wins_2" to "millrace_worker";
grant execute on function "millrace"."ranks_board_v1_fill" to "millrace_worker";
grant execute on function "millrace"."ranks_board_v1_check" to "millrace_worker";
grant execute on function "millrace"."ranks_board_v1_in_country_fill" to "millrace_worker";
grant execute on function "millrace"."ranks_board_v1_in_country_check" to "millrace_worker";
insert into millrace.model (storage, schema_name, name, definition, plan, state)
values ('board_v1', 'public', 'board', 'select p.id, p.country, p.name,
       (select count(*) from wins w where w.player_id = p.id) as wins,
       (select max(w.won) from wins w where w.player_id = p.id) as last
from players p
', <plan>, 'building')
on conflict (storage) do update set definition = excluded.definition, plan = excluded.plan,
  state = case when model.state = 'former' then 'building' else model.state end;
commit;

-- $1: 'board_v1'
update millrace.model set state = 'building' where storage = $1 and state = 'waiting';

begin isolation level repeatable read;
set local lock_timeout = 1000; set local plan_cache_mode = force_generic_plan;
lock table "millrace"."board_v1", "millrace"."pending_board_v1" in access share mode;
lock table "public"."players", "millrace"."queue_players", "public"."wins", "millrace"."queue_wins" in access share mode;
-- $1: 'backfill'
with everything (u1) as (
select (p.id)::integer from "public"."players" as "p"
union all
select "id" from "millrace"."board_v1"
union all
select u1 from "millrace"."pending_board_v1"
),
waiting as (
  insert into "millrace"."pending_board_v1" (u1, cause)
  select distinct u1, $1::text
  from everything
  where u1 is not null
  on conflict (u1) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
savepoint attempt;
-- $1: array['1', '2', '3', '4']
with fresh ("id", "country", "name", "wins", "last") as materialized (
SELECT
  p.id,
  p.country,
  p.name,
  millrace_fold_4_1.s1 AS wins,
  millrace_fold_5_1.s1 AS last
FROM public.players AS p, LATERAL ( SELECT count(*) AS s1
FROM public.wins AS w
WHERE
  w.player_id = p.id ) AS millrace_fold_4_1, LATERAL ( SELECT max(w.won) AS s1
FROM public.wins AS w
WHERE
  w.player_id = p.id ) AS millrace_fold_5_1
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
  delete from "millrace"."board_v1" as stored
  where ("stored"."id") = any ($1::text[]::integer[])
    and not exists (select from fresh where "fresh"."id" = "stored"."id")
  returning 1
),
written as (
  insert into "millrace"."board_v1" as stored ("id", "country", "name", "wins", "last")
  select "id", "country", "name", "wins", "last"
  from fresh
  where not exists (select from duplicate)
  on conflict ("id") do update
  set ("id", "country", "name", "wins", "last") = row("excluded"."id", "excluded"."country", "excluded"."name", "excluded"."wins", "excluded"."last")
  where record_image_ne(row("stored"."id", "stored"."country", "stored"."name", "stored"."wins", "stored"."last"), row("excluded"."id", "excluded"."country", "excluded"."name", "excluded"."wins", "excluded"."last"))
  returning 1
),
settled as (
  delete from "millrace"."pending_board_v1"
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
values ('board_v1', $1::bigint, $2::text, pg_snapshot_xmin($2::text::pg_snapshot), $3::text, '"millrace"."board_v1"'::regclass,
        not exists (select from "millrace"."pending_board_v1" where retry_at is null));
-- $1: 'board_v1'
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
lock table "millrace"."board_v1" in access exclusive mode;
create or replace trigger millrace_ranks_insert after insert on "millrace"."board_v1" referencing new table as new_rows for each statement execute function "millrace"."rank_board_v1_insert"();
create or replace trigger millrace_ranks_update after update on "millrace"."board_v1" referencing old table as old_rows new table as new_rows for each statement execute function "millrace"."rank_board_v1_update"();
create or replace trigger millrace_ranks_delete after delete on "millrace"."board_v1" referencing old table as old_rows for each statement execute function "millrace"."rank_board_v1_delete"();
create or replace trigger millrace_ranks_truncate after truncate on "millrace"."board_v1" for each statement execute function "millrace"."rank_board_v1_truncate"();
commit;

begin isolation level read committed;
set local lock_timeout = 500;
create function "public"."board_top"(n bigint default 10, skip bigint default 0, shared boolean default false) returns setof "millrace"."ranked_board_v1"
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  select * from "millrace"."ranks_board_v1_page"(row(null, null, null, null, null, null, null)::"millrace"."ranks_board_v1", $2, $1, $3)
$millrace$;
revoke all on function "public"."board_top" from public;
create function "public"."board_after"("id" integer, n bigint default 10, shared boolean default false) returns setof "millrace"."ranked_board_v1"
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  select page.*
  from "millrace"."ranks_board_v1_place"($1) as p
  cross join lateral "millrace"."ranks_board_v1_page"(p, "millrace"."ranks_board_v1_before"(p) + 1, $2, $3) as page
  where p.p1 is not null
$millrace$;
revoke all on function "public"."board_after" from public;
create function "public"."board_around"("id" integer, n bigint default 5, shared boolean default false) returns setof "millrace"."ranked_board_v1"
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  select page.*
  from (select p, "millrace"."ranks_board_v1_before"(p) as before from "millrace"."ranks_board_v1_place"($1) as p where p.p1 is not null offset 0) as own
  cross join lateral "millrace"."ranks_board_v1_page"(own.p, greatest(own.before - $2, 0), least(own.before, $2) + $2 + 1, $3) as page
$millrace$;
revoke all on function "public"."board_around" from public;
create function "public"."board_rank"("id" integer, shared boolean default false) returns bigint
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  select "millrace"."ranks_board_v1_rank"(p, $2) from "millrace"."ranks_board_v1_place"($1) as p where p.p1 is not null
$millrace$;
revoke all on function "public"."board_rank" from public;
create function "public"."board_percentile"("id" integer, shared boolean default false) returns double precision
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  select case when own.count = 1 then 100 else 100 * (own.count - own.rank)::double precision / (own.count - 1) end
  from (
    select "millrace"."ranks_board_v1_rank"(p, $2) as rank, (select e.rows from "millrace"."ranks_board_v1" as e where e.parent is null) as count
    from "millrace"."ranks_board_v1_place"($1) as p
    where p.p1 is not null
  ) as own
$millrace$;
revoke all on function "public"."board_percentile" from public;
create function "public"."board_count"() returns bigint
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  select coalesce((select e.rows from "millrace"."ranks_board_v1" as e where e.parent is null), 0)
$millrace$;
revoke all on function "public"."board_count" from public;
create function "public"."board_top_in_country"("country" text, n bigint default 10, skip bigint default 0, shared boolean default false) returns setof "millrace"."ranked_board_v1"
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  select * from "millrace"."ranks_board_v1_in_country_page"(row(null, null, null, null, $1, null, null, null)::"millrace"."ranks_board_v1_in_country", $3, $2, $4)
$millrace$;
revoke all on function "public"."board_top_in_country" from public;
create function "public"."board_after_in_country"("id" integer, n bigint default 10, shared boolean default false) returns setof "millrace"."ranked_board_v1"
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  select page.*
  from "millrace"."ranks_board_v1_in_country_place"($1) as p
  cross join lateral "millrace"."ranks_board_v1_in_country_page"(p, "millrace"."ranks_board_v1_in_country_before"(p) + 1, $2, $3) as page
  where p.p1 is not null
$millrace$;
revoke all on function "public"."board_after_in_country" from public;
create function "public"."board_around_in_country"("id" integer, n bigint default 5, shared boolean default false) returns setof "millrace"."ranked_board_v1"
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  select page.*
  from (select p, "millrace"."ranks_board_v1_in_country_before"(p) as before from "millrace"."ranks_board_v1_in_country_place"($1) as p where p.p1 is not null offset 0) as own
  cross join lateral "millrace"."ranks_board_v1_in_country_page"(own.p, greatest(own.before - $2, 0), least(own.before, $2) + $2 + 1, $3) as page
$millrace$;
revoke all on function "public"."board_around_in_country" from public;
create function "public"."board_rank_in_country"("id" integer, shared boolean default false) returns bigint
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  select "millrace"."ranks_board_v1_in_country_rank"(p, $2) from "millrace"."ranks_board_v1_in_country_place"($1) as p where p.p1 is not null
$millrace$;
revoke all on function "public"."board_rank_in_country" from public;
create function "public"."board_percentile_in_country"("id" integer, shared boolean default false) returns double precision
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  select case when own.count = 1 then 100 else 100 * (own.count - own.rank)::double precision / (own.count - 1) end
  from (
    select "millrace"."ranks_board_v1_in_country_rank"(p, $2) as rank, (select e.rows from "millrace"."ranks_board_v1_in_country" as e where e.parent is null and e.g1 = p.g1) as count
    from "millrace"."ranks_board_v1_in_country_place"($1) as p
    where p.p1 is not null
  ) as own
$millrace$;
revoke all on function "public"."board_percentile_in_country" from public;
create function "public"."board_count_in_country"("country" text) returns bigint
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  select coalesce((select e.rows from "millrace"."ranks_board_v1_in_country" as e where e.parent is null and e.g1 = $1), 0)
$millrace$;
revoke all on function "public"."board_count_in_country" from public;
create function "public"."board_among"("id" integer[], shared boolean default false) returns setof "millrace"."ranked_board_v1"
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
  select case when $2 then rank() over (order by near.p1 desc)
              else row_number() over (order by near.p1 desc, near.p2, near.p3) end,
         (near.item)."id", (near.item)."country", (near.item)."name", (near.item)."wins", (near.item)."last"
  from (
    select s as item, "s"."wins" as p1, array["s"."last"] as p2, "s"."id" as p3
    from (select distinct * from unnest($1)) as listed (k1)
    join "millrace"."board_v1" as s on "s"."id" = listed.k1
    where "s"."wins" is not null
  ) as near
  order by near.p1 desc, near.p2, near.p3
$millrace$;
revoke all on function "public"."board_among" from public;
create or replace view "public"."board" as
select "id", "country", "name", "wins", "last"
from "millrace"."board_v1";
create or replace view "public"."board_strict" as
with "millrace_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_players" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'board_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'board_v1' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_player_id", "new_player_id"
    from "millrace"."queue_wins" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = 'board_v1' order by w.n desc limit 1)
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = 'board_v1' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = '"millrace"."board_v1"'::regclass from millrace.watermark as w where w.model = 'board_v1' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_players" as q where q.xid = '0'::xid8) = 3
    and (select count(*) from "millrace"."queue_wins" as q where q.xid = '0'::xid8) = 3
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
select (w.player_id)::integer as u1
from (
  select "old_player_id" as "player_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775804'::bigint <> 0
  union all
  select "new_player_id" as "player_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775804'::bigint <> 0
) as "w"
union all
select (w_2.player_id)::integer as u1
from (
  select "old_player_id" as "player_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_player_id" as "player_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "w_2"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_board_v1") as dirty
)
select "id", "country", "name", "wins", "last"
from "millrace"."board_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")
union all
select "id", "country", "name", "wins", "last"
from (
SELECT
  p.id,
  p.country,
  p.name,
  (SELECT count(*) AS count
  FROM public.wins AS w
  WHERE
    w.player_id = p.id) AS wins,
  (SELECT max(w.won) AS max
  FROM public.wins AS w
  WHERE
    w.player_id = p.id) AS last
FROM public.players AS p
WHERE
  p.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)
union all
select "id", "country", "name", "wins", "last"
from (
SELECT
  p.id,
  p.country,
  p.name,
  (SELECT count(*) AS count
  FROM public.wins AS w
  WHERE
    w.player_id = p.id) AS wins,
  (SELECT max(w.won) AS max
  FROM public.wins AS w
  WHERE
    w.player_id = p.id) AS last
FROM public.players AS p
) as live
where not (select is_trusted from millrace_trust);
create or replace function "public"."board_strict_page"(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof "public"."board_strict"
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select op, changed, note, "old_id", "new_id"
    from "millrace"."queue_players" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''board_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''board_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select op, changed, note, "old_player_id", "new_player_id"
    from "millrace"."queue_wins" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''board_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''board_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."board_v1"''::regclass from millrace.watermark as w where w.model = ''board_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_players" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_wins" as q where q.xid = ''0''::xid8) = 3
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
select (w.player_id)::integer as u1
from (
  select "old_player_id" as "player_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0
  union all
  select "new_player_id" as "player_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0
) as "w"
union all
select (w_2.player_id)::integer as u1
from (
  select "old_player_id" as "player_id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0
  union all
  select "new_player_id" as "player_id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0
) as "w_2"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_board_v1") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "id", "country", "name", "wins", "last"
from "millrace"."board_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "country", "name", "wins", "last"
from (
SELECT
  p.id,
  p.country,
  p.name,
  (SELECT count(*) AS count
  FROM public.wins AS w
  WHERE
    w.player_id = p.id) AS wins,
  (SELECT max(w.won) AS max
  FROM public.wins AS w
  WHERE
    w.player_id = p.id) AS last
FROM public.players AS p
WHERE
  p.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "country", "name", "wins", "last"
from (
SELECT
  p.id,
  p.country,
  p.name,
  (SELECT count(*) AS count
  FROM public.wins AS w
  WHERE
    w.player_id = p.id) AS wins,
  (SELECT max(w.won) AS max
  FROM public.wins AS w
  WHERE
    w.player_id = p.id) AS last
FROM public.players AS p
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."board_strict"', matching),
      millrace.page_order('"public"."board_strict"', order_by) || '"id"',
      page_size + skip, page_size, skip);
end
$millrace$;
revoke all on function "public"."board_strict_page" from public;
grant select on "public"."board", "public"."board_strict" to "millrace_reader";
grant execute on function "public"."board_strict_page", "public"."board_top", "public"."board_after", "public"."board_around", "public"."board_rank", "public"."board_percentile", "public"."board_count", "public"."board_top_in_country", "public"."board_after_in_country", "public"."board_around_in_country", "public"."board_rank_in_country", "public"."board_percentile_in_country", "public"."board_count_in_country", "public"."board_among" to "millrace_reader";
update millrace.model set state = 'ready' where storage = 'board_v1';
commit;
