import { rankTriggerName } from '../../sql/names.ts'
import { join, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import { leafAt } from './locate.ts'
import { entryPlace, isBefore, orderBy, placeOf } from './order.ts'
import {
  asEntry,
  entriesOf,
  functionOf,
  groupNames,
  groupOf,
  isRanked,
  placeNames,
  SAFE_PATH,
  sameGroup,
  SETTINGS,
  storageOf,
  type RankTree,
} from './tree.ts'

const EVENTS = ['insert', 'update', 'delete', 'truncate'] as const
type Event = (typeof EVENTS)[number]

/** Rows of the stored table that came and went, as entries that count 1 and -1; a row that keeps its place is none. */
function changesOf(tree: RankTree, event: Exclude<Event, 'truncate'>): Sql {
  const from = (rows: string, count: string) =>
    sql`select ${asEntry(tree, 's', trusted(count))} from ${trusted(rows)} as s where ${join(isRanked(tree, 's'), ' and ')}`
  if (event === 'insert') return from('new_rows', '1')
  if (event === 'delete') return from('old_rows', '-1')

  const names = [...groupNames(tree), ...placeNames(tree)]
  const values = [...groupOf(tree, 's'), ...placeOf(tree.places, 's')]
  const side = (rows: string, count: string) =>
    sql`select ${trusted(count)} as rows, ${join(values.map((it, i) => sql`${it} as ${names[i] ?? trusted('')}`))} from ${trusted(rows)} as s where ${join(isRanked(tree, 's'), ' and ')}`
  return sql`select row(null, null, true, sum(c.rows), ${join(names)})::${entriesOf(tree)}
      from (${side('new_rows', '1')} union all ${side('old_rows', '-1')}) as c
      group by ${join(names)}
      having sum(c.rows) <> 0`
}

/** The trigger function of one event, for all trees of a leaderboard. */
function changeFunction(trees: readonly RankTree[], name: Sql, event: Event): Sql {
  const calls = trees.map((tree) =>
    event === 'truncate'
      ? sql`  truncate table ${entriesOf(tree)};`
      : sql`  perform ${functionOf(tree, 'apply')}(array(${changesOf(tree, event)}));`,
  )
  return sql`create or replace function ${name}() returns trigger
language plpgsql security definer
${SAFE_PATH}
as $millrace$
begin
${join(calls, '\n')}
  return null;
end
$millrace$`
}

/** Triggers on the stored table: whatever writes it, the ranks go with it. */
export function changeTriggers(trees: readonly RankTree[]): {
  readonly functions: readonly Sql[]
  readonly triggers: readonly Sql[]
  readonly dropFunctions: readonly Sql[]
} {
  const [first] = trees
  if (first === undefined) return { functions: [], triggers: [], dropFunctions: [] }
  const nameOf = (event: Event) => qualified(rankTriggerName(first.storage, event))
  const transition = { insert: 'new', update: 'both', delete: 'old', truncate: 'none' } as const
  const referencing = {
    new: ' referencing new table as new_rows',
    old: ' referencing old table as old_rows',
    both: ' referencing old table as old_rows new table as new_rows',
    none: '',
  }
  return {
    functions: EVENTS.flatMap((event) => [
      changeFunction(trees, nameOf(event), event),
      sql`revoke all on function ${nameOf(event)}() from public`,
    ]),
    triggers: EVENTS.map(
      (event) =>
        sql`create or replace trigger ${trusted(`millrace_ranks_${event}`)} after ${trusted(event)} on ${storageOf(first)}${trusted(referencing[transition[event]])} for each statement execute function ${nameOf(event)}()`,
    ),
    dropFunctions: EVENTS.map((event) => sql`drop function if exists ${nameOf(event)}()`),
  }
}

/**
 * `(changes)` → adds them to the counts of their leaves and of all above. It reads the tree only, never the stored table,
 * where all changes of the statement stand already while its triggers come one after the other (a recompute inserts,
 * updates and deletes in one statement). For the same reason splitting waits for the end of the transaction.
 */
export function applyFunction(tree: RankTree): Sql {
  const entries = entriesOf(tree)
  const group = groupNames(tree)
  const place = placeNames(tree)
  const all = join([...group, ...place])
  const inOrder = (alias: string) => orderBy(tree.places, entryPlace(tree.places, alias))
  const groupsOf = (alias: string) => group.map((name) => sql`${trusted(alias)}.${name}`)
  const distinct = group.length === 0 ? trusted('') : sql`distinct on (${join(groupsOf('c'))}) `
  const one = group.length === 0 ? trusted('\n  limit 1') : trusted('')
  const same = (alias: string) => join([trusted('true'), ...sameGroup(tree, 'e', alias)], ' and ')
  const whole = (alias: string) => join([...groupsOf(alias), inOrder(alias)])
  return sql`create or replace function ${functionOf(tree, 'apply')}(changes ${entries}[]) returns void
language plpgsql
${SETTINGS}
as $millrace$
declare
  ids bigint[];
  counts bigint[];
begin
  if cardinality(changes) = 0 then
    return;
  end if;
  lock table ${entries} in share row exclusive mode;

  -- a group that has rows for the first time
  insert into ${entries} (is_leaf, rows, ${all})
  select ${distinct}true, 0, ${all}
  from unnest(changes) as c
  where c.rows > 0
    and not exists (select from ${entries} as e where e.parent is null and ${same('c')})
  order by ${whole('c')}${one};

  -- the first leaf of a group reaches down to its first row, and so does all that stands above it
  with recursive lowest as (
    select ${distinct}c.*
    from unnest(changes) as c
    where c.rows > 0
    order by ${whole('c')}${one}
  ),
  lowered (id, parent, ${all}) as (
    select first.id, first.parent, ${join([...groupsOf('lowest'), ...entryPlace(tree.places, 'lowest')])}
    from lowest
    cross join lateral (
      select e.*
      from ${entries} as e
      where e.is_leaf and ${same('lowest')}
      order by ${inOrder('e')}
      limit 1
    ) as first
    where ${isBefore(tree.places, entryPlace(tree.places, 'lowest'), entryPlace(tree.places, 'first'))}
    union all
    select e.id, e.parent, ${join([...groupsOf('lowered'), ...entryPlace(tree.places, 'lowered')])}
    from lowered
    join ${entries} as e on e.id = lowered.parent
  )
  update ${entries} as e
  set (${join(place)}) = row(${join(entryPlace(tree.places, 'lowered'))})
  from lowered
  where e.id = lowered.id;

  select array_agg(d.id), array_agg(d.rows) into ids, counts
  from (
    select leaf.id, sum(c.rows) as rows
    from unnest(changes) as c
    cross join lateral (${leafAt(tree, 'c')}) as leaf
    group by leaf.id
    having sum(c.rows) <> 0
  ) as d;
  while ids is not null loop
    with counted as (
      update ${entries} as e
      set rows = e.rows + d.rows
      from unnest(ids, counts) as d (id, rows)
      where e.id = d.id
      returning e.parent, d.rows
    )
    select array_agg(d.parent), array_agg(d.rows) into ids, counts
    from (
      select parent, sum(rows) as rows
      from counted
      where parent is not null
      group by parent
      having sum(rows) <> 0
    ) as d;
  end loop;
end
$millrace$`
}
