-- Read models that read others: a token has been passed when what it stands for has come up through all of them.

-- The transaction that wrote it, with the rows that it stands for; of those written before, this one.
alter table millrace.watermark add column if not exists xid xid8 not null default pg_current_xact_id();
-- No unit was left that nobody had tried to recompute.
alter table millrace.watermark add column if not exists is_complete boolean not null default false;

-- Did the stored rows of a model, when it had this watermark, contain what a transaction wrote that has ended? Of the newest
-- watermark: do they now? They do if the transaction is visible in the watermark's snapshot, or nothing waits in the model's
-- queues at all; and if no unit was left; and if each model that it reads contained it in a watermark of its own that had come up:
-- whose transaction the snapshot sees, or up to which nothing waits in the queue of that model's rows. It is not enough that
-- this transaction has queued nothing: what was written before it may have to come up another way.
create or replace function millrace.contains(model millrace.model, mark millrace.watermark, transaction xid8)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  seen pg_snapshot := mark.snapshot::pg_snapshot;
  is_refreshed boolean := exists (select from millrace.job as j where j.storage = model.storage);
  is_newest boolean := mark.n = (select max(w.n) from millrace.watermark as w where w.model = model.storage);
  -- of an immediate model only what its writers did not apply themselves is in the queue for it
  is_eventual boolean := coalesce(jsonb_typeof(model.plan -> 'immediate'), 'null') = 'null';
  queue text;
  lower jsonb;
  below millrace.model;
  risen millrace.watermark;
  waiting xid8;
  is_seen boolean;
  answer boolean;
begin
  if mark.cluster <> millrace.cluster()
     or mark.relation is distinct from to_regclass(format('%I.%I', model.plan #>> '{storage,schema}', model.storage)) then
    return false;
  end if;

  if not pg_visible_in_snapshot(transaction, seen) then
    if is_refreshed or not is_newest then
      return false;
    end if;
    for queue in select format('%I.%I', source #>> '{queue,schema}', source #>> '{queue,name}')
                 from jsonb_array_elements(model.plan -> 'sources') as source loop
      execute format('select count(*) filter (where q.xid <> ''0'' and (q.deferred or $3)
                                                and not pg_visible_in_snapshot(q.xid, $1)) = 0
                         and count(*) filter (where q.xid = ''0'')
                             = (select count(*) from pg_inherits where inhparent = %L::regclass)
                      from %s as q where q.xid >= $2 or q.xid = ''0''', queue, queue)
        into answer using seen, mark.horizon, is_eventual;
      if not answer then
        return false;
      end if;
    end loop;
  end if;

  if not is_refreshed and not mark.is_complete then
    if not is_newest then
      return false;
    end if;
    execute format('select exists (select from %I.%I where retry_at is null)',
                   model.plan #>> '{pending,schema}', model.plan #>> '{pending,name}') into answer;
    if answer then
      return false;
    end if;
  end if;

  for lower in select it from jsonb_array_elements(model.plan -> 'models') as it loop
    select * into below from millrace.model as m where m.storage = lower #>> '{storage,name}';
    if not found then
      return false;
    end if;
    waiting := null;
    is_seen := false;
    if is_newest and not is_refreshed then
      select format('%I.%I', source #>> '{queue,schema}', source #>> '{queue,name}') into queue
      from jsonb_array_elements(model.plan -> 'sources') as source
      where source #> '{relation}' = lower #> '{storage}';
      execute format('select min(q.xid) filter (where q.xid <> ''0'' and not pg_visible_in_snapshot(q.xid, $1)),
                             count(*) filter (where q.xid = ''0'')
                             = (select count(*) from pg_inherits where inhparent = %L::regclass)
                      from %s as q where q.xid >= $2 or q.xid = ''0''', queue, queue)
        into waiting, is_seen using seen, mark.horizon;
    end if;
    select * into risen
    from millrace.watermark as w
    where w.model = below.storage
      and (pg_visible_in_snapshot(w.xid, seen) or (is_seen and (waiting is null or w.xid < waiting)))
      and (w.is_complete or exists (select from millrace.job as j where j.storage = below.storage)
           or w.n = (select max(newest.n) from millrace.watermark as newest where newest.model = below.storage))
    order by w.n desc
    limit 1;
    if not found or not millrace.contains(below, risen, transaction) then
      return false;
    end if;
  end loop;
  return true;
end
$$;
revoke all on function millrace.contains(millrace.model, millrace.watermark, xid8) from public;

-- As before, of a model that reads none.
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

  if model.plan ? 'models' then
    return coalesce((select bool_and(millrace.contains(model, mark, it)) from unnest(transactions) as it), true);
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
