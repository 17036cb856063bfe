-- What is done on a schedule: read models that are refreshed as a whole, and the user's own statements.

-- One row for each. `next_at` is advanced in the transaction that does the work, and only from the value that it was begun
-- with: this alone keeps a run that is due from being done twice. That runs do not overlap is the business of an advisory
-- lock of the session that runs it, which ends with the session, however the worker ends.
create table millrace.job (
  name text primary key,
  -- of a refreshed model: model.storage
  storage text unique,
  -- of the user's own
  statement text,
  search_path text[],
  every text not null,
  time_zone text not null,
  timeout_ms int not null,
  next_at timestamptz not null,
  -- after a failure: not before this, and how many there were in a row
  retry_at timestamptz,
  failures int not null default 0,
  -- of a refreshed model: what its rows added up to when it was last refreshed, to tell whether others have written to them
  digest text,
  check ((storage is null) <> (statement is null))
);

-- Every run, also those under way and those whose session ended in the middle.
create table millrace.job_run (
  id bigint generated always as identity primary key,
  -- job.name
  job text not null,
  cause text not null check (cause in ('schedule', 'install', 'request')),
  -- the moment of the schedule that it was for
  due_at timestamptz,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  -- lost: its session ended before it was done, and nothing of it stands; stopped: its worker was
  status text not null default 'running'
    check (status in ('running', 'completed', 'failed', 'stopped', 'lost')),
  rows_changed bigint,
  error text
);
create index job_run_job on millrace.job_run (job, id desc);

-- A refreshed model has no queue: it contains what its last refresh saw.
create or replace function millrace.has_drained(model millrace.model, transactions xid8[]) returns boolean
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

  missing := array(select it from unnest(transactions) as it
                   where not pg_visible_in_snapshot(it, mark.snapshot::pg_snapshot));
  if exists (select from millrace.job as j where j.storage = model.storage) then
    return missing = '{}';
  end if;

  execute format('select exists (select from %I.%I where retry_at is null)',
                 model.plan #>> '{pending,schema}', model.plan #>> '{pending,name}') into answer;
  if answer then
    return false;
  end if;
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

-- Where no model is named, those that follow what changes are waited for: a schedule promises no more than it says.
create or replace function millrace.waiting_models(tokens text[], models text[] default null) returns text[]
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
    where (models is null and m.state = 'ready'
           and not exists (select from millrace.job as j where j.storage = m.storage))
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
