import type { Client } from '../pg/client.ts'
import type { DraftFile } from './files.ts'

/** For who has no tables yet: those of the README's tour, with a few rows. */
export const EXAMPLE: DraftFile = {
  path: 'example.sql',
  text: `create table users (id int primary key, name text not null);
create table projects (
  id int generated always as identity primary key,
  user_id int not null references users,
  title text not null
);
create table votes (
  project_id int references projects on delete cascade,
  user_id int references users,
  primary key (project_id, user_id)
);
create index projects_of_user on projects (user_id);
create index votes_of_user on votes (user_id);
insert into users values (1, 'ada'), (2, 'ben'), (3, 'chen');
insert into projects (user_id, title) values (1, 'lantern'), (2, 'compass');
insert into votes values (1, 2), (1, 3), (2, 3);
`,
}

/** The table that its page is about. */
export const EXAMPLE_TABLE = 'projects'

export async function makeExample(client: Client): Promise<void> {
  await client.query(`begin; ${EXAMPLE.text} commit`)
}
