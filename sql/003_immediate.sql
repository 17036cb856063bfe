-- Immediate read models: what a transaction has queued, and applies itself when it commits.

-- One row for each statement and model. The queue rows say what changed; these say that it is to be applied, and by which
-- function. They are gone before the transaction ends.
create table millrace.at_commit (
  xid xid8 not null,
  -- a function without arguments in this schema
  apply text not null
);
create index at_commit_xid on millrace.at_commit (xid);

-- Runs at the commit, when the transaction has locked all of its own rows. All models at once and in one order, whatever
-- the order of the statements was, so that two transactions that commit do not wait for each other.
create function millrace.apply_own_changes() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  functions text[];
  name text;
begin
  with mine as (
    delete from millrace.at_commit
    where xid = pg_current_xact_id()
    returning apply
  )
  select array_agg(distinct apply order by apply) into functions from mine;

  foreach name in array coalesce(functions, '{}') loop
    execute format('select millrace.%I()', name);
  end loop;
  return null;
end
$$;
revoke all on function millrace.apply_own_changes() from public;

create constraint trigger apply_own_changes
after insert on millrace.at_commit
deferrable initially deferred
for each row execute function millrace.apply_own_changes();
