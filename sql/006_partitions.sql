-- Writes that name a partition fire the partition's own statement triggers, not its parent's: partitions of a captured table
-- carry the same triggers, with the same functions. Gives them to those that have none, as when somebody has attached one;
-- its rows came without a trigger, so the models of the table are marked for rebuild. One row for each partition that
-- was without: problem is null where that is mended now.
create function millrace.adopt_partitions() returns table (partition text, problem text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  orphan record;
  captured record;
begin
  for orphan in
    select distinct t.tgrelid as parent, part.relid
    from pg_trigger t
    join pg_proc p on p.oid = t.tgfoid
    join pg_class c on c.oid = t.tgrelid and c.relkind = 'p'
    cross join lateral pg_partition_tree(c.oid) part
    where p.pronamespace = 'millrace'::regnamespace
      and part.level > 0
      and not exists (select from pg_trigger own where own.tgrelid = part.relid and own.tgname = t.tgname)
  loop
    partition := orphan.relid::regclass::text;
    problem := null;
    begin
      for captured in
        select pg_get_triggerdef(t.oid) as definition, t.tgname as name
        from pg_trigger t
        join pg_proc p on p.oid = t.tgfoid
        where t.tgrelid = orphan.parent
          and p.pronamespace = 'millrace'::regnamespace
          and not exists (select from pg_trigger own where own.tgrelid = orphan.relid and own.tgname = t.tgname)
      loop
        execute replace(captured.definition, ' ON ' || orphan.parent::regclass::text || ' ', ' ON ' || partition || ' ');
      end loop;
      for captured in
        select distinct source -> 'queue' ->> 'name' as queue
        from millrace.model m
        cross join lateral jsonb_array_elements(m.plan -> 'sources') as source
        join pg_namespace n on n.nspname = source -> 'relation' ->> 'schema'
        join pg_class c on c.relnamespace = n.oid and c.relname = source -> 'relation' ->> 'name'
        where c.oid = orphan.parent
      loop
        execute format(
          'insert into millrace.%I (slot, xid, op, changed, note, deferred)
           values ((extract(epoch from clock_timestamp())::bigint / 10 %% 3)::smallint, pg_current_xact_id(), %L, -1, %L, true)',
          captured.queue, 'R', 'a partition was attached: ' || partition);
      end loop;
    exception when insufficient_privilege or lock_not_available then
      problem := sqlerrm;
    end;
    return next;
  end loop;
end
$$;

revoke all on function millrace.adopt_partitions() from public;
