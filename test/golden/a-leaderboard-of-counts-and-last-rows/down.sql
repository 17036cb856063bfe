begin isolation level read committed;
set local lock_timeout = 500;
drop view if exists "public"."board";
drop function if exists "public"."board_top";
drop function if exists "public"."board_after";
drop function if exists "public"."board_around";
drop function if exists "public"."board_rank";
drop function if exists "public"."board_percentile";
drop function if exists "public"."board_count";
drop function if exists "public"."board_top_in_country";
drop function if exists "public"."board_after_in_country";
drop function if exists "public"."board_around_in_country";
drop function if exists "public"."board_rank_in_country";
drop function if exists "public"."board_percentile_in_country";
drop function if exists "public"."board_count_in_country";
drop function if exists "public"."board_among";
drop function if exists "millrace"."ranks_board_v1_page";
drop function if exists "millrace"."ranks_board_v1_rank";
drop function if exists "millrace"."ranks_board_v1_place";
drop function if exists "millrace"."ranks_board_v1_in_country_page";
drop function if exists "millrace"."ranks_board_v1_in_country_rank";
drop function if exists "millrace"."ranks_board_v1_in_country_place";
drop type if exists "millrace"."ranked_board_v1";
drop trigger if exists millrace_ranks_insert on "millrace"."board_v1";
drop trigger if exists millrace_ranks_update on "millrace"."board_v1";
drop trigger if exists millrace_ranks_delete on "millrace"."board_v1";
drop trigger if exists millrace_ranks_truncate on "millrace"."board_v1";
drop function if exists "millrace"."rank_board_v1_insert"();
drop function if exists "millrace"."rank_board_v1_update"();
drop function if exists "millrace"."rank_board_v1_delete"();
drop function if exists "millrace"."rank_board_v1_truncate"();
drop function if exists "millrace"."ranks_board_v1_check";
drop function if exists "millrace"."ranks_board_v1_fill";
drop function if exists "millrace"."ranks_board_v1_merge";
drop function if exists "millrace"."ranks_board_v1_split";
drop function if exists "millrace"."ranks_board_v1_first";
drop function if exists "millrace"."ranks_board_v1_apply";
drop function if exists "millrace"."ranks_board_v1_at";
drop function if exists "millrace"."ranks_board_v1_before";
drop table if exists "millrace"."ranks_board_v1";
drop function if exists "millrace"."ranks_board_v1_settle";
drop function if exists "millrace"."ranks_board_v1_in_country_check";
drop function if exists "millrace"."ranks_board_v1_in_country_fill";
drop function if exists "millrace"."ranks_board_v1_in_country_merge";
drop function if exists "millrace"."ranks_board_v1_in_country_split";
drop function if exists "millrace"."ranks_board_v1_in_country_first";
drop function if exists "millrace"."ranks_board_v1_in_country_apply";
drop function if exists "millrace"."ranks_board_v1_in_country_at";
drop function if exists "millrace"."ranks_board_v1_in_country_before";
drop table if exists "millrace"."ranks_board_v1_in_country";
drop function if exists "millrace"."ranks_board_v1_in_country_settle";
drop function if exists "public"."board_strict_page";
drop view if exists "public"."board_strict";
drop table if exists "millrace"."pending_board";
drop table if exists "millrace"."board_v1";
-- $1: 'board_v1'
delete from millrace.watermark where model = $1;
-- $1: 'board_v1'
delete from millrace.refresh_log where model = $1;
-- $1: 'board_v1'
delete from millrace.model where storage = $1;
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_players_insert"() cascade;
drop function if exists "millrace"."capture_players_update"() cascade;
drop function if exists "millrace"."capture_players_delete"() cascade;
drop function if exists "millrace"."capture_players_truncate"() cascade;
drop function if exists "millrace"."nested_players"() cascade;
drop table if exists "millrace"."queue_players";
commit;

begin isolation level read committed;
set local lock_timeout = 500;
drop function if exists "millrace"."capture_wins_insert"() cascade;
drop function if exists "millrace"."capture_wins_update"() cascade;
drop function if exists "millrace"."capture_wins_delete"() cascade;
drop function if exists "millrace"."capture_wins_truncate"() cascade;
drop function if exists "millrace"."nested_wins"() cascade;
drop table if exists "millrace"."queue_wins";
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
