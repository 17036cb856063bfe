-- Versions of a read model side by side: at most one is in use, the others are being built, or were in use before.

alter table millrace.model drop constraint if exists model_schema_name_name_key;
alter table millrace.model drop constraint if exists model_state_check;
-- waiting: what it reads is not filled yet; building: it is being filled; ready: readers' names stand for it; former: they did, and it is kept fresh until it is pruned
alter table millrace.model add constraint model_state_check check (state in ('waiting', 'building', 'ready', 'former'));
create unique index if not exists model_in_use on millrace.model (schema_name, name) where state = 'ready';

-- As before, of the version in use; one that is being built is asked only where there is no other.
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
    if open_ones <> '{}' or (ended <> '{}' and not millrace.has_drained(model, ended)) then
      waiting := waiting || (model.schema_name || '.' || model.name);
    end if;
  end loop;
  return waiting;
end
$$;
revoke all on function millrace.waiting_models(text[], text[]) from public;

-- Views of others that read these relations or functions, by way of other views too: the ones that must be made first come first.
create or replace function millrace.views_on(objects oid[]) returns table (view oid, depth int)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive reading (view, depth) as (
    select distinct r.ev_class, 1
    from pg_depend as d
    join pg_rewrite as r on r.oid = d.objid
    where d.classid = 'pg_rewrite'::regclass
      and d.refclassid in ('pg_class'::regclass, 'pg_proc'::regclass)
      and d.refobjid = any (objects)
      and r.ev_class <> all (objects)
    union
    select r.ev_class, reading.depth + 1
    from reading
    join pg_depend as d on d.refclassid = 'pg_class'::regclass and d.refobjid = reading.view
    join pg_rewrite as r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
    where r.ev_class <> reading.view and r.ev_class <> all (objects)
  )
  select reading.view, max(reading.depth)
  from reading
  group by reading.view
  order by 2, 1
$$;
revoke all on function millrace.views_on(oid[]) from public;

-- Statements that give a relation or function what its making does not say: its owner, options, comments and grants.
create or replace function millrace.attributes_of(object oid) returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with named as (
    select c.oid, 'view' as kind, 'table' as granted, format('%I.%I', n.nspname, c.relname) as name,
           c.relowner as owner, c.relacl as acl, c.reloptions as options, 'pg_class'::regclass as class
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.oid = object
    union all
    select p.oid, 'function', 'function',
           format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
           p.proowner, p.proacl, null, 'pg_proc'::regclass
    from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
    where p.oid = object
  ),
  granting as (
    select format('grant %s on %s %s to %s%s', acl.privilege_type, named.granted, named.name,
                  case when acl.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end,
                  case when acl.is_grantable then ' with grant option' else '' end) as statement
    from named cross join lateral aclexplode(named.acl) as acl
    where acl.grantee <> named.owner
    union all
    select format('grant %s (%I) on table %s to %s%s', acl.privilege_type, a.attname, named.name,
                  case when acl.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end,
                  case when acl.is_grantable then ' with grant option' else '' end)
    from named
    join pg_attribute as a on named.kind = 'view' and a.attrelid = named.oid and a.attnum > 0
    cross join lateral aclexplode(a.attacl) as acl
    where acl.grantee <> named.owner
  ),
  told as (
    select format('alter %s %s owner to %I', named.kind, named.name, pg_get_userbyid(named.owner)) as statement
    from named where pg_get_userbyid(named.owner) <> current_user
    union all
    select format('alter view %s set (%s)', named.name,
                  (select string_agg(format('%I = %L', option_name, option_value), ', ') from pg_options_to_table(named.options)))
    from named where named.options is not null
    union all
    select format('comment on %s %s is %L', named.kind, named.name, d.description)
    from named join pg_description as d on d.objoid = named.oid and d.classoid = named.class and d.objsubid = 0
    union all
    select format('comment on column %s.%I is %L', named.name, a.attname, d.description)
    from named
    join pg_description as d on d.objoid = named.oid and d.classoid = named.class and d.objsubid > 0
    join pg_attribute as a on a.attrelid = named.oid and a.attnum = d.objsubid
  )
  select array(select statement from granting union all select statement from told)
$$;
revoke all on function millrace.attributes_of(oid) from public;

-- The objects by which readers know a version of a read model.
create or replace function millrace.names_of(model millrace.model) returns oid[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select it
    from unnest(array[
      to_regclass(format('%I.%I', model.schema_name, model.name))::oid,
      to_regclass(format('%I.%I', model.plan #>> '{strictView,schema}', model.plan #>> '{strictView,name}'))::oid]) as it
    where it is not null
    union all
    select p.oid
    from pg_proc as p
    join pg_namespace as n on n.oid = p.pronamespace
    where (n.nspname, p.proname) in (
      select reader ->> 'schema', reader ->> 'name'
      from jsonb_array_elements(
        coalesce(jsonb_build_array(model.plan -> 'strictPage'), '[]') || coalesce(model.plan #> '{leaderboard,readers}', '[]')
      ) as reader
      where jsonb_typeof(reader) = 'object'))
$$;
revoke all on function millrace.names_of(millrace.model) from public;

-- Gives readers' names to these versions, in the place of those that have them, all in one statement. What readers know besides
-- stays: grants, owners, options and comments. Where the columns are the same, or more have come at the end, the views themselves
-- stay; else views of others that read them are made anew, with theirs. What cannot be made anew stops all of it.
create or replace function millrace.swap(versions text[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  fresh millrace.model;
  used millrace.model;
  statement text;
  names oid[];
  kept text[];
  aside record;
  blocking text;
  is_compatible boolean;
  work text[];
begin
  for fresh in
    select m.* from unnest(versions) with ordinality as v (storage, place) join millrace.model as m using (storage)
    where m.state <> 'ready' order by place
  loop
    used := null;
    select m.* into used
    from millrace.model as m
    where (m.schema_name, m.name) = (fresh.schema_name, fresh.name) and m.state = 'ready';
    names := case when used.storage is null then '{}' else millrace.names_of(used) end;
    -- what goes, whatever the columns are, goes with its attributes and comes with them again
    kept := array(select it from unnest(names) as object cross join lateral unnest(millrace.attributes_of(object)) as it);

    begin
      if used.storage is not null then
        for statement in select jsonb_array_elements_text(coalesce(used.plan #> '{install,named,down}', '[]')) loop
          execute statement;
        end loop;
      end if;
      for statement in
        select it from jsonb_array_elements_text(coalesce(fresh.plan #> '{install,named,up}', '[]')) as it
        union all
        select it from jsonb_array_elements_text(fresh.plan #> '{install,expose}') as it
      loop
        execute statement;
      end loop;
      is_compatible := true;
    exception when invalid_table_definition or dependent_objects_still_exist then
      -- other columns: the views cannot stay
      is_compatible := false;
    end;

    if not is_compatible then
      select string_agg(c.oid::regclass::text, ', ')
      into blocking
      from millrace.views_on(names) as v
      join pg_class as c on c.oid = v.view
      where c.relkind <> 'v'
         or exists (select from pg_trigger as t where t.tgrelid = c.oid)
         or exists (select from pg_rewrite as r where r.ev_class = c.oid and r.rulename <> '_RETURN');
      if blocking is not null then
        raise exception 'what reads %.% cannot be made anew with it: %', fresh.schema_name, fresh.name, blocking
          using errcode = 'MR004', hint = 'Drop it, and make it again when the new version is in use.';
      end if;

      work := array(select format('drop view %s', v.view::regclass) from millrace.views_on(names) as v order by v.depth desc)
        || array(select jsonb_array_elements_text(coalesce(used.plan #> '{install,named,down}', '[]')))
        || array(select format('drop function %s', p.oid::regprocedure)
                 from pg_proc as p where p.oid = any (names) and p.proname = used.plan #>> '{strictPage,name}')
        || array(select format('drop view %s', c.oid::regclass) from pg_class as c where c.oid = any (names))
        || array(select jsonb_array_elements_text(coalesce(fresh.plan #> '{install,named,up}', '[]')))
        || array(select jsonb_array_elements_text(fresh.plan #> '{install,expose}'));
      for aside in select v.view, pg_get_viewdef(v.view) as definition
                   from millrace.views_on(names) as v order by v.depth loop
        work := work || format('create view %s as %s', aside.view::regclass, aside.definition) || millrace.attributes_of(aside.view);
      end loop;
      foreach statement in array work loop
        execute statement;
      end loop;
    end if;

    foreach statement in array kept loop
      begin
        execute statement;
      exception when undefined_column or undefined_function then
        -- a column or function that the new version does not have
        null;
      end;
    end loop;
    update millrace.model set state = 'former' where storage = used.storage;
    update millrace.model set state = 'ready' where storage = fresh.storage;
  end loop;
end
$$;
revoke all on function millrace.swap(text[]) from public;
