import { CREATE_COUNTERS } from './counter-table.sql.ts'
import type { Peer } from './peer.ts'

export const rowTrigger: Peer = {
  name: 'row-trigger',
  title: 'row trigger by hand',
  setUp: [
    ...CREATE_COUNTERS,
    `create function count_vote() returns trigger
language plpgsql
as $$
begin
  insert into counters as c (project_id, votes)
  values (new.project_id, 1)
  on conflict (project_id) do update
  set votes = c.votes + 1;
  return null;
end
$$`,
    `create trigger count_vote
after insert on votes
for each row execute function count_vote()`,
  ],
  tearDown: [],
  keepsModel: true,
  isEventual: false,
  exactRead: ({ name }) => name,
}
