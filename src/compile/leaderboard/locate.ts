import { join, sql, trusted, type Sql } from '../../sql/sql.ts'
import { entryPlace, isBefore, orderBy, placeOf, scan } from './order.ts'
import {
  entriesOf,
  functionOf,
  inGroup,
  placeNames,
  sameGroup,
  SETTINGS,
  storageOf,
  type RankTree,
} from './tree.ts'

/** The leaf to which a place belongs: `id`, and its own place. None for a place before the first. */
export function leafAt(tree: RankTree, place: string): Sql {
  return scan({
    places: tree.places,
    table: sql`${entriesOf(tree)} as e`,
    row: entryPlace(tree.places, 'e'),
    also: [trusted('e.id')],
    where: [...sameGroup(tree, 'e', place), trusted('e.is_leaf')],
    place: entryPlace(tree.places, place),
    direction: 'back',
    inclusive: true,
    limit: trusted('1'),
  })
}

/** The places of the rows that a leaf stands for, in order. */
export function rowsOfLeaf(tree: RankTree, leaf: string, limit: Sql): Sql {
  return scan({
    places: tree.places,
    table: sql`${storageOf(tree)} as s`,
    row: placeOf(tree.places, 's'),
    also: [],
    where: inGroup(tree, 's', leaf),
    place: entryPlace(tree.places, leaf),
    direction: 'onward',
    inclusive: true,
    limit,
  })
}

/** `(place)` → how many rows of its group come before it. */
export function beforeFunction(tree: RankTree): Sql {
  const entries = entriesOf(tree)
  return sql`create or replace function ${functionOf(tree, 'before')}(place ${entries}) returns bigint
language plpgsql stable
${SETTINGS}
as $millrace$
declare
  entry ${entries};
  earlier bigint;
  total bigint;
begin
  select e.* into entry
  from (${leafAt(tree, 'place')}) as leaf
  join ${entries} as e on e.id = leaf.id;
  if entry.id is null then
    return 0;
  end if;
  select count(*) into total
  from (${rowsOfLeaf(tree, 'entry', trusted('entry.rows'))}) as r
  where ${isBefore(tree.places, entryPlace(tree.places, 'r'), entryPlace(tree.places, 'place'))};
  while entry.parent is not null loop
    select coalesce(sum(e.rows), 0) into earlier
    from ${entries} as e
    where e.parent = entry.parent
      and ${isBefore(tree.places, entryPlace(tree.places, 'e'), entryPlace(tree.places, 'entry'))};
    total := total + earlier;
    select e.* into entry from ${entries} as e where e.id = entry.parent;
  end loop;
  return total;
end
$millrace$`
}

/** `(skip, group)` → the place of the row with so many before it; null where there are not as many. */
export function atFunction(tree: RankTree): Sql {
  const entries = entriesOf(tree)
  return sql`create or replace function ${functionOf(tree, 'at')}(skip bigint, within ${entries}) returns ${entries}
language plpgsql stable
${SETTINGS}
as $millrace$
declare
  entry ${entries};
  child record;
  remaining bigint := skip;
begin
  select e.* into entry
  from ${entries} as e
  where ${join([trusted('e.parent is null'), ...sameGroup(tree, 'e', 'within')], ' and ')};
  if entry.id is null or skip >= entry.rows then
    return null;
  end if;
  while not entry.is_leaf loop
    select c.id, c.before into child
    from (
      select e.id, e.rows, sum(e.rows) over (order by ${orderBy(tree.places, entryPlace(tree.places, 'e'))}) - e.rows as before
      from ${entries} as e
      where e.parent = entry.id
    ) as c
    where remaining >= c.before and remaining < c.before + c.rows;
    remaining := remaining - child.before;
    select e.* into entry from ${entries} as e where e.id = child.id;
  end loop;
  select ${join(placeNames(tree))} into ${join(entryPlace(tree.places, 'entry'))}
  from (${rowsOfLeaf(tree, 'entry', trusted('remaining + 1'))}) as r
  offset remaining;
  return entry;
end
$millrace$`
}
