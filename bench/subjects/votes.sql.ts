import type { Statement } from './subject.ts'

/** How many projects are voted for. Each has a vote before the clock starts, so that counters are updated, not made. */
export const PROJECTS = 10_000

export const CREATE_VOTES: readonly string[] = [
  `create table votes (
  id bigint generated always as identity primary key,
  project_id int not null,
  user_id int not null,
  is_up boolean not null
)`,
  `insert into votes (project_id, user_id, is_up)
select project, 0, true
from generate_series(1, ${String(PROJECTS)}) as project`,
  'analyze votes',
]

/** What the peers that are written by hand keep under the name `counters`. */
export const COUNT_VOTES = 'select project_id, count(*) as votes from votes group by project_id'

export function insertVote(project: number, random: () => number): Statement {
  const user = 1 + Math.floor(random() * 1_000_000)
  return {
    name: 'insert_vote',
    text: 'insert into votes (project_id, user_id, is_up) values ($1::int, $2::int, $3::boolean)',
    values: [project, user, random() < 0.8],
  }
}

/** → `{ committed }`: votes that really were. */
export const COUNT_COMMITTED_VOTES = 'select count(*)::int as committed from votes where user_id > 0'
