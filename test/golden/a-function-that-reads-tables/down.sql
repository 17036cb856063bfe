begin isolation level read committed;
set local lock_timeout = 500;
drop view if exists "public"."project_values";
drop function if exists "public"."project_values_strict_page";
drop view if exists "public"."project_values_strict";
drop table if exists "millrace"."pending_project_values";
drop table if exists "millrace"."project_values_v1";
-- $1: 'project_values_v1'
delete from millrace.watermark where model = $1;
-- $1: 'project_values_v1'
delete from millrace.refresh_log where model = $1;
-- $1: 'project_values_v1'
delete from millrace.model where storage = $1;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_projects_insert"() cascade;
drop function if exists "millrace"."capture_projects_update"() cascade;
drop function if exists "millrace"."capture_projects_delete"() cascade;
drop function if exists "millrace"."capture_projects_truncate"() cascade;
drop function if exists "millrace"."nested_projects"() cascade;
drop table if exists "millrace"."queue_projects";
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_rates_insert"() cascade;
drop function if exists "millrace"."capture_rates_update"() cascade;
drop function if exists "millrace"."capture_rates_delete"() cascade;
drop function if exists "millrace"."capture_rates_truncate"() cascade;
drop function if exists "millrace"."nested_rates"() cascade;
drop table if exists "millrace"."queue_rates";
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_limits_insert"() cascade;
drop function if exists "millrace"."capture_limits_update"() cascade;
drop function if exists "millrace"."capture_limits_delete"() cascade;
drop function if exists "millrace"."capture_limits_truncate"() cascade;
drop function if exists "millrace"."nested_limits"() cascade;
drop table if exists "millrace"."queue_limits";
commit;

begin isolation level read committed;
drop function if exists millrace.wait_for(text, interval, text[]), millrace.has_passed(text, text),
  millrace.waiting_models(text[], text[]), millrace.has_drained(millrace.model, xid8[]),
  millrace.contains(millrace.model, millrace.watermark, xid8),
  millrace.transaction_status(xid8), millrace.token_transaction(text), millrace.token();
drop function millrace.cluster(), millrace.page_order(text, text), millrace.page_filter(text, jsonb);
drop table if exists millrace.at_commit;
drop sequence if exists millrace.statement_number;
drop function if exists millrace.apply_own_changes();
drop table if exists millrace.job_run, millrace.job;
drop function if exists millrace.adopt_partitions();
drop table millrace.model, millrace.watermark, millrace.refresh_log, millrace.schema_version;
drop schema millrace;
commit;
