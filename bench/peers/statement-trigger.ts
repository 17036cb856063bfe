import { CREATE_COUNTERS } from './counter-table.sql.ts'
import type { Peer } from './peer.ts'

const ADD_NEW = addUp('select project_id, count(*) from new_rows')
const TAKE_OLD = addUp('select project_id, -count(*) from old_rows')
const MOVE = addUp(`select project_id, sum(step)
  from (
    select project_id, 1 as step from new_rows
    union all
    select project_id, -1 from old_rows
  ) as moved`)
const REMOVE_EMPTY = `
  delete from counters
  where votes = 0 and project_id in (select project_id from old_rows);`

/** What a careful author writes: right after updates and deletes too, and without a step too many for inserts. */
export const statementTrigger: Peer = {
  name: 'statement-trigger',
  title: 'statement trigger by hand',
  setUp: [
    ...CREATE_COUNTERS,
    ...onStatement('insert', 'new table as new_rows', ADD_NEW),
    ...onStatement('delete', 'old table as old_rows', TAKE_OLD + REMOVE_EMPTY),
    ...onStatement('update', 'old table as old_rows new table as new_rows', MOVE + REMOVE_EMPTY),
  ],
  tearDown: [],
  keepsModel: true,
  isEventual: false,
  exactRead: ({ name }) => name,
}

/** In the order of the key, so that two statements wait for each other instead of deadlocking. */
function addUp(counts: string): string {
  return `
  insert into counters as c (project_id, votes)
  ${counts}
  group by project_id
  order by project_id
  on conflict (project_id) do update
  set votes = c.votes + excluded.votes;`
}

function onStatement(event: string, tables: string, steps: string): readonly string[] {
  return [
    `create function count_${event}() returns trigger
language plpgsql
as $$
begin${steps}
  return null;
end
$$`,
    `create trigger count_${event}
after ${event} on votes
referencing ${tables}
for each statement execute function count_${event}()`,
  ]
}
