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
    from "millrace"."queue_users" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_3" as materialized (
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
    from "millrace"."queue_users" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_3" as materialized (
    select *
    from "millrace"."queue_votes" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775778'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775778'::bigint <> 0
) as "p"
union all
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
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
    from "millrace"."queue_votes" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
changes as (
  select u1, coalesce(sum(d1), 0)::bigint as d1
  from (
select (v.project_id)::integer, "millrace_sign"
from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id", "old_up" as "up" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775798'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id", "new_up" as "up" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775798'::bigint <> 0
) as "v"
where (v.up)
  ) as delta (u1, d1)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0
),
folded as (
  update "millrace"."page_v1" as stored
  set "ups" = ("stored"."ups" + changes.d1)
  from changes
  where "stored"."id" = changes.u1
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
    from "millrace"."queue_users" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_3" as materialized (
    select *
    from "millrace"."queue_votes" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775778'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775778'::bigint <> 0
) as "p"
union all
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
union all
select (v.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775798'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775798'::bigint <> 0
) as "v"
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
    from "millrace"."queue_users" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_3" as materialized (
    select *
    from "millrace"."queue_votes" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775778'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775778'::bigint <> 0
) as "p"
union all
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775794'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775794'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
union all
select (v.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775798'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775798'::bigint <> 0
) as "v"
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
