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
    from "millrace"."queue_kinds" as q
    where q.xid >= $2::text::xid8
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)
  ),
resolved (u1, u2) as (
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "p"
join "public"."users" as "u" on u.id = p.user_id
join "public"."kinds" as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "p"
join "public"."users" as "u" on u.id = p.user_id
join (select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "p"
join (select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "u" on u.id = p.user_id
join "public"."kinds" as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0
  union all
  select "new_user_id" as "user_id", "new_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'I') and changed & '-9223372036854775796'::bigint <> 0
) as "p"
join (select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "u" on u.id = p.user_id
join (select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_country" as "country", "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
join "public"."kinds" as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_country" as "country", "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
join (select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_country" as "country", "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join (select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0) as "p" on u.id = p.user_id
join "public"."kinds" as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_country" as "country", "new_id" as "id" from "millrace_batch_2" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "u"
join (select "old_user_id" as "user_id", "old_kind_id" as "kind_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0) as "p" on u.id = p.user_id
join (select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "k" on k.id = p.kind_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_title" as "title", "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "k"
join "public"."projects" as "p" on k.id = p.kind_id
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_title" as "title", "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "k"
join "public"."projects" as "p" on k.id = p.kind_id
join (select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_title" as "title", "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "k"
join (select "old_kind_id" as "kind_id", "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0) as "p" on k.id = p.kind_id
join "public"."users" as "u" on u.id = p.user_id
union all
select (u.country)::text as u1, (k.title)::text as u2
from (
  select "old_title" as "title", "old_id" as "id" from "millrace_batch_3" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0
  union all
  select "new_title" as "title", "new_id" as "id" from "millrace_batch_3" where op in ('U', 'I') and changed & '-9223372036854775802'::bigint <> 0
) as "k"
join (select "old_kind_id" as "kind_id", "old_user_id" as "user_id" from "millrace_batch_1" where op in ('U', 'D') and changed & '-9223372036854775796'::bigint <> 0) as "p" on k.id = p.kind_id
join (select "old_country" as "country", "old_id" as "id" from "millrace_batch_2" where op in ('U', 'D') and changed & '-9223372036854775802'::bigint <> 0) as "u" on u.id = p.user_id
)
select u1::text as u1, u2::text as u2
from (
  select distinct u1, u2
  from resolved
  where u1 is not null and u2 is not null
  limit $3::bigint
) as units
order by u1, u2;
