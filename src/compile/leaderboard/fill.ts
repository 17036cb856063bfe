import { join, sql, trusted, type Sql } from '../../sql/sql.ts'
import { entryPlace, orderBy, placeOf } from './order.ts'
import { nextId } from './settle.ts'
import {
  entriesOf,
  functionOf,
  groupNames,
  groupOf,
  isRanked,
  placeNames,
  SAFE_PATH,
  storageOf,
  type RankTree,
} from './tree.ts'

function partition(names: readonly Sql[]): Sql {
  return names.length === 0 ? trusted('') : sql`partition by ${join(names)} `
}

function grouping(names: readonly Sql[]): Sql {
  return names.length === 0 ? trusted('') : sql`\n    group by ${join(names)}`
}

/** The groups and places of the ranked rows, by the names that they have in the tree. */
function rankedRows(tree: RankTree): Sql {
  const names = [...groupNames(tree), ...placeNames(tree)]
  const values = [...groupOf(tree, 's'), ...placeOf(tree.places, 's')]
  return sql`select ${join(values.map((it, i) => sql`${it} as ${names[i] ?? trusted('')}`))}
    from ${storageOf(tree)} as s
    where ${join(isRanked(tree, 's'), ' and ')}`
}

/** `()` → makes the tree anew from the stored rows, in one pass for each level; whoever writes them waits meanwhile. */
export function fillFunction(tree: RankTree): Sql {
  const entries = entriesOf(tree)
  const bucket = trusted(String(tree.bucket))
  const group = groupNames(tree)
  const all = join([...group, ...placeNames(tree)])
  const inOrder = orderBy(tree.places, placeNames(tree))
  const sameGroup = (a: string, b: string) =>
    join(
      [trusted('true'), ...group.map((name) => sql`${trusted(a)}.${name} = ${trusted(b)}.${name}`)],
      ' and ',
    )
  return sql`create or replace function ${functionOf(tree, 'fill')}() returns void
language plpgsql security definer
${SAFE_PATH}
as $millrace$
declare
  raised bigint;
begin
  lock table ${storageOf(tree)} in share mode;
  lock table ${entries} in share row exclusive mode;
  delete from ${entries};
  with ranked as (
    ${rankedRows(tree)}
  ),
  sized as (
    select ${join([...group, trusted('count(*) as size')])}
    from ranked${grouping(group)}
  ),
  numbered as (
    select ${all}, row_number() over (${partition(group)}order by ${inOrder}) - 1 as at
    from ranked
  )
  insert into ${entries} (is_leaf, rows, ${all})
  select true, least(${bucket}, sized.size - numbered.at), ${join([
    ...group.map((name) => sql`numbered.${name}`),
    ...entryPlace(tree.places, 'numbered'),
  ])}
  from numbered
  join sized on ${sameGroup('sized', 'numbered')}
  where numbered.at % ${bucket} = 0;

  loop
    with orphan as (
      select id, rows, ${all},
             row_number() over (${partition(group)}order by ${inOrder}) - 1 as at,
             count(*) over (${group.length === 0 ? trusted('') : sql`partition by ${join(group)}`}) as size
      from ${entries}
      where parent is null
    ),
    above as materialized (
      select ${join([...group, trusted('at')])} / ${bucket} as n, min(at) as at, sum(rows)::bigint as rows, ${nextId(tree)} as id
      from orphan
      where size > 1
      group by ${join([...group, trusted('at')])} / ${bucket}
    ),
    made as (
      insert into ${entries} (id, is_leaf, rows, ${all})
      select above.id, false, above.rows, ${join([
        ...group.map((name) => sql`o.${name}`),
        ...entryPlace(tree.places, 'o'),
      ])}
      from above
      join orphan as o on o.at = above.at and ${sameGroup('o', 'above')}
    )
    update ${entries} as e
    set parent = above.id
    from orphan as o
    join above on above.n = o.at / ${bucket} and ${sameGroup('o', 'above')}
    where e.id = o.id;
    get diagnostics raised = row_count;
    exit when raised = 0;
  end loop;
end
$millrace$`
}

/**
 * `()` → how many entries of the tree are wrong: a leaf that does not count the rows from its place to the next one's, rows
 * before the first leaf, an inner entry that is not the sum of its children or stands elsewhere than the first of them.
 */
export function checkFunction(tree: RankTree): Sql {
  const entries = entriesOf(tree)
  const group = groupNames(tree)
  const all = join([...group, ...placeNames(tree)])
  const inOrder = orderBy(tree.places, placeNames(tree))
  const places = placeNames(tree)
  return sql`create or replace function ${functionOf(tree, 'check')}() returns bigint
language sql stable security definer
${SAFE_PATH}
as $millrace$
  with merged as (
    select null::bigint as id, r.*
    from (
    ${rankedRows(tree)}
    ) as r
    union all
    select id, ${all}
    from ${entries}
    where is_leaf
  ),
  counted as (
    select ${join([...group, trusted('id')])}, count(id) over (${partition(group)}order by ${inOrder}, (id is null) rows unbounded preceding) as leaf
    from merged
  ),
  leaf as (
    select max(id) as id, count(*) - count(id) as rows
    from counted
    group by ${join([...group, trusted('leaf')])}
  ),
  child as (
    select parent, rows, ${join(places)}, row_number() over (partition by parent order by ${inOrder}) as at
    from ${entries}
    where parent is not null
  ),
  inner_entry as (
    select c.parent as id, sum(c.rows) as rows
    from child as c
    group by c.parent
  )
  select (select count(*) from leaf left join ${entries} as e on e.id = leaf.id where e.rows is distinct from leaf.rows)
       + (select count(*) from ${entries} as e left join inner_entry as i on i.id = e.id where not e.is_leaf and e.rows is distinct from i.rows)
       + (select count(*) from (select from ${entries} where parent is null${group.length === 0 ? trusted('') : sql` group by ${join(group)}`} having count(*) > 1) as roots)
       + (select count(*) from child as c left join ${entries} as e on e.id = c.parent and not e.is_leaf
          where c.at = 1 and (e.id is null or ${join(
            places.map((name) => sql`e.${name} <> c.${name}`),
            ' or ',
          )}))
$millrace$`
}
