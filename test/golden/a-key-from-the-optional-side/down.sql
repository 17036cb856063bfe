begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."per_kind_strict_page";
drop view if exists "public"."per_kind_strict";
drop view if exists "public"."per_kind";
drop table if exists "millrace"."pending_per_kind_v1";
drop table if exists "millrace"."per_kind_v1";
delete from millrace.watermark where model = 'per_kind_v1';
delete from millrace.refresh_log where model = 'per_kind_v1';
delete from millrace.model where storage = 'per_kind_v1';
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_projects_insert"() cascade;
drop function if exists "millrace"."capture_projects_update"() cascade;
drop function if exists "millrace"."capture_projects_delete"() cascade;
drop function if exists "millrace"."capture_projects_truncate"() cascade;
drop function if exists "millrace"."nested_projects"() cascade;
drop function if exists "millrace"."queue_projects"(xid8[], boolean), "millrace"."queue_projects"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_projects";
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_kinds_insert"() cascade;
drop function if exists "millrace"."capture_kinds_update"() cascade;
drop function if exists "millrace"."capture_kinds_delete"() cascade;
drop function if exists "millrace"."capture_kinds_truncate"() cascade;
drop function if exists "millrace"."nested_kinds"() cascade;
drop function if exists "millrace"."queue_kinds"(xid8[], boolean), "millrace"."queue_kinds"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_kinds";
commit;

-- what sql/ made is dropped
