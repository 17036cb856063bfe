-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_users" as q
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
    from "millrace"."queue_users" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (u.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "u"
union all
select (u.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "b"
join "public"."users" as "u" on b.id = u.boss_id
union all
select (u.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "g"
join "public"."users" as "b" on g.id = b.boss_id
join "public"."users" as "u" on b.id = u.boss_id
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
    from "millrace"."queue_users" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
changes as (
  select u1, coalesce(sum(d1), 0)::bigint as d1
  from (
select (r.boss_id)::integer, "millrace_sign"
from (
  select -1::bigint as "millrace_sign", "old_boss_id" as "boss_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775800'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_boss_id" as "boss_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775800'::bigint <> 0
) as "r"
where true
  ) as delta (u1, d1)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0
),
folded as (
  update "millrace"."page_v1" as stored
  set "reports" = ("stored"."reports" + changes.d1)
  from changes
  where "stored"."id" = changes.u1
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_users" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (u.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "u"
union all
select (u.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "b"
join "public"."users" as "u" on b.id = u.boss_id
union all
select (u.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "g"
join "public"."users" as "b" on g.id = b.boss_id
join "public"."users" as "u" on b.id = u.boss_id
union all
select (r.boss_id)::integer as u1
from (
  select "old_boss_id" as "boss_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775800'::bigint <> 0
  union all
  select "new_boss_id" as "boss_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775800'::bigint <> 0
) as "r"
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
    from "millrace"."queue_users" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (u.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "u"
union all
select (u.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "b"
join "public"."users" as "u" on b.id = u.boss_id
union all
select (u.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "g"
join "public"."users" as "b" on g.id = b.boss_id
join "public"."users" as "u" on b.id = u.boss_id
union all
select (r.boss_id)::integer as u1
from (
  select "old_boss_id" as "boss_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775800'::bigint <> 0
  union all
  select "new_boss_id" as "boss_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775800'::bigint <> 0
) as "r"
),
waiting as (
  insert into "millrace"."pending_page_v1" (u1, cause)
  select distinct u1, $3::text
  from resolved
  where u1 is not null
  on conflict (u1) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
