-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_prices" as q
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
    from "millrace"."queue_prices" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select went.u1
from (
select (p.product_id)::integer, p.priority, p.id
from (select "old_product_id" as "product_id", "old_retired" as "retired", "old_priority" as "priority", "old_id" as "id", "old_price" as "price", "old_details" as "details" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775682'::bigint <> 0) as "p"
where (NOT (p.retired))
) as went (u1, f1, f2)
join "millrace"."offers_v1" as stored on "stored"."product_id" = went.u1
where (("stored"."product_id__o1" > went.f1 or went.f1 is null and "stored"."product_id__o1" is not null or ("stored"."product_id__o1" = went.f1 or "stored"."product_id__o1" is null and went.f1 is null) and "stored"."product_id__o2" > went.f2)) is not true
union all
select went.u1
from (
select (p.product_id)::integer, p.priority, p.id
from (select "old_product_id" as "product_id", "old_retired" as "retired", "old_priority" as "priority", "old_id" as "id", "old_price" as "price", "old_details" as "details" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775682'::bigint <> 0) as "p"
where (NOT (p.retired))
) as went (u1, f1, f2)
join "millrace"."offers_v1" as stored on "stored"."product_id" is null and went.u1 is null
where (("stored"."product_id__o1" > went.f1 or went.f1 is null and "stored"."product_id__o1" is not null or ("stored"."product_id__o1" = went.f1 or "stored"."product_id__o1" is null and went.f1 is null) and "stored"."product_id__o2" > went.f2)) is not true
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where true
  limit $3::bigint
) as units
order by u1;

-- fold: firsts: 0
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_prices" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
came as (
  select distinct on (u1) *
  from (
select (p.product_id)::integer, p.priority, p.id, p.price, p.details, - p.price
from (select "new_product_id" as "product_id", "new_retired" as "retired", "new_priority" as "priority", "new_id" as "id", "new_price" as "price", "new_details" as "details" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775682'::bigint <> 0) as "p"
where (NOT (p.retired))
  ) as came (u1, f1, f2, f3, f4, f5)
  where true
  order by u1, f1 desc nulls last, f2 desc
),
placed as (
  select came.*, stored.ctid as place
  from came
  left join "millrace"."offers_v1" as stored on "stored"."product_id" = came.u1
  where came.u1 is not null
  union all
  select came.*, stored.ctid as place
  from came
  left join "millrace"."offers_v1" as stored on "stored"."product_id" is null and came.u1 is null
  where came.u1 is null
),
folded as (
  update "millrace"."offers_v1" as stored
  set "product_id__o1" = came.f1,
      "product_id__o2" = came.f2,
      "price" = came.f3,
      "details" = came.f4,
      "off" = came.f5
  from placed as came
  where stored.ctid = came.place
    and (came.f1 > "stored"."product_id__o1" or "stored"."product_id__o1" is null and came.f1 is not null or (came.f1 = "stored"."product_id__o1" or came.f1 is null and "stored"."product_id__o1" is null) and came.f2 > "stored"."product_id__o2")
  returning 1
),
appeared as (
  insert into "millrace"."offers_v1" ("product_id", "product_id__o1", "product_id__o2", "price", "details", "off")
  select came.u1, came.f1, came.f2, came.f3, came.f4, came.f5
  from placed as came
  where came.place is null
  returning 1
)
select ((select count(*) from folded) + (select count(*) from appeared))::int as rows;

-- fold: resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_prices" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (p.product_id)::integer as u1
from (
  select "old_product_id" as "product_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775682'::bigint <> 0
  union all
  select "new_product_id" as "product_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775682'::bigint <> 0
) as "p"
union all
select went.u1
from (
select (p.product_id)::integer, p.priority, p.id
from (select "old_product_id" as "product_id", "old_retired" as "retired", "old_priority" as "priority", "old_id" as "id", "old_price" as "price", "old_details" as "details" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775682'::bigint <> 0) as "p"
where (NOT (p.retired))
) as went (u1, f1, f2)
join "millrace"."offers_v1" as stored on "stored"."product_id" = went.u1
where (("stored"."product_id__o1" > went.f1 or went.f1 is null and "stored"."product_id__o1" is not null or ("stored"."product_id__o1" = went.f1 or "stored"."product_id__o1" is null and went.f1 is null) and "stored"."product_id__o2" > went.f2)) is not true
union all
select went.u1
from (
select (p.product_id)::integer, p.priority, p.id
from (select "old_product_id" as "product_id", "old_retired" as "retired", "old_priority" as "priority", "old_id" as "id", "old_price" as "price", "old_details" as "details" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775682'::bigint <> 0) as "p"
where (NOT (p.retired))
) as went (u1, f1, f2)
join "millrace"."offers_v1" as stored on "stored"."product_id" is null and went.u1 is null
where (("stored"."product_id__o1" > went.f1 or went.f1 is null and "stored"."product_id__o1" is not null or ("stored"."product_id__o1" = went.f1 or "stored"."product_id__o1" is null and went.f1 is null) and "stored"."product_id__o2" > went.f2)) is not true
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where true
  limit $3::bigint
) as units
order by u1;

-- fold: spill
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_prices" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (p.product_id)::integer as u1
from (
  select "old_product_id" as "product_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775682'::bigint <> 0
  union all
  select "new_product_id" as "product_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775682'::bigint <> 0
) as "p"
union all
select went.u1
from (
select (p.product_id)::integer, p.priority, p.id
from (select "old_product_id" as "product_id", "old_retired" as "retired", "old_priority" as "priority", "old_id" as "id", "old_price" as "price", "old_details" as "details" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775682'::bigint <> 0) as "p"
where (NOT (p.retired))
) as went (u1, f1, f2)
join "millrace"."offers_v1" as stored on "stored"."product_id" = went.u1
where (("stored"."product_id__o1" > went.f1 or went.f1 is null and "stored"."product_id__o1" is not null or ("stored"."product_id__o1" = went.f1 or "stored"."product_id__o1" is null and went.f1 is null) and "stored"."product_id__o2" > went.f2)) is not true
union all
select went.u1
from (
select (p.product_id)::integer, p.priority, p.id
from (select "old_product_id" as "product_id", "old_retired" as "retired", "old_priority" as "priority", "old_id" as "id", "old_price" as "price", "old_details" as "details" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775682'::bigint <> 0) as "p"
where (NOT (p.retired))
) as went (u1, f1, f2)
join "millrace"."offers_v1" as stored on "stored"."product_id" is null and went.u1 is null
where (("stored"."product_id__o1" > went.f1 or went.f1 is null and "stored"."product_id__o1" is not null or ("stored"."product_id__o1" = went.f1 or "stored"."product_id__o1" is null and went.f1 is null) and "stored"."product_id__o2" > went.f2)) is not true
),
waiting as (
  insert into "millrace"."pending_offers_v1" (u1, cause)
  select distinct u1, $3::text
  from resolved
  where true
  on conflict (u1) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting;
