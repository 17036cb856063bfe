begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."project_values_strict_page";
drop view if exists "public"."project_values_strict";
drop view if exists "public"."project_values";
drop table if exists "millrace"."pending_project_values_v1";
drop table if exists "millrace"."project_values_v1";
delete from millrace.watermark where model = 'project_values_v1';
delete from millrace.refresh_log where model = 'project_values_v1';
delete from millrace.model where storage = 'project_values_v1';
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
drop function if exists "millrace"."capture_rates_insert"() cascade;
drop function if exists "millrace"."capture_rates_update"() cascade;
drop function if exists "millrace"."capture_rates_delete"() cascade;
drop function if exists "millrace"."capture_rates_truncate"() cascade;
drop function if exists "millrace"."nested_rates"() cascade;
drop function if exists "millrace"."queue_rates"(xid8[], boolean), "millrace"."queue_rates"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_rates";
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_limits_insert"() cascade;
drop function if exists "millrace"."capture_limits_update"() cascade;
drop function if exists "millrace"."capture_limits_delete"() cascade;
drop function if exists "millrace"."capture_limits_truncate"() cascade;
drop function if exists "millrace"."nested_limits"() cascade;
drop function if exists "millrace"."queue_limits"(xid8[], boolean), "millrace"."queue_limits"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_limits";
commit;

-- what sql/ made is dropped
