-- Tokens: reading one's own writes without a strict read. A token names a transaction that wrote: <cluster>:<xid8>.
-- SQLSTATEs: MR001 no token of this database, MR002 a token of another cluster, MR003 waited for too long.

-- The token of the transaction that runs; null as long as it has written nothing, so within one statement it may change.
create function millrace.token() returns text
language sql volatile security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select millrace.cluster() || ':' || pg_current_xact_id_if_assigned()::text;
end;
revoke all on function millrace.token() from public;

-- The transaction that a token names.
create function millrace.token_transaction(token text) returns xid8
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  parts text[] := regexp_match(token, '^(\d{1,20}/\d{1,10}):([1-9]\d{0,18})$');
begin
  if parts is null then
    raise exception 'this is no token: %', coalesce('"' || left(token, 80) || '"', 'null')
      using errcode = 'MR001', hint = 'Pass on what millrace.token() or takeToken() returned, as it is.';
  end if;
  if parts[1] <> millrace.cluster() then
    raise exception 'this token is of another cluster: %', token
      using errcode = 'MR002', detail = 'This is ' || millrace.cluster() || '.',
            hint = 'Forget it: what it stands for was not written here.';
  end if;
  return parts[2]::xid8;
end
$$;
revoke all on function millrace.token_transaction(text) from public;

-- 'in progress', 'aborted' or 'ended', as the snapshot of the calling statement has it. A transaction that commits after
-- that snapshot counts as in progress, for its queue rows are not seen either. On a standby a snapshot does not list who
-- is in progress, and only what lies before all of them has surely ended.
create function millrace.transaction_status(transaction xid8) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  status text;
  snapshot pg_snapshot := pg_current_snapshot();
  is_seen boolean;
begin
  begin
    -- null where it is so old that nobody remembers how it ended
    status := coalesce(pg_xact_status(transaction), 'ended');
  exception when invalid_parameter_value then
    if pg_is_in_recovery() then
      return 'in progress';
    end if;
    raise exception 'the token names a transaction that has not begun: %', transaction
      using errcode = 'MR001', hint = 'Forget it: this database was set back to a time before it.';
  end;
  if status in ('in progress', 'aborted') then
    return status;
  end if;
  is_seen := case when pg_is_in_recovery() then transaction < pg_snapshot_xmin(snapshot)
                  else pg_visible_in_snapshot(transaction, snapshot) end;
  return case when is_seen then 'ended' else 'in progress' end;
end
$$;
revoke all on function millrace.transaction_status(xid8) from public;

-- Do the stored rows of a model contain what these transactions wrote, all of which have ended? Yes, if no unit waits that
-- nobody has tried to recompute, and each is visible in the watermark's snapshot or has no row in a queue. The queues only
-- tell if every slot's sentinel is seen: else a slot was emptied behind the back of this snapshot.
create function millrace.has_drained(model millrace.model, transactions xid8[]) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  storage regclass := to_regclass(format('%I.%I', model.plan #>> '{storage,schema}', model.storage));
  mark millrace.watermark;
  missing xid8[];
  -- of an immediate model only what its writers did not apply themselves is in the queue for it
  is_eventual boolean := coalesce(jsonb_typeof(model.plan -> 'immediate'), 'null') = 'null';
  queue text;
  answer boolean;
begin
  select * into mark from millrace.watermark as w where w.model = model.storage order by w.n desc limit 1;
  if not found or storage is null or mark.relation <> storage or mark.cluster <> millrace.cluster() then
    return false;
  end if;

  execute format('select exists (select from %I.%I where retry_at is null)',
                 model.plan #>> '{pending,schema}', model.plan #>> '{pending,name}') into answer;
  if answer then
    return false;
  end if;

  missing := array(select it from unnest(transactions) as it
                   where not pg_visible_in_snapshot(it, mark.snapshot::pg_snapshot));
  if missing = '{}' then
    return true;
  end if;
  for queue in select format('%I.%I', source #>> '{queue,schema}', source #>> '{queue,name}')
               from jsonb_array_elements(model.plan -> 'sources') as source loop
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

-- The models that any of the tokens has not passed, by their names with their schemas. `models`: names with or without
-- schema; null: all that readers have a name for. The answer is about the snapshot of the calling statement, in which the
-- models can be read with it.
create function millrace.waiting_models(tokens text[], models text[] default null) returns text[]
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  stranger text;
  model millrace.model;
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
    select m.*
    from millrace.model as m
    where (models is null and m.state = 'ready')
       or m.name = any (models)
       or m.schema_name || '.' || m.name = any (models)
    order by m.schema_name, m.name
  loop
    if open_ones <> '{}' or (ended <> '{}' and not millrace.has_drained(model, ended)) then
      waiting := waiting || (model.schema_name || '.' || model.name);
    end if;
  end loop;
  return waiting;
end
$$;
revoke all on function millrace.waiting_models(text[], text[]) from public;

-- Does the model contain what the token's transaction wrote? False while that is in progress, true if it was rolled back.
create function millrace.has_passed(token text, model text) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return millrace.waiting_models(array[token], array[model]) = '{}';
end
$$;
revoke all on function millrace.has_passed(text, text) from public;

-- Returns when all the models contain what the token's transaction wrote; at once for null, the token of nothing. To be
-- called outside of a transaction: it locks the queues, as any reader, until that ends.
create function millrace.wait_for(token text, timeout interval default '1 second', models text[] default null)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  deadline timestamptz := clock_timestamp() + timeout;
  pause double precision := 0.002;
  waiting text[];
begin
  if token is null then
    return;
  end if;
  loop
    -- VOLATILE: each turn has a new snapshot
    waiting := millrace.waiting_models(array[token], models);
    exit when waiting = '{}';

    if millrace.token_transaction(token) = pg_current_xact_id_if_assigned() then
      raise exception 'a transaction cannot wait for itself'
        using errcode = 'active_sql_transaction', hint = 'Wait after its commit.';
    end if;
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
      raise exception 'this transaction sees only what was committed before it began'
        using errcode = 'active_sql_transaction', hint = 'Wait before it begins, or under READ COMMITTED.';
    end if;
    if clock_timestamp() >= deadline then
      raise exception 'the token has not been passed in time'
        using errcode = 'MR003', detail = 'Waiting: ' || array_to_string(waiting, ', ') || '.',
              hint = 'Is a worker running? The strict read is exact without one.';
    end if;
    perform pg_sleep(least(pause, extract(epoch from deadline - clock_timestamp())));
    pause := least(pause * 1.5, 0.05);
  end loop;
end
$$;
revoke all on function millrace.wait_for(text, interval, text[]) from public;
