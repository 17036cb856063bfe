-- What verification on a schedule has found: `job('…', { every: '0 3 * * *', run: sql`select millrace.verify()` })`.

-- One row for each read model and verification; the newest hundred of each model are kept.
create table millrace.verification (
  id bigint generated always as identity primary key,
  -- model.storage
  model text not null,
  verified_at timestamptz not null,
  duration_ms float8 not null,
  -- stored rows
  rows bigint,
  -- rows that differ from the query, and rank trees that differ from the rows
  drift bigint,
  -- units that were due to change, and left out
  queued bigint,
  -- why it could not be compared; then the numbers are null
  error text
);
create index verification_model on millrace.verification (model, id desc);

-- Compares one read model with its query, in the rights of the caller; at most so many differing rows are counted. Each statement
-- has a snapshot of its own, and the comparison is one statement.
create function millrace.compare_model(model millrace.model, count_at_most bigint, out rows bigint, out drift bigint, out queued bigint)
language plpgsql
-- a source that hides rows from the caller is an error, and no smaller table
set row_security = off
as $$
declare
  stored text := format('%I.%I', model.plan #>> '{storage,schema}', model.plan #>> '{storage,name}');
  statement text := model.plan #>> '{statements,compare}';
  tables text;
  tree jsonb;
  wrong bigint;
  digest text;
begin
  -- before the snapshot: whoever waits for a slot to be emptied, or a source, must not look with an older one
  select string_agg(format('%I.%I', it ->> 'schema', it ->> 'name'), ', ')
  into tables
  from (select source -> part as it
        from jsonb_array_elements(model.plan -> 'sources') as source, unnest(array['relation', 'queue']) as part
        union all
        select jsonb_array_elements(model.plan -> 'reads')) as read;
  if tables is not null then
    execute format('lock table %s in access share mode', tables);
  end if;

  if model.plan -> 'sources' is null then
    queued := 0;
    execute model.plan #>> '{statements,digest}' into rows, digest;
    -- what has changed since the last refresh is to be expected; what others wrote to the stored rows is drift
    if digest is not distinct from (select j.digest from millrace.job as j where j.storage = model.storage) then
      drift := 0;
      return;
    end if;
  else
    execute format('with %s select (select count(*) from %s), (select count(*) from millrace_dirty)',
                   model.plan #>> '{statements,strict,with}', stored) into rows, queued;
  end if;
  execute format('select count(*) from (%s) as different', statement) into drift using count_at_most;
  for tree in select jsonb_array_elements(model.plan #> '{leaderboard,trees}') loop
    execute format('select %I.%I()', tree #>> '{check,schema}', tree #>> '{check,name}') into wrong;
    drift := drift + (wrong > 0)::int;
  end loop;
end
$$;
revoke all on function millrace.compare_model(millrace.model, bigint) from public;

-- Compares every read model that is in use with its query, keeps what it found, and answers with it. One that cannot be compared is
-- noted with its error, and the others go on. Nothing is written before all is read, so that drains see no open transaction; and each
-- comparison is rolled back when it is done, variables remain, so that its sources are locked no longer than it takes.
create function millrace.verify(count_at_most bigint default 10000) returns setof millrace.verification
language plpgsql
as $$
declare
  model millrace.model;
  found_now record;
  began timestamptz;
  failed text;
  result jsonb := '[]';
begin
  for model in select * from millrace.model as m where m.state = 'ready' order by m.schema_name, m.name loop
    began := clock_timestamp();
    begin
      select * into found_now from millrace.compare_model(model, count_at_most);
      failed := null;
      raise sqlstate 'MR000';
    exception
      when sqlstate 'MR000' then
        null;
      when others then
        select null::bigint as rows, null::bigint as drift, null::bigint as queued into found_now;
        failed := sqlerrm;
    end;
    result := result || jsonb_build_object(
      'model', model.storage, 'verified_at', began,
      'duration_ms', extract(epoch from clock_timestamp() - began) * 1000,
      'rows', found_now.rows, 'drift', found_now.drift, 'queued', found_now.queued, 'error', failed);
  end loop;

  return query
    insert into millrace.verification (model, verified_at, duration_ms, rows, drift, queued, error)
    select v.model, v.verified_at, v.duration_ms, v.rows, v.drift, v.queued, v.error
    from jsonb_populate_recordset(null::millrace.verification, result) as v
    returning *;
  delete from millrace.verification as old
  using (select v.id, row_number() over (partition by v.model order by v.id desc) as place
         from millrace.verification as v) as ranked
  where ranked.id = old.id
    and (ranked.place > 100 or not exists (select from millrace.model as m where m.storage = old.model));
end
$$;
revoke all on function millrace.verify(bigint) from public;

-- For those who work already.
do $$
declare
  worker record;
begin
  for worker in
    select distinct a.grantee
    from pg_class as c
    cross join lateral aclexplode(c.relacl) as a
    where c.oid = 'millrace.refresh_log'::regclass and a.privilege_type = 'INSERT' and a.grantee not in (0, c.relowner)
  loop
    execute format('grant select, insert, delete on millrace.verification to %s', worker.grantee::regrole);
    execute format('grant execute on function millrace.verify(bigint), millrace.compare_model(millrace.model, bigint) to %s',
                   worker.grantee::regrole);
  end loop;
end
$$;
