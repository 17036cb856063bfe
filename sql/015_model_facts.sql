-- What is asked of a model many times a second. Its plan is a hundred kilobytes, and each look at a part of that unpacks all of it.

create function millrace.facts_of_plan(plan jsonb) returns jsonb
language sql immutable
begin atomic
  select jsonb_build_object(
    'storage', plan -> 'storage',
    'pending', plan -> 'pending',
    'strictView', plan -> 'strictView',
    'version', plan -> 'version',
    'isImmediate', coalesce(jsonb_typeof(plan -> 'immediate'), 'null') <> 'null',
    'readsModels', plan ? 'models',
    'queues', jsonb_path_query_array(plan, '$.sources[*].queue'),
    'window', plan #> '{statements,window}',
    'digest', md5(jsonb_build_array(plan -> 'query', plan -> 'key', plan -> 'columns')::text));
end;

alter table millrace.model add column facts jsonb generated always as (millrace.facts_of_plan(plan)) stored;

-- As before, of a model that reads none.
create or replace function millrace.has_drained(model millrace.model, transactions xid8[]) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  storage regclass := to_regclass(format('%I.%I', model.facts #>> '{storage,schema}', model.storage));
  mark millrace.watermark;
  missing xid8[];
  -- of an immediate model only what its writers did not apply themselves is in the queue for it
  is_eventual boolean := not (model.facts -> 'isImmediate')::boolean;
  queue text;
  answer boolean;
begin
  select * into mark from millrace.watermark as w where w.model = model.storage order by w.n desc limit 1;
  if not found or storage is null or mark.relation <> storage or mark.cluster <> millrace.cluster() then
    return false;
  end if;

  if (model.facts -> 'readsModels')::boolean then
    return coalesce((select bool_and(millrace.contains(model, mark, it)) from unnest(transactions) as it), true);
  end if;

  missing := array(select it from unnest(transactions) as it
                   where not pg_visible_in_snapshot(it, mark.snapshot::pg_snapshot));
  if exists (select from millrace.job as j where j.storage = model.storage) then
    return missing = '{}';
  end if;

  execute format('select exists (select from %I.%I where retry_at is null)',
                 model.facts #>> '{pending,schema}', model.facts #>> '{pending,name}') into answer;
  if answer then
    return false;
  end if;
  if missing = '{}' then
    return true;
  end if;
  for queue in select format('%I.%I', it ->> 'schema', it ->> 'name')
               from jsonb_array_elements(model.facts -> 'queues') as it loop
    execute format('select count(*) filter (where q.xid <> ''0'' and (q.deferred or $2)) = 0
                       and count(*) filter (where q.xid = ''0'')
                           = (select count(*) from pg_inherits where inhparent = %L::regclass)
                    from %s as q where q.xid = any ($1)', queue, queue)
      into answer using missing || '0'::xid8, is_eventual;
    if not answer then
      return false;
    end if;
  end loop;
  return true;
end
$$;
revoke all on function millrace.has_drained(millrace.model, xid8[]) from public;

-- As before.
create or replace function millrace.freshness(model text) returns table (waiting bigint, reached_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  found_model millrace.model;
  newest millrace.watermark;
  changes bigint := 0;
  pending bigint := 0;
begin
  select m.* into found_model
  from millrace.model as m
  where model in (m.name, m.schema_name || '.' || m.name) and m.state <> 'former'
  order by m.state = 'ready' desc
  limit 1;
  if not found then
    return;
  end if;
  select w.* into newest
  from millrace.watermark as w
  where w.model = found_model.storage
  order by w.n desc
  limit 1;
  if jsonb_typeof(found_model.facts -> 'pending') = 'object' then
    execute format('select count(*) from (select from %I.%I limit 1000000) as units',
      found_model.facts #>> '{pending,schema}', found_model.facts #>> '{pending,name}') into pending;
    if newest.n is not null then
      execute format('select changes from (%s) as seen', found_model.facts ->> 'window')
      into changes using newest.snapshot, newest.horizon::text;
    end if;
  end if;
  return query select changes + pending, newest.reached_at;
end
$$;
revoke all on function millrace.freshness(text) from public;
