begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."levels_strict_page";
drop view if exists "public"."levels_strict";
drop view if exists "public"."levels";
drop table if exists "millrace"."pending_levels_v1";
drop table if exists "millrace"."levels_v1";
delete from millrace.watermark where model = 'levels_v1';
delete from millrace.refresh_log where model = 'levels_v1';
delete from millrace.model where storage = 'levels_v1';
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_readings_insert"() cascade;
drop function if exists "millrace"."capture_readings_update"() cascade;
drop function if exists "millrace"."capture_readings_delete"() cascade;
drop function if exists "millrace"."capture_readings_truncate"() cascade;
drop function if exists "millrace"."nested_readings"() cascade;
drop function if exists "millrace"."queue_readings"(xid8[], boolean), "millrace"."queue_readings"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_readings";
commit;

-- what sql/ made is dropped
