import { literal } from '../../src/sql/sql.ts'
import { COUNT_VOTES } from '../subjects/votes.sql.ts'
import type { Peer } from './peer.ts'

/** `create_immv` stands in the schema pgivm since version 1.9, before that in pg_catalog. */
export const pgIvm: Peer = {
  name: 'pg-ivm',
  title: 'pg_ivm',
  setUp: [
    'create extension if not exists pg_ivm',
    `do $$
begin
  perform set_config('search_path', 'public, pgivm', true);
  perform create_immv('counters', ${literal(COUNT_VOTES).text});
end
$$`,
  ],
  tearDown: ['drop extension if exists pg_ivm cascade'],
  keepsModel: true,
  isEventual: false,
  exactRead: ({ name }) => name,
  async obstacle(client) {
    const found = await client.query(`select from pg_available_extensions where name = 'pg_ivm'`)
    return found.length === 0 ? 'this server does not have the extension pg_ivm' : undefined
  },
}
