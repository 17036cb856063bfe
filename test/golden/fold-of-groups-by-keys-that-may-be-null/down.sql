begin isolation level read committed;
set local lock_timeout = 500;
drop view if exists "public"."sales";
drop function if exists "public"."sales_strict_page";
drop view if exists "public"."sales_strict";
drop table if exists "millrace"."pending_sales";
drop table if exists "millrace"."sales_v1";
-- $1: 'sales_v1'
delete from millrace.watermark where model = $1;
-- $1: 'sales_v1'
delete from millrace.refresh_log where model = $1;
-- $1: 'sales_v1'
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

-- what sql/ made is dropped
