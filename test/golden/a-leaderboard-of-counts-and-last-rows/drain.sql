-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_players" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_wins" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  )
select count(*)::int as changes,
       max(note) filter (where op = 'R') as rebuild
from (
  select op, note from "millrace_batch_1"
  union all
  select op, note from "millrace_batch_2"
) as changes;

-- resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_players" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_wins" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "p"
union all
select went.u1
from (
select (w_2.player_id)::integer, w_2.won
from (select "old_player_id" as "player_id", "old_won" as "won" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0) as "w_2"
where (w_2.won IS NOT NULL)
) as went (u1, f1)
join "millrace"."board_v1" as stored on "stored"."id" = went.u1
where ("stored"."last" > went.f1) is not true
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where u1 is not null
  limit $3::bigint
) as units
order by u1;

-- fold: add
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_wins" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
changes as (
  select u1, coalesce(sum(d1), 0)::bigint as d1
  from (
select (w.player_id)::integer, "millrace_sign"
from (
  select -1::bigint as "millrace_sign", "old_player_id" as "player_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775804'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_player_id" as "player_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775804'::bigint <> 0
) as "w"
where true
  ) as delta (u1, d1)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0
),
folded as (
  update "millrace"."board_v1" as stored
  set "wins" = ("stored"."wins" + changes.d1)
  from changes
  where "stored"."id" = changes.u1
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: firsts: 0
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_wins" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
came as (
  select distinct on (u1) *
  from (
select (w_2.player_id)::integer, w_2.won
from (select "new_player_id" as "player_id", "new_won" as "won" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0) as "w_2"
where (w_2.won IS NOT NULL)
  ) as came (u1, f1)
  where u1 is not null
  order by u1, f1 desc
),
folded as (
  update "millrace"."board_v1" as stored
  set "last" = came.f1
  from came
  where "stored"."id" = came.u1
    and ("stored"."last" is null or came.f1 > "stored"."last")
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_players" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_wins" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
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
union all
select went.u1
from (
select (w_2.player_id)::integer, w_2.won
from (select "old_player_id" as "player_id", "old_won" as "won" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0) as "w_2"
where (w_2.won IS NOT NULL)
) as went (u1, f1)
join "millrace"."board_v1" as stored on "stored"."id" = went.u1
where ("stored"."last" > went.f1) is not true
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where u1 is not null
  limit $3::bigint
) as units
order by u1;

-- fold: spill
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_players" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_wins" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
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
union all
select went.u1
from (
select (w_2.player_id)::integer, w_2.won
from (select "old_player_id" as "player_id", "old_won" as "won" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0) as "w_2"
where (w_2.won IS NOT NULL)
) as went (u1, f1)
join "millrace"."board_v1" as stored on "stored"."id" = went.u1
where ("stored"."last" > went.f1) is not true
),
waiting as (
  insert into "millrace"."pending_board_v1" (u1, cause)
  select distinct u1, $3::text
  from resolved
  where u1 is not null
  on conflict (u1) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
