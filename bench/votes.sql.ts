/** How many projects are voted for. Each has a vote before the clock starts, so that counters are updated, not made. */
export const PROJECTS = 10_000

/** The table that all peers write to, always made anew: every run begins in the same state. */
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

export const DROP_VOTES = 'drop table if exists votes cascade'

/** What every peer keeps under the name `counters`. */
export const COUNT_VOTES = 'select project_id, count(*) as votes from votes group by project_id'

/** The statement under test: one vote, committed. */
export const INSERT_VOTE = {
  name: 'insert_vote',
  text: 'insert into votes (project_id, user_id, is_up) values ($1::int, $2::int, $3::boolean)',
}

/** → `{ votes }`: what really was committed. */
export const COUNT_COMMITTED = 'select count(*)::int as votes from votes where user_id > 0'

/** → `{ wrong }`: projects whose counter is not the number of their votes. */
export const COUNT_WRONG = `
  select count(*)::int as wrong
  from (${COUNT_VOTES}) as truth
  full join counters using (project_id)
  where truth.votes is distinct from counters.votes`
