-- What read models have taken the place of: views, materialized views and tables of the team's own. They keep their rows, indexes
-- and grants under another name, and go back to their own when the model is removed.
create table millrace.taken_over (
  -- Of the read model, which was theirs.
  schema_name text not null,
  name text not null,
  -- As in ALTER: view, materialized view, table.
  kind text not null,
  -- Their name meanwhile, in the same schema.
  aside text not null,
  -- What kept them up to date: { "table", "trigger", "enabled" }, and names of pg_cron's jobs.
  triggers jsonb not null,
  jobs text[] not null,
  -- It has its name again, and waits for a trigger that others share.
  returned boolean not null default false,
  primary key (schema_name, name)
);

-- Silences what keeps a relation up to date, and renames it. Does nothing where there is no such relation, or has been done.
-- Sources are locked first: a writer whose trigger refreshes the relation has locked them in that order.
create function millrace.set_aside(
  of_schema text, of_name text, of_kind text, aside_name text, tables text[], triggers text[], of_jobs text[]
) returns void language plpgsql as $$
declare
  silenced jsonb := '[]';
  job text;
  target record;
begin
  perform from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
  where n.nspname = of_schema and c.relname = of_name
    and c.relkind = any (case of_kind when 'table' then '{r}' when 'view' then '{v}' else '{m}' end::"char"[])
    and not exists (select from millrace.model as m where m.schema_name = of_schema and m.name = of_name and m.state = 'ready');
  if not found or exists (select from millrace.taken_over as t
                          where t.schema_name = of_schema and t.name = of_name and not t.returned) then
    return;
  end if;

  for target in
    select t.tgrelid::regclass::text as "table", t.tgname::text as trigger, coalesce(
        (select s ->> 'enabled'
         from millrace.taken_over as other, jsonb_array_elements(other.triggers) as s
         where to_regclass(s ->> 'table') = t.tgrelid and s ->> 'trigger' = t.tgname
         limit 1),
        t.tgenabled::text) as enabled
    from unnest(tables, triggers) as named (of_table, of_trigger)
    join pg_trigger as t on t.tgrelid = to_regclass(of_table) and t.tgname = of_trigger and not t.tgisinternal
    order by t.tgrelid, t.tgname
  loop
    execute format('alter table %s disable trigger %I', target."table", target.trigger);
    silenced := silenced || jsonb_build_object(
      'table', (select format('%I.%I', n.nspname, c.relname) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
                where c.oid = target."table"::regclass),
      'trigger', target.trigger, 'enabled', target.enabled);
  end loop;
  foreach job in array of_jobs loop
    perform millrace.switch_job(job, false);
  end loop;

  execute format('alter %s %I.%I rename to %I', of_kind, of_schema, of_name, aside_name);
  insert into millrace.taken_over (schema_name, name, kind, aside, triggers, jobs)
  values (of_schema, of_name, of_kind, aside_name, silenced, of_jobs)
  on conflict (schema_name, name) do update
    set kind = excluded.kind, aside = excluded.aside, triggers = excluded.triggers, jobs = excluded.jobs, returned = false;
end $$;

-- A job of pg_cron, by its name; nothing where there is none.
create function millrace.switch_job(job text, shall_run boolean) returns void language plpgsql as $$
begin
  if to_regclass('cron.job') is not null then
    execute 'select cron.alter_job(jobid, active => $2) from cron.job where jobname = $1' using job, shall_run;
  end if;
end $$;

-- Gives a view the readers and the comment of what it has taken the place of.
create function millrace.inherit(of_schema text, of_name text) returns void language plpgsql as $$
declare
  former record;
  reader record;
begin
  select c.oid, c.relacl, c.relowner, obj_description(c.oid, 'pg_class') as comment into former
  from millrace.taken_over as t
  join pg_namespace as n on n.nspname = t.schema_name
  join pg_class as c on c.relnamespace = n.oid and c.relname = t.aside
  where t.schema_name = of_schema and t.name = of_name and not t.returned;
  if not found then
    return;
  end if;
  for reader in
    select grantee from aclexplode(former.relacl) where privilege_type = 'SELECT'
    union
    select former.relowner
    except
    select relowner from pg_class where oid = format('%I.%I', of_schema, of_name)::regclass
  loop
    execute format('grant select on %I.%I to %s', of_schema, of_name,
      case when reader.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(reader.grantee)) end);
  end loop;
  if former.comment is not null then
    execute format('comment on view %I.%I is %L', of_schema, of_name, former.comment);
  end if;
end $$;

-- True while another read model that has taken something over silences the same trigger.
create function millrace.is_silenced(of_table text, of_trigger text) returns boolean stable
begin atomic
  select exists (
    select from millrace.taken_over as t, jsonb_array_elements(t.triggers) as s
    where not t.returned and s ->> 'table' = of_table and s ->> 'trigger' = of_trigger);
end;

-- Before a model gives its name back: lets what kept the former relation go on, and makes its rows what they ought to be. Those
-- who write the sources wait meanwhile, so nothing is missed. `of_key`: of a table, whose rows are taken from the strict read.
create function millrace.wake(of_schema text, of_name text, of_strict text, of_key text[]) returns void language plpgsql as $$
declare
  it millrace.taken_over;
  other millrace.taken_over;
  silenced record;
  job text;
begin
  update millrace.taken_over set returned = true
  where schema_name = of_schema and name = of_name and not returned
  returning * into it;
  if not found then
    return;
  end if;
  for silenced in
    select s ->> 'table' as "table", s ->> 'trigger' as trigger, s ->> 'enabled' as enabled
    from jsonb_array_elements(it.triggers) as s
    where not millrace.is_silenced(s ->> 'table', s ->> 'trigger')
    order by 1, 2
  loop
    execute format('alter table %s enable %s trigger %I', silenced."table",
      case silenced.enabled when 'A' then 'always' when 'R' then 'replica' else '' end, silenced.trigger);
  end loop;
  foreach job in array it.jobs loop
    if not exists (select from millrace.taken_over as t where not t.returned and job = any (t.jobs)) then
      perform millrace.switch_job(job, true);
    end if;
  end loop;

  if it.kind = 'materialized view' then
    execute format('refresh materialized view %I.%I', it.schema_name, it.aside);
  elsif it.kind = 'table' then
    perform millrace.fill_table(format('%I.%I', it.schema_name, it.aside), of_strict, of_key);
  end if;
  -- Those that came back before, and that a trigger was missing for.
  for other in
    select t.* from millrace.taken_over as t
    where t.returned and t.kind = 'materialized view' and (t.schema_name, t.name) <> (of_schema, of_name)
      and not exists (
        select from jsonb_array_elements(t.triggers) as s where millrace.is_silenced(s ->> 'table', s ->> 'trigger'))
  loop
    execute format('refresh materialized view %I.%I', other.schema_name, other.name);
    delete from millrace.taken_over where (schema_name, name) = (other.schema_name, other.name);
  end loop;
end $$;

-- Makes the rows of a table those of a strict read. What the strict read has no value for at all stays as it is.
create function millrace.fill_table(target text, strict text, of_key text[]) returns void language plpgsql as $$
declare
  candidate text;
  known boolean;
  columns text[] := '{}';
  list text;
  others text[];
  keys text := (select string_agg(quote_ident(k), ', ') from unnest(of_key) as k);
begin
  for candidate in
    select a.attname
    from pg_attribute as a
    join pg_attribute as s on s.attrelid = strict::regclass and s.attname = a.attname and not s.attisdropped
    where a.attrelid = target::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    order by a.attnum
  loop
    execute format('select exists (select from %s where %I is not null)', strict, candidate) into known;
    if known then
      columns := columns || candidate;
    end if;
  end loop;
  if cardinality(columns) = 0 then
    execute format('delete from %s', target);
    return;
  end if;
  list := (select string_agg(quote_ident(c), ', ') from unnest(columns) as c);
  others := array(select quote_ident(c) from unnest(columns) as c where c <> all (of_key));
  execute format('delete from %s where (%s) not in (select %s from %s)', target, keys, keys, strict);
  execute format('insert into %s as t (%s) select %s from %s on conflict (%s) do %s', target, list, list, strict, keys,
    case when cardinality(others) = 0 then 'nothing' else format(
      'update set %s where (%s) is distinct from (%s)',
      (select string_agg(format('%s = excluded.%s', c, c), ', ') from unnest(others) as c),
      (select string_agg('t.' || c, ', ') from unnest(others) as c),
      (select string_agg('excluded.' || c, ', ') from unnest(others) as c)) end);
end $$;

-- Gives the former relation its name again, when the model's view is gone.
create function millrace.put_back(of_schema text, of_name text) returns void language plpgsql as $$
declare
  it millrace.taken_over;
begin
  select * into it from millrace.taken_over where schema_name = of_schema and name = of_name and returned;
  if not found then
    return;
  end if;
  execute format('alter %s %I.%I rename to %I', it.kind, it.schema_name, it.aside, it.name);
  delete from millrace.taken_over as t
  where t.schema_name = of_schema and t.name = of_name
    and not exists (
      select from jsonb_array_elements(t.triggers) as s where millrace.is_silenced(s ->> 'table', s ->> 'trigger'));
end $$;
