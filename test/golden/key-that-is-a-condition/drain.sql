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
resolved (u1, u2, u3) as (
select (u.value > 3)::boolean as u1, (u.value IS NULL OR u.day <= '2026-01-01'::date)::boolean as u2, (u.day IS NULL)::boolean as u3
from (
  select "old_value" as "value", "old_day" as "day" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_value" as "value", "new_day" as "day" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "u"
)
select u1::text as u1, u2::text as u2, u3::text as u3
from (
  select distinct u1, u2, u3
  from resolved
  where true
  limit $3::bigint
) as units
order by u1, u2, u3;
