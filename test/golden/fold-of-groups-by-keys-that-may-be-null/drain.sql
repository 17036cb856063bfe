-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_orders" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  )
select count(*)::int as changes,
       max(note) filter (where op = 'R') as rebuild
from (
  select op, note from "millrace_batch_1"
) as changes;

-- resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_orders" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1, u2) as (
select null::integer, null::text where false
)
select u1::text as u1, u2::text as u2
from (
  select distinct u1, u2
  from resolved
  where true
  limit $3::bigint
) as units
order by u1, u2;

-- fold: add
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_orders" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
changes as (
  select u1, u2, coalesce(sum(d1), 0)::bigint as d1, coalesce(sum(d2), 0)::bigint as d2, coalesce(sum(d3), 0)::bigint as d3
  from (
select (o.seller_id)::integer, (o.region)::text, "millrace_sign", "millrace_sign" * o.amount::bigint, case when o.amount is not null then "millrace_sign" else 0 end
from (
  select -1::bigint as "millrace_sign", "old_seller_id" as "seller_id", "old_region" as "region", "old_amount" as "amount" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_seller_id" as "seller_id", "new_region" as "region", "new_amount" as "amount" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as "o"
where true
  ) as delta (u1, u2, d1, d2, d3)
  where true
  group by u1, u2
  having coalesce(sum(d1), 0) <> 0 or coalesce(sum(d2), 0) <> 0 or coalesce(sum(d3), 0) <> 0
),
placed as (
  select changes.*, stored.ctid as place
  from changes
  left join "millrace"."sales_v1" as stored on "stored"."seller_id" = changes.u1 and "stored"."region" = changes.u2
  where changes.u1 is not null and changes.u2 is not null
  union all
  select changes.*, stored.ctid as place
  from changes
  left join "millrace"."sales_v1" as stored on "stored"."seller_id" = changes.u1 and "stored"."region" is null and changes.u2 is null
  where changes.u1 is not null and changes.u2 is null
  union all
  select changes.*, stored.ctid as place
  from changes
  left join "millrace"."sales_v1" as stored on "stored"."seller_id" is null and changes.u1 is null and "stored"."region" = changes.u2
  where changes.u1 is null and changes.u2 is not null
  union all
  select changes.*, stored.ctid as place
  from changes
  left join "millrace"."sales_v1" as stored on "stored"."seller_id" is null and changes.u1 is null and "stored"."region" is null and changes.u2 is null
  where changes.u1 is null and changes.u2 is null
),
vanished as (
  delete from "millrace"."sales_v1" as stored
  using placed as changes
  where stored.ctid = changes.place
    and ("stored"."orders" + changes.d1) = 0
  returning 1
),
folded as (
  update "millrace"."sales_v1" as stored
  set "orders" = ("stored"."orders" + changes.d1),
      "amount__s1" = (case when ("stored"."amount__s2" + changes.d3) = 0 then 0 else ("stored"."amount__s1" + changes.d2) end),
      "amount__s2" = ("stored"."amount__s2" + changes.d3),
      "amount" = CASE WHEN (stored.amount__s2 + changes.d3) > 0 THEN CASE WHEN (stored.amount__s2 + changes.d3) = 0 THEN 0 ELSE stored.amount__s1 + changes.d2 END END
  from placed as changes
  where stored.ctid = changes.place
    and ("stored"."orders" + changes.d1) <> 0
  returning 1
),
appeared as (
  insert into "millrace"."sales_v1" ("seller_id", "region", "orders", "amount__s1", "amount__s2", "amount")
  select changes.u1, changes.u2, changes.d1, changes.d2, changes.d3, CASE WHEN changes.d3 > 0 THEN changes.d2 END
  from placed as changes
  where changes.d1 > 0
    and changes.place is null
  returning 1
)
select ((select count(*) from vanished) + (select count(*) from folded) + (select count(*) from appeared))::int as rows;

-- fold: resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_orders" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1, u2) as (
select (o.seller_id)::integer as u1, (o.region)::text as u2
from (
  select "old_seller_id" as "seller_id", "old_region" as "region" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select "new_seller_id" as "seller_id", "new_region" as "region" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as "o"
)
select u1::text as u1, u2::text as u2
from (
  select distinct u1, u2
  from resolved
  where true
  limit $3::bigint
) as units
order by u1, u2;

-- fold: spill
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_orders" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1, u2) as (
select (o.seller_id)::integer as u1, (o.region)::text as u2
from (
  select "old_seller_id" as "seller_id", "old_region" as "region" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select "new_seller_id" as "seller_id", "new_region" as "region" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as "o"
),
waiting as (
  insert into "millrace"."pending_sales_v1" (u1, u2, cause)
  select distinct u1, u2, $3::text
  from resolved
  where true
  on conflict (u1, u2) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
