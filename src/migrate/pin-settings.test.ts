import { beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { definitionOf } from '../../test/support/models.ts'
import { turnOf } from '../../test/support/seed.ts'
import type { Plan } from '../compile/plan.ts'
import type { Connection } from '../pg/client.ts'
import { compileModel } from './compile-model.ts'

const SCHEMA = `
  create table events (
    id int primary key, at timestamptz not null, local timestamp, day date, took interval, value float8, price money,
    note text, image bytea, kind regclass, spans tstzrange);
  create table holidays (day date primary key, name text);
  create view recent as select id, at::date as day, local::timestamptz as at from events;
  insert into events
  select i, '2026-03-28 20:00+00'::timestamptz + i * interval '50 minutes', '2026-03-29 00:30'::timestamp + i * interval '20 minutes',
         '2026-03-28'::date + i % 3, i * interval '25 hours', i / 7.0, i, '2026-03-' || 10 + i, '\\x00ff41', 'events',
         tstzrange('2026-03-28 20:00+00', null)
  from generate_series(1, 12) as i;
  insert into holidays values ('2026-03-29', 'clocks');`

const SETTINGS = { TimeZone: 'Europe/Berlin', default_text_search_config: 'english' }

/** Expressions over a row of events, and whole queries. */
const PINNED = [
  'at::date',
  '(at::date)::text',
  `date_trunc('day', at)`,
  `at + interval '1 day' - interval '3 hours'`,
  `extract(hour from at)`,
  `date_part('dow', at + took)`,
  `to_char(at, 'Dy DD HH24:MI TZ OF')`,
  `to_char(took, 'HH24:MI') || ' ' || value`,
  `'at ' || at`,
  'at >= day',
  'at between local and local + took',
  'coalesce(day, at)',
  'case when id > 3 then local else at end',
  `concat_ws(' ', at, day, took, value)`,
  `format('%s and %L', at, took)`,
  'to_jsonb(at)',
  `jsonb_build_object('at', at, 'took', took, 'value', value)`,
  `(select row_to_json(x) from (select e.at, e.took) as x)`,
  'array_to_string(array[at, local], chr(44))',
  '(note::date)::timestamptz',
  `to_timestamp(note, 'YYYY-MM-DD')`,
  `to_tsvector('the mice ' || id)`,
  `'they run ' || id @@ plainto_tsquery('running')`,
  'image::text',
  'took::text',
  'value::text',
  'age(at, local)',
  'local::timestamptz::time',
  'spans::text',
  `(select max(h.name) from holidays h where h.day = e.at::date)`,
  `array(select f.at::text from events f where f.id = e.id order by f.id)`,
  `extract(hour from at - interval '1 day') in (20, 21, 22)`,
  `age(at, '2026-02-01')`,
] as const

const WHOLE = [
  `select at::date as id, count(*) as n, min(at::text) as value from events group by at::date having max(at::date) > '2026-03-01' order by 1`,
  `select distinct on (id, at::date) id, at::date as day from events order by id, at::date`,
  `select r.id, r.day, r.at, to_char(r.at, 'HH24') as hour from recent r`,
  `select id, at::date as day from events union all select id + 100, local::timestamptz::date from events`,
  `with days as (select id, at::date as day from events) select d.id, d.day + 1 as day from days d where d.day > '2026-03-28'`,
]

const REFUSED = [
  ['current_user', /found current_user$/],
  [`current_setting('TimeZone')`, /found current_setting/],
  ['kind::text', /cast from regclass to text/],
  ['note::regclass', /regclass/],
  ['local::time::timetz', /found timetz/],
  ['price::text', /cast from money to text/],
  [`(select json_agg(f.at order by f.id) from events f where f.id = e.id)`, /found json_agg/],
  [
    `count(*) over (partition by id order by at range between '1 day' preceding and current row)`,
    /found in_range/,
  ],
] as const

let database: TestDatabase
let owner: Connection

beforeAll(async () => {
  database = await createTestDatabase(SCHEMA)
  owner = await database.connect('owner')
  await owner.query('create schema millrace')
})

async function compile(query: string, settings: Readonly<Record<string, string>> = SETTINGS): Promise<Plan> {
  return (await compileModel(owner, definitionOf({ name: 'page', key: 'id', query, settings }))).plan
}

async function makeFunctions({ install, settings }: Plan): Promise<void> {
  const functions = settings?.functions ?? []
  expect(functions).not.toEqual([])
  for (const statement of [...install.down, ...install.up])
    if (/^(create or replace|drop) function .*pinned/.test(statement)) await owner.query(statement)
}

const of = (expression: string) => `select e.id, ${expression} as answer from events e`

const SESSIONS = [
  { TimeZone: 'Asia/Tokyo', DateStyle: 'German, MDY', IntervalStyle: 'iso_8601', extra_float_digits: '-10' },
  {
    TimeZone: '<-11>+11',
    DateStyle: 'SQL, DMY',
    bytea_output: 'escape',
    default_text_search_config: 'simple',
  },
]

/** The answer as text, computed under some settings and printed under one. */
async function answer(query: string, settings: Readonly<Record<string, string>>): Promise<readonly object[]> {
  await owner.query('begin')
  for (const [name, value] of Object.entries(settings))
    await owner.query('select set_config($1, $2, true)', [name, value])
  await owner.query(`create temporary table answer on commit drop as ${query}`)
  for (const name of Object.keys(settings)) await owner.query(`set local ${name} to default`)
  const rows = await owner.query('select t::text as row from answer as t order by 1')
  await owner.query('rollback')
  return rows
}

/** The short size tries some of them. */
const TRIED = Number(process.env['MILLRACE_PINNED'] ?? 8)

test.each(turnOf([...PINNED.map(of), ...WHOLE], TRIED))('%s', async (query) => {
  const plan = await compile(query)
  await makeFunctions(plan)
  const expected = await answer(query, { ...plan.settings?.values })
  expect(expected.length).toBeGreaterThan(0)
  const seen = new Set<string>()
  for (const session of SESSIONS) {
    expect(await answer(plan.query, session)).toEqual(expected)
    seen.add(JSON.stringify(await answer(query, session).catch(() => 'an error')))
  }
  // Without them the answer is another in one of these sessions at least.
  expect([...seen]).not.toEqual([JSON.stringify(expected)])
})

test.each(REFUSED)('stays refused: %s', async (expression, detail) => {
  await expect(compile(of(expression))).rejects.toMatchObject({
    code: 'SESSION_DEPENDENT',
    detail: expect.stringMatching(detail) as string,
  })
})

test('what is missing of the settings is named, and what the server does not take is told', async () => {
  await expect(compile(of('at::date'), { DateStyle: 'German' })).rejects.toMatchObject({
    hint: expect.stringContaining(`settings: { TimeZone: 'Europe/Berlin' }`) as string,
  })
  await expect(compile(of('current_user'))).rejects.toMatchObject({
    hint: expect.not.stringContaining('settings: {') as string,
  })
  await expect(compile(of('at::date'), { TimeZone: 'Europe/Berlim' })).rejects.toMatchObject({
    code: 'BAD_DECLARATION',
    detail: expect.stringContaining('Europe/Berlim') as string,
  })
})

test('text that is another day tomorrow is no date', async () => {
  const plan = await compile(of('note::date'))
  await makeFunctions(plan)
  const application = await database.connect('application')
  await application.query(`update events set note = 'Today' where id = 1`)
  await expect(owner.query(plan.query)).rejects.toThrow(/'Today' changes with the time/)
  await application.query(`update events set note = '2026-03-11' where id = 1`)
})
