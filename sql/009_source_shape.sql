-- Sources change their shape while writers go on: what statements take for granted of them is asked before they are run.

-- What has changed in a source since the statements of its read models were written; null if nothing has. `columns`: what they
-- read, of the alias s; `nulls`: nulls of the types that these had, in the same order; `never_null`: columns that were NOT NULL.
--
-- Declared immutable, which it is as long as the table is not altered: so the server evaluates it when it plans a statement that
-- calls it with constants, and again when the plan becomes void. The parser is asked and not only the catalogs: a transaction
-- that is older than the change sees the catalogs as they were, and the parser never does. Branches of a recursive query must
-- have one type, its modifier and its collation included; first the one, then the other is the branch that counts.
create function millrace.shape_problem(source regclass, columns text, nulls text, never_null text[]) returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  nullable text;
begin
  if columns is null then
    return null;
  end if;
  execute format('with recursive was as (select %2$s where false union all select %1$s from %3$s as s, was),
                       is_now as (select %1$s from %3$s as s union all select %2$s from is_now)
                  select 1', columns, nulls, source);
  select min(a.attname) into nullable
  from pg_attribute as a
  where a.attrelid = source and a.attname = any (never_null) and not a.attnotnull;
  return 'column ' || nullable || ' of ' || source || ' may be null now';
exception
  when datatype_mismatch or collation_mismatch or indeterminate_collation then
    return 'a column of ' || source || ' has another type now';
  -- All else may be otherwise at the next try, and must not be kept as the answer.
  when syntax_error_or_access_rule_violation or invalid_schema_name then
    return source || ' has changed: ' || sqlerrm;
end
$$;
revoke all on function millrace.shape_problem(regclass, text, text, text[]) from public;

-- A column's type and collation as plans have them, whatever the session's search_path is.
create function millrace.column_type(type oid, modifier int) returns text
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select format_type(type, modifier);
end;
revoke all on function millrace.column_type(oid, int) from public;

create function millrace.column_collation(type oid, collation_id oid) returns text
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select format('%I.%I', n.nspname, c.collname)
  from pg_collation as c
  join pg_namespace as n on n.oid = c.collnamespace
  where c.oid = collation_id
    and c.oid <> (select t.typcollation from pg_type as t where t.oid = type);
end;
revoke all on function millrace.column_collation(oid, oid) from public;

-- The condition of a strict view that was given up: raises.
create function millrace.is_released(model text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'the strict read of % was given up for a change of its sources', model
    using errcode = 'object_not_in_prerequisite_state', hint = 'Run: millrace migrate up';
end
$$;
revoke all on function millrace.is_released(text) from public;

-- Gives up the strict reads that depend on a table, or on one column of it: PostgreSQL would refuse to drop or retype what a view
-- depends on. To be called in the transaction that changes the table, by its owner. The views stay, with their columns, rights and
-- whatever depends on them, and raise until the next migration has made the read models anew. Plain reads go on. Returns the
-- names of the models.
create function millrace.release(source regclass, column_name text default null) returns text[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  number smallint;
  lost record;
  released text[] := '{}';
begin
  if column_name is not null then
    select a.attnum into number
    from pg_attribute as a
    where a.attrelid = source and a.attname = column_name and a.attnum > 0 and not a.attisdropped;
    if not found then
      raise exception 'there is no column "%" in %', column_name, source using errcode = 'undefined_column';
    end if;
  end if;
  for lost in
    select m.schema_name || '.' || m.name as model, c.oid::regclass as view,
           (select string_agg(format('null::%s%s as %I', format_type(a.atttypid, a.atttypmod),
                                     case when a.attcollation <> t.typcollation
                                          then format(' collate %I.%I', cn.nspname, co.collname) else '' end,
                                     a.attname), ', ' order by a.attnum)
            from pg_attribute as a
            join pg_type as t on t.oid = a.atttypid
            left join pg_collation as co on co.oid = a.attcollation
            left join pg_namespace as cn on cn.oid = co.collnamespace
            where a.attrelid = c.oid and a.attnum > 0) as columns
    from millrace.model as m
    join pg_namespace as n on n.nspname = m.plan #>> '{strictView,schema}'
    join pg_class as c on c.relnamespace = n.oid and c.relname = m.plan #>> '{strictView,name}' and c.relkind = 'v'
    where exists (
      select
      from pg_rewrite as r
      join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
      where r.ev_class = c.oid
        and d.refclassid = 'pg_class'::regclass and d.refobjid = source
        and (number is null or d.refobjsubid = number)
    )
    order by m.schema_name, m.name
  loop
    execute format('create or replace view %s as select %s where millrace.is_released(%L)',
                   lost.view, lost.columns, lost.model);
    released := released || lost.model;
  end loop;
  return released;
end
$$;
revoke all on function millrace.release(regclass, text) from public;

-- Lets the owner of a table give up the strict reads that depend on it: whoever changes it need not be who installs.
create function millrace.let_owner_release(source regclass) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  owner regrole := (select c.relowner from pg_class as c where c.oid = source);
begin
  if owner <> current_user::regrole then
    execute format('grant usage on schema millrace to %s', owner);
    execute format('grant execute on function millrace.release(regclass, text) to %s', owner);
  end if;
end
$$;
revoke all on function millrace.let_owner_release(regclass) from public;

-- Of tables that are captured already.
select millrace.let_owner_release(captured.source)
from (
  select distinct t.tgrelid::regclass as source
  from pg_trigger as t
  join pg_proc as p on p.oid = t.tgfoid
  where p.pronamespace = 'millrace'::regnamespace
) as captured;
