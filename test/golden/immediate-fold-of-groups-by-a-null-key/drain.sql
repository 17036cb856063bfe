-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_tickets" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
      and q.deferred
  )
select count(*)::int as changes,
       max(note) filter (where op = 'R') as rebuild
from (
  select op, note from "millrace_batch_1"
) as changes;

-- resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_tickets" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
      and q.deferred
  ),
resolved (u1) as (
select (tickets.owner_id)::integer as u1
from (
  select "old_owner_id" as "owner_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_owner_id" as "owner_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "tickets"
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where true
  limit $3::bigint
) as units
order by u1;
