-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_messages" as q
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
    from "millrace"."queue_messages" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1, u2) as (
select (messages.recipient_id)::integer as u1, (messages.sender_id)::integer as u2
from (
  select "old_recipient_id" as "recipient_id", "old_sender_id" as "sender_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775682'::bigint <> 0
  union all
  select "new_recipient_id" as "recipient_id", "new_sender_id" as "sender_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775682'::bigint <> 0
) as "messages"
union all
select (messages_2.sender_id)::integer as u1, (messages_2.recipient_id)::integer as u2
from (
  select "old_sender_id" as "sender_id", "old_recipient_id" as "recipient_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775714'::bigint <> 0
  union all
  select "new_sender_id" as "sender_id", "new_recipient_id" as "recipient_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775714'::bigint <> 0
) as "messages_2"
)
select u1::text as u1, u2::text as u2
from (
  select distinct u1, u2
  from resolved
  where u1 is not null and u2 is not null
  limit $3::bigint
) as units
order by u1, u2;
