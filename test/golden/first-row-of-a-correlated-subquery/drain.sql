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
    from "millrace"."queue_comments" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_3" as materialized (
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
    from "millrace"."queue_comments" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_3" as materialized (
    select *
    from "millrace"."queue_users" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "p"
union all
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
union all
select went.u1
from (
select (c.project_id)::integer, c.written, c.id
from (select "old_project_id" as "project_id", "old_written" as "written", "old_id" as "id", "old_body" as "body" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775754'::bigint <> 0) as "c"
where true
) as went (u1, f1, f2)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where (("stored"."newest__s1" > went.f1 or "stored"."newest__s1" = went.f1 and "stored"."newest__s2" > went.f2)) is not true
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where u1 is not null
  limit $3::bigint
) as units
order by u1;

-- fold: firsts: 0
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_comments" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
came as (
  select distinct on (u1) *
  from (
select (c.project_id)::integer, c.written, c.id, c.body
from (select "new_project_id" as "project_id", "new_written" as "written", "new_id" as "id", "new_body" as "body" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775754'::bigint <> 0) as "c"
where true
  ) as came (u1, f1, f2, f3)
  where u1 is not null
  order by u1, f1 desc, f2 desc
),
folded as (
  update "millrace"."page_v1" as stored
  set "newest__s1" = came.f1,
      "newest__s2" = came.f2,
      "newest" = came.f3
  from came
  where "stored"."id" = came.u1
    and ("stored"."newest__s1" is null or (came.f1 > "stored"."newest__s1" or came.f1 = "stored"."newest__s1" and came.f2 > "stored"."newest__s2"))
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_projects" as q
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
"millrace_batch_3" as materialized (
    select *
    from "millrace"."queue_users" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "p"
union all
select (c.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775754'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775754'::bigint <> 0
) as "c"
union all
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
union all
select went.u1
from (
select (c.project_id)::integer, c.written, c.id
from (select "old_project_id" as "project_id", "old_written" as "written", "old_id" as "id", "old_body" as "body" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775754'::bigint <> 0) as "c"
where true
) as went (u1, f1, f2)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where (("stored"."newest__s1" > went.f1 or "stored"."newest__s1" = went.f1 and "stored"."newest__s2" > went.f2)) is not true
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
    from "millrace"."queue_projects" as q
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
"millrace_batch_3" as materialized (
    select *
    from "millrace"."queue_users" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "p"
union all
select (c.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775754'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775754'::bigint <> 0
) as "c"
union all
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
union all
select went.u1
from (
select (c.project_id)::integer, c.written, c.id
from (select "old_project_id" as "project_id", "old_written" as "written", "old_id" as "id", "old_body" as "body" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775754'::bigint <> 0) as "c"
where true
) as went (u1, f1, f2)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where (("stored"."newest__s1" > went.f1 or "stored"."newest__s1" = went.f1 and "stored"."newest__s2" > went.f2)) is not true
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
