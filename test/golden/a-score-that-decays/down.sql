begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."hot_strict_page";
drop view if exists "public"."hot_strict";
drop view if exists "public"."hot";
drop table if exists "millrace"."pending_hot_v1";
drop table if exists "millrace"."hot_v1";
delete from millrace.watermark where model = 'hot_v1';
delete from millrace.refresh_log where model = 'hot_v1';
delete from millrace.model where storage = 'hot_v1';
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
drop function if exists "millrace"."capture_votes_insert"() cascade;
drop function if exists "millrace"."capture_votes_update"() cascade;
drop function if exists "millrace"."capture_votes_delete"() cascade;
drop function if exists "millrace"."capture_votes_truncate"() cascade;
drop function if exists "millrace"."nested_votes"() cascade;
drop function if exists "millrace"."queue_votes"(xid8[], boolean), "millrace"."queue_votes"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_votes";
commit;

-- what sql/ made is dropped
