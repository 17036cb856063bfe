-- A database as the first version of Millrace left it, when its schema was sql/001_millrace.sql alone: two read models over three
-- tables, made by that version's own program, and dumped by pg_dump 15 with the test's roles. Not to be edited.

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA millrace;

ALTER SCHEMA millrace OWNER TO millrace_owner;

ALTER SCHEMA public OWNER TO app_owner;

CREATE FUNCTION millrace.capture_projects_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  relevant bigint;
  problem text;
begin
  begin
    select count(*)
    into relevant
    from (
      select "o"."id", "o"."user_id"
      from old_rows as o
      where true
    ) as changes;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note)
    values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "old_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id", "o"."user_id"
    from old_rows as o
    where true;
  end if;
  return null;
end
$$;

ALTER FUNCTION millrace.capture_projects_delete() OWNER TO millrace_owner;

CREATE FUNCTION millrace.capture_projects_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  relevant bigint;
  problem text;
begin
  begin
    select count(*)
    into relevant
    from (
      select "n"."id", "n"."user_id"
      from new_rows as n
      where true
    ) as changes;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note)
    values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "new_id", "new_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id", "n"."user_id"
    from new_rows as n
    where true;
  end if;
  return null;
end
$$;

ALTER FUNCTION millrace.capture_projects_insert() OWNER TO millrace_owner;

CREATE FUNCTION millrace.capture_projects_truncate() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  insert into "millrace"."queue_projects" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$$;

ALTER FUNCTION millrace.capture_projects_truncate() OWNER TO millrace_owner;

CREATE FUNCTION millrace.capture_projects_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  relevant bigint;
  problem text;
begin
  begin
    select count(*)
    into relevant
    from (
      select "o"."id", "o"."user_id", "n"."id", "n"."user_id"
      from (select row_number() over () as position, "o"."id", "o"."user_id", "o"."title" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id", "n"."title" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '8'::bigint else 0 end end as changed
      ) as difference
      where difference.changed & '-9223372036854775794'::bigint <> 0
         or difference.changed & '-9223372036854775804'::bigint <> 0
    ) as changes;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, note)
    values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_projects" (slot, xid, op, changed, "old_id", "old_user_id", "new_id", "new_user_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "o"."user_id", "n"."id", "n"."user_id"
    from (select row_number() over () as position, "o"."id", "o"."user_id", "o"."title" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."user_id", "n"."title" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."user_id"), row("n"."user_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."title"), row("n"."title")) then '8'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775794'::bigint <> 0
         or difference.changed & '-9223372036854775804'::bigint <> 0;
  end if;
  return null;
end
$$;

ALTER FUNCTION millrace.capture_projects_update() OWNER TO millrace_owner;

CREATE FUNCTION millrace.capture_users_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  relevant bigint;
  problem text;
begin
  begin
    select count(*)
    into relevant
    from (
      select "o"."id"
      from old_rows as o
      where true
    ) as changes;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_users" (slot, xid, op, changed, note)
    values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."id"
    from old_rows as o
    where true;
  end if;
  return null;
end
$$;

ALTER FUNCTION millrace.capture_users_delete() OWNER TO millrace_owner;

CREATE FUNCTION millrace.capture_users_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  relevant bigint;
  problem text;
begin
  begin
    select count(*)
    into relevant
    from (
      select "n"."id"
      from new_rows as n
      where true
    ) as changes;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_users" (slot, xid, op, changed, note)
    values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_users" (slot, xid, op, changed, "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."id"
    from new_rows as n
    where true;
  end if;
  return null;
end
$$;

ALTER FUNCTION millrace.capture_users_insert() OWNER TO millrace_owner;

CREATE FUNCTION millrace.capture_users_truncate() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  insert into "millrace"."queue_users" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$$;

ALTER FUNCTION millrace.capture_users_truncate() OWNER TO millrace_owner;

CREATE FUNCTION millrace.capture_users_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  relevant bigint;
  problem text;
begin
  begin
    select count(*)
    into relevant
    from (
      select "o"."id", "n"."id"
      from (select row_number() over () as position, "o"."id", "o"."name" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."name" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."name"), row("n"."name")) then '4'::bigint else 0 end end as changed
      ) as difference
      where difference.changed & '-9223372036854775802'::bigint <> 0
    ) as changes;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_users" (slot, xid, op, changed, note)
    values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_users" (slot, xid, op, changed, "old_id", "new_id")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."id", "n"."id"
    from (select row_number() over () as position, "o"."id", "o"."name" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."id", "n"."name" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."id"), row("n"."id")) then '2'::bigint else 0 end
                 | case when record_image_ne(row("o"."name"), row("n"."name")) then '4'::bigint else 0 end end as changed
      ) as difference
    where difference.changed & '-9223372036854775802'::bigint <> 0;
  end if;
  return null;
end
$$;

ALTER FUNCTION millrace.capture_users_update() OWNER TO millrace_owner;

CREATE FUNCTION millrace.capture_votes_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  relevant bigint;
  problem text;
begin
  begin
    select count(*)
    into relevant
    from (
      select "o"."project_id", "o"."up"
      from old_rows as o
      where ((o.up))
    ) as changes;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note)
    values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_project_id", "old_up")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'D', -1, "o"."project_id", "o"."up"
    from old_rows as o
    where ((o.up));
  end if;
  return null;
end
$$;

ALTER FUNCTION millrace.capture_votes_delete() OWNER TO millrace_owner;

CREATE FUNCTION millrace.capture_votes_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  relevant bigint;
  problem text;
begin
  begin
    select count(*)
    into relevant
    from (
      select "n"."project_id", "n"."up"
      from new_rows as n
      where ((n.up))
    ) as changes;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note)
    values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "new_project_id", "new_up")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'I', -1, "n"."project_id", "n"."up"
    from new_rows as n
    where ((n.up));
  end if;
  return null;
end
$$;

ALTER FUNCTION millrace.capture_votes_insert() OWNER TO millrace_owner;

CREATE FUNCTION millrace.capture_votes_truncate() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  insert into "millrace"."queue_votes" (slot, xid, op, changed, note)
  values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, 'the table was truncated');
  return null;
end
$$;

ALTER FUNCTION millrace.capture_votes_truncate() OWNER TO millrace_owner;

CREATE FUNCTION millrace.capture_votes_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  relevant bigint;
  problem text;
begin
  begin
    select count(*)
    into relevant
    from (
      select "o"."project_id", "o"."up", "n"."project_id", "n"."up"
      from (select row_number() over () as position, "o"."project_id", "o"."up" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."project_id", "n"."up" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."project_id"), row("n"."project_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."up"), row("n"."up")) then '8'::bigint else 0 end end as changed
      ) as difference
      where (difference.changed & '-9223372036854775796'::bigint <> 0 and ((o.position is not null and ((o.up))) or (n.position is not null and ((n.up)))))
    ) as changes;
    if relevant > 250000 then
      problem := 'one statement changed more than 250000 rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, note)
    values ((extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into "millrace"."queue_votes" (slot, xid, op, changed, "old_project_id", "old_up", "new_project_id", "new_up")
    select (extract(epoch from clock_timestamp())::bigint / 10 % 3)::smallint, pg_current_xact_id(), case when o.position is null then 'I' when n.position is null then 'D' else 'U' end, difference.changed, "o"."project_id", "o"."up", "n"."project_id", "n"."up"
    from (select row_number() over () as position, "o"."project_id", "o"."up" from old_rows as o) as o
      full join (select row_number() over () as position, "n"."project_id", "n"."up" from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else case when record_image_ne(row("o"."project_id"), row("n"."project_id")) then '4'::bigint else 0 end
                 | case when record_image_ne(row("o"."up"), row("n"."up")) then '8'::bigint else 0 end end as changed
      ) as difference
    where (difference.changed & '-9223372036854775796'::bigint <> 0 and ((o.position is not null and ((o.up))) or (n.position is not null and ((n.up)))));
  end if;
  return null;
end
$$;

ALTER FUNCTION millrace.capture_votes_update() OWNER TO millrace_owner;

CREATE FUNCTION millrace.cluster() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT ((( SELECT (pg_control_system.system_identifier)::text AS system_identifier
            FROM pg_control_system() pg_control_system(pg_control_version, catalog_version_no, system_identifier, pg_control_last_modified)) || '/'::text) || ( SELECT (pg_database.oid)::text AS oid
            FROM pg_database
           WHERE (pg_database.datname = current_database())));
END;

ALTER FUNCTION millrace.cluster() OWNER TO millrace_owner;

CREATE FUNCTION millrace.page_filter(view_name text, matching jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION millrace.page_filter(view_name text, matching jsonb) OWNER TO millrace_owner;

CREATE FUNCTION millrace.page_order(view_name text, order_by text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

ALTER FUNCTION millrace.page_order(view_name text, order_by text) OWNER TO millrace_owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE millrace.authors_v1 (
    user_id integer,
    projects bigint
);

ALTER TABLE millrace.authors_v1 OWNER TO millrace_owner;

CREATE TABLE millrace.pending_authors (
    u1 integer,
    cause text NOT NULL,
    error text,
    attempts integer DEFAULT 0 NOT NULL,
    retry_at timestamp with time zone
);

ALTER TABLE millrace.pending_authors OWNER TO millrace_owner;

CREATE TABLE millrace.queue_projects (
    slot smallint NOT NULL,
    xid xid8 NOT NULL,
    op "char" NOT NULL,
    changed bigint NOT NULL,
    note text,
    old_id integer,
    new_id integer,
    old_user_id integer,
    new_user_id integer
)
PARTITION BY LIST (slot);

ALTER TABLE millrace.queue_projects OWNER TO millrace_owner;

CREATE TABLE millrace.watermark (
    model text NOT NULL,
    n bigint NOT NULL,
    snapshot text NOT NULL,
    horizon xid8 NOT NULL,
    cluster text NOT NULL,
    relation oid NOT NULL,
    reached_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE millrace.watermark OWNER TO millrace_owner;

CREATE TABLE public.projects (
    id integer NOT NULL,
    user_id integer NOT NULL,
    title text NOT NULL
);

ALTER TABLE public.projects OWNER TO app_owner;

CREATE VIEW public.authors_strict AS
 WITH millrace_batch_1 AS MATERIALIZED (
         SELECT q.slot,
            q.xid,
            q.op,
            q.changed,
            q.note,
            q.old_id,
            q.new_id,
            q.old_user_id,
            q.new_user_id
           FROM millrace.queue_projects q
          WHERE ((q.xid >= ( SELECT w.horizon
                   FROM millrace.watermark w
                  WHERE (w.model = 'authors_v1'::text)
                  ORDER BY w.n DESC
                 LIMIT 1)) AND (q.xid <= '18446744073709551615'::xid8) AND (NOT pg_visible_in_snapshot(q.xid, ( SELECT (w.snapshot)::pg_snapshot AS snapshot
                   FROM millrace.watermark w
                  WHERE (w.model = 'authors_v1'::text)
                  ORDER BY w.n DESC
                 LIMIT 1))))
        ), millrace_trust(is_trusted) AS MATERIALIZED (
         SELECT (COALESCE(( SELECT ((w.cluster = millrace.cluster()) AND (w.relation = ('millrace.authors_v1'::regclass)::oid))
                   FROM millrace.watermark w
                  WHERE (w.model = 'authors_v1'::text)
                  ORDER BY w.n DESC
                 LIMIT 1), false) AND (( SELECT count(*) AS count
                   FROM millrace.queue_projects q
                  WHERE (q.xid = '0'::xid8)) = 3) AND (NOT (EXISTS ( SELECT
                   FROM millrace_batch_1 marks
                  WHERE (marks.op = 'R'::"char"))))) AS "?column?"
        ), millrace_dirty(u1) AS MATERIALIZED (
         SELECT DISTINCT dirty.u1
           FROM ( SELECT resolved.u1
                   FROM ( SELECT p.user_id AS u1
                           FROM ( SELECT millrace_batch_1.old_user_id AS user_id
                                   FROM millrace_batch_1
                                  WHERE ((millrace_batch_1.op = ANY (ARRAY['U'::"char", 'D'::"char"])) AND ((millrace_batch_1.changed & '-9223372036854775804'::bigint) <> 0))
                                UNION ALL
                                 SELECT millrace_batch_1.new_user_id AS user_id
                                   FROM millrace_batch_1
                                  WHERE ((millrace_batch_1.op = ANY (ARRAY['U'::"char", 'I'::"char"])) AND ((millrace_batch_1.changed & '-9223372036854775804'::bigint) <> 0))) p) resolved(u1)
                  WHERE (resolved.u1 IS NOT NULL)
                UNION ALL
                 SELECT pending_authors.u1
                   FROM millrace.pending_authors) dirty
        )
 SELECT stored.user_id,
    stored.projects
   FROM millrace.authors_v1 stored
  WHERE (( SELECT millrace_trust.is_trusted
           FROM millrace_trust) AND (NOT (EXISTS ( SELECT
           FROM millrace_dirty dirty
          WHERE (dirty.u1 = stored.user_id)))))
UNION ALL
 SELECT live.user_id,
    live.projects
   FROM ( SELECT p.user_id,
            count(*) AS projects
           FROM public.projects p
          WHERE (p.user_id = ANY (ARRAY( SELECT millrace_dirty.u1
                   FROM millrace_dirty)))
          GROUP BY p.user_id) live
  WHERE ( SELECT millrace_trust.is_trusted
           FROM millrace_trust)
UNION ALL
 SELECT live.user_id,
    live.projects
   FROM ( SELECT p.user_id,
            count(*) AS projects
           FROM public.projects p
          GROUP BY p.user_id) live
  WHERE (NOT ( SELECT millrace_trust.is_trusted
           FROM millrace_trust));

ALTER TABLE public.authors_strict OWNER TO millrace_owner;

CREATE FUNCTION public.authors_strict_page(order_by text, page_size bigint, skip bigint DEFAULT 0, matching jsonb DEFAULT '{}'::jsonb) RETURNS SETOF public.authors_strict
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''authors_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''authors_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."authors_v1"''::regclass from millrace.watermark as w where w.model = ''authors_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (p.user_id)::integer as u1
from (
  select "old_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0
  union all
  select "new_user_id" as "user_id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0
) as "p"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_authors") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "user_id", "projects"
from "millrace"."authors_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."user_id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "user_id", "projects"
from (
SELECT
  p.user_id,
  count(*) AS projects
FROM public.projects AS p
WHERE
  p.user_id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
GROUP BY
  p.user_id
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "user_id", "projects"
from (
SELECT
  p.user_id,
  count(*) AS projects
FROM public.projects AS p
GROUP BY
  p.user_id
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."authors_strict"', matching),
      millrace.page_order('"public"."authors_strict"', order_by) || '"user_id"',
      page_size + skip, page_size, skip);
end
$_$;

ALTER FUNCTION public.authors_strict_page(order_by text, page_size bigint, skip bigint, matching jsonb) OWNER TO millrace_owner;

CREATE TABLE millrace.feed_v1 (
    id integer,
    title text,
    author text,
    ups bigint
);

ALTER TABLE millrace.feed_v1 OWNER TO millrace_owner;

CREATE TABLE millrace.pending_feed (
    u1 integer,
    cause text NOT NULL,
    error text,
    attempts integer DEFAULT 0 NOT NULL,
    retry_at timestamp with time zone
);

ALTER TABLE millrace.pending_feed OWNER TO millrace_owner;

CREATE TABLE millrace.queue_users (
    slot smallint NOT NULL,
    xid xid8 NOT NULL,
    op "char" NOT NULL,
    changed bigint NOT NULL,
    note text,
    old_id integer,
    new_id integer
)
PARTITION BY LIST (slot);

ALTER TABLE millrace.queue_users OWNER TO millrace_owner;

CREATE TABLE millrace.queue_votes (
    slot smallint NOT NULL,
    xid xid8 NOT NULL,
    op "char" NOT NULL,
    changed bigint NOT NULL,
    note text,
    old_project_id integer,
    new_project_id integer,
    old_up boolean,
    new_up boolean
)
PARTITION BY LIST (slot);

ALTER TABLE millrace.queue_votes OWNER TO millrace_owner;

CREATE TABLE public.users (
    id integer NOT NULL,
    name text NOT NULL
);

ALTER TABLE public.users OWNER TO app_owner;

CREATE TABLE public.votes (
    id integer NOT NULL,
    project_id integer NOT NULL,
    up boolean NOT NULL
);

ALTER TABLE public.votes OWNER TO app_owner;

CREATE VIEW public.feed_strict AS
 WITH millrace_batch_1 AS MATERIALIZED (
         SELECT q.slot,
            q.xid,
            q.op,
            q.changed,
            q.note,
            q.old_id,
            q.new_id,
            q.old_user_id,
            q.new_user_id
           FROM millrace.queue_projects q
          WHERE ((q.xid >= ( SELECT w.horizon
                   FROM millrace.watermark w
                  WHERE (w.model = 'feed_v1'::text)
                  ORDER BY w.n DESC
                 LIMIT 1)) AND (q.xid <= '18446744073709551615'::xid8) AND (NOT pg_visible_in_snapshot(q.xid, ( SELECT (w.snapshot)::pg_snapshot AS snapshot
                   FROM millrace.watermark w
                  WHERE (w.model = 'feed_v1'::text)
                  ORDER BY w.n DESC
                 LIMIT 1))))
        ), millrace_batch_2 AS MATERIALIZED (
         SELECT q.slot,
            q.xid,
            q.op,
            q.changed,
            q.note,
            q.old_id,
            q.new_id
           FROM millrace.queue_users q
          WHERE ((q.xid >= ( SELECT w.horizon
                   FROM millrace.watermark w
                  WHERE (w.model = 'feed_v1'::text)
                  ORDER BY w.n DESC
                 LIMIT 1)) AND (q.xid <= '18446744073709551615'::xid8) AND (NOT pg_visible_in_snapshot(q.xid, ( SELECT (w.snapshot)::pg_snapshot AS snapshot
                   FROM millrace.watermark w
                  WHERE (w.model = 'feed_v1'::text)
                  ORDER BY w.n DESC
                 LIMIT 1))))
        ), millrace_batch_3 AS MATERIALIZED (
         SELECT q.slot,
            q.xid,
            q.op,
            q.changed,
            q.note,
            q.old_project_id,
            q.new_project_id,
            q.old_up,
            q.new_up
           FROM millrace.queue_votes q
          WHERE ((q.xid >= ( SELECT w.horizon
                   FROM millrace.watermark w
                  WHERE (w.model = 'feed_v1'::text)
                  ORDER BY w.n DESC
                 LIMIT 1)) AND (q.xid <= '18446744073709551615'::xid8) AND (NOT pg_visible_in_snapshot(q.xid, ( SELECT (w.snapshot)::pg_snapshot AS snapshot
                   FROM millrace.watermark w
                  WHERE (w.model = 'feed_v1'::text)
                  ORDER BY w.n DESC
                 LIMIT 1))))
        ), millrace_trust(is_trusted) AS MATERIALIZED (
         SELECT (COALESCE(( SELECT ((w.cluster = millrace.cluster()) AND (w.relation = ('millrace.feed_v1'::regclass)::oid))
                   FROM millrace.watermark w
                  WHERE (w.model = 'feed_v1'::text)
                  ORDER BY w.n DESC
                 LIMIT 1), false) AND (( SELECT count(*) AS count
                   FROM millrace.queue_projects q
                  WHERE (q.xid = '0'::xid8)) = 3) AND (( SELECT count(*) AS count
                   FROM millrace.queue_users q
                  WHERE (q.xid = '0'::xid8)) = 3) AND (( SELECT count(*) AS count
                   FROM millrace.queue_votes q
                  WHERE (q.xid = '0'::xid8)) = 3) AND (NOT (EXISTS ( SELECT
                   FROM millrace_batch_1 marks
                  WHERE (marks.op = 'R'::"char")))) AND (NOT (EXISTS ( SELECT
                   FROM millrace_batch_2 marks
                  WHERE (marks.op = 'R'::"char")))) AND (NOT (EXISTS ( SELECT
                   FROM millrace_batch_3 marks
                  WHERE (marks.op = 'R'::"char"))))) AS "?column?"
        ), millrace_dirty(u1) AS MATERIALIZED (
         SELECT DISTINCT dirty.u1
           FROM ( SELECT resolved.u1
                   FROM ( SELECT p.id AS u1
                           FROM ( SELECT millrace_batch_1.old_id AS id
                                   FROM millrace_batch_1
                                  WHERE ((millrace_batch_1.op = ANY (ARRAY['U'::"char", 'D'::"char"])) AND ((millrace_batch_1.changed & '-9223372036854775794'::bigint) <> 0))
                                UNION ALL
                                 SELECT millrace_batch_1.new_id AS id
                                   FROM millrace_batch_1
                                  WHERE ((millrace_batch_1.op = ANY (ARRAY['U'::"char", 'I'::"char"])) AND ((millrace_batch_1.changed & '-9223372036854775794'::bigint) <> 0))) p
                        UNION ALL
                         SELECT p.id AS u1
                           FROM (( SELECT millrace_batch_2.old_id AS id
                                   FROM millrace_batch_2
                                  WHERE ((millrace_batch_2.op = ANY (ARRAY['U'::"char", 'D'::"char"])) AND ((millrace_batch_2.changed & '-9223372036854775802'::bigint) <> 0))
                                UNION ALL
                                 SELECT millrace_batch_2.new_id AS id
                                   FROM millrace_batch_2
                                  WHERE ((millrace_batch_2.op = ANY (ARRAY['U'::"char", 'I'::"char"])) AND ((millrace_batch_2.changed & '-9223372036854775802'::bigint) <> 0))) u
                             JOIN public.projects p ON ((u.id = p.user_id)))
                        UNION ALL
                         SELECT v.project_id AS u1
                           FROM ( SELECT millrace_batch_3.old_project_id AS project_id
                                   FROM millrace_batch_3
                                  WHERE ((millrace_batch_3.op = ANY (ARRAY['U'::"char", 'D'::"char"])) AND ((millrace_batch_3.changed & '-9223372036854775796'::bigint) <> 0))
                                UNION ALL
                                 SELECT millrace_batch_3.new_project_id AS project_id
                                   FROM millrace_batch_3
                                  WHERE ((millrace_batch_3.op = ANY (ARRAY['U'::"char", 'I'::"char"])) AND ((millrace_batch_3.changed & '-9223372036854775796'::bigint) <> 0))) v) resolved(u1)
                  WHERE (resolved.u1 IS NOT NULL)
                UNION ALL
                 SELECT pending_feed.u1
                   FROM millrace.pending_feed) dirty
        )
 SELECT stored.id,
    stored.title,
    stored.author,
    stored.ups
   FROM millrace.feed_v1 stored
  WHERE (( SELECT millrace_trust.is_trusted
           FROM millrace_trust) AND (NOT (EXISTS ( SELECT
           FROM millrace_dirty dirty
          WHERE (dirty.u1 = stored.id)))))
UNION ALL
 SELECT live.id,
    live.title,
    live.author,
    live.ups
   FROM ( SELECT p.id,
            p.title,
            u.name AS author,
            ( SELECT count(*) AS count
                   FROM public.votes v
                  WHERE ((v.project_id = p.id) AND v.up)) AS ups
           FROM (public.projects p
             JOIN public.users u ON ((u.id = p.user_id)))
          WHERE (p.id = ANY (ARRAY( SELECT millrace_dirty.u1
                   FROM millrace_dirty)))) live
  WHERE ( SELECT millrace_trust.is_trusted
           FROM millrace_trust)
UNION ALL
 SELECT live.id,
    live.title,
    live.author,
    live.ups
   FROM ( SELECT p.id,
            p.title,
            u.name AS author,
            ( SELECT count(*) AS count
                   FROM public.votes v
                  WHERE ((v.project_id = p.id) AND v.up)) AS ups
           FROM (public.projects p
             JOIN public.users u ON ((u.id = p.user_id)))) live
  WHERE (NOT ( SELECT millrace_trust.is_trusted
           FROM millrace_trust));

ALTER TABLE public.feed_strict OWNER TO millrace_owner;

CREATE FUNCTION public.feed_strict_page(order_by text, page_size bigint, skip bigint DEFAULT 0, matching jsonb DEFAULT '{}'::jsonb) RETURNS SETOF public.feed_strict
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
begin
  return query execute
    'with "millrace_batch_1" as materialized (
    select *
    from "millrace"."queue_projects" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_2" as materialized (
    select *
    from "millrace"."queue_users" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))
  ),
"millrace_batch_3" as materialized (
    select *
    from "millrace"."queue_votes" as q
    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)
      and q.xid <= ''18446744073709551615''::xid8
      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))
  ),
millrace_trust (is_trusted) as materialized (
  select coalesce((select w.cluster = "millrace"."cluster"() and w.relation = ''"millrace"."feed_v1"''::regclass from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1), false)
    and (select count(*) from "millrace"."queue_projects" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_users" as q where q.xid = ''0''::xid8) = 3
    and (select count(*) from "millrace"."queue_votes" as q where q.xid = ''0''::xid8) = 3
    and not exists (select from "millrace_batch_1" as marks where op = ''R'')
    and not exists (select from "millrace_batch_2" as marks where op = ''R'')
    and not exists (select from "millrace_batch_3" as marks where op = ''R'')
),
millrace_dirty (u1) as materialized (
  select distinct *
  from (select u1
  from (
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_1" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_1" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0
) as "p"
union all
select (p.id)::integer as u1
from (
  select "old_id" as "id" from "millrace_batch_2" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0
  union all
  select "new_id" as "id" from "millrace_batch_2" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0
) as "u"
join "public"."projects" as "p" on u.id = p.user_id
union all
select (v.project_id)::integer as u1
from (
  select "old_project_id" as "project_id" from "millrace_batch_3" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0
  union all
  select "new_project_id" as "project_id" from "millrace_batch_3" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0
) as "v"
  ) as resolved (u1)
  where u1 is not null
  union all
  select u1
  from "millrace"."pending_feed") as dirty
) '
    || format(
      'select * from ('
      || '(select * from (select "id", "title", "author", "ups"
from "millrace"."feed_v1" as stored
where (select is_trusted from millrace_trust)
  and not exists (select from millrace_dirty as dirty where dirty.u1 = "stored"."id")) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "title", "author", "ups"
from (
SELECT
  p.id,
  p.title,
  u.name AS author,
  (SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id
    AND v.up) AS ups
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
WHERE
  p.id = ANY (ARRAY(SELECT u1
FROM millrace_dirty))
) as live
where (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ' union all '
      || '(select * from (select "id", "title", "author", "ups"
from (
SELECT
  p.id,
  p.title,
  u.name AS author,
  (SELECT count(*) AS count
  FROM public.votes AS v
  WHERE
    v.project_id = p.id
    AND v.up) AS ups
FROM public.projects AS p
JOIN public.users AS u ON u.id = p.user_id
) as live
where not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)'
      || ') as page order by %2$s limit %4$s offset %5$s',
      millrace.page_filter('"public"."feed_strict"', matching),
      millrace.page_order('"public"."feed_strict"', order_by) || '"id"',
      page_size + skip, page_size, skip);
end
$_$;

ALTER FUNCTION public.feed_strict_page(order_by text, page_size bigint, skip bigint, matching jsonb) OWNER TO millrace_owner;

CREATE TABLE millrace.model (
    storage text NOT NULL,
    schema_name text NOT NULL,
    name text NOT NULL,
    definition text NOT NULL,
    plan jsonb NOT NULL,
    state text DEFAULT 'building'::text NOT NULL,
    installed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT model_state_check CHECK ((state = ANY (ARRAY['building'::text, 'ready'::text])))
);

ALTER TABLE millrace.model OWNER TO millrace_owner;

CREATE TABLE millrace.queue_projects_0 (
    slot smallint NOT NULL,
    xid xid8 NOT NULL,
    op "char" NOT NULL,
    changed bigint NOT NULL,
    note text,
    old_id integer,
    new_id integer,
    old_user_id integer,
    new_user_id integer
);

ALTER TABLE millrace.queue_projects_0 OWNER TO millrace_owner;

CREATE TABLE millrace.queue_projects_1 (
    slot smallint NOT NULL,
    xid xid8 NOT NULL,
    op "char" NOT NULL,
    changed bigint NOT NULL,
    note text,
    old_id integer,
    new_id integer,
    old_user_id integer,
    new_user_id integer
);

ALTER TABLE millrace.queue_projects_1 OWNER TO millrace_owner;

CREATE TABLE millrace.queue_projects_2 (
    slot smallint NOT NULL,
    xid xid8 NOT NULL,
    op "char" NOT NULL,
    changed bigint NOT NULL,
    note text,
    old_id integer,
    new_id integer,
    old_user_id integer,
    new_user_id integer
);

ALTER TABLE millrace.queue_projects_2 OWNER TO millrace_owner;

CREATE TABLE millrace.queue_users_0 (
    slot smallint NOT NULL,
    xid xid8 NOT NULL,
    op "char" NOT NULL,
    changed bigint NOT NULL,
    note text,
    old_id integer,
    new_id integer
);

ALTER TABLE millrace.queue_users_0 OWNER TO millrace_owner;

CREATE TABLE millrace.queue_users_1 (
    slot smallint NOT NULL,
    xid xid8 NOT NULL,
    op "char" NOT NULL,
    changed bigint NOT NULL,
    note text,
    old_id integer,
    new_id integer
);

ALTER TABLE millrace.queue_users_1 OWNER TO millrace_owner;

CREATE TABLE millrace.queue_users_2 (
    slot smallint NOT NULL,
    xid xid8 NOT NULL,
    op "char" NOT NULL,
    changed bigint NOT NULL,
    note text,
    old_id integer,
    new_id integer
);

ALTER TABLE millrace.queue_users_2 OWNER TO millrace_owner;

CREATE TABLE millrace.queue_votes_0 (
    slot smallint NOT NULL,
    xid xid8 NOT NULL,
    op "char" NOT NULL,
    changed bigint NOT NULL,
    note text,
    old_project_id integer,
    new_project_id integer,
    old_up boolean,
    new_up boolean
);

ALTER TABLE millrace.queue_votes_0 OWNER TO millrace_owner;

CREATE TABLE millrace.queue_votes_1 (
    slot smallint NOT NULL,
    xid xid8 NOT NULL,
    op "char" NOT NULL,
    changed bigint NOT NULL,
    note text,
    old_project_id integer,
    new_project_id integer,
    old_up boolean,
    new_up boolean
);

ALTER TABLE millrace.queue_votes_1 OWNER TO millrace_owner;

CREATE TABLE millrace.queue_votes_2 (
    slot smallint NOT NULL,
    xid xid8 NOT NULL,
    op "char" NOT NULL,
    changed bigint NOT NULL,
    note text,
    old_project_id integer,
    new_project_id integer,
    old_up boolean,
    new_up boolean
);

ALTER TABLE millrace.queue_votes_2 OWNER TO millrace_owner;

CREATE TABLE millrace.refresh_log (
    id bigint NOT NULL,
    model text NOT NULL,
    cause text NOT NULL,
    changes bigint DEFAULT 0 NOT NULL,
    units bigint DEFAULT 0 NOT NULL,
    rows_changed bigint DEFAULT 0 NOT NULL,
    duration_ms double precision NOT NULL,
    status text NOT NULL,
    error text,
    finished_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT refresh_log_status_check CHECK ((status = ANY (ARRAY['completed'::text, 'failed'::text])))
);

ALTER TABLE millrace.refresh_log OWNER TO millrace_owner;

ALTER TABLE millrace.refresh_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME millrace.refresh_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE millrace.schema_version (
    version integer NOT NULL,
    installed_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE millrace.schema_version OWNER TO millrace_owner;

CREATE VIEW public.authors AS
 SELECT authors_v1.user_id,
    authors_v1.projects
   FROM millrace.authors_v1;

ALTER TABLE public.authors OWNER TO millrace_owner;

CREATE VIEW public.feed AS
 SELECT feed_v1.id,
    feed_v1.title,
    feed_v1.author,
    feed_v1.ups
   FROM millrace.feed_v1;

ALTER TABLE public.feed OWNER TO millrace_owner;

CREATE SEQUENCE public.votes_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE public.votes_id_seq OWNER TO app_owner;

ALTER SEQUENCE public.votes_id_seq OWNED BY public.votes.id;

ALTER TABLE ONLY millrace.queue_projects ATTACH PARTITION millrace.queue_projects_0 FOR VALUES IN ('0');

ALTER TABLE ONLY millrace.queue_projects ATTACH PARTITION millrace.queue_projects_1 FOR VALUES IN ('1');

ALTER TABLE ONLY millrace.queue_projects ATTACH PARTITION millrace.queue_projects_2 FOR VALUES IN ('2');

ALTER TABLE ONLY millrace.queue_users ATTACH PARTITION millrace.queue_users_0 FOR VALUES IN ('0');

ALTER TABLE ONLY millrace.queue_users ATTACH PARTITION millrace.queue_users_1 FOR VALUES IN ('1');

ALTER TABLE ONLY millrace.queue_users ATTACH PARTITION millrace.queue_users_2 FOR VALUES IN ('2');

ALTER TABLE ONLY millrace.queue_votes ATTACH PARTITION millrace.queue_votes_0 FOR VALUES IN ('0');

ALTER TABLE ONLY millrace.queue_votes ATTACH PARTITION millrace.queue_votes_1 FOR VALUES IN ('1');

ALTER TABLE ONLY millrace.queue_votes ATTACH PARTITION millrace.queue_votes_2 FOR VALUES IN ('2');

ALTER TABLE ONLY public.votes ALTER COLUMN id SET DEFAULT nextval('public.votes_id_seq'::regclass);

INSERT INTO millrace.authors_v1 VALUES (4, 3);
INSERT INTO millrace.authors_v1 VALUES (3, 3);
INSERT INTO millrace.authors_v1 VALUES (1, 3);
INSERT INTO millrace.authors_v1 VALUES (2, 3);

INSERT INTO millrace.feed_v1 VALUES (12, 'project 12', 'user 1', 3);
INSERT INTO millrace.feed_v1 VALUES (8, 'project 8', 'user 1', 3);
INSERT INTO millrace.feed_v1 VALUES (4, 'project 4', 'user 1', 0);
INSERT INTO millrace.feed_v1 VALUES (9, 'project 9', 'user 2', 3);
INSERT INTO millrace.feed_v1 VALUES (5, 'project 5', 'user 2', 4);
INSERT INTO millrace.feed_v1 VALUES (1, 'project 1', 'user 2', 0);
INSERT INTO millrace.feed_v1 VALUES (10, 'project 10', 'user 3', 0);
INSERT INTO millrace.feed_v1 VALUES (6, 'project 6', 'user 3', 3);
INSERT INTO millrace.feed_v1 VALUES (2, 'project 2', 'user 3', 4);
INSERT INTO millrace.feed_v1 VALUES (11, 'project 11', 'user 4', 3);
INSERT INTO millrace.feed_v1 VALUES (7, 'project 7', 'user 4', 0);
INSERT INTO millrace.feed_v1 VALUES (3, 'project 3', 'user 4', 4);

INSERT INTO millrace.model VALUES ('authors_v1', 'public', 'authors', '
    select p.user_id, count(*) as projects from projects p group by p.user_id', '{"key": ["user_id"], "unit": [{"name": "user_id", "type": "integer", "nullable": false}], "folds": [{"column": "projects", "because": "each change adds to it or takes from it", "foldable": true}], "model": {"name": "authors", "schema": "public"}, "paths": [{"sql": "select (p.user_id)::integer as u1\nfrom (\n  select \"old_user_id\" as \"user_id\" from \"batch\" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0\n  union all\n  select \"new_user_id\" as \"user_id\" from \"batch\" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0\n) as \"p\"", "hops": [], "kind": "direct", "alias": "p", "source": {"name": "projects", "schema": "public"}, "strategy": "fold"}], "query": "SELECT\n  p.user_id,\n  count(*) AS projects\nFROM public.projects AS p\nGROUP BY\n  p.user_id", "format": 1, "columns": [{"name": "user_id", "type": "integer", "hidden": false, "collation": null}, {"name": "projects", "type": "bigint", "hidden": false, "collation": null}], "install": {"up": ["create table if not exists \"millrace\".\"authors_v1\" (\n  \"user_id\" integer,\n  \"projects\" bigint\n)", "create unique index if not exists \"authors_v1_key\" on \"millrace\".\"authors_v1\" (\"user_id\") nulls not distinct", "create table if not exists \"millrace\".\"pending_authors\" (\n  u1 integer,\n  cause text not null,\n  error text,\n  attempts int not null default 0,\n  retry_at timestamptz,\n  unique nulls not distinct (u1)\n)", "create or replace view \"public\".\"authors_strict\" as\nwith \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''authors_v1'' order by w.n desc limit 1)\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''authors_v1'' order by w.n desc limit 1))\n  ),\nmillrace_trust (is_trusted) as materialized (\n  select coalesce((select w.cluster = \"millrace\".\"cluster\"() and w.relation = ''\"millrace\".\"authors_v1\"''::regclass from millrace.watermark as w where w.model = ''authors_v1'' order by w.n desc limit 1), false)\n    and (select count(*) from \"millrace\".\"queue_projects\" as q where q.xid = ''0''::xid8) = 3\n    and not exists (select from \"millrace_batch_1\" as marks where op = ''R'')\n),\nmillrace_dirty (u1) as materialized (\n  select distinct *\n  from (select u1\n  from (\nselect (p.user_id)::integer as u1\nfrom (\n  select \"old_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0\n  union all\n  select \"new_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0\n) as \"p\"\n  ) as resolved (u1)\n  where u1 is not null\n  union all\n  select u1\n  from \"millrace\".\"pending_authors\") as dirty\n)\nselect \"user_id\", \"projects\"\nfrom \"millrace\".\"authors_v1\" as stored\nwhere (select is_trusted from millrace_trust)\n  and not exists (select from millrace_dirty as dirty where dirty.u1 = \"stored\".\"user_id\")\nunion all\nselect \"user_id\", \"projects\"\nfrom (\nSELECT\n  p.user_id,\n  count(*) AS projects\nFROM public.projects AS p\nWHERE\n  p.user_id = ANY (ARRAY(SELECT u1\nFROM millrace_dirty))\nGROUP BY\n  p.user_id\n) as live\nwhere (select is_trusted from millrace_trust)\nunion all\nselect \"user_id\", \"projects\"\nfrom (\nSELECT\n  p.user_id,\n  count(*) AS projects\nFROM public.projects AS p\nGROUP BY\n  p.user_id\n) as live\nwhere not (select is_trusted from millrace_trust)", "create or replace function \"public\".\"authors_strict_page\"(\n  order_by text,\n  page_size bigint,\n  skip bigint default 0,\n  matching jsonb default ''{}''\n) returns setof \"public\".\"authors_strict\"\nlanguage plpgsql stable security definer\nset search_path = pg_catalog, pg_temp\nas $millrace$\nbegin\n  return query execute\n    ''with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''''authors_v1'''' order by w.n desc limit 1)\n      and q.xid <= ''''18446744073709551615''''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''''authors_v1'''' order by w.n desc limit 1))\n  ),\nmillrace_trust (is_trusted) as materialized (\n  select coalesce((select w.cluster = \"millrace\".\"cluster\"() and w.relation = ''''\"millrace\".\"authors_v1\"''''::regclass from millrace.watermark as w where w.model = ''''authors_v1'''' order by w.n desc limit 1), false)\n    and (select count(*) from \"millrace\".\"queue_projects\" as q where q.xid = ''''0''''::xid8) = 3\n    and not exists (select from \"millrace_batch_1\" as marks where op = ''''R'''')\n),\nmillrace_dirty (u1) as materialized (\n  select distinct *\n  from (select u1\n  from (\nselect (p.user_id)::integer as u1\nfrom (\n  select \"old_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''''U'''', ''''D'''') and changed & ''''-9223372036854775804''''::bigint <> 0\n  union all\n  select \"new_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''''U'''', ''''I'''') and changed & ''''-9223372036854775804''''::bigint <> 0\n) as \"p\"\n  ) as resolved (u1)\n  where u1 is not null\n  union all\n  select u1\n  from \"millrace\".\"pending_authors\") as dirty\n) ''\n    || format(\n      ''select * from (''\n      || ''(select * from (select \"user_id\", \"projects\"\nfrom \"millrace\".\"authors_v1\" as stored\nwhere (select is_trusted from millrace_trust)\n  and not exists (select from millrace_dirty as dirty where dirty.u1 = \"stored\".\"user_id\")) as part where %1$s order by %2$s limit %3$s)''\n      || '' union all ''\n      || ''(select * from (select \"user_id\", \"projects\"\nfrom (\nSELECT\n  p.user_id,\n  count(*) AS projects\nFROM public.projects AS p\nWHERE\n  p.user_id = ANY (ARRAY(SELECT u1\nFROM millrace_dirty))\nGROUP BY\n  p.user_id\n) as live\nwhere (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)''\n      || '' union all ''\n      || ''(select * from (select \"user_id\", \"projects\"\nfrom (\nSELECT\n  p.user_id,\n  count(*) AS projects\nFROM public.projects AS p\nGROUP BY\n  p.user_id\n) as live\nwhere not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)''\n      || '') as page order by %2$s limit %4$s offset %5$s'',\n      millrace.page_filter(''\"public\".\"authors_strict\"'', matching),\n      millrace.page_order(''\"public\".\"authors_strict\"'', order_by) || ''\"user_id\"'',\n      page_size + skip, page_size, skip);\nend\n$millrace$", "revoke all on function \"public\".\"authors_strict_page\" from public"], "down": ["drop function if exists \"public\".\"authors_strict_page\"", "drop view if exists \"public\".\"authors_strict\"", "drop table if exists \"millrace\".\"pending_authors\"", "drop table if exists \"millrace\".\"authors_v1\""], "expose": ["create or replace view \"public\".\"authors\" as\nselect \"user_id\", \"projects\"\nfrom \"millrace\".\"authors_v1\""], "conceal": ["drop view if exists \"public\".\"authors\""]}, "pending": {"name": "pending_authors", "schema": "millrace"}, "sources": [{"queue": {"name": "queue_projects", "schema": "millrace"}, "captured": [{"type": "integer", "column": "user_id", "collation": null}], "relation": {"name": "projects", "schema": "public"}, "interests": [{"filter": null, "columns": [{"name": "user_id", "attnum": 2}]}]}], "storage": {"name": "authors_v1", "schema": "millrace"}, "version": 1, "statements": {"fold": {"add": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\nchanges as (\n  select u1, coalesce(sum(d1), 0)::bigint as d1\n  from (\nselect (p.user_id)::integer, \"millrace_sign\"\nfrom (\n  select -1::bigint as \"millrace_sign\", \"old_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0\n  union all\n  select 1::bigint as \"millrace_sign\", \"new_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0\n) as \"p\"\nwhere true\n  ) as delta (u1, d1)\n  where u1 is not null\n  group by u1\n  having coalesce(sum(d1), 0) <> 0\n),\nvanished as (\n  delete from \"millrace\".\"authors_v1\" as stored\n  using changes\n  where \"stored\".\"user_id\" = changes.u1\n    and (\"stored\".\"projects\" + changes.d1) = 0\n  returning 1\n),\nfolded as (\n  update \"millrace\".\"authors_v1\" as stored\n  set \"projects\" = (\"stored\".\"projects\" + changes.d1)\n  from changes\n  where \"stored\".\"user_id\" = changes.u1\n    and (\"stored\".\"projects\" + changes.d1) <> 0\n  returning 1\n),\nappeared as (\n  insert into \"millrace\".\"authors_v1\" (\"user_id\", \"projects\")\n  select changes.u1, changes.d1\n  from changes\n  where changes.d1 > 0\n    and not exists (select from \"millrace\".\"authors_v1\" as stored where \"stored\".\"user_id\" = changes.u1)\n  returning 1\n)\nselect ((select count(*) from vanished) + (select count(*) from folded) + (select count(*) from appeared))::int as rows", "spill": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\nresolved (u1) as (\nselect (p.user_id)::integer as u1\nfrom (\n  select \"old_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0\n  union all\n  select \"new_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0\n) as \"p\"\n),\nwaiting as (\n  insert into \"millrace\".\"pending_authors\" (u1, cause)\n  select distinct u1, $3::text\n  from resolved\n  where u1 is not null\n  on conflict (u1) do update set cause = excluded.cause, retry_at = null\n  returning 1\n)\nselect count(*)::int as units\nfrom waiting", "resolve": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\nresolved (u1) as (\nselect (p.user_id)::integer as u1\nfrom (\n  select \"old_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0\n  union all\n  select \"new_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0\n) as \"p\"\n)\nselect u1::text as u1\nfrom (\n  select distinct u1\n  from resolved\n  where u1 is not null\n  limit $3::bigint\n) as units\norder by u1"}, "spill": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\nresolved (u1) as (\nselect null::integer where false\n),\nwaiting as (\n  insert into \"millrace\".\"pending_authors\" (u1, cause)\n  select distinct u1, $3::text\n  from resolved\n  where u1 is not null\n  on conflict (u1) do update set cause = excluded.cause, retry_at = null\n  returning 1\n)\nselect count(*)::int as units\nfrom waiting", "strict": {"live": "select \"user_id\", \"projects\"\nfrom (\nSELECT\n  p.user_id,\n  count(*) AS projects\nFROM public.projects AS p\nWHERE\n  p.user_id = ANY (ARRAY(SELECT u1\nFROM millrace_dirty))\nGROUP BY\n  p.user_id\n) as live\nwhere (select is_trusted from millrace_trust)", "with": "\"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''authors_v1'' order by w.n desc limit 1)\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''authors_v1'' order by w.n desc limit 1))\n  ),\nmillrace_trust (is_trusted) as materialized (\n  select coalesce((select w.cluster = \"millrace\".\"cluster\"() and w.relation = ''\"millrace\".\"authors_v1\"''::regclass from millrace.watermark as w where w.model = ''authors_v1'' order by w.n desc limit 1), false)\n    and (select count(*) from \"millrace\".\"queue_projects\" as q where q.xid = ''0''::xid8) = 3\n    and not exists (select from \"millrace_batch_1\" as marks where op = ''R'')\n),\nmillrace_dirty (u1) as materialized (\n  select distinct *\n  from (select u1\n  from (\nselect (p.user_id)::integer as u1\nfrom (\n  select \"old_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0\n  union all\n  select \"new_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0\n) as \"p\"\n  ) as resolved (u1)\n  where u1 is not null\n  union all\n  select u1\n  from \"millrace\".\"pending_authors\") as dirty\n)", "blind": "select \"user_id\", \"projects\"\nfrom (\nSELECT\n  p.user_id,\n  count(*) AS projects\nFROM public.projects AS p\nGROUP BY\n  p.user_id\n) as live\nwhere not (select is_trusted from millrace_trust)", "stored": "select \"user_id\", \"projects\"\nfrom \"millrace\".\"authors_v1\" as stored\nwhere (select is_trusted from millrace_trust)\n  and not exists (select from millrace_dirty as dirty where dirty.u1 = \"stored\".\"user_id\")"}, "window": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  )\nselect count(*)::int as changes,\n       max(note) filter (where op = ''R'') as rebuild\nfrom (\n  select op, note from \"millrace_batch_1\"\n) as changes", "compare": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''authors_v1'' order by w.n desc limit 1)\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''authors_v1'' order by w.n desc limit 1))\n  ),\nmillrace_trust (is_trusted) as materialized (\n  select coalesce((select w.cluster = \"millrace\".\"cluster\"() and w.relation = ''\"millrace\".\"authors_v1\"''::regclass from millrace.watermark as w where w.model = ''authors_v1'' order by w.n desc limit 1), false)\n    and (select count(*) from \"millrace\".\"queue_projects\" as q where q.xid = ''0''::xid8) = 3\n    and not exists (select from \"millrace_batch_1\" as marks where op = ''R'')\n),\nmillrace_dirty (u1) as materialized (\n  select distinct *\n  from (select u1\n  from (\nselect (p.user_id)::integer as u1\nfrom (\n  select \"old_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775804''::bigint <> 0\n  union all\n  select \"new_user_id\" as \"user_id\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775804''::bigint <> 0\n) as \"p\"\n  ) as resolved (u1)\n  where u1 is not null\n  union all\n  select u1\n  from \"millrace\".\"pending_authors\") as dirty\n),\nstored (\"user_id\", \"projects\", millrace_present) as materialized (\nselect *, true\nfrom (select \"user_id\", \"projects\" from \"millrace\".\"authors_v1\" as stored where not exists (select from millrace_dirty as dirty where dirty.u1 is not distinct from \"stored\".\"user_id\")) as stored\n),\nactual (\"user_id\", \"projects\", millrace_present) as materialized (\nselect *, true\nfrom (select * from (\nSELECT\n  p.user_id,\n  count(*) AS projects\nFROM public.projects AS p\nGROUP BY\n  p.user_id\n) as live (\"user_id\", \"projects\") where not exists (select from millrace_dirty as dirty where dirty.u1 is not distinct from \"live\".\"user_id\")) as actual\n)\nselect jsonb_object(array[''user_id''], array[(coalesce(\"stored\".\"user_id\", \"actual\".\"user_id\"))::text]) as key,\n       case when stored.millrace_present then jsonb_object(array[''user_id'', ''projects''], array[(\"stored\".\"user_id\")::text, (\"stored\".\"projects\")::text]) end as stored,\n       case when actual.millrace_present then jsonb_object(array[''user_id'', ''projects''], array[(\"actual\".\"user_id\")::text, (\"actual\".\"projects\")::text]) end as actual\nfrom stored\nfull join actual on coalesce(to_jsonb(\"stored\".\"user_id\"), ''null'') = coalesce(to_jsonb(\"actual\".\"user_id\"), ''null'')\nwhere stored.millrace_present is null\n   or actual.millrace_present is null\n   or record_image_ne(row(\"stored\".\"user_id\", \"stored\".\"projects\"), row(\"actual\".\"user_id\", \"actual\".\"projects\"))\nlimit $1::bigint", "resolve": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\nresolved (u1) as (\nselect null::integer where false\n)\nselect u1::text as u1\nfrom (\n  select distinct u1\n  from resolved\n  where u1 is not null\n  limit $3::bigint\n) as units\norder by u1", "enumerate": "with everything (u1) as (\nselect (p.user_id)::integer from \"public\".\"projects\" as \"p\"\nunion all\nselect \"user_id\" from \"millrace\".\"authors_v1\"\n),\nwaiting as (\n  insert into \"millrace\".\"pending_authors\" (u1, cause)\n  select distinct u1, $1::text\n  from everything\n  where u1 is not null\n  on conflict (u1) do update set cause = excluded.cause, retry_at = null\n  returning 1\n)\nselect count(*)::int as units\nfrom waiting", "recompute": [{"sql": "with fresh (\"user_id\", \"projects\") as materialized (\nSELECT\n  p.user_id,\n  count(*) AS projects\nFROM public.projects AS p\nWHERE\n  p.user_id = ANY (CAST(CAST($1 AS text[]) AS int[]))\nGROUP BY\n  p.user_id\n),\nduplicate as (\n  select \"user_id\"\n  from fresh\n  group by \"user_id\"\n  having count(*) > 1\n  limit 1\n),\nremoved as (\n  delete from \"millrace\".\"authors_v1\" as stored\n  where (\"stored\".\"user_id\") = any ($1::text[]::integer[])\n    and not exists (select from fresh where \"fresh\".\"user_id\" = \"stored\".\"user_id\")\n  returning 1\n),\nwritten as (\n  insert into \"millrace\".\"authors_v1\" as stored (\"user_id\", \"projects\")\n  select \"user_id\", \"projects\"\n  from fresh\n  where not exists (select from duplicate)\n  on conflict (\"user_id\") do update\n  set (\"user_id\", \"projects\") = row(\"excluded\".\"user_id\", \"excluded\".\"projects\")\n  where record_image_ne(row(\"stored\".\"user_id\", \"stored\".\"projects\"), row(\"excluded\".\"user_id\", \"excluded\".\"projects\"))\n  returning 1\n),\nsettled as (\n  delete from \"millrace\".\"pending_authors\"\n  where (u1) = any ($1::text[]::integer[])\n    and not exists (select from duplicate)\n)\nselect (select count(*) from written)::int as written,\n       (select count(*) from removed)::int as removed,\n       (select to_jsonb(duplicate) from duplicate) as duplicates", "nulls": [false]}], "compareUnits": [{"sql": "with stored (\"user_id\", \"projects\", millrace_present) as materialized (\nselect *, true\nfrom (select \"user_id\", \"projects\" from \"millrace\".\"authors_v1\" as stored where (\"stored\".\"user_id\") = any ($1::text[]::integer[])) as stored\n),\nactual (\"user_id\", \"projects\", millrace_present) as materialized (\nselect *, true\nfrom (SELECT\n  p.user_id,\n  count(*) AS projects\nFROM public.projects AS p\nWHERE\n  p.user_id = ANY (CAST(CAST($1 AS text[]) AS int[]))\nGROUP BY\n  p.user_id) as actual\n)\nselect jsonb_object(array[''user_id''], array[(coalesce(\"stored\".\"user_id\", \"actual\".\"user_id\"))::text]) as key,\n       case when stored.millrace_present then jsonb_object(array[''user_id'', ''projects''], array[(\"stored\".\"user_id\")::text, (\"stored\".\"projects\")::text]) end as stored,\n       case when actual.millrace_present then jsonb_object(array[''user_id'', ''projects''], array[(\"actual\".\"user_id\")::text, (\"actual\".\"projects\")::text]) end as actual\nfrom stored\nfull join actual on coalesce(to_jsonb(\"stored\".\"user_id\"), ''null'') = coalesce(to_jsonb(\"actual\".\"user_id\"), ''null'')\nwhere stored.millrace_present is null\n   or actual.millrace_present is null\n   or record_image_ne(row(\"stored\".\"user_id\", \"stored\".\"projects\"), row(\"actual\".\"user_id\", \"actual\".\"projects\"))\nlimit $2::bigint", "nulls": [false]}]}, "strictPage": {"name": "authors_strict_page", "schema": "public"}, "strictView": {"name": "authors_strict", "schema": "public"}}', 'ready', '2026-11-21 21:28:07.737904+00');
INSERT INTO millrace.model VALUES ('feed_v1', 'public', 'feed', '
    select p.id, p.title, u.name as author,
           (select count(*) from votes v where v.project_id = p.id and v.up) as ups
    from projects p join users u on u.id = p.user_id', '{"key": ["id"], "unit": [{"name": "id", "type": "integer", "nullable": false}], "folds": [{"column": "ups", "because": "each change adds to it or takes from it", "foldable": true}], "model": {"name": "feed", "schema": "public"}, "paths": [{"sql": "select (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"batch\" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"batch\" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0\n) as \"p\"", "hops": [], "kind": "direct", "alias": "p", "source": {"name": "projects", "schema": "public"}, "strategy": "recompute"}, {"sql": "select (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"batch\" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"batch\" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0\n) as \"u\"\njoin \"public\".\"projects\" as \"p\" on u.id = p.user_id", "hops": [{"columns": ["user_id"], "relation": {"name": "projects", "schema": "public"}}], "kind": "indirect", "alias": "u", "source": {"name": "users", "schema": "public"}, "strategy": "recompute"}, {"sql": "select (v.project_id)::integer as u1\nfrom (\n  select \"old_project_id\" as \"project_id\" from \"batch\" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0\n  union all\n  select \"new_project_id\" as \"project_id\" from \"batch\" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0\n) as \"v\"", "hops": [], "kind": "direct", "alias": "v", "source": {"name": "votes", "schema": "public"}, "strategy": "fold"}], "query": "SELECT\n  p.id,\n  p.title,\n  u.name AS author,\n  (SELECT count(*) AS count\n  FROM public.votes AS v\n  WHERE\n    v.project_id = p.id\n    AND v.up) AS ups\nFROM public.projects AS p\nJOIN public.users AS u ON u.id = p.user_id", "format": 1, "columns": [{"name": "id", "type": "integer", "hidden": false, "collation": null}, {"name": "title", "type": "text", "hidden": false, "collation": null}, {"name": "author", "type": "text", "hidden": false, "collation": null}, {"name": "ups", "type": "bigint", "hidden": false, "collation": null}], "install": {"up": ["create table if not exists \"millrace\".\"feed_v1\" (\n  \"id\" integer,\n  \"title\" text,\n  \"author\" text,\n  \"ups\" bigint\n)", "create unique index if not exists \"feed_v1_key\" on \"millrace\".\"feed_v1\" (\"id\") nulls not distinct", "create table if not exists \"millrace\".\"pending_feed\" (\n  u1 integer,\n  cause text not null,\n  error text,\n  attempts int not null default 0,\n  retry_at timestamptz,\n  unique nulls not distinct (u1)\n)", "create or replace view \"public\".\"feed_strict\" as\nwith \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))\n  ),\n\"millrace_batch_2\" as materialized (\n    select *\n    from \"millrace\".\"queue_users\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))\n  ),\n\"millrace_batch_3\" as materialized (\n    select *\n    from \"millrace\".\"queue_votes\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))\n  ),\nmillrace_trust (is_trusted) as materialized (\n  select coalesce((select w.cluster = \"millrace\".\"cluster\"() and w.relation = ''\"millrace\".\"feed_v1\"''::regclass from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1), false)\n    and (select count(*) from \"millrace\".\"queue_projects\" as q where q.xid = ''0''::xid8) = 3\n    and (select count(*) from \"millrace\".\"queue_users\" as q where q.xid = ''0''::xid8) = 3\n    and (select count(*) from \"millrace\".\"queue_votes\" as q where q.xid = ''0''::xid8) = 3\n    and not exists (select from \"millrace_batch_1\" as marks where op = ''R'')\n    and not exists (select from \"millrace_batch_2\" as marks where op = ''R'')\n    and not exists (select from \"millrace_batch_3\" as marks where op = ''R'')\n),\nmillrace_dirty (u1) as materialized (\n  select distinct *\n  from (select u1\n  from (\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0\n) as \"p\"\nunion all\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0\n) as \"u\"\njoin \"public\".\"projects\" as \"p\" on u.id = p.user_id\nunion all\nselect (v.project_id)::integer as u1\nfrom (\n  select \"old_project_id\" as \"project_id\" from \"millrace_batch_3\" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0\n  union all\n  select \"new_project_id\" as \"project_id\" from \"millrace_batch_3\" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0\n) as \"v\"\n  ) as resolved (u1)\n  where u1 is not null\n  union all\n  select u1\n  from \"millrace\".\"pending_feed\") as dirty\n)\nselect \"id\", \"title\", \"author\", \"ups\"\nfrom \"millrace\".\"feed_v1\" as stored\nwhere (select is_trusted from millrace_trust)\n  and not exists (select from millrace_dirty as dirty where dirty.u1 = \"stored\".\"id\")\nunion all\nselect \"id\", \"title\", \"author\", \"ups\"\nfrom (\nSELECT\n  p.id,\n  p.title,\n  u.name AS author,\n  (SELECT count(*) AS count\n  FROM public.votes AS v\n  WHERE\n    v.project_id = p.id\n    AND v.up) AS ups\nFROM public.projects AS p\nJOIN public.users AS u ON u.id = p.user_id\nWHERE\n  p.id = ANY (ARRAY(SELECT u1\nFROM millrace_dirty))\n) as live\nwhere (select is_trusted from millrace_trust)\nunion all\nselect \"id\", \"title\", \"author\", \"ups\"\nfrom (\nSELECT\n  p.id,\n  p.title,\n  u.name AS author,\n  (SELECT count(*) AS count\n  FROM public.votes AS v\n  WHERE\n    v.project_id = p.id\n    AND v.up) AS ups\nFROM public.projects AS p\nJOIN public.users AS u ON u.id = p.user_id\n) as live\nwhere not (select is_trusted from millrace_trust)", "create or replace function \"public\".\"feed_strict_page\"(\n  order_by text,\n  page_size bigint,\n  skip bigint default 0,\n  matching jsonb default ''{}''\n) returns setof \"public\".\"feed_strict\"\nlanguage plpgsql stable security definer\nset search_path = pg_catalog, pg_temp\nas $millrace$\nbegin\n  return query execute\n    ''with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''''feed_v1'''' order by w.n desc limit 1)\n      and q.xid <= ''''18446744073709551615''''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''''feed_v1'''' order by w.n desc limit 1))\n  ),\n\"millrace_batch_2\" as materialized (\n    select *\n    from \"millrace\".\"queue_users\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''''feed_v1'''' order by w.n desc limit 1)\n      and q.xid <= ''''18446744073709551615''''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''''feed_v1'''' order by w.n desc limit 1))\n  ),\n\"millrace_batch_3\" as materialized (\n    select *\n    from \"millrace\".\"queue_votes\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''''feed_v1'''' order by w.n desc limit 1)\n      and q.xid <= ''''18446744073709551615''''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''''feed_v1'''' order by w.n desc limit 1))\n  ),\nmillrace_trust (is_trusted) as materialized (\n  select coalesce((select w.cluster = \"millrace\".\"cluster\"() and w.relation = ''''\"millrace\".\"feed_v1\"''''::regclass from millrace.watermark as w where w.model = ''''feed_v1'''' order by w.n desc limit 1), false)\n    and (select count(*) from \"millrace\".\"queue_projects\" as q where q.xid = ''''0''''::xid8) = 3\n    and (select count(*) from \"millrace\".\"queue_users\" as q where q.xid = ''''0''''::xid8) = 3\n    and (select count(*) from \"millrace\".\"queue_votes\" as q where q.xid = ''''0''''::xid8) = 3\n    and not exists (select from \"millrace_batch_1\" as marks where op = ''''R'''')\n    and not exists (select from \"millrace_batch_2\" as marks where op = ''''R'''')\n    and not exists (select from \"millrace_batch_3\" as marks where op = ''''R'''')\n),\nmillrace_dirty (u1) as materialized (\n  select distinct *\n  from (select u1\n  from (\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_1\" where op in (''''U'''', ''''D'''') and changed & ''''-9223372036854775794''''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_1\" where op in (''''U'''', ''''I'''') and changed & ''''-9223372036854775794''''::bigint <> 0\n) as \"p\"\nunion all\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_2\" where op in (''''U'''', ''''D'''') and changed & ''''-9223372036854775802''''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_2\" where op in (''''U'''', ''''I'''') and changed & ''''-9223372036854775802''''::bigint <> 0\n) as \"u\"\njoin \"public\".\"projects\" as \"p\" on u.id = p.user_id\nunion all\nselect (v.project_id)::integer as u1\nfrom (\n  select \"old_project_id\" as \"project_id\" from \"millrace_batch_3\" where op in (''''U'''', ''''D'''') and changed & ''''-9223372036854775796''''::bigint <> 0\n  union all\n  select \"new_project_id\" as \"project_id\" from \"millrace_batch_3\" where op in (''''U'''', ''''I'''') and changed & ''''-9223372036854775796''''::bigint <> 0\n) as \"v\"\n  ) as resolved (u1)\n  where u1 is not null\n  union all\n  select u1\n  from \"millrace\".\"pending_feed\") as dirty\n) ''\n    || format(\n      ''select * from (''\n      || ''(select * from (select \"id\", \"title\", \"author\", \"ups\"\nfrom \"millrace\".\"feed_v1\" as stored\nwhere (select is_trusted from millrace_trust)\n  and not exists (select from millrace_dirty as dirty where dirty.u1 = \"stored\".\"id\")) as part where %1$s order by %2$s limit %3$s)''\n      || '' union all ''\n      || ''(select * from (select \"id\", \"title\", \"author\", \"ups\"\nfrom (\nSELECT\n  p.id,\n  p.title,\n  u.name AS author,\n  (SELECT count(*) AS count\n  FROM public.votes AS v\n  WHERE\n    v.project_id = p.id\n    AND v.up) AS ups\nFROM public.projects AS p\nJOIN public.users AS u ON u.id = p.user_id\nWHERE\n  p.id = ANY (ARRAY(SELECT u1\nFROM millrace_dirty))\n) as live\nwhere (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)''\n      || '' union all ''\n      || ''(select * from (select \"id\", \"title\", \"author\", \"ups\"\nfrom (\nSELECT\n  p.id,\n  p.title,\n  u.name AS author,\n  (SELECT count(*) AS count\n  FROM public.votes AS v\n  WHERE\n    v.project_id = p.id\n    AND v.up) AS ups\nFROM public.projects AS p\nJOIN public.users AS u ON u.id = p.user_id\n) as live\nwhere not (select is_trusted from millrace_trust)) as part where %1$s order by %2$s limit %3$s)''\n      || '') as page order by %2$s limit %4$s offset %5$s'',\n      millrace.page_filter(''\"public\".\"feed_strict\"'', matching),\n      millrace.page_order(''\"public\".\"feed_strict\"'', order_by) || ''\"id\"'',\n      page_size + skip, page_size, skip);\nend\n$millrace$", "revoke all on function \"public\".\"feed_strict_page\" from public"], "down": ["drop function if exists \"public\".\"feed_strict_page\"", "drop view if exists \"public\".\"feed_strict\"", "drop table if exists \"millrace\".\"pending_feed\"", "drop table if exists \"millrace\".\"feed_v1\""], "expose": ["create or replace view \"public\".\"feed\" as\nselect \"id\", \"title\", \"author\", \"ups\"\nfrom \"millrace\".\"feed_v1\""], "conceal": ["drop view if exists \"public\".\"feed\""]}, "pending": {"name": "pending_feed", "schema": "millrace"}, "sources": [{"queue": {"name": "queue_projects", "schema": "millrace"}, "captured": [{"type": "integer", "column": "id", "collation": null}], "relation": {"name": "projects", "schema": "public"}, "interests": [{"filter": null, "columns": [{"name": "id", "attnum": 1}, {"name": "user_id", "attnum": 2}, {"name": "title", "attnum": 3}]}]}, {"queue": {"name": "queue_users", "schema": "millrace"}, "captured": [{"type": "integer", "column": "id", "collation": null}], "relation": {"name": "users", "schema": "public"}, "interests": [{"filter": null, "columns": [{"name": "id", "attnum": 1}, {"name": "name", "attnum": 2}]}]}, {"queue": {"name": "queue_votes", "schema": "millrace"}, "captured": [{"type": "integer", "column": "project_id", "collation": null}, {"type": "boolean", "column": "up", "collation": null}], "relation": {"name": "votes", "schema": "public"}, "interests": [{"filter": {"new": "(n.up)", "old": "(o.up)"}, "columns": [{"name": "project_id", "attnum": 2}, {"name": "up", "attnum": 3}]}]}], "storage": {"name": "feed_v1", "schema": "millrace"}, "version": 1, "statements": {"fold": {"add": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_votes\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\nchanges as (\n  select u1, coalesce(sum(d1), 0)::bigint as d1\n  from (\nselect (v.project_id)::integer, \"millrace_sign\"\nfrom (\n  select -1::bigint as \"millrace_sign\", \"old_project_id\" as \"project_id\", \"old_up\" as \"up\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0\n  union all\n  select 1::bigint as \"millrace_sign\", \"new_project_id\" as \"project_id\", \"new_up\" as \"up\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0\n) as \"v\"\nwhere (v.up)\n  ) as delta (u1, d1)\n  where u1 is not null\n  group by u1\n  having coalesce(sum(d1), 0) <> 0\n),\nfolded as (\n  update \"millrace\".\"feed_v1\" as stored\n  set \"ups\" = (\"stored\".\"ups\" + changes.d1)\n  from changes\n  where \"stored\".\"id\" = changes.u1\n  returning 1\n)\nselect count(*)::int as rows\nfrom folded", "spill": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\n\"millrace_batch_2\" as materialized (\n    select *\n    from \"millrace\".\"queue_users\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\n\"millrace_batch_3\" as materialized (\n    select *\n    from \"millrace\".\"queue_votes\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\nresolved (u1) as (\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0\n) as \"p\"\nunion all\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0\n) as \"u\"\njoin \"public\".\"projects\" as \"p\" on u.id = p.user_id\nunion all\nselect (v.project_id)::integer as u1\nfrom (\n  select \"old_project_id\" as \"project_id\" from \"millrace_batch_3\" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0\n  union all\n  select \"new_project_id\" as \"project_id\" from \"millrace_batch_3\" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0\n) as \"v\"\n),\nwaiting as (\n  insert into \"millrace\".\"pending_feed\" (u1, cause)\n  select distinct u1, $3::text\n  from resolved\n  where u1 is not null\n  on conflict (u1) do update set cause = excluded.cause, retry_at = null\n  returning 1\n)\nselect count(*)::int as units\nfrom waiting", "resolve": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\n\"millrace_batch_2\" as materialized (\n    select *\n    from \"millrace\".\"queue_users\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\n\"millrace_batch_3\" as materialized (\n    select *\n    from \"millrace\".\"queue_votes\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\nresolved (u1) as (\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0\n) as \"p\"\nunion all\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0\n) as \"u\"\njoin \"public\".\"projects\" as \"p\" on u.id = p.user_id\nunion all\nselect (v.project_id)::integer as u1\nfrom (\n  select \"old_project_id\" as \"project_id\" from \"millrace_batch_3\" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0\n  union all\n  select \"new_project_id\" as \"project_id\" from \"millrace_batch_3\" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0\n) as \"v\"\n)\nselect u1::text as u1\nfrom (\n  select distinct u1\n  from resolved\n  where u1 is not null\n  limit $3::bigint\n) as units\norder by u1"}, "spill": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\n\"millrace_batch_2\" as materialized (\n    select *\n    from \"millrace\".\"queue_users\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\n\"millrace_batch_3\" as materialized (\n    select *\n    from \"millrace\".\"queue_votes\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\nresolved (u1) as (\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0\n) as \"p\"\nunion all\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0\n) as \"u\"\njoin \"public\".\"projects\" as \"p\" on u.id = p.user_id\n),\nwaiting as (\n  insert into \"millrace\".\"pending_feed\" (u1, cause)\n  select distinct u1, $3::text\n  from resolved\n  where u1 is not null\n  on conflict (u1) do update set cause = excluded.cause, retry_at = null\n  returning 1\n)\nselect count(*)::int as units\nfrom waiting", "strict": {"live": "select \"id\", \"title\", \"author\", \"ups\"\nfrom (\nSELECT\n  p.id,\n  p.title,\n  u.name AS author,\n  (SELECT count(*) AS count\n  FROM public.votes AS v\n  WHERE\n    v.project_id = p.id\n    AND v.up) AS ups\nFROM public.projects AS p\nJOIN public.users AS u ON u.id = p.user_id\nWHERE\n  p.id = ANY (ARRAY(SELECT u1\nFROM millrace_dirty))\n) as live\nwhere (select is_trusted from millrace_trust)", "with": "\"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))\n  ),\n\"millrace_batch_2\" as materialized (\n    select *\n    from \"millrace\".\"queue_users\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))\n  ),\n\"millrace_batch_3\" as materialized (\n    select *\n    from \"millrace\".\"queue_votes\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))\n  ),\nmillrace_trust (is_trusted) as materialized (\n  select coalesce((select w.cluster = \"millrace\".\"cluster\"() and w.relation = ''\"millrace\".\"feed_v1\"''::regclass from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1), false)\n    and (select count(*) from \"millrace\".\"queue_projects\" as q where q.xid = ''0''::xid8) = 3\n    and (select count(*) from \"millrace\".\"queue_users\" as q where q.xid = ''0''::xid8) = 3\n    and (select count(*) from \"millrace\".\"queue_votes\" as q where q.xid = ''0''::xid8) = 3\n    and not exists (select from \"millrace_batch_1\" as marks where op = ''R'')\n    and not exists (select from \"millrace_batch_2\" as marks where op = ''R'')\n    and not exists (select from \"millrace_batch_3\" as marks where op = ''R'')\n),\nmillrace_dirty (u1) as materialized (\n  select distinct *\n  from (select u1\n  from (\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0\n) as \"p\"\nunion all\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0\n) as \"u\"\njoin \"public\".\"projects\" as \"p\" on u.id = p.user_id\nunion all\nselect (v.project_id)::integer as u1\nfrom (\n  select \"old_project_id\" as \"project_id\" from \"millrace_batch_3\" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0\n  union all\n  select \"new_project_id\" as \"project_id\" from \"millrace_batch_3\" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0\n) as \"v\"\n  ) as resolved (u1)\n  where u1 is not null\n  union all\n  select u1\n  from \"millrace\".\"pending_feed\") as dirty\n)", "blind": "select \"id\", \"title\", \"author\", \"ups\"\nfrom (\nSELECT\n  p.id,\n  p.title,\n  u.name AS author,\n  (SELECT count(*) AS count\n  FROM public.votes AS v\n  WHERE\n    v.project_id = p.id\n    AND v.up) AS ups\nFROM public.projects AS p\nJOIN public.users AS u ON u.id = p.user_id\n) as live\nwhere not (select is_trusted from millrace_trust)", "stored": "select \"id\", \"title\", \"author\", \"ups\"\nfrom \"millrace\".\"feed_v1\" as stored\nwhere (select is_trusted from millrace_trust)\n  and not exists (select from millrace_dirty as dirty where dirty.u1 = \"stored\".\"id\")"}, "window": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\n\"millrace_batch_2\" as materialized (\n    select *\n    from \"millrace\".\"queue_users\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\n\"millrace_batch_3\" as materialized (\n    select *\n    from \"millrace\".\"queue_votes\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  )\nselect count(*)::int as changes,\n       max(note) filter (where op = ''R'') as rebuild\nfrom (\n  select op, note from \"millrace_batch_1\"\n  union all\n  select op, note from \"millrace_batch_2\"\n  union all\n  select op, note from \"millrace_batch_3\"\n) as changes", "compare": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))\n  ),\n\"millrace_batch_2\" as materialized (\n    select *\n    from \"millrace\".\"queue_users\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))\n  ),\n\"millrace_batch_3\" as materialized (\n    select *\n    from \"millrace\".\"queue_votes\" as q\n    where q.xid >= (select w.horizon from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1)\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, (select w.snapshot::pg_snapshot from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1))\n  ),\nmillrace_trust (is_trusted) as materialized (\n  select coalesce((select w.cluster = \"millrace\".\"cluster\"() and w.relation = ''\"millrace\".\"feed_v1\"''::regclass from millrace.watermark as w where w.model = ''feed_v1'' order by w.n desc limit 1), false)\n    and (select count(*) from \"millrace\".\"queue_projects\" as q where q.xid = ''0''::xid8) = 3\n    and (select count(*) from \"millrace\".\"queue_users\" as q where q.xid = ''0''::xid8) = 3\n    and (select count(*) from \"millrace\".\"queue_votes\" as q where q.xid = ''0''::xid8) = 3\n    and not exists (select from \"millrace_batch_1\" as marks where op = ''R'')\n    and not exists (select from \"millrace_batch_2\" as marks where op = ''R'')\n    and not exists (select from \"millrace_batch_3\" as marks where op = ''R'')\n),\nmillrace_dirty (u1) as materialized (\n  select distinct *\n  from (select u1\n  from (\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0\n) as \"p\"\nunion all\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0\n) as \"u\"\njoin \"public\".\"projects\" as \"p\" on u.id = p.user_id\nunion all\nselect (v.project_id)::integer as u1\nfrom (\n  select \"old_project_id\" as \"project_id\" from \"millrace_batch_3\" where op in (''U'', ''D'') and changed & ''-9223372036854775796''::bigint <> 0\n  union all\n  select \"new_project_id\" as \"project_id\" from \"millrace_batch_3\" where op in (''U'', ''I'') and changed & ''-9223372036854775796''::bigint <> 0\n) as \"v\"\n  ) as resolved (u1)\n  where u1 is not null\n  union all\n  select u1\n  from \"millrace\".\"pending_feed\") as dirty\n),\nstored (\"id\", \"title\", \"author\", \"ups\", millrace_present) as materialized (\nselect *, true\nfrom (select \"id\", \"title\", \"author\", \"ups\" from \"millrace\".\"feed_v1\" as stored where not exists (select from millrace_dirty as dirty where dirty.u1 is not distinct from \"stored\".\"id\")) as stored\n),\nactual (\"id\", \"title\", \"author\", \"ups\", millrace_present) as materialized (\nselect *, true\nfrom (select * from (\nSELECT\n  p.id,\n  p.title,\n  u.name AS author,\n  millrace_fold_4_1.s1 AS ups\nFROM public.projects AS p\nJOIN public.users AS u ON u.id = p.user_id, LATERAL ( SELECT count(*) AS s1\nFROM public.votes AS v\nWHERE\n  v.project_id = p.id\n  AND v.up ) AS millrace_fold_4_1\n) as live (\"id\", \"title\", \"author\", \"ups\") where not exists (select from millrace_dirty as dirty where dirty.u1 is not distinct from \"live\".\"id\")) as actual\n)\nselect jsonb_object(array[''id''], array[(coalesce(\"stored\".\"id\", \"actual\".\"id\"))::text]) as key,\n       case when stored.millrace_present then jsonb_object(array[''id'', ''title'', ''author'', ''ups''], array[(\"stored\".\"id\")::text, (\"stored\".\"title\")::text, (\"stored\".\"author\")::text, (\"stored\".\"ups\")::text]) end as stored,\n       case when actual.millrace_present then jsonb_object(array[''id'', ''title'', ''author'', ''ups''], array[(\"actual\".\"id\")::text, (\"actual\".\"title\")::text, (\"actual\".\"author\")::text, (\"actual\".\"ups\")::text]) end as actual\nfrom stored\nfull join actual on coalesce(to_jsonb(\"stored\".\"id\"), ''null'') = coalesce(to_jsonb(\"actual\".\"id\"), ''null'')\nwhere stored.millrace_present is null\n   or actual.millrace_present is null\n   or record_image_ne(row(\"stored\".\"id\", \"stored\".\"title\", \"stored\".\"author\", \"stored\".\"ups\"), row(\"actual\".\"id\", \"actual\".\"title\", \"actual\".\"author\", \"actual\".\"ups\"))\nlimit $1::bigint", "resolve": "with \"millrace_batch_1\" as materialized (\n    select *\n    from \"millrace\".\"queue_projects\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\n\"millrace_batch_2\" as materialized (\n    select *\n    from \"millrace\".\"queue_users\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\n\"millrace_batch_3\" as materialized (\n    select *\n    from \"millrace\".\"queue_votes\" as q\n    where q.xid >= $2::text::xid8\n      and q.xid <= ''18446744073709551615''::xid8\n      and not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)\n  ),\nresolved (u1) as (\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''D'') and changed & ''-9223372036854775794''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_1\" where op in (''U'', ''I'') and changed & ''-9223372036854775794''::bigint <> 0\n) as \"p\"\nunion all\nselect (p.id)::integer as u1\nfrom (\n  select \"old_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''D'') and changed & ''-9223372036854775802''::bigint <> 0\n  union all\n  select \"new_id\" as \"id\" from \"millrace_batch_2\" where op in (''U'', ''I'') and changed & ''-9223372036854775802''::bigint <> 0\n) as \"u\"\njoin \"public\".\"projects\" as \"p\" on u.id = p.user_id\n)\nselect u1::text as u1\nfrom (\n  select distinct u1\n  from resolved\n  where u1 is not null\n  limit $3::bigint\n) as units\norder by u1", "enumerate": "with everything (u1) as (\nselect (p.id)::integer from \"public\".\"projects\" as \"p\"\nunion all\nselect \"id\" from \"millrace\".\"feed_v1\"\n),\nwaiting as (\n  insert into \"millrace\".\"pending_feed\" (u1, cause)\n  select distinct u1, $1::text\n  from everything\n  where u1 is not null\n  on conflict (u1) do update set cause = excluded.cause, retry_at = null\n  returning 1\n)\nselect count(*)::int as units\nfrom waiting", "recompute": [{"sql": "with fresh (\"id\", \"title\", \"author\", \"ups\") as materialized (\nSELECT\n  p.id,\n  p.title,\n  u.name AS author,\n  millrace_fold_4_1.s1 AS ups\nFROM public.projects AS p\nJOIN public.users AS u ON u.id = p.user_id, LATERAL ( SELECT count(*) AS s1\nFROM public.votes AS v\nWHERE\n  v.project_id = p.id\n  AND v.up ) AS millrace_fold_4_1\nWHERE\n  p.id = ANY (CAST(CAST($1 AS text[]) AS int[]))\n),\nduplicate as (\n  select \"id\"\n  from fresh\n  group by \"id\"\n  having count(*) > 1\n  limit 1\n),\nremoved as (\n  delete from \"millrace\".\"feed_v1\" as stored\n  where (\"stored\".\"id\") = any ($1::text[]::integer[])\n    and not exists (select from fresh where \"fresh\".\"id\" = \"stored\".\"id\")\n  returning 1\n),\nwritten as (\n  insert into \"millrace\".\"feed_v1\" as stored (\"id\", \"title\", \"author\", \"ups\")\n  select \"id\", \"title\", \"author\", \"ups\"\n  from fresh\n  where not exists (select from duplicate)\n  on conflict (\"id\") do update\n  set (\"id\", \"title\", \"author\", \"ups\") = row(\"excluded\".\"id\", \"excluded\".\"title\", \"excluded\".\"author\", \"excluded\".\"ups\")\n  where record_image_ne(row(\"stored\".\"id\", \"stored\".\"title\", \"stored\".\"author\", \"stored\".\"ups\"), row(\"excluded\".\"id\", \"excluded\".\"title\", \"excluded\".\"author\", \"excluded\".\"ups\"))\n  returning 1\n),\nsettled as (\n  delete from \"millrace\".\"pending_feed\"\n  where (u1) = any ($1::text[]::integer[])\n    and not exists (select from duplicate)\n)\nselect (select count(*) from written)::int as written,\n       (select count(*) from removed)::int as removed,\n       (select to_jsonb(duplicate) from duplicate) as duplicates", "nulls": [false]}], "compareUnits": [{"sql": "with stored (\"id\", \"title\", \"author\", \"ups\", millrace_present) as materialized (\nselect *, true\nfrom (select \"id\", \"title\", \"author\", \"ups\" from \"millrace\".\"feed_v1\" as stored where (\"stored\".\"id\") = any ($1::text[]::integer[])) as stored\n),\nactual (\"id\", \"title\", \"author\", \"ups\", millrace_present) as materialized (\nselect *, true\nfrom (SELECT\n  p.id,\n  p.title,\n  u.name AS author,\n  millrace_fold_4_1.s1 AS ups\nFROM public.projects AS p\nJOIN public.users AS u ON u.id = p.user_id, LATERAL ( SELECT count(*) AS s1\nFROM public.votes AS v\nWHERE\n  v.project_id = p.id\n  AND v.up ) AS millrace_fold_4_1\nWHERE\n  p.id = ANY (CAST(CAST($1 AS text[]) AS int[]))) as actual\n)\nselect jsonb_object(array[''id''], array[(coalesce(\"stored\".\"id\", \"actual\".\"id\"))::text]) as key,\n       case when stored.millrace_present then jsonb_object(array[''id'', ''title'', ''author'', ''ups''], array[(\"stored\".\"id\")::text, (\"stored\".\"title\")::text, (\"stored\".\"author\")::text, (\"stored\".\"ups\")::text]) end as stored,\n       case when actual.millrace_present then jsonb_object(array[''id'', ''title'', ''author'', ''ups''], array[(\"actual\".\"id\")::text, (\"actual\".\"title\")::text, (\"actual\".\"author\")::text, (\"actual\".\"ups\")::text]) end as actual\nfrom stored\nfull join actual on coalesce(to_jsonb(\"stored\".\"id\"), ''null'') = coalesce(to_jsonb(\"actual\".\"id\"), ''null'')\nwhere stored.millrace_present is null\n   or actual.millrace_present is null\n   or record_image_ne(row(\"stored\".\"id\", \"stored\".\"title\", \"stored\".\"author\", \"stored\".\"ups\"), row(\"actual\".\"id\", \"actual\".\"title\", \"actual\".\"author\", \"actual\".\"ups\"))\nlimit $2::bigint", "nulls": [false]}]}, "strictPage": {"name": "feed_strict_page", "schema": "public"}, "strictView": {"name": "feed_strict", "schema": "public"}}', 'ready', '2026-11-21 21:28:07.712594+00');

INSERT INTO millrace.queue_projects_0 VALUES (0, '0', 'S', 0, NULL, NULL, NULL, NULL, NULL);

INSERT INTO millrace.queue_projects_1 VALUES (1, '0', 'S', 0, NULL, NULL, NULL, NULL, NULL);

INSERT INTO millrace.queue_projects_2 VALUES (2, '0', 'S', 0, NULL, NULL, NULL, NULL, NULL);

INSERT INTO millrace.queue_users_0 VALUES (0, '0', 'S', 0, NULL, NULL, NULL);

INSERT INTO millrace.queue_users_1 VALUES (1, '0', 'S', 0, NULL, NULL, NULL);

INSERT INTO millrace.queue_users_2 VALUES (2, '0', 'S', 0, NULL, NULL, NULL);

INSERT INTO millrace.queue_votes_0 VALUES (0, '0', 'S', 0, NULL, NULL, NULL, NULL, NULL);

INSERT INTO millrace.queue_votes_1 VALUES (1, '0', 'S', 0, NULL, NULL, NULL, NULL, NULL);

INSERT INTO millrace.queue_votes_2 VALUES (2, '0', 'S', 0, NULL, NULL, NULL, NULL, NULL);

INSERT INTO millrace.refresh_log OVERRIDING SYSTEM VALUE VALUES (1, 'authors_v1', 'backfill', 0, 4, 4, 35.00260399999979, 'completed', NULL, '2026-11-21 21:28:07.802626+00');
INSERT INTO millrace.refresh_log OVERRIDING SYSTEM VALUE VALUES (2, 'feed_v1', 'backfill', 0, 12, 12, 25.53328300000021, 'completed', NULL, '2026-11-21 21:28:07.8464+00');

INSERT INTO millrace.schema_version VALUES (1, '2026-11-21 21:28:07.406033+00');

INSERT INTO millrace.watermark VALUES ('authors_v1', 1, '750:750:', '750', '7710739671004700822/16384', 16589, '2026-11-21 21:28:07.794759+00');
INSERT INTO millrace.watermark VALUES ('feed_v1', 1, '753:753:', '753', '7710739671004700822/16384', 16568, '2026-11-21 21:28:07.845504+00');

INSERT INTO public.projects VALUES (1, 2, 'project 1');
INSERT INTO public.projects VALUES (2, 3, 'project 2');
INSERT INTO public.projects VALUES (3, 4, 'project 3');
INSERT INTO public.projects VALUES (4, 1, 'project 4');
INSERT INTO public.projects VALUES (5, 2, 'project 5');
INSERT INTO public.projects VALUES (6, 3, 'project 6');
INSERT INTO public.projects VALUES (7, 4, 'project 7');
INSERT INTO public.projects VALUES (8, 1, 'project 8');
INSERT INTO public.projects VALUES (9, 2, 'project 9');
INSERT INTO public.projects VALUES (10, 3, 'project 10');
INSERT INTO public.projects VALUES (11, 4, 'project 11');
INSERT INTO public.projects VALUES (12, 1, 'project 12');

INSERT INTO public.users VALUES (1, 'user 1');
INSERT INTO public.users VALUES (2, 'user 2');
INSERT INTO public.users VALUES (3, 'user 3');
INSERT INTO public.users VALUES (4, 'user 4');

INSERT INTO public.votes VALUES (1, 2, true);
INSERT INTO public.votes VALUES (2, 3, true);
INSERT INTO public.votes VALUES (3, 4, false);
INSERT INTO public.votes VALUES (4, 5, true);
INSERT INTO public.votes VALUES (5, 6, true);
INSERT INTO public.votes VALUES (6, 7, false);
INSERT INTO public.votes VALUES (7, 8, true);
INSERT INTO public.votes VALUES (8, 9, true);
INSERT INTO public.votes VALUES (9, 10, false);
INSERT INTO public.votes VALUES (10, 11, true);
INSERT INTO public.votes VALUES (11, 12, true);
INSERT INTO public.votes VALUES (12, 1, false);
INSERT INTO public.votes VALUES (13, 2, true);
INSERT INTO public.votes VALUES (14, 3, true);
INSERT INTO public.votes VALUES (15, 4, false);
INSERT INTO public.votes VALUES (16, 5, true);
INSERT INTO public.votes VALUES (17, 6, true);
INSERT INTO public.votes VALUES (18, 7, false);
INSERT INTO public.votes VALUES (19, 8, true);
INSERT INTO public.votes VALUES (20, 9, true);
INSERT INTO public.votes VALUES (21, 10, false);
INSERT INTO public.votes VALUES (22, 11, true);
INSERT INTO public.votes VALUES (23, 12, true);
INSERT INTO public.votes VALUES (24, 1, false);
INSERT INTO public.votes VALUES (25, 2, true);
INSERT INTO public.votes VALUES (26, 3, true);
INSERT INTO public.votes VALUES (27, 4, false);
INSERT INTO public.votes VALUES (28, 5, true);
INSERT INTO public.votes VALUES (29, 6, true);
INSERT INTO public.votes VALUES (30, 7, false);
INSERT INTO public.votes VALUES (31, 8, true);
INSERT INTO public.votes VALUES (32, 9, true);
INSERT INTO public.votes VALUES (33, 10, false);
INSERT INTO public.votes VALUES (34, 11, true);
INSERT INTO public.votes VALUES (35, 12, true);
INSERT INTO public.votes VALUES (36, 1, false);
INSERT INTO public.votes VALUES (37, 2, true);
INSERT INTO public.votes VALUES (38, 3, true);
INSERT INTO public.votes VALUES (39, 4, false);
INSERT INTO public.votes VALUES (40, 5, true);

SELECT pg_catalog.setval('millrace.refresh_log_id_seq', 2, true);

SELECT pg_catalog.setval('public.votes_id_seq', 40, true);

ALTER TABLE ONLY millrace.model
    ADD CONSTRAINT model_pkey PRIMARY KEY (storage);

ALTER TABLE ONLY millrace.model
    ADD CONSTRAINT model_schema_name_name_key UNIQUE (schema_name, name);

ALTER TABLE ONLY millrace.pending_authors
    ADD CONSTRAINT pending_authors_u1_key UNIQUE NULLS NOT DISTINCT (u1);

ALTER TABLE ONLY millrace.pending_feed
    ADD CONSTRAINT pending_feed_u1_key UNIQUE NULLS NOT DISTINCT (u1);

ALTER TABLE ONLY millrace.refresh_log
    ADD CONSTRAINT refresh_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY millrace.schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (version);

ALTER TABLE ONLY millrace.watermark
    ADD CONSTRAINT watermark_pkey PRIMARY KEY (model, n);

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.votes
    ADD CONSTRAINT votes_pkey PRIMARY KEY (id);

CREATE UNIQUE INDEX authors_v1_key ON millrace.authors_v1 USING btree (user_id) NULLS NOT DISTINCT;

CREATE UNIQUE INDEX feed_v1_key ON millrace.feed_v1 USING btree (id) NULLS NOT DISTINCT;

CREATE INDEX queue_projects_xid ON ONLY millrace.queue_projects USING btree (xid);

CREATE INDEX queue_projects_0_xid_idx ON millrace.queue_projects_0 USING btree (xid);

CREATE INDEX queue_projects_1_xid_idx ON millrace.queue_projects_1 USING btree (xid);

CREATE INDEX queue_projects_2_xid_idx ON millrace.queue_projects_2 USING btree (xid);

CREATE INDEX queue_users_xid ON ONLY millrace.queue_users USING btree (xid);

CREATE INDEX queue_users_0_xid_idx ON millrace.queue_users_0 USING btree (xid);

CREATE INDEX queue_users_1_xid_idx ON millrace.queue_users_1 USING btree (xid);

CREATE INDEX queue_users_2_xid_idx ON millrace.queue_users_2 USING btree (xid);

CREATE INDEX queue_votes_xid ON ONLY millrace.queue_votes USING btree (xid);

CREATE INDEX queue_votes_0_xid_idx ON millrace.queue_votes_0 USING btree (xid);

CREATE INDEX queue_votes_1_xid_idx ON millrace.queue_votes_1 USING btree (xid);

CREATE INDEX queue_votes_2_xid_idx ON millrace.queue_votes_2 USING btree (xid);

CREATE INDEX refresh_log_finished ON millrace.refresh_log USING btree (finished_at);

CREATE INDEX refresh_log_model ON millrace.refresh_log USING btree (model, id DESC);

ALTER INDEX millrace.queue_projects_xid ATTACH PARTITION millrace.queue_projects_0_xid_idx;

ALTER INDEX millrace.queue_projects_xid ATTACH PARTITION millrace.queue_projects_1_xid_idx;

ALTER INDEX millrace.queue_projects_xid ATTACH PARTITION millrace.queue_projects_2_xid_idx;

ALTER INDEX millrace.queue_users_xid ATTACH PARTITION millrace.queue_users_0_xid_idx;

ALTER INDEX millrace.queue_users_xid ATTACH PARTITION millrace.queue_users_1_xid_idx;

ALTER INDEX millrace.queue_users_xid ATTACH PARTITION millrace.queue_users_2_xid_idx;

ALTER INDEX millrace.queue_votes_xid ATTACH PARTITION millrace.queue_votes_0_xid_idx;

ALTER INDEX millrace.queue_votes_xid ATTACH PARTITION millrace.queue_votes_1_xid_idx;

ALTER INDEX millrace.queue_votes_xid ATTACH PARTITION millrace.queue_votes_2_xid_idx;

CREATE TRIGGER "!millrace_delete" AFTER DELETE ON public.projects REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION millrace.capture_projects_delete();

CREATE TRIGGER "!millrace_delete" AFTER DELETE ON public.users REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION millrace.capture_users_delete();

CREATE TRIGGER "!millrace_delete" AFTER DELETE ON public.votes REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION millrace.capture_votes_delete();

CREATE TRIGGER "!millrace_insert" AFTER INSERT ON public.projects REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION millrace.capture_projects_insert();

CREATE TRIGGER "!millrace_insert" AFTER INSERT ON public.users REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION millrace.capture_users_insert();

CREATE TRIGGER "!millrace_insert" AFTER INSERT ON public.votes REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION millrace.capture_votes_insert();

CREATE TRIGGER "!millrace_truncate" AFTER TRUNCATE ON public.projects FOR EACH STATEMENT EXECUTE FUNCTION millrace.capture_projects_truncate();

CREATE TRIGGER "!millrace_truncate" AFTER TRUNCATE ON public.users FOR EACH STATEMENT EXECUTE FUNCTION millrace.capture_users_truncate();

CREATE TRIGGER "!millrace_truncate" AFTER TRUNCATE ON public.votes FOR EACH STATEMENT EXECUTE FUNCTION millrace.capture_votes_truncate();

CREATE TRIGGER "!millrace_update" AFTER UPDATE ON public.projects REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION millrace.capture_projects_update();

CREATE TRIGGER "!millrace_update" AFTER UPDATE ON public.users REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION millrace.capture_users_update();

CREATE TRIGGER "!millrace_update" AFTER UPDATE ON public.votes REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION millrace.capture_votes_update();

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.votes
    ADD CONSTRAINT votes_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

GRANT USAGE ON SCHEMA millrace TO millrace_worker;

GRANT USAGE ON SCHEMA public TO app_writer;
GRANT ALL ON SCHEMA public TO millrace_owner;
GRANT USAGE ON SCHEMA public TO millrace_worker;
GRANT USAGE ON SCHEMA public TO millrace_reader;

REVOKE ALL ON FUNCTION millrace.cluster() FROM PUBLIC;
GRANT ALL ON FUNCTION millrace.cluster() TO millrace_worker;
GRANT ALL ON FUNCTION millrace.cluster() TO millrace_reader;

REVOKE ALL ON FUNCTION millrace.page_filter(view_name text, matching jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION millrace.page_order(view_name text, order_by text) FROM PUBLIC;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE millrace.authors_v1 TO millrace_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE millrace.pending_authors TO millrace_worker;

GRANT SELECT,INSERT ON TABLE millrace.queue_projects TO millrace_worker;

GRANT SELECT,INSERT,DELETE ON TABLE millrace.watermark TO millrace_worker;

GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE public.projects TO app_writer;
GRANT SELECT,TRIGGER ON TABLE public.projects TO millrace_owner;
GRANT SELECT ON TABLE public.projects TO millrace_worker;

GRANT SELECT ON TABLE public.authors_strict TO millrace_reader;

REVOKE ALL ON FUNCTION public.authors_strict_page(order_by text, page_size bigint, skip bigint, matching jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.authors_strict_page(order_by text, page_size bigint, skip bigint, matching jsonb) TO millrace_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE millrace.feed_v1 TO millrace_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE millrace.pending_feed TO millrace_worker;

GRANT SELECT,INSERT ON TABLE millrace.queue_users TO millrace_worker;

GRANT SELECT,INSERT ON TABLE millrace.queue_votes TO millrace_worker;

GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE public.users TO app_writer;
GRANT SELECT,TRIGGER ON TABLE public.users TO millrace_owner;
GRANT SELECT ON TABLE public.users TO millrace_worker;

GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE public.votes TO app_writer;
GRANT SELECT,TRIGGER ON TABLE public.votes TO millrace_owner;
GRANT SELECT ON TABLE public.votes TO millrace_worker;

GRANT SELECT ON TABLE public.feed_strict TO millrace_reader;

REVOKE ALL ON FUNCTION public.feed_strict_page(order_by text, page_size bigint, skip bigint, matching jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.feed_strict_page(order_by text, page_size bigint, skip bigint, matching jsonb) TO millrace_reader;

GRANT SELECT ON TABLE millrace.model TO millrace_worker;

GRANT SELECT,TRUNCATE ON TABLE millrace.queue_projects_0 TO millrace_worker;

GRANT SELECT,TRUNCATE ON TABLE millrace.queue_projects_1 TO millrace_worker;

GRANT SELECT,TRUNCATE ON TABLE millrace.queue_projects_2 TO millrace_worker;

GRANT SELECT,TRUNCATE ON TABLE millrace.queue_users_0 TO millrace_worker;

GRANT SELECT,TRUNCATE ON TABLE millrace.queue_users_1 TO millrace_worker;

GRANT SELECT,TRUNCATE ON TABLE millrace.queue_users_2 TO millrace_worker;

GRANT SELECT,TRUNCATE ON TABLE millrace.queue_votes_0 TO millrace_worker;

GRANT SELECT,TRUNCATE ON TABLE millrace.queue_votes_1 TO millrace_worker;

GRANT SELECT,TRUNCATE ON TABLE millrace.queue_votes_2 TO millrace_worker;

GRANT SELECT,INSERT,DELETE ON TABLE millrace.refresh_log TO millrace_worker;

GRANT SELECT ON TABLE millrace.schema_version TO millrace_worker;

GRANT SELECT ON TABLE public.authors TO millrace_reader;

GRANT SELECT ON TABLE public.feed TO millrace_reader;

GRANT USAGE ON SEQUENCE public.votes_id_seq TO app_writer;

