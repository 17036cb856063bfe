-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_events" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  )
select count(*)::int as changes,
       max(note) filter (where op = 'R') as rebuild
from (
  select op, note from "millrace_batch_1"
  union all
  select 'C', null from (
  select "e"."at"
  from (select w.clock from millrace.watermark as w where w.model = 'lively_v1' order by w.n desc limit 1) as millrace_since (moment)
  join "public"."events" as "e" on "e"."at" >= least(timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '1 day'::interval), timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '1 day'::interval)) and "e"."at" <= greatest(timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '1 day'::interval), timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '1 day'::interval))
  where timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '1 day'::interval) <> timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '1 day'::interval)
) as passed
  union all
  select 'C', null from (
  select "e"."at"
  from (select w.clock from millrace.watermark as w where w.model = 'lively_v1' order by w.n desc limit 1) as millrace_since (moment)
  join "public"."events" as "e" on "e"."at" >= least(timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '7 days'::interval), timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '7 days'::interval)) and "e"."at" <= greatest(timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '7 days'::interval), timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '7 days'::interval))
  where timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '7 days'::interval) <> timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '7 days'::interval)
) as passed
) as changes;

-- resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_events" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (e.person_id)::integer as u1
from (
  select "old_person_id" as "person_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_person_id" as "person_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "e"
union all
select (e.person_id)::integer as u1
from (
  select "e"."person_id"
  from (select w.clock from millrace.watermark as w where w.model = 'lively_v1' order by w.n desc limit 1) as millrace_since (moment)
  join "public"."events" as "e" on "e"."at" >= least(timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '1 day'::interval), timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '1 day'::interval)) and "e"."at" <= greatest(timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '1 day'::interval), timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '1 day'::interval))
  where timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '1 day'::interval) <> timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '1 day'::interval)
) as "e"
union all
select (e.person_id)::integer as u1
from (
  select "e"."person_id"
  from (select w.clock from millrace.watermark as w where w.model = 'lively_v1' order by w.n desc limit 1) as millrace_since (moment)
  join "public"."events" as "e" on "e"."at" >= least(timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '7 days'::interval), timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '7 days'::interval)) and "e"."at" <= greatest(timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '7 days'::interval), timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '7 days'::interval))
  where timezone('UTC'::text, timezone('UTC'::text, millrace_since.moment) - '7 days'::interval) <> timezone('UTC'::text, timezone('UTC'::text, pg_catalog.now()) - '7 days'::interval)
) as "e"
)
select u1::text as u1
from (
  select distinct u1
  from resolved
  where u1 is not null
  limit $3::bigint
) as units
order by u1;
