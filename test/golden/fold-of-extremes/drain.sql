-- window
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_threads" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
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
  union all
  select op, note from "millrace_batch_2"
) as changes;

-- resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_threads" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_messages" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (t.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "t"
union all
select went.u1
from (
select (m.thread_id)::integer, m.sent
from (select "old_thread_id" as "thread_id", "old_hidden" as "hidden", "old_sent" as "sent" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775708'::bigint <> 0) as "m"
where (NOT (m.hidden)) and (m.sent IS NOT NULL)
) as went (u1, f1)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where ("stored"."last" > went.f1) is not true
union all
select went.u1
from (
select (m_2.thread_id)::integer, m_2.author::text
from (select "old_thread_id" as "thread_id", "old_author" as "author", "old_price" as "price" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0) as "m_2"
where (m_2.author::text IS NOT NULL AND m_2.price > 1::numeric)
) as went (u1, f1)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where ("stored"."author" < went.f1) is not true
union all
select went.u1
from (
select (m_3.thread_id)::integer, m_3.price
from (select "old_thread_id" as "thread_id", "old_price" as "price" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775788'::bigint <> 0) as "m_3"
where (m_3.price IS NOT NULL)
) as went (u1, f1)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where ("stored"."mixed__s1" > went.f1) is not true
union all
select went.u1
from (
select (m_4.thread_id)::integer, m_4.sent, m_4.id
from (select "old_thread_id" as "thread_id", "old_sent" as "sent", "old_id" as "id", "old_author" as "author" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775762'::bigint <> 0) as "m_4"
where true
) as went (u1, f1, f2)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where (("stored"."latest__s1" > went.f1 or went.f1 is null and "stored"."latest__s1" is not null or ("stored"."latest__s1" = went.f1 or "stored"."latest__s1" is null and went.f1 is null) and "stored"."latest__s2" > went.f2)) is not true
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
    from "millrace"."queue_messages" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
changes as (
  select u1, coalesce(sum(d1), 0)::bigint as d1
  from (
select (m_3.thread_id)::integer, "millrace_sign"
from (
  select -1::bigint as "millrace_sign", "old_thread_id" as "thread_id", "old_price" as "price" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775788'::bigint <> 0
  union all
  select 1::bigint as "millrace_sign", "new_thread_id" as "thread_id", "new_price" as "price" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775788'::bigint <> 0
) as "m_3"
where true
  ) as delta (u1, d1)
  where u1 is not null
  group by u1
  having coalesce(sum(d1), 0) <> 0
),
folded as (
  update "millrace"."page_v1" as stored
  set "mixed__s2" = ("stored"."mixed__s2" + changes.d1),
      "mixed" = (COALESCE(stored.mixed__s1, 0::numeric)) + CAST(stored.mixed__s2 + changes.d1 AS numeric)
  from changes
  where "stored"."id" = changes.u1
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: firsts: 0
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_messages" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
came as (
  select distinct on (u1) *
  from (
select (m.thread_id)::integer, m.sent
from (select "new_thread_id" as "thread_id", "new_hidden" as "hidden", "new_sent" as "sent" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775708'::bigint <> 0) as "m"
where (NOT (m.hidden)) and (m.sent IS NOT NULL)
  ) as came (u1, f1)
  where u1 is not null
  order by u1, f1 desc
),
folded as (
  update "millrace"."page_v1" as stored
  set "last" = came.f1
  from came
  where "stored"."id" = came.u1
    and ("stored"."last" is null or came.f1 > "stored"."last")
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: firsts: 1
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_messages" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
came as (
  select distinct on (u1) *
  from (
select (m_2.thread_id)::integer, m_2.author::text
from (select "new_thread_id" as "thread_id", "new_author" as "author", "new_price" as "price" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0) as "m_2"
where (m_2.author::text IS NOT NULL AND m_2.price > 1::numeric)
  ) as came (u1, f1)
  where u1 is not null
  order by u1, f1
),
folded as (
  update "millrace"."page_v1" as stored
  set "author" = came.f1
  from came
  where "stored"."id" = came.u1
    and ("stored"."author" is null or came.f1 < "stored"."author")
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: firsts: 2
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_messages" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
came as (
  select distinct on (u1) *
  from (
select (m_3.thread_id)::integer, m_3.price
from (select "new_thread_id" as "thread_id", "new_price" as "price" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775788'::bigint <> 0) as "m_3"
where (m_3.price IS NOT NULL)
  ) as came (u1, f1)
  where u1 is not null
  order by u1, f1 desc
),
folded as (
  update "millrace"."page_v1" as stored
  set "mixed__s1" = came.f1,
      "mixed" = (COALESCE(came.f1, 0::numeric)) + stored.mixed__s2::numeric
  from came
  where "stored"."id" = came.u1
    and ("stored"."mixed__s1" is null or came.f1 > "stored"."mixed__s1")
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: firsts: 3
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_messages" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
came as (
  select distinct on (u1) *
  from (
select (m_4.thread_id)::integer, m_4.sent, m_4.id, m_4.author
from (select "new_thread_id" as "thread_id", "new_sent" as "sent", "new_id" as "id", "new_author" as "author" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775762'::bigint <> 0) as "m_4"
where true
  ) as came (u1, f1, f2, f3)
  where u1 is not null
  order by u1, f1 desc nulls last, f2 desc
),
folded as (
  update "millrace"."page_v1" as stored
  set "latest__s1" = came.f1,
      "latest__s2" = came.f2,
      "latest" = came.f3
  from came
  where "stored"."id" = came.u1
    and ("stored"."latest__s2" is null or (came.f1 > "stored"."latest__s1" or "stored"."latest__s1" is null and came.f1 is not null or (came.f1 = "stored"."latest__s1" or came.f1 is null and "stored"."latest__s1" is null) and came.f2 > "stored"."latest__s2"))
  returning 1
)
select count(*)::int as rows
from folded;

-- fold: resolve
with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_threads" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_messages" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (t.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "t"
union all
select (m.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775708'::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775708'::bigint <> 0
) as "m"
union all
select (m_2.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as "m_2"
union all
select (m_3.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775788'::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775788'::bigint <> 0
) as "m_3"
union all
select (m_4.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775762'::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775762'::bigint <> 0
) as "m_4"
union all
select went.u1
from (
select (m.thread_id)::integer, m.sent
from (select "old_thread_id" as "thread_id", "old_hidden" as "hidden", "old_sent" as "sent" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775708'::bigint <> 0) as "m"
where (NOT (m.hidden)) and (m.sent IS NOT NULL)
) as went (u1, f1)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where ("stored"."last" > went.f1) is not true
union all
select went.u1
from (
select (m_2.thread_id)::integer, m_2.author::text
from (select "old_thread_id" as "thread_id", "old_author" as "author", "old_price" as "price" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0) as "m_2"
where (m_2.author::text IS NOT NULL AND m_2.price > 1::numeric)
) as went (u1, f1)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where ("stored"."author" < went.f1) is not true
union all
select went.u1
from (
select (m_3.thread_id)::integer, m_3.price
from (select "old_thread_id" as "thread_id", "old_price" as "price" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775788'::bigint <> 0) as "m_3"
where (m_3.price IS NOT NULL)
) as went (u1, f1)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where ("stored"."mixed__s1" > went.f1) is not true
union all
select went.u1
from (
select (m_4.thread_id)::integer, m_4.sent, m_4.id
from (select "old_thread_id" as "thread_id", "old_sent" as "sent", "old_id" as "id", "old_author" as "author" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775762'::bigint <> 0) as "m_4"
where true
) as went (u1, f1, f2)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where (("stored"."latest__s1" > went.f1 or went.f1 is null and "stored"."latest__s1" is not null or ("stored"."latest__s1" = went.f1 or "stored"."latest__s1" is null and went.f1 is null) and "stored"."latest__s2" > went.f2)) is not true
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
    from "millrace"."queue_threads" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_messages" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1) as (
select (t.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "t"
union all
select (m.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775708'::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775708'::bigint <> 0
) as "m"
union all
select (m_2.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775780'::bigint <> 0
) as "m_2"
union all
select (m_3.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775788'::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775788'::bigint <> 0
) as "m_3"
union all
select (m_4.thread_id)::integer as u1
from (
  select "old_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775762'::bigint <> 0
  union all
  select "new_thread_id" as "thread_id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775762'::bigint <> 0
) as "m_4"
union all
select went.u1
from (
select (m.thread_id)::integer, m.sent
from (select "old_thread_id" as "thread_id", "old_hidden" as "hidden", "old_sent" as "sent" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775708'::bigint <> 0) as "m"
where (NOT (m.hidden)) and (m.sent IS NOT NULL)
) as went (u1, f1)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where ("stored"."last" > went.f1) is not true
union all
select went.u1
from (
select (m_2.thread_id)::integer, m_2.author::text
from (select "old_thread_id" as "thread_id", "old_author" as "author", "old_price" as "price" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775780'::bigint <> 0) as "m_2"
where (m_2.author::text IS NOT NULL AND m_2.price > 1::numeric)
) as went (u1, f1)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where ("stored"."author" < went.f1) is not true
union all
select went.u1
from (
select (m_3.thread_id)::integer, m_3.price
from (select "old_thread_id" as "thread_id", "old_price" as "price" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775788'::bigint <> 0) as "m_3"
where (m_3.price IS NOT NULL)
) as went (u1, f1)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where ("stored"."mixed__s1" > went.f1) is not true
union all
select went.u1
from (
select (m_4.thread_id)::integer, m_4.sent, m_4.id
from (select "old_thread_id" as "thread_id", "old_sent" as "sent", "old_id" as "id", "old_author" as "author" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775762'::bigint <> 0) as "m_4"
where true
) as went (u1, f1, f2)
join "millrace"."page_v1" as stored on "stored"."id" = went.u1
where (("stored"."latest__s1" > went.f1 or went.f1 is null and "stored"."latest__s1" is not null or ("stored"."latest__s1" = went.f1 or "stored"."latest__s1" is null and went.f1 is null) and "stored"."latest__s2" > went.f2)) is not true
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
