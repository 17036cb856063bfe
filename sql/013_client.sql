-- What the client asks of a database beside the rows: which of them a strict page shall have, and how old an answer is.

-- The WHERE of a page. {"category": "art"}: equality, null for a null, and a list for one of several. {"score": {"gte": 5, "lt": 9}}:
-- eq, ne, in, gt, gte, lt, lte; ne is for null. A list of such objects: all of them. Columns are compared with literals, and with nothing else.
create or replace function millrace.page_filter(view_name text, matching jsonb) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  item record;
  operation record;
  type_name text;
  -- values that are objects or lists themselves are compared as a whole
  is_plain boolean;
  result text := 'true';
begin
  for item in
    select it.key, it.value
    from jsonb_array_elements(case jsonb_typeof(matching) when 'array' then matching
                                                          else jsonb_build_array(matching) end) as part
    cross join lateral jsonb_each(part) as it
  loop
    select format_type(a.atttypid, null), t.typcategory <> 'A' and t.typtype <> 'c' and t.typname not in ('json', 'jsonb')
    into type_name, is_plain
    from pg_attribute as a
    join pg_type as t on t.oid = a.atttypid
    where a.attrelid = view_name::regclass and a.attname = item.key and a.attnum > 0;
    if not found then
      raise exception 'there is no column "%"', item.key
        using errcode = 'undefined_column', hint = 'Name columns of ' || view_name || '.';
    end if;

    for operation in
      select o.key as name, o.value
      from jsonb_each(case
        when jsonb_typeof(item.value) = 'object'
             and item.value <> '{}' and item.value - '{eq,ne,in,gt,gte,lt,lte}'::text[] = '{}' then item.value
        when jsonb_typeof(item.value) = 'array' and is_plain then jsonb_build_object('in', item.value)
        else jsonb_build_object('eq', item.value) end) as o
    loop
      result := result || ' and ' || case
        when operation.name = 'in' then format('(%I = any (array(select v::%s from jsonb_array_elements_text(%L) as v))%s)',
          item.key, type_name, operation.value,
          case when operation.value @> 'null' then format(' or %I is null', item.key) else '' end)
        when operation.value = 'null' then
          case operation.name when 'eq' then format('%I is null', item.key)
                              when 'ne' then format('%I is not null', item.key) else 'false' end
        else format('%I %s %s', item.key,
          case operation.name when 'eq' then '=' when 'ne' then '<>' when 'gt' then '>' when 'gte' then '>=' when 'lt' then '<' else '<=' end,
          case when is_plain then format('%L', operation.value #>> '{}')
               else format('(select v from jsonb_to_record(%L) as r(v %s))',
                           jsonb_build_object('v', operation.value), type_name) end) end;
    end loop;
  end loop;
  return result;
end
$$;
revoke all on function millrace.page_filter(text, jsonb) from public;

-- How far a read model has come. waiting: changes that are queued and units that are pending; reached_at: when the newest watermark
-- was written, or the last refresh. With nothing waiting its rows are those of this moment. No row: there is no such model.
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
  if found_model.plan -> 'pending' is not null then
    execute format('select count(*) from (select from %I.%I limit 1000000) as units',
      found_model.plan #>> '{pending,schema}', found_model.plan #>> '{pending,name}') into pending;
    if newest.n is not null then
      execute format('select changes from (%s) as seen', found_model.plan #>> '{statements,window}')
      into changes using newest.snapshot, newest.horizon::text;
    end if;
  end if;
  return query select changes + pending, newest.reached_at;
end
$$;
revoke all on function millrace.freshness(text) from public;

-- For those who may ask whether a token has been passed.
do $$
declare
  reader record;
begin
  for reader in
    select distinct a.grantee
    from pg_proc as p
    cross join lateral aclexplode(p.proacl) as a
    where p.oid = 'millrace.has_passed(text, text)'::regprocedure and a.privilege_type = 'EXECUTE'
      and a.grantee not in (0, p.proowner)
  loop
    execute format('grant execute on function millrace.freshness(text) to %s', reader.grantee::regrole);
  end loop;
end
$$;
