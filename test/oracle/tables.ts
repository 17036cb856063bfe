import type { Random } from './random.ts'

/** A table of the oracle's world: enough is said of it to write any statement against it. */
export interface Table {
  readonly name: string
  /** Single-column keys are drawn from 1 to `range`; two-column keys are two references. */
  readonly key: readonly string[]
  readonly range: number
  readonly columns: readonly Column[]
  readonly canTruncate: boolean
}

export interface Column {
  readonly name: string
  /** A literal. */
  readonly value: (random: Random) => string
  /** References this table: moving it moves the row between keys. */
  readonly references?: string
  /** No read model reads it. */
  readonly isUnused?: boolean
}

const number = (below: number) => (random: Random) => String(random.below(below) + 1)
const orNull = (value: (random: Random) => string) => (random: Random) =>
  random.oneIn(4) ? 'null' : value(random)
const text =
  (...values: readonly string[]) =>
  (random: Random) =>
    `'${random.pick(values)}'`
const boolean = (random: Random) => (random.oneIn(2) ? 'true' : 'false')
/** Equal and yet not the same: 1.0 and 1.00. */
const numeric = (random: Random) => random.pick(['1.0', '1.00', '2', '2.0', '-3.5', '0', '0.00'])
const time = (random: Random) => `'2026-01-01'::timestamp + interval '1 hour' * ${String(random.below(50))}`

const RANGE = { users: 30, categories: 6, projects: 60, comments: 160, messages: 120 } as const
const id = (table: keyof typeof RANGE) => ({ value: number(RANGE[table]), references: table })
const note: Column = { name: 'note', value: text('x', 'y', 'z'), isUnused: true }

export const TABLES: readonly Table[] = [
  {
    name: 'users',
    key: ['id'],
    range: RANGE.users,
    canTruncate: false,
    columns: [
      { name: 'name', value: text('ann', 'bob', 'cy', 'Di', 'eve') },
      { name: 'country', value: orNull(text('de', 'fr', 'it')) },
      { name: 'boss_id', value: orNull(number(RANGE.users)), references: 'users' },
      { name: 'active', value: boolean },
      note,
    ],
  },
  {
    name: 'categories',
    key: ['id'],
    range: RANGE.categories,
    canTruncate: false,
    columns: [
      { name: 'title', value: text('art', 'code', 'music') },
      { name: 'rank', value: number(3) },
      note,
    ],
  },
  {
    name: 'projects',
    key: ['id'],
    range: RANGE.projects,
    canTruncate: false,
    columns: [
      { name: 'user_id', ...id('users') },
      { name: 'category_id', value: orNull(number(RANGE.categories)), references: 'categories' },
      { name: 'title', value: text('alpha', 'beta', 'gamma') },
      { name: 'score', value: numeric },
      { name: 'deleted', value: (random) => (random.oneIn(4) ? 'true' : 'false') },
      note,
    ],
  },
  {
    name: 'comments',
    key: ['id'],
    range: RANGE.comments,
    canTruncate: true,
    columns: [
      { name: 'project_id', ...id('projects') },
      { name: 'user_id', value: orNull(number(RANGE.users)), references: 'users' },
      { name: 'parent_id', value: orNull(number(RANGE.comments)), references: 'comments' },
      { name: 'body', value: orNull(text('hi', 'no', 'yes')) },
      { name: 'amount', value: orNull(number(9)) },
      { name: 'price', value: orNull(text('1.50', '-2.25', '0', 'NaN')) },
      { name: 'written', value: time },
      note,
    ],
  },
  {
    name: 'votes',
    key: ['user_id', 'project_id'],
    range: 0,
    canTruncate: true,
    columns: [
      { name: 'user_id', ...id('users') },
      { name: 'project_id', ...id('projects') },
      { name: 'up', value: boolean },
      { name: 'weight', value: orNull(number(5)) },
      note,
    ],
  },
  {
    name: 'messages',
    key: ['id'],
    range: RANGE.messages,
    canTruncate: true,
    columns: [
      { name: 'sender_id', ...id('users') },
      { name: 'recipient_id', ...id('users') },
      { name: 'body', value: text('hello', 'bye') },
      { name: 'seen', value: boolean },
      { name: 'sent', value: time },
      note,
    ],
  },
  {
    name: 'tags',
    key: ['project_id', 'category_id'],
    range: 0,
    canTruncate: true,
    columns: [{ name: 'project_id', ...id('projects') }, { name: 'category_id', ...id('categories') }, note],
  },
]

export const SCHEMA = `
create table users (
  id int primary key, name varchar(20) not null, country text,
  boss_id int references users on delete set null on update cascade deferrable, active boolean not null, note text);
create table categories (id int primary key, title text not null, rank int not null, note text);
create table projects (
  id int primary key,
  user_id int not null references users on delete cascade on update cascade,
  category_id int references categories on delete set null on update cascade,
  title text not null, score numeric not null, deleted boolean not null, note text);
create table comments (
  id int primary key,
  project_id int not null references projects on delete cascade on update cascade,
  user_id int references users on delete set null on update cascade,
  parent_id int references comments on delete cascade on update cascade deferrable,
  body text, amount bigint, price numeric(6, 2), written timestamp not null, note text);
create table votes (
  user_id int references users on delete cascade on update cascade,
  project_id int references projects on delete cascade on update cascade,
  up boolean not null, weight int, note text, primary key (user_id, project_id));
create table messages (
  id int primary key,
  sender_id int not null references users on delete cascade on update cascade,
  recipient_id int not null references users on delete cascade on update cascade,
  body text not null, seen boolean not null, sent timestamp not null, note text);
create table tags (
  project_id int references projects on delete cascade on update cascade,
  category_id int references categories on delete cascade on update cascade,
  note text, primary key (project_id, category_id));
create index on users (boss_id);
create index on projects (user_id);
create index on projects (category_id);
create index on comments (project_id);
create index on comments (user_id);
create index on comments (parent_id);
create index on votes (project_id);
create index on messages (sender_id);
create index on messages (recipient_id);
create index on tags (category_id);
insert into users select i, 'ann', 'de', null, true, 'x' from generate_series(1, 30) as i;
insert into categories select i, 'art', i, 'x' from generate_series(1, 6) as i;
insert into projects select i, 1 + i % 30, 1 + i % 6, 'alpha', 1.0, false, 'x' from generate_series(1, 60) as i;
insert into comments
select i, 1 + i % 60, 1 + i % 30, null, 'hi', i % 9, i % 5, '2026-01-01', 'x' from generate_series(1, 160) as i;
insert into votes select 1 + i % 30, 1 + i % 60, i % 2 = 0, 1, 'x' from generate_series(1, 60) as i;
insert into messages
select i, 1 + i % 30, 1 + i % 29, 'hello', false, '2026-01-01', 'x' from generate_series(1, 120) as i;
insert into tags select 1 + i % 60, 1 + i % 6, 'x' from generate_series(1, 60) as i;`

export function tableNamed(name: string): Table {
  const table = TABLES.find((it) => it.name === name)
  if (table === undefined) throw new Error(`no table ${name}`)
  return table
}
