import { rankFunctionName } from '../../sql/names.ts'
import { ident, join, literal, sql, trusted, type Sql } from '../../sql/sql.ts'
import { rowsOfLeaf } from './locate.ts'
import { entryPlace, isBefore, orderBy } from './order.ts'
import { entriesOf, functionOf, groupNames, placeNames, SETTINGS, type RankTree } from './tree.ts'

/** The next id of an entry, so that children can be told their parent's in the statement that makes it. */
export function nextId(tree: RankTree): Sql {
  return sql`nextval(pg_get_serial_sequence(${literal(entriesOf(tree).text)}, 'id'))`
}

/**
 * At the end of the transaction, for each leaf that has become too full or too empty: its counts and the stored rows agree
 * by then. What happens to it may leave its parent too full or too empty, and so on upwards.
 */
export function settleFunctions(tree: RankTree): readonly Sql[] {
  const entries = entriesOf(tree)
  const bucket = trusted(String(tree.bucket))
  const trigger = ident(rankFunctionName(tree.entries, 'settle').name)
  return [
    firstFunction(tree),
    splitFunction(tree),
    mergeFunction(tree),
    sql`create or replace function ${functionOf(tree, 'settle')}() returns trigger
language plpgsql security definer
${SETTINGS}
as $millrace$
declare
  at_id bigint := new.id;
  above bigint;
  entry ${entries};
  size bigint;
begin
  while at_id is not null loop
    above := ${functionOf(tree, 'first')}(at_id);
    select e.* into entry from ${entries} as e where e.id = at_id;
    exit when entry.id is null;
    size := ${sizeOf(tree, 'entry')};
    if size > 2 * ${bucket} then
      above := coalesce(${functionOf(tree, 'split')}(entry, size), above);
    elsif 2 * size < ${bucket} or (size = 1 and not entry.is_leaf) then
      above := coalesce(${functionOf(tree, 'merge')}(entry, size), above);
    end if;
    at_id := above;
  end loop;
  return null;
end
$millrace$`,
    sql`drop trigger if exists ${trigger} on ${entries}`,
    sql`create constraint trigger ${trigger}
after update on ${entries}
deferrable initially deferred
for each row
when (new.is_leaf and (new.rows > 2 * ${bucket} or (2 * new.rows < ${bucket} and new.rows < old.rows)))
execute function ${functionOf(tree, 'settle')}()`,
  ]
}

/**
 * Rows of a leaf, children of an inner entry; both counted where they stand. A count that is wrong must not decide here:
 * a leaf that has fewer rows than it says cannot be divided, and would be tried again for ever.
 */
function sizeOf(tree: RankTree, entry: string): Sql {
  const name = trusted(entry)
  return sql`case
        when ${name}.is_leaf then (select count(*) from (${rowsOfLeaf(tree, entry, sql`${name}.rows`)}) as r)
        else (select count(*) from ${entriesOf(tree)} as e where e.parent = ${name}.id)
      end`
}

/** `(entry, size)` → divides it evenly and returns its parent, which has more children now. A root gets a new one above it. */
function splitFunction(tree: RankTree): Sql {
  const entries = entriesOf(tree)
  const place = placeNames(tree)
  const all = [...groupNames(tree), ...place]
  const of = (alias: string) => all.map((name) => sql`${trusted(alias)}.${name}`)
  const inOrder = orderBy(tree.places, entryPlace(tree.places, 'u'))
  return sql`create or replace function ${functionOf(tree, 'split')}(entry ${entries}, size bigint) returns bigint
language plpgsql
${SETTINGS}
as $millrace$
declare
  pieces bigint := (size + ${trusted(String(tree.bucket - 1))}) / ${trusted(String(tree.bucket))};
begin
  if entry.parent is null then
    entry.parent := ${nextId(tree)};
    insert into ${entries} (id, is_leaf, rows, ${join(all)})
    values (entry.parent, false, entry.rows, ${join(of('entry'))});
    update ${entries} as e set parent = entry.parent where e.id = entry.id;
  end if;
  with member as (
    select u.*, row_number() over (order by ${inOrder}) - 1 as at
    from (
      select null::bigint as id, 1::bigint as rows, ${join(place.map((name) => sql`r.${name}`))}
      from (${rowsOfLeaf(tree, 'entry', trusted('(case when entry.is_leaf then entry.rows else 0 end)'))}) as r
      union all
      select e.id, e.rows, ${join(place.map((name) => sql`e.${name}`))}
      from ${entries} as e
      where e.parent = entry.id
    ) as u
  ),
  piece as materialized (
    select m.at * pieces / size as n, min(m.at) as at, sum(m.rows)::bigint as rows, ${nextId(tree)} as id
    from member as m
    group by 1
  ),
  made as (
    insert into ${entries} (id, parent, is_leaf, rows, ${join(all)})
    select p.id, entry.parent, entry.is_leaf, p.rows, ${join([
      ...groupNames(tree).map((name) => sql`entry.${name}`),
      ...place.map((name) => sql`m.${name}`),
    ])}
    from piece as p
    join member as m on m.at = p.at
    where p.n > 0
  ),
  moved as (
    update ${entries} as e
    set parent = p.id
    from member as m
    join piece as p on p.n = m.at * pieces / size
    where p.n > 0 and e.id = m.id
  )
  update ${entries} as e
  set rows = p.rows
  from piece as p
  where p.n = 0 and e.id = entry.id;
  return entry.parent;
end
$millrace$`
}

/**
 * `(entry, size)` → merges it with a neighbour under the same parent, or removes it if it is empty, and returns their
 * parent; null where nothing was to be done. The one that comes first takes in the other and keeps its place: a place means rows up to the next one.
 */
function mergeFunction(tree: RankTree): Sql {
  const entries = entriesOf(tree)
  const most = trusted(String(Math.floor(tree.bucket * 1.5)))
  const place = (alias: string) => entryPlace(tree.places, alias)
  return sql`create or replace function ${functionOf(tree, 'merge')}(entry ${entries}, size bigint) returns bigint
language plpgsql
${SETTINGS}
as $millrace$
declare
  near ${entries};
  near_size bigint;
begin
  if size = 0 then
    delete from ${entries} as e where e.id = entry.id;
    return entry.parent;
  end if;
  if entry.parent is null then
    -- a root with one child is one level too many
    if not entry.is_leaf and size = 1 then
      update ${entries} as e set parent = null where e.parent = entry.id;
      delete from ${entries} as e where e.id = entry.id;
    end if;
    return null;
  end if;

  select e.* into near
  from ${entries} as e
  where e.parent = entry.parent and ${isBefore(tree.places, place('e'), place('entry'))}
  order by ${orderBy(tree.places, place('e'), 'back')}
  limit 1;
  if near.id is null then
    near := entry;
    select e.* into entry
    from ${entries} as e
    where e.parent = near.parent and ${isBefore(tree.places, place('near'), place('e'))}
    order by ${orderBy(tree.places, place('e'))}
    limit 1;
    if entry.id is null then
      return null;
    end if;
    near_size := size;
    size := ${sizeOf(tree, 'entry')};
  else
    near_size := ${sizeOf(tree, 'near')};
  end if;
  if near_size + size > ${most} then
    return null;
  end if;
  update ${entries} as e set parent = near.id where e.parent = entry.id;
  update ${entries} as e set rows = e.rows + entry.rows where e.id = near.id;
  delete from ${entries} as e where e.id = entry.id;
  return near.parent;
end
$millrace$`
}

/** `(id)` → lets an inner entry stand at its first child's place; returns its parent if it stood elsewhere. */
function firstFunction(tree: RankTree): Sql {
  const entries = entriesOf(tree)
  const place = placeNames(tree)
  const of = (alias: string) => entryPlace(tree.places, alias)
  const differs = of('child').map((value, i) => sql`${value} <> ${of('e')[i] ?? trusted('')}`)
  return sql`create or replace function ${functionOf(tree, 'first')}(entry_id bigint) returns bigint
language plpgsql
${SETTINGS}
as $millrace$
declare
  child ${entries};
  above bigint;
begin
  select e.* into child
  from ${entries} as e
  where e.parent = entry_id
  order by ${orderBy(tree.places, of('e'))}
  limit 1;
  update ${entries} as e
  set (${join(place)}) = row(${join(of('child'))})
  where e.id = entry_id and (${join(differs, ' or ')})
  returning e.parent into above;
  return above;
end
$millrace$`
}
