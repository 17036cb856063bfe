import { CREATE_COUNTERS } from './counter-table.sql.ts'
import type { Peer } from './peer.ts'

const ADD_NEW = `
  insert into counters as c (project_id, votes)
  values (new.project_id, 1)
  on conflict (project_id) do update
  set votes = c.votes + 1;`
const TAKE_OLD = `
  update counters set votes = votes - 1 where project_id = old.project_id;
  delete from counters where project_id = old.project_id and votes = 0;`

/** What most people write. Statements over several rows can deadlock with each other. */
export const rowTrigger: Peer = {
  name: 'row-trigger',
  title: 'row trigger by hand',
  setUp: [
    ...CREATE_COUNTERS,
    ...onRow('insert', 'insert', ADD_NEW),
    ...onRow('delete', 'delete', TAKE_OLD),
    ...onRow('update', 'update of project_id', ADD_NEW + TAKE_OLD),
  ],
  tearDown: [],
  keepsModel: true,
  isEventual: false,
  exactRead: ({ name }) => name,
}

function onRow(name: string, event: string, steps: string): readonly string[] {
  return [
    `create function count_${name}() returns trigger
language plpgsql
as $$
begin${steps}
  return null;
end
$$`,
    `create trigger count_${name}
after ${event} on votes
for each row execute function count_${name}()`,
  ]
}
