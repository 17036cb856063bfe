begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."page_strict_page";
drop view if exists "public"."page_strict";
drop view if exists "public"."page";
drop table if exists "millrace"."pending_page_v1";
drop table if exists "millrace"."page_v1";
delete from millrace.watermark where model = 'page_v1';
delete from millrace.refresh_log where model = 'page_v1';
delete from millrace.model where storage = 'page_v1';
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_posts_insert"() cascade;
drop function if exists "millrace"."capture_posts_update"() cascade;
drop function if exists "millrace"."capture_posts_delete"() cascade;
drop function if exists "millrace"."capture_posts_truncate"() cascade;
drop function if exists "millrace"."nested_posts"() cascade;
drop function if exists "millrace"."queue_posts"(xid8[], boolean), "millrace"."queue_posts"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_posts";
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_comments_insert"() cascade;
drop function if exists "millrace"."capture_comments_update"() cascade;
drop function if exists "millrace"."capture_comments_delete"() cascade;
drop function if exists "millrace"."capture_comments_truncate"() cascade;
drop function if exists "millrace"."nested_comments"() cascade;
drop function if exists "millrace"."queue_comments"(xid8[], boolean), "millrace"."queue_comments"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_comments";
commit;

-- what sql/ made is dropped
