-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_readings" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  )
select count(*)::int as changes,
       max(note) filter (where op = 'R') as rebuild
from (
  select op, note from "millrace_batch_1"
) as changes;

-- resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_readings" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."highest" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."highest" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.mood
from (select "old_place" as "place", "old_id" as "id", "old_mood" as "mood" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775786'::bigint <> 0) as "r"
where (r.id < 100) and (r.mood IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."mood" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.mood
from (select "old_place" as "place", "old_id" as "id", "old_mood" as "mood" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775786'::bigint <> 0) as "r"
where (r.id < 100) and (r.mood IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."mood" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.taken
from (select "old_place" as "place", "old_id" as "id", "old_taken" as "taken", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775762'::bigint <> 0) as "r"
where (r.id < 100) and (r.taken IS NOT NULL AND r.level > 1)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."since" < went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.taken
from (select "old_place" as "place", "old_id" as "id", "old_taken" as "taken", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775762'::bigint <> 0) as "r"
where (r.id < 100) and (r.taken IS NOT NULL AND r.level > 1)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."since" < went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."spread__s1" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."spread__s1" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."spread__s2" < went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."spread__s2" < went.f1) is not true
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where true
  limit $3::bigint
) as units
order by u1;

-- fold: add
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_readings" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
changes as (
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::bigint as d3
  from (
select (r.place)::text, "millrace_sign", "millrace_sign" * r.level::bigint, case when r.level is not null then "millrace_sign" else 0 end
from (
  select -1::bigint as "millrace_sign", "old_place" as "place", "old_level" as "level", "old_mood" as "mood", "old_taken" as "taken", "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775746'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_place" as "place", "new_level" as "level", "new_mood" as "mood", "new_taken" as "taken", "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775746'::bigint <> 0
) as "r"
where (r.id < 100)
  ) as delta (u1, d1, d2, d3)
  where true
  group by u1
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0
),
placed as (
  select changes.*, stored.ctid as place
  from changes
  left join "millrace"."levels_v1" as stored on "stored"."place" = changes.u1
  where changes.u1 is not null
  union all
  select changes.*, stored.ctid as place
  from changes
  left join "millrace"."levels_v1" as stored on "stored"."place" is null and changes.u1 is null
  where changes.u1 is null
),
vanished as (
  delete from "millrace"."levels_v1" as stored
  using placed as changes
  where stored.ctid = changes.place
    and ("stored"."readings" + changes.d1) = 0
  returning 1
),
folded as (
  update "millrace"."levels_v1" as stored
  set "readings" = ("stored"."readings" + changes.d1),
      "total__s1" = (case when ("stored"."total__s2" + changes.d3) = 0 then 0 else ("stored"."total__s1" + changes.d2) end),
      "total__s2" = ("stored"."total__s2" + changes.d3),
      "total" = CASE WHEN (stored.total__s2 + changes.d3) > 0 THEN CASE WHEN (stored.total__s2 + changes.d3) = 0 THEN 0 ELSE stored.total__s1 + changes.d2 END END
  from placed as changes
  where stored.ctid = changes.place
    and ("stored"."readings" + changes.d1) <> 0
  returning 1
),
appeared as (
  insert into "millrace"."levels_v1" ("place", "readings", "total__s1", "total__s2", "total", "spread")
  select changes.u1, changes.d1, changes.d2, changes.d3, CASE WHEN changes.d3 > 0 THEN changes.d2 END, NULL::int - NULL::int
  from placed as changes
  where changes.d1 > 0
    and changes.place is null
  returning 1
)
select ((select count(*) from vanished) + (select count(*) from folded) + (select count(*) from appeared))::int as rows;

-- fold: firsts: 0
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_readings" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
came as (
  select distinct on (u1) *
  from (
select (r.place)::text, r.level
from (select "new_place" as "place", "new_id" as "id", "new_level" as "level" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
  ) as came (u1, f1)
  where true
  order by u1, f1 desc
),
placed as (
  select came.*, stored.ctid as place
  from came
  left join "millrace"."levels_v1" as stored on "stored"."place" = came.u1
  where came.u1 is not null
  union all
  select came.*, stored.ctid as place
  from came
  left join "millrace"."levels_v1" as stored on "stored"."place" is null and came.u1 is null
  where came.u1 is null
),
folded as (
  update "millrace"."levels_v1" as stored
  set "highest" = came.f1
  from placed as came
  where stored.ctid = came.place
    and ("stored"."highest" is null or came.f1 > "stored"."highest")
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: firsts: 1
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_readings" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
came as (
  select distinct on (u1) *
  from (
select (r.place)::text, r.mood
from (select "new_place" as "place", "new_id" as "id", "new_mood" as "mood" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775786'::bigint <> 0) as "r"
where (r.id < 100) and (r.mood IS NOT NULL)
  ) as came (u1, f1)
  where true
  order by u1, f1 desc
),
placed as (
  select came.*, stored.ctid as place
  from came
  left join "millrace"."levels_v1" as stored on "stored"."place" = came.u1
  where came.u1 is not null
  union all
  select came.*, stored.ctid as place
  from came
  left join "millrace"."levels_v1" as stored on "stored"."place" is null and came.u1 is null
  where came.u1 is null
),
folded as (
  update "millrace"."levels_v1" as stored
  set "mood" = came.f1
  from placed as came
  where stored.ctid = came.place
    and ("stored"."mood" is null or came.f1 > "stored"."mood")
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: firsts: 2
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_readings" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
came as (
  select distinct on (u1) *
  from (
select (r.place)::text, r.taken
from (select "new_place" as "place", "new_id" as "id", "new_taken" as "taken", "new_level" as "level" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775762'::bigint <> 0) as "r"
where (r.id < 100) and (r.taken IS NOT NULL AND r.level > 1)
  ) as came (u1, f1)
  where true
  order by u1, f1
),
placed as (
  select came.*, stored.ctid as place
  from came
  left join "millrace"."levels_v1" as stored on "stored"."place" = came.u1
  where came.u1 is not null
  union all
  select came.*, stored.ctid as place
  from came
  left join "millrace"."levels_v1" as stored on "stored"."place" is null and came.u1 is null
  where came.u1 is null
),
folded as (
  update "millrace"."levels_v1" as stored
  set "since" = came.f1
  from placed as came
  where stored.ctid = came.place
    and ("stored"."since" is null or came.f1 < "stored"."since")
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: firsts: 3
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_readings" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
came as (
  select distinct on (u1) *
  from (
select (r.place)::text, r.level
from (select "new_place" as "place", "new_id" as "id", "new_level" as "level" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
  ) as came (u1, f1)
  where true
  order by u1, f1 desc
),
placed as (
  select came.*, stored.ctid as place
  from came
  left join "millrace"."levels_v1" as stored on "stored"."place" = came.u1
  where came.u1 is not null
  union all
  select came.*, stored.ctid as place
  from came
  left join "millrace"."levels_v1" as stored on "stored"."place" is null and came.u1 is null
  where came.u1 is null
),
folded as (
  update "millrace"."levels_v1" as stored
  set "spread__s1" = came.f1,
      "spread" = came.f1 - stored.spread__s2
  from placed as came
  where stored.ctid = came.place
    and ("stored"."spread__s1" is null or came.f1 > "stored"."spread__s1")
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: firsts: 4
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_readings" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
came as (
  select distinct on (u1) *
  from (
select (r.place)::text, r.level
from (select "new_place" as "place", "new_id" as "id", "new_level" as "level" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
  ) as came (u1, f1)
  where true
  order by u1, f1
),
placed as (
  select came.*, stored.ctid as place
  from came
  left join "millrace"."levels_v1" as stored on "stored"."place" = came.u1
  where came.u1 is not null
  union all
  select came.*, stored.ctid as place
  from came
  left join "millrace"."levels_v1" as stored on "stored"."place" is null and came.u1 is null
  where came.u1 is null
),
folded as (
  update "millrace"."levels_v1" as stored
  set "spread__s2" = came.f1,
      "spread" = stored.spread__s1 - came.f1
  from placed as came
  where stored.ctid = came.place
    and ("stored"."spread__s2" is null or came.f1 < "stored"."spread__s2")
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_readings" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (r.place)::text as u1
from (
  select "old_place" as "place" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775746'::bigint <> 0
  union all
  select "new_place" as "place" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775746'::bigint <> 0
) as "r"
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."highest" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."highest" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.mood
from (select "old_place" as "place", "old_id" as "id", "old_mood" as "mood" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775786'::bigint <> 0) as "r"
where (r.id < 100) and (r.mood IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."mood" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.mood
from (select "old_place" as "place", "old_id" as "id", "old_mood" as "mood" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775786'::bigint <> 0) as "r"
where (r.id < 100) and (r.mood IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."mood" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.taken
from (select "old_place" as "place", "old_id" as "id", "old_taken" as "taken", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775762'::bigint <> 0) as "r"
where (r.id < 100) and (r.taken IS NOT NULL AND r.level > 1)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."since" < went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.taken
from (select "old_place" as "place", "old_id" as "id", "old_taken" as "taken", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775762'::bigint <> 0) as "r"
where (r.id < 100) and (r.taken IS NOT NULL AND r.level > 1)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."since" < went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."spread__s1" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."spread__s1" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."spread__s2" < went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."spread__s2" < went.f1) is not true
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where true
  limit $3::bigint
) as units
order by u1;

-- fold: spill
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_readings" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (r.place)::text as u1
from (
  select "old_place" as "place" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775746'::bigint <> 0
  union all
  select "new_place" as "place" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775746'::bigint <> 0
) as "r"
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."highest" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."highest" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.mood
from (select "old_place" as "place", "old_id" as "id", "old_mood" as "mood" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775786'::bigint <> 0) as "r"
where (r.id < 100) and (r.mood IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."mood" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.mood
from (select "old_place" as "place", "old_id" as "id", "old_mood" as "mood" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775786'::bigint <> 0) as "r"
where (r.id < 100) and (r.mood IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."mood" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.taken
from (select "old_place" as "place", "old_id" as "id", "old_taken" as "taken", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775762'::bigint <> 0) as "r"
where (r.id < 100) and (r.taken IS NOT NULL AND r.level > 1)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."since" < went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.taken
from (select "old_place" as "place", "old_id" as "id", "old_taken" as "taken", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775762'::bigint <> 0) as "r"
where (r.id < 100) and (r.taken IS NOT NULL AND r.level > 1)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."since" < went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."spread__s1" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."spread__s1" > went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" = went.u1
where ("stored"."spread__s2" < went.f1) is not true
union all
select went.u1
from (
select (r.place)::text, r.level
from (select "old_place" as "place", "old_id" as "id", "old_level" as "level" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0) as "r"
where (r.id < 100) and (r.level IS NOT NULL)
) as went (u1, f1)
join "millrace"."levels_v1" as stored on "stored"."place" is null and went.u1 is null
where ("stored"."spread__s2" < went.f1) is not true
),
waiting as (
  insert into "millrace"."pending_levels_v1" (u1, cause)
  select distinct u1, $3::text
  from resolved
  where true
  on conflict (u1) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
