import { rankReaderName } from '../../sql/names.ts'
import { ident, join, literal, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { ReaderColumn } from '../decay.ts'
import type { RelationName } from '../plan.ts'
import { entryPlace, orderBy, placeOf } from './order.ts'
import { entriesOf, functionOf, isRanked, SAFE_PATH, sameGroup, storageOf, type RankTree } from './tree.ts'

export interface ReadParts {
  readonly model: RelationName
  /** The composite type of what is read: `rank`, and the columns of the read model. */
  readonly ranked: Sql
  readonly columns: readonly ReaderColumn[]
  readonly key: readonly ReaderColumn[]
}

/** What readers see of a row of the stored table, which stands in a column `item` of `near`. */
export function itemColumns(columns: readonly ReaderColumn[]): Sql {
  return join(columns.map(({ value }) => value((name) => sql`(near.item).${ident(name)}`)))
}

/** The row type of answers. A version that was in use before, and is made again, has it: the rest of it is made IF NOT EXISTS. */
export function rankedType({ ranked, columns }: ReadParts): Sql {
  const fields = columns.map(({ name, type, collation }) => {
    return sql`${ident(name)} ${trusted(collation === null ? type : `${type} collate ${collation}`)}`
  })
  return sql`do $millrace$
begin
  if to_regtype(${literal(ranked.text)}) is null then
    create type ${ranked} as (rank bigint, ${join(fields)});
  end if;
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

const SHARED = trusted('shared boolean default false')

/** Functions beside the read model, for whoever reads it: they run with their owner's rights, as its view does. */
export function readers(tree: RankTree, parts: ReadParts): readonly Reader[] {
  return [
    topReader(tree, parts),
    afterReader(tree, parts),
    aroundReader(tree, parts),
    rankReader(tree, parts),
    percentileReader(tree, parts),
    countReader(tree, parts),
  ]
}

interface ReaderText {
  readonly part: string
  readonly args: readonly Sql[]
  /** Rows with their ranks where nothing is said. */
  readonly returns?: Sql
  readonly body: Sql
}

function reader(
  tree: RankTree,
  { model, ranked }: ReadParts,
  { part, args, returns, body }: ReaderText,
): Reader {
  const name = rankReaderName(
    model,
    part,
    tree.groups.map(({ column }) => column),
  )
  return {
    name,
    sql: sql`create function ${qualified(name)}(${join(args)}) returns ${returns ?? sql`setof ${ranked}`}
language sql stable security definer
${SAFE_PATH}
as $millrace$
${body}
$millrace$`,
  }
}

/** `$1` … for the key's columns, the parameters that follow, and the place of the key's row, as `p`. */
function askedFor(tree: RankTree, { key }: ReadParts) {
  const [score] = entryPlace(tree.places, 'p')
  return {
    types: named(key),
    next: trusted(`$${String(key.length + 1)}`),
    last: trusted(`$${String(key.length + 2)}`),
    place: sql`${functionOf(tree, 'place')}(${join(parameters(1, key.length))}) as p`,
    hasPlace: sql`${score ?? trusted('')} is not null`,
  }
}

function topReader(tree: RankTree, parts: ReadParts): Reader {
  const groups = tree.groups.length
  const [n, skip, shared] = parameters(groups + 1, 3)
  const nulls = (count: number) => [...Array(count).keys()].map(() => trusted('null'))
  const within = sql`row(${join([...nulls(4), ...parameters(1, groups), ...nulls(tree.places.length)])})::${entriesOf(tree)}`
  return reader(tree, parts, {
    part: 'top',
    args: [...named(tree.groups), trusted('n bigint default 10'), trusted('skip bigint default 0'), SHARED],
    body: sql`  select * from ${functionOf(tree, 'page')}(${join([within, ...[skip, n, shared].flatMap((it) => it ?? [])])})`,
  })
}

function afterReader(tree: RankTree, parts: ReadParts): Reader {
  const { types, next, last, place, hasPlace } = askedFor(tree, parts)
  return reader(tree, parts, {
    part: 'after',
    args: [...types, trusted('n bigint default 10'), SHARED],
    body: sql`  select page.*
  from ${place}
  cross join lateral ${functionOf(tree, 'page')}(p, ${functionOf(tree, 'before')}(p) + 1, ${next}, ${last}) as page
  where ${hasPlace}`,
  })
}

function aroundReader(tree: RankTree, parts: ReadParts): Reader {
  const { types, next, last, place, hasPlace } = askedFor(tree, parts)
  return reader(tree, parts, {
    part: 'around',
    args: [...types, trusted('n bigint default 5'), SHARED],
    body: sql`  select page.*
  from (select p, ${functionOf(tree, 'before')}(p) as before from ${place} where ${hasPlace} offset 0) as own
  cross join lateral ${functionOf(tree, 'page')}(own.p, greatest(own.before - ${next}, 0), least(own.before, ${next}) + ${next} + 1, ${last}) as page`,
  })
}

function rankReader(tree: RankTree, parts: ReadParts): Reader {
  const { types, next, place, hasPlace } = askedFor(tree, parts)
  return reader(tree, parts, {
    part: 'rank',
    args: [...types, SHARED],
    returns: trusted('bigint'),
    body: sql`  select ${functionOf(tree, 'rank')}(p, ${next}) from ${place} where ${hasPlace}`,
  })
}

function percentileReader(tree: RankTree, parts: ReadParts): Reader {
  const { types, next, place, hasPlace } = askedFor(tree, parts)
  const isRoot = join([trusted('e.parent is null'), ...sameGroup(tree, 'e', 'p')], ' and ')
  return reader(tree, parts, {
    part: 'percentile',
    args: [...types, SHARED],
    returns: trusted('double precision'),
    body: sql`  select case when own.count = 1 then 100 else 100 * (own.count - own.rank)::double precision / (own.count - 1) end
  from (
    select ${functionOf(tree, 'rank')}(p, ${next}) as rank, (select e.rows from ${entriesOf(tree)} as e where ${isRoot}) as count
    from ${place}
    where ${hasPlace}
  ) as own`,
  })
}

function countReader(tree: RankTree, parts: ReadParts): Reader {
  const same = tree.groups.map(({ name }, i) => sql`e.${trusted(name)} = $${trusted(String(i + 1))}`)
  return reader(tree, parts, {
    part: 'count',
    args: named(tree.groups),
    returns: trusted('bigint'),
    body: sql`  select coalesce((select e.rows from ${entriesOf(tree)} as e where ${join([trusted('e.parent is null'), ...same], ' and ')}), 0)`,
  })
}

/** The rows of a list of keys, ranked among themselves: as long as the list is. */
export function amongReader(tree: RankTree, parts: ReadParts): Reader {
  const { columns, key } = parts
  const near = entryPlace(tree.places, 'near')
  const listed = key.map((_, i) => trusted(`k${String(i + 1)}`))
  const same = key.map((it, i) => sql`${ident('s', it.name)} = listed.${listed[i] ?? trusted('')}`)
  const values = placeOf(tree.places, 's').map(
    (it, i) => sql`${it} as ${trusted(tree.places[i]?.name ?? '')}`,
  )
  const shared = trusted(`$${String(key.length + 1)}`)
  return reader(tree, parts, {
    part: 'among',
    args: [...named(key, '[]'), SHARED],
    body: sql`  select case when ${shared} then rank() over (order by ${orderBy(tree.places.slice(0, 1), near.slice(0, 1))})
              else row_number() over (order by ${orderBy(tree.places, near)}) end,
         ${itemColumns(columns)}
  from (
    select s as item, ${join(values)}
    from (select distinct * from unnest(${join(parameters(1, key.length))})) as listed (${join(listed)})
    join ${storageOf(tree)} as s on ${join(same, ' and ')}
    where ${join(isRanked(tree, 's'), ' and ')}
  ) as near
  order by ${orderBy(tree.places, near)}`,
  })
}
