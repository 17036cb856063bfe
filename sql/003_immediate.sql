-- Immediate read models: what a transaction has queued, and applies itself when it commits.

-- Numbers for statements: a queue row belongs to one.
create sequence millrace.statement_number;

-- One row for each statement and model. The queue rows say what changed; these say that it is to be applied, and by which
-- function. They are gone before the transaction ends.
create table millrace.at_commit (
  xid xid8 not null,
  -- a function of the numbers of statements, in this schema
  apply text not null,
  statement bigint not null
);
create index at_commit_xid on millrace.at_commit (xid);

-- Runs at the commit, when the transaction has locked all of its own rows. All models at once and in one order, whatever
-- the order of the statements was, so that two transactions that commit do not wait for each other. Each statement once:
-- the trigger also runs in between, where the application says `set constraints all immediate`.
create function millrace.apply_own_changes() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  mine record;
begin
  for mine in
    with own as (
      delete from millrace.at_commit
      where xid = pg_current_xact_id()
      returning apply, statement
    )
    select apply, array_agg(statement) as statements
    from own
    group by apply
    -- the order in which triggers add, whatever the database's own is
    order by apply collate "C"
  loop
    execute format('select millrace.%I($1)', mine.apply) using mine.statements;
  end loop;
  return null;
end
$$;
revoke all on function millrace.apply_own_changes() from public;

create constraint trigger apply_own_changes
after insert on millrace.at_commit
deferrable initially deferred
for each row execute function millrace.apply_own_changes();
