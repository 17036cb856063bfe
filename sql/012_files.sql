-- Migrations as files know what the one before them led to, and not what else a database has by now: versions that were in use before,
-- and objects that were not made yet.

-- What rows a version has, by its plan: the query, how they are stored, and by which ways changes lead to them.
create function millrace.rows_of(plan jsonb) returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select md5(concat_ws(
    E'\n',
    plan ->> 'query',
    plan #>> '{immediate,kind}',
    (select string_agg(it, E'\n' order by n) from jsonb_array_elements_text(plan #> '{install,up}') with ordinality as up (it, n)),
    (select string_agg(it ->> 'sql', E'\n' order by n) from jsonb_array_elements(plan -> 'paths') with ordinality as path (it, n))
  ))
$$;
revoke all on function millrace.rows_of(jsonb) from public;

-- Takes away the versions that were in use before, and capture of what nobody else reads: a file captures for the versions that it
-- knows of, so no others would be kept fresh by it. `kept`: which of them the file makes, `{ "feed_v2": rows_of its plan }`. `removed`:
-- models that it has removed, of which it may not know the version that was in use: `public.feed`.
create function millrace.prune_former(kept jsonb default '{}', removed text[] default '{}') returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  former millrace.model;
  source record;
  capture record;
  statement text;
begin
  loop
    -- What reads another one goes before it.
    with gone as (
      select *
      from millrace.model as m
      where m.state = 'former' and millrace.rows_of(m.plan) is distinct from kept ->> m.storage
         or m.schema_name || '.' || m.name = any (removed)
    )
    select * into former
    from gone
    where not exists (
      select
      from gone as upper
      cross join jsonb_array_elements(coalesce(upper.plan -> 'models', '[]')) as lower
      where lower #>> '{storage,name}' = gone.storage
    )
    limit 1;
    exit when not found;

    for statement in
      select it from jsonb_array_elements_text(former.plan #> '{install,functions,down}') as it
      union all
      -- Plans of an earlier version count the strict view and the function for pages among their own.
      select it from jsonb_array_elements_text(former.plan #> '{install,down}') as it
      where it <> format('drop view if exists "%s"."%s"', former.plan #>> '{strictView,schema}', former.plan #>> '{strictView,name}')
        and it <> format('drop function if exists "%s"."%s"', former.plan #>> '{strictPage,schema}', former.plan #>> '{strictPage,name}')
    loop
      execute statement;
    end loop;
    delete from millrace.watermark where model = former.storage;
    delete from millrace.refresh_log where model = former.storage;
    delete from millrace.job_run where job in (select name from millrace.job where storage = former.storage);
    delete from millrace.job where storage = former.storage;
    delete from millrace.model where storage = former.storage;

    for source in
      select it #>> '{relation,schema}' as schema, it #>> '{relation,name}' as name
      from jsonb_array_elements(former.plan -> 'sources') as it
      where not exists (
        select
        from millrace.model as m
        cross join jsonb_array_elements(m.plan -> 'sources') as other
        where other -> 'relation' = it -> 'relation'
      )
    loop
      for capture in
        select distinct p.oid::regprocedure as function,
               (regexp_match(p.prosrc, 'insert into ("millrace"\."(?:[^"]|"")+")'))[1] as queue
        from pg_trigger as t
        join pg_proc as p on p.oid = t.tgfoid
        where t.tgrelid = to_regclass(format('%I.%I', source.schema, source.name))
          and p.pronamespace = 'millrace'::regnamespace
          and p.proname ~ '^(capture|nested)_'
      loop
        execute format('drop function %s cascade', capture.function);
        if capture.queue is not null then
          execute format('drop table if exists %s', capture.queue);
        end if;
      end loop;
    end loop;
  end loop;
end
$$;
revoke all on function millrace.prune_former(jsonb, text[]) from public;

-- Objects of the user's own that a file leaves to `millrace migrate up`, for they read read models that are being made.
create table millrace.waiting_object (
  name text primary key,
  up text not null,
  down text not null,
  depends_on text[] not null default '{}',
  -- in which order they are made
  n bigint generated always as identity
);
