import { SHOWN } from '../compile/immediate/shown-rows.ts'
import type { Plan, RelationName } from '../compile/plan.ts'
import { isRefreshed, type RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import { ident, join, literal, qualified, sql } from '../sql/sql.ts'

/**
 * Statements that make a read model a plain table under its public name, in one transaction: with its rows as they are, its indexes,
 * and the rights of the view that had the name. Views of others that stand on it stay. Nothing keeps it any more. One that took the place of something else gives that
 * its name back, and one whose scores decay has no rows that stay right: both are removed as ever.
 */
export function keepTable(plan: Plan | RefreshPlan): readonly string[] {
  const { model, storage, install } = plan
  const functions = isRefreshed(plan) ? [] : plan.install.functions.down
  const named = isRefreshed(plan) ? [] : (plan.install.named?.down ?? [])
  if (!mayStay(plan)) return [...install.conceal, ...named, ...functions, ...install.down]

  const table = qualified(storage)
  const hidden = plan.columns.filter((it) => 'hidden' in it && it.hidden).map(({ name }) => name)
  const isItself = sql`drop table if exists ${table}`.text
  return [
    ...copyGrants(model, storage),
    dropTriggers(storage),
    underViews(model, [
      ...install.conceal,
      ...(isRefreshed(plan) || plan.leaderboard !== undefined ? named : []),
      ...functions,
      ...install.down.filter((it) => it !== isItself),
      ...(hidden.includes(SHOWN) ? [sql`delete from ${table} where ${ident(SHOWN)} is not true`.text] : []),
      ...hidden.map((name) => sql`alter table ${table} drop column ${ident(name)}`.text),
      sql`alter table ${table} rename to ${ident(model.name)}`.text,
      sql`alter table ${qualified({ schema: storage.schema, name: model.name })} set schema ${ident(model.schema)}`
        .text,
    ]),
  ]
}

/** Statements that put a table in the place of a view: views of others that stand on it are made anew, with all that they have besides. */
function underViews(view: RelationName, statements: readonly string[]): string {
  return sql`do $views$
declare
  path text := current_setting('search_path');
  gone text[] := '{}';
  made text[] := '{}';
  aside oid;
  statement text;
begin
  -- so that definitions name all that they read in full
  perform set_config('search_path', 'pg_catalog, pg_temp', true);
  for aside in
    select v.view
    from millrace.views_on(array[to_regclass(${literal(qualified(view).text)})::oid]) as v
    join pg_class as c on c.oid = v.view
    where c.relkind = 'v'
    order by v.depth
  loop
    gone := format('drop view %s', aside::regclass) || gone;
    made := made || format('create view %s as %s', aside::regclass, pg_get_viewdef(aside)) || millrace.attributes_of(aside);
  end loop;
  foreach statement in array gone || array[${join(statements.map((it) => literal(it)))}] || made loop
    execute statement;
  end loop;
  perform set_config('search_path', path, true);
end
$views$`.text
}

/** Its rows mean something without Millrace, and nothing else is to have its name. */
export function mayStay(plan: Plan | RefreshPlan): boolean {
  return plan.replaces === undefined && (isRefreshed(plan) || plan.decays === undefined)
}

function copyGrants(from: RelationName, to: RelationName): readonly string[] {
  return [
    sql`do $millrace$
declare
  it record;
begin
  for it in
    select case when a.grantee = 0 then 'public' else a.grantee::regrole::text end as role, a.privilege_type as privilege
    from pg_catalog.pg_class as c
    cross join lateral pg_catalog.aclexplode(c.relacl) as a
    where c.oid = pg_catalog.to_regclass(${literal(qualified(from).text)}) and a.grantee <> c.relowner
  loop
    execute pg_catalog.format('grant %s on %s to %s', it.privilege, ${literal(qualified(to).text)}, it.role);
  end loop;
end
$millrace$`.text,
  ]
}

function dropTriggers(table: RelationName): string {
  return sql`do $millrace$
declare
  it name;
begin
  for it in
    select t.tgname
    from pg_catalog.pg_trigger as t
    where t.tgrelid = pg_catalog.to_regclass(${literal(qualified(table).text)}) and not t.tgisinternal
  loop
    execute pg_catalog.format('drop trigger %I on %s', it, ${literal(qualified(table).text)});
  end loop;
end
$millrace$`.text
}
