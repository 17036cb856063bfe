-- Whether any of these models has been drained since, for who waits: it is asked between two questions what waits, at a fraction of their
-- cost. The numbers of their newest watermarks, as a text to be compared; of all models where none is named.
create function millrace.newest_marks(models text[] default null) returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select string_agg(m.storage || ' ' || coalesce(w.n, 0)::text, ', ' order by m.storage)
    from millrace.model as m
    left join lateral (
      select newest.n from millrace.watermark as newest where newest.model = m.storage order by newest.n desc limit 1
    ) as w on true
    where models is null or m.name = any (models) or m.schema_name || '.' || m.name = any (models)
  );
end
$$;
revoke all on function millrace.newest_marks(text[]) from public;
