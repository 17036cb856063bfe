begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "public"."offers_strict_page";
drop view if exists "public"."offers_strict";
drop view if exists "public"."offers";
drop table if exists "millrace"."pending_offers_v1";
drop table if exists "millrace"."offers_v1";
delete from millrace.watermark where model = 'offers_v1';
delete from millrace.refresh_log where model = 'offers_v1';
delete from millrace.model where storage = 'offers_v1';
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_prices_insert"() cascade;
drop function if exists "millrace"."capture_prices_update"() cascade;
drop function if exists "millrace"."capture_prices_delete"() cascade;
drop function if exists "millrace"."capture_prices_truncate"() cascade;
drop function if exists "millrace"."nested_prices"() cascade;
drop function if exists "millrace"."queue_prices"(xid8[], boolean), "millrace"."queue_prices"(pg_snapshot, xid8, boolean);
drop table if exists "millrace"."queue_prices";
commit;

-- what sql/ made is dropped
