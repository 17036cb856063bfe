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
drop function if exists "millrace"."capture_projects_insert"() cascade;
drop function if exists "millrace"."capture_projects_update"() cascade;
drop function if exists "millrace"."capture_projects_delete"() cascade;
drop function if exists "millrace"."capture_projects_truncate"() cascade;
drop function if exists "millrace"."nested_projects"() cascade;
drop function if exists "millrace"."queue_projects"(xid8[], boolean), "millrace"."queue_projects"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_projects";
commit;

-- what sql/ made is dropped
