import { capture } from '../peers/capture.ts'
import { immediate } from '../peers/immediate.ts'
import type { Subject } from './subject.ts'
import { COUNT_COMMITTED_VOTES, CREATE_VOTES, insertVote, PROJECTS } from './votes.sql.ts'

const CATEGORIES = 20

/** The newest vote of each project beside names from two tables: a join and a max(), which must be recomputed. */
export const newest: Subject = {
  name: 'newest',
  title: 'the newest vote of each project, with names',
  create: [
    ...CREATE_VOTES,
    'create index on votes (project_id, id)',
    'create table categories (id int primary key, name text not null)',
    `insert into categories
select id, 'category ' || id
from generate_series(1, ${String(CATEGORIES)}) as id`,
    'create table projects (id int primary key, category_id int not null references categories, title text not null)',
    `insert into projects
select id, 1 + id % ${String(CATEGORIES)}, 'project ' || id
from generate_series(1, ${String(PROJECTS)}) as id`,
    'create index on projects (category_id)',
    'analyze categories, projects',
  ],
  model: {
    name: 'newest_votes',
    key: ['project_id'],
    query: `
      select p.id as project_id, p.title, c.name as category,
             (select max(v.id) from votes v where v.project_id = p.id) as newest_vote
      from projects p
      join categories c on c.id = p.category_id`,
    indexes: [],
  },
  peers: [capture, immediate],
  keys: PROJECTS,
  write: insertVote,
  countCommitted: COUNT_COMMITTED_VOTES,
  read: (relation, project) => ({
    name: 'read_newest',
    text: `select * from ${relation} where project_id = $1::int`,
    values: [project],
  }),
}
