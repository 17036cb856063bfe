begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."talk_strict_page";
drop view if exists "public"."talk_strict";
drop view if exists "public"."talk";
drop table if exists "millrace"."pending_talk_v1";
drop table if exists "millrace"."talk_v1";
delete from millrace.watermark where model = 'talk_v1';
delete from millrace.refresh_log where model = 'talk_v1';
delete from millrace.model where storage = 'talk_v1';
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
