begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."voices_strict_page";
drop view if exists "public"."voices_strict";
drop view if exists "public"."voices";
drop table if exists "millrace"."pending_voices_v1";
drop table if exists "millrace"."voices_v1";
delete from millrace.watermark where model = 'voices_v1';
delete from millrace.refresh_log where model = 'voices_v1';
delete from millrace.model where storage = 'voices_v1';
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
drop function if exists "millrace"."capture_banned_insert"() cascade;
drop function if exists "millrace"."capture_banned_update"() cascade;
drop function if exists "millrace"."capture_banned_delete"() cascade;
drop function if exists "millrace"."capture_banned_truncate"() cascade;
drop function if exists "millrace"."nested_banned"() cascade;
drop function if exists "millrace"."queue_banned"(xid8[], boolean), "millrace"."queue_banned"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_banned";
commit;

-- what sql/ made is dropped
