import { rankReaderName } from '../../sql/names.ts'
import { ident, join, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { PlanColumn, RelationName } from '../plan.ts'
import { entryPlace, orderBy, placeOf, scan } from './order.ts'
import {
  entriesOf,
  functionOf,
  inGroup,
  isRanked,
  SAFE_PATH,
  sameGroup,
  SETTINGS,
  storageOf,
  type RankTree,
} from './tree.ts'

export interface ReadParts {
  readonly model: RelationName
  /** The composite type of what is read: `rank`, and the columns of the read model. */
  readonly ranked: Sql
  readonly columns: readonly PlanColumn[]
  readonly key: readonly PlanColumn[]
}

/** The row type of answers. */
export function rankedType({ ranked, columns }: ReadParts): Sql {
  return sql`create type ${ranked} as (rank bigint, ${join(columns.map(({ name, type, collation }) => sql`${ident(name)} ${trusted(collation === null ? type : `${type} collate ${collation}`)}`))})`
}

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
         ${join(columns.map(({ name }) => sql`(near.item).${ident(name)}`))}
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

/** A function for readers, with what it is called with. */
export interface Reader {
  readonly name: RelationName
  readonly sql: Sql
}

const OWN_NAMES = ['n', 'skip', 'shared']

function named(
  columns: readonly { readonly name?: string; readonly column?: string; readonly type: string }[],
  suffix = '',
): readonly Sql[] {
  return columns.map((it) => {
    const name = it.column ?? it.name ?? ''
    return sql`${ident(OWN_NAMES.includes(name) ? `of_${name}` : name)} ${trusted(`${it.type}${suffix}`)}`
  })
}

const parameters = (from: number, count: number) =>
  [...Array(count).keys()].map((i) => trusted(`$${String(from + i)}`))

/** Functions beside the read model, for whoever reads it: they run with their owner's rights, as its view does. */
export function readers(tree: RankTree, parts: ReadParts): readonly Reader[] {
  const { key, ranked } = parts
  const list = tree.groups.map(({ column }) => column)
  const keyTypes = named(key)
  const keys = parameters(1, key.length)
  const next = key.length + 1
  const groupTypes = named(tree.groups)
  const groups = tree.groups.length
  const within = sql`row(${join([...parameters(1, 4).map(() => trusted('null')), ...parameters(1, groups), ...tree.places.map(() => trusted('null'))])})::${entriesOf(tree)}`
  const place = sql`${functionOf(tree, 'place')}(${join(keys)})`
  const shared = trusted('shared boolean default false')
  const make = (part: string, args: readonly Sql[], returns: Sql, body: Sql, language: Sql): Reader => {
    const name = rankReaderName(parts.model, part, list)
    return {
      name,
      sql: sql`create function ${ident(name.schema, name.name)}(${join(args)}) returns ${returns}
language ${language} stable security definer
${SAFE_PATH}
as $millrace$
${body}
$millrace$`,
    }
  }
  const answer = (part: string, args: readonly Sql[], body: Sql) =>
    make(part, args, sql`setof ${ranked}`, body, trusted('sql'))
  const [page, before, rank] = ['page', 'before', 'rank'].map((part) => functionOf(tree, part))
  const [score] = entryPlace(tree.places, 'p')
  const p = trusted(`$${String(next)}`)
  const last = trusted(`$${String(next + 1)}`)
  const at = (i: number) => trusted(`$${String(groups + i)}`)
  const count = sql`coalesce((select e.rows from ${entriesOf(tree)} as e where ${join([trusted('e.parent is null'), ...tree.groups.map(({ name }, i) => sql`e.${trusted(name)} = $${trusted(String(i + 1))}`)], ' and ')}), 0)`
  const ownCount = sql`(select e.rows from ${entriesOf(tree)} as e where ${join([trusted('e.parent is null'), ...sameGroup(tree, 'e', 'p')], ' and ')})`
  return [
    answer(
      'top',
      [...groupTypes, trusted('n bigint default 10'), trusted('skip bigint default 0'), shared],
      sql`  select * from ${page ?? p}(${within}, ${at(2)}, ${at(1)}, ${at(3)})`,
    ),
    answer(
      'after',
      [...keyTypes, trusted('n bigint default 10'), shared],
      sql`  select page.*
  from ${place} as p
  cross join lateral ${page ?? p}(p, ${before ?? p}(p) + 1, ${p}, ${last}) as page
  where ${score ?? p} is not null`,
    ),
    answer(
      'around',
      [...keyTypes, trusted('n bigint default 5'), shared],
      sql`  select page.*
  from (select p, ${before ?? p}(p) as before from ${place} as p where ${score ?? p} is not null offset 0) as own
  cross join lateral ${page ?? p}(own.p, greatest(own.before - ${p}, 0), least(own.before, ${p}) + ${p} + 1, ${last}) as page`,
    ),
    make(
      'rank',
      [...keyTypes, shared],
      trusted('bigint'),
      sql`  select ${rank ?? p}(p, ${p}) from ${place} as p where ${score ?? p} is not null`,
      trusted('sql'),
    ),
    make(
      'percentile',
      [...keyTypes, shared],
      trusted('double precision'),
      sql`  select case when own.count = 1 then 100 else 100 * (own.count - own.rank)::double precision / (own.count - 1) end
  from (select ${rank ?? p}(p, ${p}) as rank, ${ownCount} as count from ${place} as p where ${score ?? p} is not null) as own`,
      trusted('sql'),
    ),
    make('count', groupTypes, trusted('bigint'), sql`  select ${count}`, trusted('sql')),
  ]
}

/** The rows of a list of keys, ranked among themselves: as long as the list is. */
export function amongReader(tree: RankTree, { model, ranked, columns, key }: ReadParts): Reader {
  const name = rankReaderName(model, 'among', [])
  const near = entryPlace(tree.places, 'near')
  const listed = key.map((_, i) => trusted(`k${String(i + 1)}`))
  const same = key.map((it, i) => sql`${ident('s', it.name)} = listed.${listed[i] ?? trusted('')}`)
  const values = placeOf(tree.places, 's').map(
    (it, i) => sql`${it} as ${trusted(tree.places[i]?.name ?? '')}`,
  )
  const shared = trusted(`$${String(key.length + 1)}`)
  return {
    name,
    sql: sql`create function ${ident(name.schema, name.name)}(${join([...named(key, '[]'), trusted('shared boolean default false')])}) returns setof ${ranked}
language sql stable security definer
${SAFE_PATH}
as $millrace$
  select case when ${shared} then rank() over (order by ${orderBy(tree.places.slice(0, 1), near.slice(0, 1))})
              else row_number() over (order by ${orderBy(tree.places, near)}) end,
         ${join(columns.map((it) => sql`(near.item).${ident(it.name)}`))}
  from (
    select s as item, ${join(values)}
    from (select distinct * from unnest(${join(parameters(1, key.length))})) as listed (${join(listed)})
    join ${storageOf(tree)} as s on ${join(same, ' and ')}
    where ${join(isRanked(tree, 's'), ' and ')}
  ) as near
  order by ${orderBy(tree.places, near)}
$millrace$`,
  }
}
