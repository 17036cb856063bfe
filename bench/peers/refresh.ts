import { COUNT_VOTES } from '../subjects/votes.sql.ts'
import type { Peer } from './peer.ts'

export const refresh: Peer = {
  name: 'refresh',
  title: 'REFRESH CONCURRENTLY',
  setUp: [
    `create materialized view counters as ${COUNT_VOTES}`,
    'create unique index on counters (project_id)',
    `create function refresh_counters() returns trigger
language plpgsql
as $$
begin
  refresh materialized view concurrently counters;
  return null;
end
$$`,
    `create trigger refresh_counters
after insert or update or delete on votes
for each statement execute function refresh_counters()`,
  ],
  tearDown: [],
  keepsModel: true,
  isEventual: false,
  exactRead: ({ name }) => name,
}
