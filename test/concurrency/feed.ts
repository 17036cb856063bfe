import type { TestModel } from '../support/models.ts'

/** What the tables hold when a race begins. */
export const ROWS = `
  insert into users select i, 'user ' || i from generate_series(1, 4) as i;
  insert into projects select i, 1 + i % 4, 'project ' || i from generate_series(1, 8) as i;
  insert into votes select u, p, (u + p) % 3 > 0 from generate_series(1, 4) as u, generate_series(1, 8, 2) as p;`

/** The tables that most races are about: users who have projects, and votes for those. */
export const SCHEMA = `
  create table users (id int primary key, name text not null);
  create table projects (
    id int primary key,
    user_id int not null references users on delete cascade,
    title text not null,
    is_deleted boolean not null default false
  );
  create index on projects (user_id);
  create table votes (
    user_id int not null,
    project_id int not null references projects on delete cascade,
    up boolean not null,
    primary key (user_id, project_id)
  );
  create index on votes (project_id);
  ${ROWS}`

/** A row per project: one source that is the key, one two tables away, one by a correlated count, and a filter. */
export const FEED: TestModel = {
  name: 'feed',
  key: 'id',
  query: `
    select p.id, p.title, u.name as author,
           (select count(*) from votes v where v.project_id = p.id and v.up) as ups
    from projects p
    join users u on u.id = p.user_id
    where not p.is_deleted`,
}

/** A row per group: it is born with the first project of a user and dies with the last. */
export const AUTHORS: TestModel = {
  name: 'authors',
  key: 'user_id',
  query: `
    select p.user_id, count(*) as projects, string_agg(p.title, ', ' order by p.id) as titles
    from projects p
    where not p.is_deleted
    group by p.user_id`,
}

/** Votes find their user only through projects. */
export const FANS: TestModel = {
  name: 'fans',
  key: 'id',
  query: `
    select u.id, u.name,
           (select count(*) from votes v join projects p on p.id = v.project_id where p.user_id = u.id and v.up) as ups
    from users u`,
}

/** One column each, so that capture for the one does not serve the other. */
export const TITLES: TestModel = {
  name: 'titles',
  key: 'id',
  query: 'select id, title from projects where not is_deleted',
}

export const OWNERS: TestModel = { name: 'owners', key: 'id', query: 'select id, user_id from projects' }
