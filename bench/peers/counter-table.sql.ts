import { COUNT_VOTES } from '../subjects/votes.sql.ts'

/** The table that people write by hand for their counter triggers. */
export const CREATE_COUNTERS: readonly string[] = [
  'create table counters (project_id int primary key, votes bigint not null)',
  `insert into counters ${COUNT_VOTES}`,
]
