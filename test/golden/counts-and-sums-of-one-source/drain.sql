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
    from "millrace"."queue_projects" as q
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
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "p"
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
  select u1, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::bigint as d3, coalesce(sum(d4), 0)::bigint as d4, coalesce(sum(d5), 0)::bigint as d5, coalesce(sum(d6), 0)::bigint as d6
  from (
select (v.project_id)::integer, "millrace_sign", 0, 0, 0, 0, 0
from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id", "old_up" as "up" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775798'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id", "new_up" as "up" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775798'::bigint <> 0
) as "v"
where (v.up)
    union all
select (v_2.project_id)::integer, 0, case when v_2.weight is not null then "millrace_sign" else 0 end, 0, 0, 0, 0
from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id", "old_weight" as "weight" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775790'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id", "new_weight" as "weight" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775790'::bigint <> 0
) as "v_2"
where true
    union all
select (v_3.project_id)::integer, 0, 0, "millrace_sign" * v_3.weight::bigint, case when v_3.weight is not null then "millrace_sign" else 0 end, 0, 0
from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id", "old_weight" as "weight" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775790'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id", "new_weight" as "weight" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775790'::bigint <> 0
) as "v_3"
where true
    union all
select (v_4.project_id)::integer, 0, 0, 0, 0, case when (v_4.up) then "millrace_sign" * v_4.weight::bigint else 0 end, case when v_4.weight is not null and (v_4.up) then "millrace_sign" else 0 end
from (
  select -1::bigint as "millrace_sign", "old_project_id" as "project_id", "old_weight" as "weight", "old_up" as "up" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775782'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_project_id" as "project_id", "new_weight" as "weight", "new_up" as "up" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775782'::bigint <> 0
) as "v_4"
where true
  ) as delta (u1, d1, d2, d3, d4, d5, d6)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0 or coalesce(sum(d4), 0) <> 0 or coalesce(sum(d5), 0) <> 0 or coalesce(sum(d6), 0) <> 0
),
folded as (
  update "millrace"."page_v1" as stored
  set "ups" = ("stored"."ups" + changes.d1),
      "weighed" = ("stored"."weighed" + changes.d2),
      "weight__s1" = (case when ("stored"."weight__s2" + changes.d4) = 0 then 0 else ("stored"."weight__s1" + changes.d3) end),
      "weight__s2" = ("stored"."weight__s2" + changes.d4),
      "weight" = CASE WHEN (stored.weight__s2 + changes.d4) > 0 THEN CASE WHEN (stored.weight__s2 + changes.d4) = 0 THEN 0 ELSE stored.weight__s1 + changes.d3 END END,
      "mean__s1" = (case when ("stored"."mean__s2" + changes.d6) = 0 then 0 else ("stored"."mean__s1" + changes.d5) end),
      "mean__s2" = ("stored"."mean__s2" + changes.d6),
      "mean" = CAST(CASE WHEN (stored.mean__s2 + changes.d6) = 0 THEN 0 ELSE stored.mean__s1 + changes.d5 END AS numeric) / (NULLIF (stored.mean__s2 + changes.d6, 0))
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
    from "millrace"."queue_votes" as q
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
select (v.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775798'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775798'::bigint <> 0
) as "v"
union all
select (v_2.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775790'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775790'::bigint <> 0
) as "v_2"
union all
select (v_3.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775790'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775790'::bigint <> 0
) as "v_3"
union all
select (v_4.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775782'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775782'::bigint <> 0
) as "v_4"
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
    from "millrace"."queue_votes" as q
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
select (v.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775798'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775798'::bigint <> 0
) as "v"
union all
select (v_2.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775790'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775790'::bigint <> 0
) as "v_2"
union all
select (v_3.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775790'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775790'::bigint <> 0
) as "v_3"
union all
select (v_4.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775782'::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775782'::bigint <> 0
) as "v_4"
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
