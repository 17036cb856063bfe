-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_Order" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_tab ""le" as q
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
    from "millrace"."queue_Order" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_tab ""le" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select ("O 1"."select")::integer as u1
from (
  select "old_select" as "select" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_select" as "select" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "O 1"
union all
select ("T 2"."select")::integer as u1
from (
  select "old_select" as "select" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775798'::bigint <> 0
  union all
  select "new_select" as "select" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775798'::bigint <> 0
) as "T 2"
union all
select ("T 4"."select")::integer as u1
from (
  select "old_select" as "select" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_select" as "select" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "T 4"
union all
select ("T 4"."select")::integer as u1
from (
  select "old_select" as "select" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_select" as "select" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "O 2"
join "public"."tab ""le" as "T 4" on "O 2"."select" = "T 4".op
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where u1 is not null
  limit $3::bigint
) as units
order by u1;
