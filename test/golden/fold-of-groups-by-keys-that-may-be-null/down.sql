begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."sales_strict_page";
drop view if exists "public"."sales_strict";
drop view if exists "public"."sales";
drop table if exists "millrace"."pending_sales_v1";
drop table if exists "millrace"."sales_v1";
delete from millrace.watermark where model = 'sales_v1';
delete from millrace.refresh_log where model = 'sales_v1';
delete from millrace.model where storage = 'sales_v1';
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_orders_insert"() cascade;
drop function if exists "millrace"."capture_orders_update"() cascade;
drop function if exists "millrace"."capture_orders_delete"() cascade;
drop function if exists "millrace"."capture_orders_truncate"() cascade;
drop function if exists "millrace"."nested_orders"() cascade;
drop function if exists "millrace"."queue_orders"(xid8[], boolean), "millrace"."queue_orders"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_orders";
commit;

-- what sql/ made is dropped
