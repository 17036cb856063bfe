import { beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase } from '../../../test/support/database.ts'
import { canonicalize } from '../../catalog/canonicalize.ts'
import type { Connection } from '../../pg/client.ts'
import { loadParser, parseSelect } from '../../sql/parse.ts'
import { keysOfSelect } from './candidate-keys.ts'
import { missingForKey } from './missing.ts'

const SCHEMA = `
  create table users (id int primary key, name text not null unique, email text unique, country text, boss int);
  create table projects (id int primary key, user_id int not null references users, slug text not null, title text,
                         unique (user_id, slug));
  create table votes (user_id int, project_id int references projects, up boolean, primary key (user_id, project_id));
  create table logs (project_id int, said text);
  create unique index on logs (project_id) where said is not null;`

/** Values are few, so that a set of columns that is no key soon has two rows of one value. */
const ROWS = `
  insert into users select i, 'name ' || i, case when i > 3 then 'e' || i end, 'c' || i % 2, nullif(i % 4, 0) from generate_series(1, 6) as i;
  insert into projects select i, i % 4 + 1, 'slug ' || i / 4, 't' || i % 3 from generate_series(1, 12) as i;
  insert into votes select u, p, (u + p) % 2 = 0 from generate_series(1, 6) as u, generate_series(1, 10) as p where u * p % 3 > 0;
  insert into logs select i % 5, null from generate_series(1, 12) as i;`

/** Queries with the keys that are known of them. */
const CASES: readonly (readonly [query: string, keys: readonly string[]])[] = [
  ['select id, name, email, country from users', ['id', 'name']],
  ['select country, name from users', ['name']],
  ['select email, country from users', []],
  ['select p.id, u.name from projects p join users u on u.id = p.user_id', ['id']],
  ['select p.slug, u.name, p.title from projects p join users u on u.id = p.user_id', ['slug, name']],
  ['select u.id, p.slug from projects p join users u on u.id = p.user_id', ['id, slug']],
  ['select p.id as p, v.user_id as u from projects p join votes v on v.project_id = p.id', ['p, u']],
  ['select p.id as p, u.id as u from projects p cross join users u', ['p, u']],
  ['select p.slug from projects p where p.user_id = 2', ['slug']],
  ['select p.id, b.name from projects p left join users b on b.id = p.user_id', ['id']],
  // A vote may be missing, and its user is no key of the project.
  ['select u.id as u, v.project_id as p from users u left join votes v on v.user_id = u.id', ['u, p']],
  ['select v.user_id as vu, v.project_id as p from users u left join votes v on v.user_id = u.id', []],
  [
    'select a.id as a, b.id as b from users a left join users b on b.boss = a.id and b.country = a.country',
    ['a, b'],
  ],
  ['select a.id as a, b.id as b from users a full join users b on b.boss = a.id', ['a, b']],
  ['select country, count(*) from users group by country', ['country']],
  ['select u.id, u.country, count(*) from users u join projects p on p.user_id = u.id group by u.id', ['id']],
  ['select lower(country) as land, count(*) from users group by lower(country)', ['land']],
  ['select count(*) from users', ['']],
  ['select distinct country, boss from users', ['country, boss']],
  ['select distinct on (country) country, id from users order by country, id', ['country', 'id']],
  [`select 'a' as kind, id from users union all select 'b', id from projects`, ['kind, id']],
  [`select 'a' as kind, id from users union all select 'a', id from projects`, []],
  ['select id from users union all select id from projects', []],
  ['select boss from users union select user_id from projects', ['boss']],
  ['select id, country from users except select id, title from projects', ['id']],
  [
    'select u.id, d.n from users u join (select user_id, count(*) as n from projects group by user_id) d on d.user_id = u.id',
    ['id'],
  ],
  [
    'select d.country, d.n, u.id from users u left join (select country, count(*) as n from users group by country) d on d.n > u.id',
    ['country, id'],
  ],
  ['select d.n, u.id from users u left join (select count(*) as n from projects) d on d.n > u.id', ['id']],
  ['select d.n from users u left join (select count(*) as n from projects) d on d.n > u.id', []],
  [
    'select u.id, l.slug from users u cross join lateral (select p.slug from projects p where p.user_id = u.id order by p.id limit 2) l',
    ['id, slug'],
  ],
  ['select l.uid from users u cross join lateral (select u.country as uid) l', []],
  ['select said, project_id from logs', []],
  ['select id, generate_series(1, 2) as i from users', []],
  ['select user_id, project_id, up from votes where user_id = project_id', ['user_id', 'project_id']],
]

let owner: Connection
beforeAll(async () => {
  await loadParser()
  const database = await createTestDatabase(SCHEMA)
  await (await database.connect('application')).query(ROWS)
  owner = await database.connect('owner')
})

describe('keys of a query', () => {
  test.each(CASES)('%s', async (text, expected) => {
    const query = await canonicalize(owner, text)
    const { outputs, keys } = keysOfSelect(query, parseSelect(query.text))
    expect(keys.map((key) => key.map((i) => outputs[i]).join(', '))).toEqual(expected)
    for (const key of keys)
      await expectNoTwo(
        text,
        key.map((i) => outputs[i] ?? ''),
      )
  })
})

/** What was proved of all data must hold for this one. */
async function expectNoTwo(text: string, key: readonly string[]): Promise<void> {
  const columns = key.map((it) => `"${it}"`)
  const grouping = columns.length === 0 ? '' : `group by ${columns.join(', ')}`
  const twice = await owner.query(`select count(*) from (${text}) as q ${grouping} having count(*) > 1`)
  expect(twice, key.join()).toEqual([])
}

test.each([
  ['select title from projects', ['Add projects.id to the select list.']],
  [
    'select p.title, u.name from projects p join users u on u.id = p.user_id',
    ['Add p.id to the select list.'],
  ],
  [
    'select u.name, v.up from users u join votes v on v.user_id = u.id',
    ['Add v.user_id, v.project_id to the select list.'],
  ],
  [
    'select count(*) from users group by country, boss',
    ['Add users.country, users.boss, by which it groups, to the select list.'],
  ],
  [
    'select said from logs',
    [
      'Give public.logs a primary key, or a unique index over columns that are not null, and add its columns to the select list.',
    ],
  ],
  [
    'select id from users union all select id from projects',
    [
      "Add a constant column that differs in each branch, such as 'post' as kind, and make it part of the key.",
    ],
  ],
])('what %s lacks', async (text, expected) => {
  const query = await canonicalize(owner, text)
  expect(missingForKey(query, parseSelect(query.text))).toEqual(expected)
})
