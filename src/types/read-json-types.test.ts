import { beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import type { Connection } from '../pg/client.ts'
import { loadParser } from '../sql/parse.ts'
import { jsonText, type JsonType, type JsonValue } from './json-type.ts'
import { readJsonTypes } from './read-json-types.ts'

const SCHEMA = `
  create type mood as enum ('fine', 'tired');
  create domain email as text check (value like '%@%');
  create type size as (width int, unit text);
  create table users (id bigint primary key, name text not null, mood mood, mail email, tags text[] not null,
    born date, size size, settings jsonb, worth numeric, ratio float8, is_new boolean not null, seen timestamptz);
  create table posts (id int primary key, user_id bigint references users, title text);
  insert into users values
    (1, 'Ada', 'fine', 'a@b', '{x,null}', '1815-12-10', '(1,cm)', '{"a": [1]}', 1.50, 0.5, true, '2026-01-02 03:04:05+00'),
    (2, 'Ben', null, null, '{}', null, null, null, null, null, false, null);
  insert into posts values (1, 1, 'one'), (2, 1, null), (3, null, 'three')`

let client: Connection
beforeAll(async () => {
  await loadParser()
  client = await (await createTestDatabase()).connect('superuser')
  await client.query(SCHEMA)
})

const POSTS = 'from posts p left join users u on u.id = p.user_id'

/** A value as the query builds it; with what FROM; what its type is. */
const CASES: readonly (readonly [value: string, rest: string, type: string])[] = [
  [
    `jsonb_build_object('id', p.id, 'title', p.title)`,
    'from posts p',
    '{ readonly id: number; readonly title: string | null }',
  ],
  [
    `json_build_object('user', u.id, 'name', u.name)`,
    POSTS,
    '{ readonly user: number | null; readonly name: string | null }',
  ],
  [
    `jsonb_build_object('mood', u.mood, 'mail', u.mail, 'tags', u.tags, 'born', u.born, 'worth', u.worth, 'ratio', u.ratio, 'is', u.is_new, 'seen', u.seen)`,
    'from users u',
    `{ readonly mood: 'fine' | 'tired' | null; readonly mail: string | null; readonly tags: readonly (string | null)[]; readonly born: string | null; readonly worth: number | null; readonly ratio: number | null; readonly is: boolean; readonly seen: string | null }`,
  ],
  [
    `jsonb_build_object('settings', u.settings, 'size', u.size)`,
    'from users u',
    '{ readonly settings: unknown; readonly size: { readonly width: number | null; readonly unit: string | null } | null }',
  ],
  [
    `(select jsonb_agg(jsonb_build_object('id', p.id, 'title', p.title) order by p.id) from posts p where p.user_id = u.id)`,
    'from users u',
    'readonly { readonly id: number; readonly title: string | null }[] | null',
  ],
  [
    `coalesce((select json_agg(p.title order by p.id) from posts p where p.user_id = u.id), '[]')`,
    'from users u',
    'readonly (string | null)[]',
  ],
  [
    `(select to_jsonb(p) from posts p where p.user_id = u.id order by p.id limit 1)`,
    'from users u',
    '{ readonly id: number; readonly user_id: number | null; readonly title: string | null } | null',
  ],
  [
    `to_jsonb(u)`,
    POSTS,
    `{ readonly id: number; readonly name: string; readonly mood: 'fine' | 'tired' | null; readonly mail: string | null; readonly tags: readonly (string | null)[]; readonly born: string | null; readonly size: { readonly width: number | null; readonly unit: string | null } | null; readonly settings: unknown; readonly worth: number | null; readonly ratio: number | null; readonly is_new: boolean; readonly seen: string | null } | null`,
  ],
  [`to_json(p.title)`, 'from posts p', 'string | null'],
  [`to_json(coalesce(p.title, 'none'))`, 'from posts p', 'string'],
  [`json_build_array(p.id, p.title, 1.5)`, 'from posts p', 'readonly [number, string | null, number]'],
  [
    `jsonb_build_object('posts', count(p.id), 'last', max(p.id), 'titles', array_agg(p.title))`,
    'from users u left join posts p on p.user_id = u.id group by u.id',
    '{ readonly posts: number; readonly last: number | null; readonly titles: readonly (string | null)[] | null }',
  ],
  [
    `jsonb_agg(jsonb_build_object('id', p.id, 'of', u.name))`,
    'from users u left join posts p on p.user_id = u.id group by u.id',
    'readonly { readonly id: number | null; readonly of: string }[] | null',
  ],
  [
    `jsonb_object_agg(p.id, p.title)`,
    'from posts p group by p.user_id',
    'Readonly<Record<string, string | null>> | null',
  ],
  [
    `c.list`,
    `from users u left join lateral (select jsonb_agg(jsonb_build_object('id', p.id)) as list from posts p where p.user_id = u.id) c on true`,
    'readonly { readonly id: number }[] | null',
  ],
  [
    `c.list`,
    `from users u cross join lateral (select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'n', p.n)), '[]') as list from (select id, count(*) as n from posts q where q.user_id = u.id group by id) p) c`,
    'readonly { readonly id: number; readonly n: number }[]',
  ],
  [
    `case when p.title is null then jsonb_build_object('kind', 'none') else jsonb_build_object('title', p.title) end`,
    'from posts p',
    '{ readonly kind: string } | { readonly title: string | null }',
  ],
  [
    `case when p.title is not null then jsonb_build_object('n', p.id) end`,
    'from posts p',
    '{ readonly n: number } | null',
  ],
  [
    `jsonb_build_object('author', case when u.id is null then null else jsonb_build_object('name', u.name) end)`,
    POSTS,
    '{ readonly author: { readonly name: string | null } | null }',
  ],
  [
    `jsonb_build_object('ids', array(select p.id from posts p where p.user_id = u.id))`,
    'from users u',
    '{ readonly ids: readonly number[] }',
  ],
  [
    `jsonb_build_object('list', coalesce((select jsonb_agg(to_jsonb(p)) from posts p where p.user_id = u.id), '[]'::jsonb), 'some', '{}'::jsonb)`,
    'from users u',
    '{ readonly list: readonly { readonly id: number; readonly user_id: number | null; readonly title: string | null }[]; readonly some: Readonly<Record<string, never>> }',
  ],
  [
    `(select jsonb_build_object('a b', count(*)) from posts p where p.user_id = u.id)`,
    'from users u',
    `{ readonly 'a b': number }`,
  ],
  [`jsonb_build_object('a', u.id)`, 'from users u group by rollup (u.id)', 'unknown'],
  // Nothing of it stands in the query.
  [`u.settings`, 'from users u', 'unknown'],
  [`u.settings -> 'a'`, 'from users u', 'unknown'],
  [`jsonb_build_object(u.name, 1)`, 'from users u', 'unknown'],
  [`jsonb_build_object('a', 1) || u.settings`, 'from users u', 'unknown'],
  [`'{"a": 1}'::jsonb`, 'from users u', 'unknown'],
  [`jsonb_build_object('a', 1)`, 'from users u union all select null', 'unknown'],
]

test.each(CASES)('%s %s', async (value, rest, type) => {
  // As read models have it: as the server prints it.
  const view = `create view shown as select ${value} as it ${rest}`
  await client.query('begin')
  await client.query('set local search_path = public')
  await client.query(view)
  await client.query('set local search_path = pg_catalog')
  const [printed] = await client.query<{ text: string }>(
    `select rtrim(pg_get_viewdef('public.shown'::regclass), ';') as text`,
  )
  const rows = await client.query<{ it: unknown }>('select it from public.shown')
  await client.query('rollback')
  const found = (await readJsonTypes(client, printed?.text ?? '', ['it'])).get('it') ?? {
    type: { kind: 'unknown' },
    isNullable: true,
  }
  expect(jsonText(found)).toBe(type)
  expect(rows.length).toBeGreaterThan(0)
  expect(rows.filter(({ it }) => !fits(it, found))).toEqual([])
})

test('what does not fit is told apart', () => {
  const number: JsonValue = { type: { kind: 'scalar', type: 'number' }, isNullable: false }
  const object: JsonType = { kind: 'object', members: [{ name: 'a', ...number }] }
  expect(fits(null, number)).toBe(false)
  expect(fits('1', number)).toBe(false)
  expect(fits({ a: 1, b: 2 }, { type: object, isNullable: false })).toBe(false)
  expect(fits({}, { type: object, isNullable: false })).toBe(false)
  expect(fits([1, null], { type: { kind: 'list', of: number }, isNullable: false })).toBe(false)
})

/** Whether a value that was parsed is one of the type. */
function fits(value: unknown, { type, isNullable }: JsonValue): boolean {
  return (isNullable && value === null) || is(value, type)
}

function is(value: unknown, type: JsonType): boolean {
  switch (type.kind) {
    case 'unknown':
      return true
    case 'scalar':
      return typeof value === type.type
    case 'labels':
      return type.labels.some((it) => it === value)
    case 'list':
      return Array.isArray(value) && value.every((it) => fits(it, type.of))
    case 'tuple':
      return (
        Array.isArray(value) &&
        value.length === type.of.length &&
        type.of.every((it, i) => fits(value[i], it))
      )
    case 'record':
      return isObject(value) && Object.values(value).every((it) => fits(it, type.of))
    case 'object':
      return isObject(value) && isOfMembers(value, type.members)
    case 'oneOf':
      return type.types.some((it) => is(value, it))
  }
}

function isOfMembers(
  value: Readonly<Record<string, unknown>>,
  members: Extract<JsonType, { kind: 'object' }>['members'],
): boolean {
  const names = members.map(({ name }) => name)
  return (
    Object.keys(value).toSorted().join() === names.toSorted().join() &&
    members.every((it) => fits(value[it.name], it))
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
