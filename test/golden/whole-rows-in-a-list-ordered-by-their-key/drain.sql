-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_posts" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_comments" as q
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
    from "millrace"."queue_posts" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_comments" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775806'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775806'::bigint <> 0
) as "p"
union all
select (c.post_id)::integer as u1
from (
  select "old_post_id" as "post_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775778'::bigint <> 0
  union all
  select "new_post_id" as "post_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775778'::bigint <> 0
) as "c"
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where u1 is not null
  limit $3::bigint
) as units
order by u1;
