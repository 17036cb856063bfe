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
    from "millrace"."queue_kinds" as q
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
    from "millrace"."queue_projects" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_kinds" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (COALESCE(k.title, '?'::text))::text as u1
from (
  select "old_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775804'::bigint <> 0
  union all
  select "new_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775804'::bigint <> 0
) as "p"
join "public"."kinds" as "k" on k.id = p.kind_id
union all
select (COALESCE(k.title, '?'::text))::text as u1
from (
  select "old_title" as "title" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_title" as "title" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "k"
union all
select (COALESCE(NULL::text, '?'::text))::text as u1
from (
  select  from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775804'::bigint <> 0
  union all
  select  from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775804'::bigint <> 0
) as "p"
union all
select (COALESCE(NULL::text, '?'::text))::text as u1
from (
  select  from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select  from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "k"
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where true
  limit $3::bigint
) as units
order by u1;
