import { CREATE_COUNTERS } from './counter-table.sql.ts'
import type { Peer } from './peer.ts'

export const statementTrigger: Peer = {
  name: 'statement-trigger',
  title: 'statement trigger by hand',
  setUp: [
    ...CREATE_COUNTERS,
    `create function count_votes() returns trigger
language plpgsql
as $$
begin
  insert into counters as c (project_id, votes)
  select project_id, count(*)
  from new_rows
  group by project_id
  order by project_id
  on conflict (project_id) do update
  set votes = c.votes + excluded.votes;
  return null;
end
$$`,
    `create trigger count_votes
after insert on votes
referencing new table as new_rows
for each statement execute function count_votes()`,
  ],
  tearDown: [],
  keepsModel: true,
  isEventual: false,
  exactRead: ({ name }) => name,
}
