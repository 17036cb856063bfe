-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_orders" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_shops" as q
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
  select 'C', null from (
  select "o"."at"
  from (select w.clock from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1) as millrace_since (moment)
  join "public"."orders" as "o" on "o"."at" >= least(millrace.pinned_page_v1_3(millrace_since.moment, '7 days'::interval), millrace.pinned_page_v1_3(pg_catalog.now(), '7 days'::interval)) and "o"."at" <= greatest(millrace.pinned_page_v1_3(millrace_since.moment, '7 days'::interval), millrace.pinned_page_v1_3(pg_catalog.now(), '7 days'::interval))
  where millrace.pinned_page_v1_3(millrace_since.moment, '7 days'::interval) <> millrace.pinned_page_v1_3(pg_catalog.now(), '7 days'::interval)
) as passed
) as changes;

-- resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_orders" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_shops" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1, u2) as (
select (millrace.pinned_page_v1_1(o.at))::date as u1, (o.shop_id)::integer as u2
from (
  select "old_at" as "at", "old_shop_id" as "shop_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select "new_at" as "at", "new_shop_id" as "shop_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as "o"
union all
select (millrace.pinned_page_v1_1(o.at))::date as u1, (o.shop_id)::integer as u2
from (
  select "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "s"
join "public"."orders" as "o" on s.id = o.shop_id
union all
select (millrace.pinned_page_v1_1(o.at))::date as u1, (o.shop_id)::integer as u2
from (
  select "o"."at", "o"."shop_id"
  from (select w.clock from millrace.watermark as w where w.model = 'page_v1' order by w.n desc limit 1) as millrace_since (moment)
  join "public"."orders" as "o" on "o"."at" >= least(millrace.pinned_page_v1_3(millrace_since.moment, '7 days'::interval), millrace.pinned_page_v1_3(pg_catalog.now(), '7 days'::interval)) and "o"."at" <= greatest(millrace.pinned_page_v1_3(millrace_since.moment, '7 days'::interval), millrace.pinned_page_v1_3(pg_catalog.now(), '7 days'::interval))
  where millrace.pinned_page_v1_3(millrace_since.moment, '7 days'::interval) <> millrace.pinned_page_v1_3(pg_catalog.now(), '7 days'::interval)
) as "o"
)
select u1::text as u1, u2::text as u2
from (
  select distinct u1, u2
  from resolved
  where u2 is not null
  limit $3::bigint
) as units
order by u1, u2;
