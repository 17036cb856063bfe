begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."page_strict_page";
drop view if exists "public"."page_strict";
drop view if exists "public"."page";
drop table if exists "millrace"."pending_page_v1";
drop table if exists "millrace"."page_v1";
drop function if exists "millrace"."pinned_page_v1_1"(timestamp with time zone);
drop function if exists "millrace"."pinned_page_v1_2"(timestamp with time zone, text);
drop function if exists "millrace"."pinned_page_v1_3"(timestamp with time zone, interval);
drop function if exists "millrace"."pinned_page_v1_4"(text, timestamp with time zone);
delete from millrace.watermark where model = 'page_v1';
delete from millrace.refresh_log where model = 'page_v1';
delete from millrace.model where storage = 'page_v1';
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

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_shops_insert"() cascade;
drop function if exists "millrace"."capture_shops_update"() cascade;
drop function if exists "millrace"."capture_shops_delete"() cascade;
drop function if exists "millrace"."capture_shops_truncate"() cascade;
drop function if exists "millrace"."nested_shops"() cascade;
drop function if exists "millrace"."queue_shops"(xid8[], boolean), "millrace"."queue_shops"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_shops";
commit;

-- what sql/ made is dropped
