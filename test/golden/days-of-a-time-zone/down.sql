begin isolation level read committed;
set local lock_timeout = 500;
drop view if exists "public"."page";
drop function if exists "public"."page_strict_page";
drop view if exists "public"."page_strict";
drop table if exists "millrace"."pending_page";
drop table if exists "millrace"."page_v1";
drop function if exists "millrace"."pinned_page_v1_1"(timestamp with time zone);
drop function if exists "millrace"."pinned_page_v1_2"(timestamp with time zone, text);
drop function if exists "millrace"."pinned_page_v1_3"(timestamp with time zone, interval);
drop function if exists "millrace"."pinned_page_v1_4"(text, timestamp with time zone);
-- $1: 'page_v1'
delete from millrace.watermark where model = $1;
-- $1: 'page_v1'
delete from millrace.refresh_log where model = $1;
-- $1: 'page_v1'
delete from millrace.model where storage = $1;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_orders_insert"() cascade;
drop function if exists "millrace"."capture_orders_update"() cascade;
drop function if exists "millrace"."capture_orders_delete"() cascade;
drop function if exists "millrace"."capture_orders_truncate"() cascade;
drop function if exists "millrace"."nested_orders"() cascade;
drop table if exists "millrace"."queue_orders";
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_shops_insert"() cascade;
drop function if exists "millrace"."capture_shops_update"() cascade;
drop function if exists "millrace"."capture_shops_delete"() cascade;
drop function if exists "millrace"."capture_shops_truncate"() cascade;
drop function if exists "millrace"."nested_shops"() cascade;
drop table if exists "millrace"."queue_shops";
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
