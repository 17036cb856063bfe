-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_comments" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_votes" as q
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
    from "millrace"."queue_comments" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_votes" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (COALESCE(comments.user_id, comments.user_id))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775804'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775804'::bigint <> 0
) as "comments"
union all
select (COALESCE(votes.user_id, votes.user_id))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "votes"
union all
select (COALESCE(NULL::int, comments.user_id))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775804'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775804'::bigint <> 0
) as "comments"
union all
select (COALESCE(NULL::int, votes.user_id))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "votes"
union all
select (COALESCE(comments.user_id, NULL::int))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775804'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775804'::bigint <> 0
) as "comments"
union all
select (COALESCE(votes.user_id, NULL::int))::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "votes"
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where true
  limit $3::bigint
) as units
order by u1;
