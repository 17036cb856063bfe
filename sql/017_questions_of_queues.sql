-- What waits in a queue is asked many times a second, and a statement that is put together for it is planned each time, which takes three
-- times as long as looking. So each queue has functions for these questions, called as it is: a session keeps their plans.

-- Makes or replaces them. A kept plan outlives the size that it was made for: it shall use the indexes.
create function millrace.let_ask(queue regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  name text := (select format('%I.%I', n.nspname, c.relname)
                from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where c.oid = queue);
  settings text := 'set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off';
begin
  -- Has it no row of these transactions? It only tells if every slot's sentinel is seen. Of an immediate model what is deferred counts.
  execute format($function$
create or replace function %1$s(transactions xid8[], is_eventual boolean) returns boolean
language plpgsql stable %2$s
as $body$
begin
  return (
    select count(*) filter (where q.xid <> '0' and (q.deferred or is_eventual)) = 0
       and count(*) filter (where q.xid = '0') = (select count(*) from pg_inherits where inhparent = %3$L::regclass)
    from %1$s as q
    where q.xid = any (transactions || '0'::xid8)
  );
end
$body$ $function$, name, settings, name);
  -- How many rows are visible now that were not in that snapshot, which has this horizon?
  execute format($function$
create or replace function %1$s(seen pg_snapshot, horizon xid8, is_eventual boolean) returns bigint
language plpgsql stable %2$s
as $body$
begin
  if is_eventual then
    return (select count(*) from %1$s as q
            where q.xid >= horizon and q.xid <= '18446744073709551615'::xid8 and not pg_visible_in_snapshot(q.xid, seen));
  end if;
  return (select count(*) from %1$s as q
          where q.xid >= horizon and q.xid <= '18446744073709551615'::xid8 and not pg_visible_in_snapshot(q.xid, seen)
            and q.deferred);
end
$body$ $function$, name, settings);
  execute format('revoke all on function %1$s(xid8[], boolean), %1$s(pg_snapshot, xid8, boolean) from public', name);
end
$$;
revoke all on function millrace.let_ask(regclass) from public;

-- Whether time alone makes its rows old.
alter table millrace.model
  add column if not exists is_timed boolean generated always as (coalesce(plan -> 'clocks', '[]') <> '[]') stored;

select millrace.let_ask(c.oid)
from (select distinct jsonb_array_elements(m.facts -> 'queues') as queue from millrace.model as m) as q
join pg_class as c on c.oid = to_regclass(format('%I.%I', queue ->> 'schema', queue ->> 'name'));

-- As before, by the questions of the queues, and without the plan, which a row of the model brings along.
drop function if exists millrace.has_drained(millrace.model, xid8[]);
create function millrace.has_drained(storage_name text, transactions xid8[]) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  facts jsonb := (select m.facts from millrace.model as m where m.storage = storage_name);
  storage regclass := to_regclass(format('%I.%I', facts #>> '{storage,schema}', storage_name));
  mark millrace.watermark;
  missing xid8[];
  question text;
  answer boolean;
begin
  select * into mark from millrace.watermark as w where w.model = storage_name order by w.n desc limit 1;
  if not found or storage is null or mark.relation <> storage or mark.cluster <> millrace.cluster() then
    return false;
  end if;

  if (facts -> 'readsModels')::boolean then
    return coalesce((select bool_and(millrace.contains(m, mark, it))
                     from millrace.model as m cross join unnest(transactions) as it
                     where m.storage = storage_name), true);
  end if;

  missing := array(select it from unnest(transactions) as it
                   where not pg_visible_in_snapshot(it, mark.snapshot::pg_snapshot));
  if exists (select from millrace.job as j where j.storage = storage_name) then
    return missing = '{}';
  end if;

  question := format('select not exists (select from %I.%I where retry_at is null)',
                     facts #>> '{pending,schema}', facts #>> '{pending,name}');
  if missing <> '{}' then
    select question || coalesce(string_agg(format(' and %I.%I($1, $2)', it ->> 'schema', it ->> 'name'), ''), '') into question
    from jsonb_array_elements(facts -> 'queues') as it;
  end if;
  -- of an immediate model only what its writers did not apply themselves is in the queue for it
  execute question into answer using missing, not (facts -> 'isImmediate')::boolean;
  return answer;
end
$$;
revoke all on function millrace.has_drained(text, xid8[]) from public;

-- As before.
create or replace function millrace.waiting_models(tokens text[], models text[] default null) returns text[]
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  stranger text;
  model record;
  named xid8[] := array(select millrace.token_transaction(it) from unnest(tokens) as it);
  open_ones xid8[] := array(select it from unnest(named) as it
                            where millrace.transaction_status(it) = 'in progress');
  ended xid8[] := array(select it from unnest(named) as it where millrace.transaction_status(it) = 'ended');
  waiting text[] := '{}';
begin
  select it into stranger
  from unnest(models) as it
  where not exists (select from millrace.model as m where it in (m.name, m.schema_name || '.' || m.name));
  if found then
    raise exception 'there is no read model "%"', stranger using errcode = 'undefined_object';
  end if;

  for model in
    select m.storage, m.schema_name, m.name
    from millrace.model as m
    where case when models is null
               then m.state = 'ready' and not exists (select from millrace.job as j where j.storage = m.storage)
               else (m.name = any (models) or m.schema_name || '.' || m.name = any (models))
                    and (m.state = 'ready'
                         or m.state <> 'former'
                            and not exists (select from millrace.model as used
                                            where (used.schema_name, used.name) = (m.schema_name, m.name)
                                              and used.state = 'ready'))
          end
    order by m.schema_name, m.name
  loop
    if open_ones <> '{}' or (ended <> '{}' and not millrace.has_drained(model.storage, ended)) then
      waiting := waiting || (model.schema_name || '.' || model.name);
    end if;
  end loop;
  return waiting;
end
$$;
revoke all on function millrace.waiting_models(text[], text[]) from public;

-- As before. What the time has made old is found by the model's own statement alone.
create or replace function millrace.freshness(model text) returns table (waiting bigint, reached_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  found_model record;
  newest record;
  question text;
  changes bigint := 0;
begin
  select m.storage, m.facts, m.is_timed into found_model
  from millrace.model as m
  where model in (m.name, m.schema_name || '.' || m.name) and m.state <> 'former'
  order by m.state = 'ready' desc
  limit 1;
  if not found then
    return;
  end if;
  select w.n, w.snapshot, w.horizon, w.reached_at into newest
  from millrace.watermark as w
  where w.model = found_model.storage
  order by w.n desc
  limit 1;
  if jsonb_typeof(found_model.facts -> 'pending') = 'object' then
    question := format('select (select count(*) from (select from %I.%I limit 1000000) as units)',
      found_model.facts #>> '{pending,schema}', found_model.facts #>> '{pending,name}');
    if newest.n is not null and found_model.is_timed then
      question := question || format(' + (select changes from (%s) as seen)', found_model.facts ->> 'window');
    elsif newest.n is not null then
      select question || coalesce(string_agg(
        format(' + %I.%I($1::pg_snapshot, $2::xid8, $3)', it ->> 'schema', it ->> 'name'), ''), '') into question
      from jsonb_array_elements(found_model.facts -> 'queues') as it;
    end if;
    execute question into changes
      using newest.snapshot, newest.horizon::text, not (found_model.facts -> 'isImmediate')::boolean;
  end if;
  return query select changes, newest.reached_at;
end
$$;
revoke all on function millrace.freshness(text) from public;

alter function millrace.newest_marks(text[]) set plan_cache_mode = force_generic_plan;
