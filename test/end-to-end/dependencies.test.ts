import { beforeAll, describe, expect, test } from 'vitest'
import { readModel, type ReadModelOptions } from '../../src/define/read-model.ts'
import { resolveReadModel } from '../../src/define/resolve-read-model.ts'
import { sql } from '../../src/define/sql.ts'
import { findChanges } from '../../src/migrate/changes.ts'
import { compileModel, type CompiledModel } from '../../src/migrate/compile-model.ts'
import { install } from '../../src/migrate/install.ts'
import type { Client } from '../../src/pg/client.ts'
import { loadParser } from '../../src/sql/parse.ts'
import { readModels } from '../../src/work/model.ts'
import { createTestDatabase } from '../support/database.ts'
import { ROLES } from '../support/roles.ts'

const SCHEMA = `
  create table projects (id int primary key, category text not null, points int not null);
  create table rates (category text primary key, percent int not null);
  create table limits (category text, most int);
  create view tight as select * from limits where most < 10;
  create view all_rates as select * from rates;
  create unlogged table drafts (id int);
  create function within(c text) returns int language sql stable begin atomic select max(t.most) from tight t where t.category = c; end;
  create function worth(c text) returns int language sql stable begin atomic select r.percent + within(c) from rates r where r.category = c; end;
  create function late(c text) returns int language sql stable begin atomic select count(*)::int from rates r where r.category = c and now() > '2026-01-01'; end;
  create function text_of(c text) returns int language sql stable set search_path = public as 'select percent from rates where category = c';
  create function loose(c text) returns int language plpgsql stable as 'begin return (select percent from rates where category = c); end';
  create function plain(c text) returns int language sql immutable as 'select length(c)';
  create function as_rate(projects) returns int language sql stable set search_path = public as 'select 1';
  create function eq(a int, c text) returns boolean language sql stable set search_path = public as 'select true';
  create operator ==== (leftarg = int, rightarg = text, function = eq);
  create function everywhere() returns setof int language sql stable set search_path = public as 'select percent from rates';
  create function parts(c text) returns setof int language sql stable set search_path = public as 'select percent from rates where category = c';
  insert into projects values (1, 'a', 1);`

const BY_CATEGORY = 'select p.id from projects p where p.category = changed.category'
const RATES = { table: 'rates', key: sql`select p.id from projects p where p.category = changed.category` }
const LIMITS = { table: 'limits', key: sql`select p.id from projects p where p.category = changed.category` }
const TEXT = 'select p.id, text_of(p.category) as rate from projects p'

let owner: Client
beforeAll(async () => {
  await loadParser()
  owner = await (await createTestDatabase(SCHEMA)).connect('owner')
})

async function compile(
  query: string,
  dependsOn: ReadModelOptions['dependsOn'],
  options: Partial<ReadModelOptions> = {},
): Promise<CompiledModel> {
  const model = readModel('rated', {
    key: 'id',
    freshness: 'eventual',
    query: { text: query },
    dependsOn,
    ...options,
  })
  const { definition, problems } = resolveReadModel(model)
  if (problems[0] !== undefined) throw problems[0]
  if ('schedule' in definition) throw new Error('not kept')
  return await compileModel(owner, definition)
}

const refused = async (...args: Parameters<typeof compile>) =>
  await compile(...args).catch((error: unknown) => error)

describe('what functions read', () => {
  const WORTH = 'select p.id, worth(p.category) as worth from projects p'

  test('is checked of an atomic body, through other functions and views', async () => {
    expect(await refused(WORTH, [RATES])).toMatchObject({
      code: 'FUNCTION_MAY_READ_TABLES',
      detail: 'found public.worth(text), which reads public.limits',
      hint: expect.stringContaining(`Declare it: dependsOn: [{ table: 'public.limits', key: … }].`) as string,
      position: 13,
    })
    const { plan } = await compile(WORTH, [RATES, LIMITS])
    expect(plan.sources.map(({ relation }) => relation.name).sort()).toEqual(['limits', 'projects', 'rates'])
  })

  test('is taken on trust of a string, which must not depend on who asks', async () => {
    await expect(compile(TEXT, [RATES])).resolves.toBeDefined()
    expect(await refused('select p.id, loose(p.category) as rate from projects p', [RATES])).toMatchObject({
      code: 'SESSION_DEPENDENT',
      detail: 'found public.loose(text), whose names are looked up in the search_path of whoever asks',
    })
  })

  test('a clock within an atomic body is found', async () => {
    expect(await refused('select p.id, late(p.category) as n from projects p', [RATES])).toMatchObject({
      code: 'TIME_DEPENDENT',
      detail: 'found public.late(text): within it, found now()',
    })
  })

  test.each([
    [
      'as an operator',
      `select p.id, p.points ==== p.category as same from projects p`,
      'FUNCTION_MAY_READ_TABLES',
    ],
    [
      'as the key',
      'select text_of(p.category) as id, count(*) as n from projects p group by 1',
      'KEY_NOT_TRACEABLE',
    ],
    [
      'as all that ties a table to the key',
      'select p.id, r.percent from projects p join rates r on r.percent = text_of(p.category)',
      'NO_PATH_TO_KEY',
    ],
    [
      'in FROM, as a part of the key',
      'select p.id as project, x.id from projects p cross join everywhere() as x (id)',
      'NO_PATH_TO_KEY',
      ['project', 'id'],
    ],
    [
      'in FROM, as the key',
      'select x.id from projects p cross join lateral parts(p.category) as x (id)',
      'NO_PATH_TO_KEY',
    ],
  ])('such a function %s is refused', async (_, query, code, key = ['id']) => {
    const columns = key.map((name) => `1 as ${name}`).join(', ')
    const dependsOn = [{ table: 'rates', key: { text: `select ${columns}` } }]
    expect(await refused(query, dependsOn, { key })).toMatchObject({ code })
  })

  test('writers cannot keep it', async () => {
    expect(await refused(TEXT, [RATES], { freshness: 'immediate' })).toMatchObject({
      code: 'IMMEDIATE_NOT_POSSIBLE',
      detail: 'a function of it reads tables',
    })
  })
})

describe('a declared SELECT', () => {
  test.each([
    ['select p.id from projects p where p.kategory = changed.category', 'QUERY_INVALID', 34],
    ['select p.id from projects p; select 1', 'QUERY_NOT_ONE_SELECT', 0],
    ['select changed.category from projects p', 'BAD_DEPENDENCY', 0],
    ['select p.id::bigint as id from projects p', 'BAD_DEPENDENCY', 7],
    ['select p.id from projects p, limits l where l.category = changed.category', 'BAD_DEPENDENCY', 0],
    [
      'select p.id from projects p where p.id = as_rate(p) and changed is not null',
      'FUNCTION_MAY_READ_TABLES',
      41,
    ],
    ['select p.id from projects p where changed::text <> $$$$', 'BAD_DEPENDENCY', 0],
    ['select p.id from projects p where now() > $$2026-01-01$$', 'TIME_DEPENDENT', 34],
    ['select p.id from projects p where random() > 0.5', 'VOLATILE_FUNCTION', 34],
    ['select p.id from projects p where p.category = current_user', 'SESSION_DEPENDENT', 47],
    ['select p.id from projects p tablesample system (10)', 'UNSUPPORTED_FROM_ITEM', 0],
    ['select p.id from projects p for update', 'UNSUPPORTED_ROW_LOCK', 0],
  ])('%s: %s', async (key, code, position) => {
    const error = await refused(TEXT, [{ table: 'rates', key: { text: key } }])
    expect(error).toMatchObject({ code, source: key, position })
  })

  test.each([
    ['all_rates', 'SOURCE_NOT_A_TABLE'],
    ['drafts', 'SOURCE_NOT_LOGGED'],
    ['nowhere', 'QUERY_INVALID'],
    ['pg_class', 'BAD_DEPENDENCY'],
  ])('for the table %s: %s', async (table, code) => {
    expect(await refused(TEXT, [{ table, key: sql`select 1 as id` }])).toMatchObject({ code })
  })

  test('where no function could read a table', async () => {
    expect(await refused('select p.id from projects p', [RATES])).toMatchObject({
      code: 'BAD_DEPENDENCY',
      detail: 'no function of the query could read a table',
    })
  })

  test('in the words of its own names', async () => {
    const key = sql`select changed_of_2.id from projects changed_of_2, (select 1) declared where changed_of_2.category = changed.category`
    const { plan } = await compile(TEXT, [RATES, { table: 'rates', key }])
    expect(plan.paths.map(({ alias, kind }) => [alias, kind])).toEqual([
      ['p', 'direct'],
      ['changed', 'declared'],
      ['changed_of_3', 'declared'],
    ])
  })
})

test.each([
  ['rates', 'dependsOn is the string "rates"'],
  [[7], 'an entry of dependsOn is the number 7'],
  [[{ key: sql`select 1` }], 'the table of a dependency is undefined'],
  [[{ table: 'rates r', key: sql`select 1` }], 'the table of a dependency is the string "rates r"'],
  [
    [{ table: 'rates, limits', key: sql`select 1` }],
    'the table of a dependency is the string "rates, limits"',
  ],
  [[{ table: 'rates', key: 'select 1' }], 'of a dependency, the query is the string "select 1"'],
  [[{ table: 'rates', key: sql`select 1`, on: 1 }], 'an entry of dependsOn has an unknown option "on"'],
])('dependsOn: %o is refused', (dependsOn, detail) => {
  const options = { key: 'id', freshness: 'eventual', query: sql`select 1`, dependsOn } as ReadModelOptions
  const { problems } = resolveReadModel(readModel('rated', options))
  expect(problems).toMatchObject([{ code: 'BAD_DEPENDENCY', detail: `read model rated: ${detail}` }])
})

test('another dependency makes the model anew', async () => {
  const roles = { worker: ROLES.worker, reader: ROLES.reader }
  const before = await compile(TEXT, [RATES])
  await install(owner, [before], { roles })
  const installed = await readModels(owner)
  const kinds = async (...dependsOn: NonNullable<ReadModelOptions['dependsOn']>) =>
    findChanges([await compile(TEXT, dependsOn)], installed).map(({ kind }) => kind)
  expect(await kinds(RATES)).toEqual([])
  // Compiled as the version that is installed, it cannot stand beside that.
  expect(await kinds({ ...RATES, key: { text: `${BY_CATEGORY} or p.points > 3` } })).toEqual(['renew'])
  expect(await kinds(RATES, LIMITS)).toEqual(['renew'])
})

test('a read model is no table that a function depends on, nor one on the way', async () => {
  const { plan } = await compile(TEXT, [RATES])
  const named = { key: sql`select changed.id`, table: `public.${plan.model.name}` }
  expect(await refused(TEXT, [named])).toMatchObject({
    code: 'BAD_DEPENDENCY',
    detail: 'public.rated is a read model, whose rows come later',
  })
  const key = sql`select p.id from projects p join public.rated r on r.id = p.id where p.category = changed.category`
  expect(await refused(TEXT, [{ table: 'rates', key }])).toMatchObject({ code: 'BAD_DEPENDENCY' })
})
