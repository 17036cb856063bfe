-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_users" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_offers" as q
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
    from "millrace"."queue_users" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_offers" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (u.place)::integer as u1
from (
  select "old_place" as "place" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_place" as "place" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
union all
select (offers.place)::integer as u1
from (
  select "old_place" as "place" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_place" as "place" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "offers"
union all
select (NULL::int)::integer as u1
from (
  select  from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select  from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
union all
select (NULL::int)::integer as u1
from (
  select  from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select  from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "offers"
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where true
  limit $3::bigint
) as units
order by u1;
