begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."lively_strict_page";
drop view if exists "public"."lively_strict";
drop view if exists "public"."lively";
drop table if exists "millrace"."pending_lively_v1";
drop table if exists "millrace"."lively_v1";
delete from millrace.watermark where model = 'lively_v1';
delete from millrace.refresh_log where model = 'lively_v1';
delete from millrace.model where storage = 'lively_v1';
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_events_insert"() cascade;
drop function if exists "millrace"."capture_events_update"() cascade;
drop function if exists "millrace"."capture_events_delete"() cascade;
drop function if exists "millrace"."capture_events_truncate"() cascade;
drop function if exists "millrace"."nested_events"() cascade;
drop function if exists "millrace"."queue_events"(xid8[], boolean), "millrace"."queue_events"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_events";
commit;

-- what sql/ made is dropped
