-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_projects" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_rates" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_3" as materialized (
    select *
    from "millrace"."queue_limits" as q
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
  union all
  select op, note from "millrace_batch_3"
) as changes;

-- resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_projects" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_rates" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_3" as materialized (
    select *
    from "millrace"."queue_limits" as q
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
select (declared.id)::integer as u1
from (
  select "old_category" as "category" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_category" as "category" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "changed"
cross join LATERAL ( SELECT p.id FROM public.projects AS p WHERE p.category = changed.category ) AS declared
union all
select (declared.id)::integer as u1
from (
  select "old_category" as "category" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_category" as "category" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "changed_of_2"
cross join LATERAL ( SELECT p.id FROM public.projects AS p WHERE p.category = changed_of_2.category ) AS declared
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where u1 is not null
  limit $3::bigint
) as units
order by u1;
