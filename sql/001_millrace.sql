-- Millrace's own tables. Numbered, forward only, never edited after a release.
-- Queues, stored tables and pending tables are made per source and per read model, by their own migrations.

create schema millrace;
revoke all on schema millrace from public;

-- Which of these files have been run.
create table millrace.schema_version (
  version int primary key,
  installed_at timestamptz not null default now()
);

-- One row per read model that is installed.
create table millrace.model (
  -- the stored table's bare name, e.g. mv_feed_projects_v1: it identifies this version of the model everywhere below,
  -- and the compiler knows it, so no statement has to look an id up
  storage text primary key,
  schema_name text not null,
  name text not null,
  -- the user's own text of the query, to tell whether the declaration has changed since
  definition text not null,
  plan jsonb not null,
  -- building: the first backfill runs and readers have no name yet; ready: the name stands
  state text not null default 'building' check (state in ('building', 'ready')),
  installed_at timestamptz not null default now(),
  unique (schema_name, name)
);

-- Append-only, the newest row (highest n) counts: an updated row would grow a chain of versions under a reader who
-- holds an old snapshot. (model, n) is unique, and each drain writes the next n of the watermark that it read:
-- this alone keeps two drains from applying the same window.
create table millrace.watermark (
  -- model.storage
  model text not null,
  n bigint not null,
  -- text, not pg_snapshot: a long snapshot would be compressed, and then unpacked again for every queue row
  snapshot text not null,
  -- pg_snapshot_xmin(snapshot): no row of an earlier transaction can be news
  horizon xid8 not null,
  -- system identifier and database oid: a snapshot means nothing anywhere else
  cluster text not null,
  -- the stored table: a reader with an old snapshot sees the watermark of a model that was removed and made anew since
  relation oid not null,
  reached_at timestamptz not null default clock_timestamp(),
  primary key (model, n)
);

-- What the worker did: one row per drain that found something to do, or failed.
create table millrace.refresh_log (
  id bigint generated always as identity primary key,
  model text not null,
  cause text not null,
  changes bigint not null default 0,
  units bigint not null default 0,
  rows_changed bigint not null default 0,
  duration_ms double precision not null,
  status text not null check (status in ('completed', 'failed')),
  error text,
  finished_at timestamptz not null default clock_timestamp()
);
create index refresh_log_model on millrace.refresh_log (model, id desc);
create index refresh_log_finished on millrace.refresh_log (finished_at);

-- Identifies this database in this cluster: changes with dump and restore, not with failover.
create function millrace.cluster() returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select (select system_identifier::text from pg_control_system())
      || '/' || (select oid::text from pg_database where datname = current_database());
end;
revoke all on function millrace.cluster() from public;

-- The ORDER BY of a page, 'score desc, id': columns of the view and their directions, and nothing else.
create function millrace.page_order(view_name text, order_by text) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  item text;
  parts text[];
  column_name text;
  result text := '';
begin
  foreach item in array string_to_array(order_by, ',') loop
    parts := regexp_match(item, '^\s*(?:"((?:[^"]|"")+)"|([[:alpha:]_][[:alnum:]_$]*))'
                                '((?:\s+(?:asc|desc))?(?:\s+nulls\s+(?:first|last))?)\s*$', 'i');
    column_name := coalesce(replace(parts[1], '""', '"'), lower(parts[2]));
    if not exists (select from pg_attribute a
                   where a.attrelid = view_name::regclass and a.attname = column_name and a.attnum > 0) then
      raise exception 'cannot order by "%"', trim(item)
        using errcode = 'undefined_column', hint = 'Name columns of ' || view_name || ', each with asc or desc.';
    end if;
    result := result || quote_ident(column_name) || parts[3] || ', ';
  end loop;
  return result;
end
$$;
revoke all on function millrace.page_order(text, text) from public;

-- The WHERE of a page, {"category": "art"}: equality of columns with literals, and nothing else.
create function millrace.page_filter(view_name text, matching jsonb) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  item record;
  result text := 'true';
begin
  for item in select * from jsonb_each_text(matching) loop
    if not exists (select from pg_attribute a
                   where a.attrelid = view_name::regclass and a.attname = item.key and a.attnum > 0) then
      raise exception 'there is no column "%"', item.key
        using errcode = 'undefined_column', hint = 'Name columns of ' || view_name || '.';
    end if;
    result := result || case when item.value is null then format(' and %I is null', item.key)
                             else format(' and %I = %L', item.key, item.value) end;
  end loop;
  return result;
end
$$;
revoke all on function millrace.page_filter(text, jsonb) from public;
