import { ident, join, sql, trusted, type Sql } from '../../sql/sql.ts'
import { entryPlace, orderBy, placeOf, scan } from './order.ts'
import { itemColumns, type ReadParts } from './read.ts'
import { entriesOf, functionOf, inGroup, isRanked, SETTINGS, storageOf, type RankTree } from './tree.ts'

/** What the functions for readers of one tree are made of. */
export function innerReaders(tree: RankTree, parts: ReadParts): readonly Sql[] {
  return [placeFunction(tree, parts), rankFunction(tree), pageFunction(tree, parts)]
}

/** `(key)` → the place of its row; null where there is no such row, or it is not ranked. */
function placeFunction(tree: RankTree, { key }: ReadParts): Sql {
  const same = key.map(({ name }, i) => sql`${ident('s', name)} = $${trusted(String(i + 1))}`)
  return sql`create or replace function ${functionOf(tree, 'place')}(${join(key.map(({ type }) => trusted(type)))}) returns ${entriesOf(tree)}
language plpgsql stable
${SETTINGS}
as $millrace$
declare
  place ${entriesOf(tree)};
begin
  select ${join(placeAndGroup(tree, 's'))} into ${join(placeAndGroup(tree, 'place', true))}
  from ${storageOf(tree)} as s
  where ${join([...same, ...isRanked(tree, 's')], ' and ')};
  return place;
end
$millrace$`
}

function placeAndGroup(tree: RankTree, alias: string, isEntry = false): readonly Sql[] {
  const groups = tree.groups.map(({ column, name }) =>
    isEntry ? trusted(`${alias}.${name}`) : ident(alias, column),
  )
  return [...groups, ...(isEntry ? entryPlace(tree.places, alias) : placeOf(tree.places, alias))]
}

/** `(place, shared)` → its rank; `shared`: that of the first row with its score. */
function rankFunction(tree: RankTree): Sql {
  const [score] = placeOf(tree.places, 's')
  const [own] = entryPlace(tree.places, 'place')
  return sql`create or replace function ${functionOf(tree, 'rank')}(place ${entriesOf(tree)}, shared boolean) returns bigint
language plpgsql stable
${SETTINGS}
as $millrace$
begin
  if shared then
    select ${join(placeOf(tree.places, 's'))} into ${join(entryPlace(tree.places, 'place'))}
    from ${storageOf(tree)} as s
    where ${join([...inGroup(tree, 's', 'place'), sql`${score ?? trusted('')} = ${own ?? trusted('')}`], ' and ')}
    order by ${orderBy(tree.places, placeOf(tree.places, 's'))}
    limit 1;
  end if;
  return ${functionOf(tree, 'before')}(place) + 1;
end
$millrace$`
}

/** `(within, skip, n, shared)` → the `n` rows after the first `skip` of a group, in order. */
function pageFunction(tree: RankTree, { ranked, columns }: ReadParts): Sql {
  const near = entryPlace(tree.places, 'near')
  const [score] = near
  const [first] = entryPlace(tree.places, 'place')
  const byScore = orderBy(tree.places.slice(0, 1), near.slice(0, 1))
  return sql`create or replace function ${functionOf(tree, 'page')}(within ${entriesOf(tree)}, skip bigint, n bigint, shared boolean)
returns setof ${ranked}
language plpgsql stable
${SETTINGS}
as $millrace$
declare
  place ${entriesOf(tree)};
  standing bigint;
begin
  place := ${functionOf(tree, 'at')}(skip, within);
  if ${first ?? trusted('')} is null then
    return;
  end if;
  standing := ${functionOf(tree, 'rank')}(place, shared);
  return query
  select case when not shared then skip + row_number() over (order by ${orderBy(tree.places, near)})
              when ${score ?? trusted('')} = ${first ?? trusted('')} then standing
              else skip + rank() over (order by ${byScore}) end,
         ${itemColumns(columns)}
  from (${scan({
    places: tree.places,
    table: sql`${storageOf(tree)} as s`,
    row: placeOf(tree.places, 's'),
    also: [trusted('s as item')],
    where: inGroup(tree, 's', 'place'),
    place: entryPlace(tree.places, 'place'),
    direction: 'onward',
    inclusive: true,
    limit: trusted('n'),
  })}) as near
  order by ${orderBy(tree.places, near)};
end
$millrace$`
}
