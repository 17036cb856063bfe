import { beforeAll, describe, expect, test } from 'vitest'
import type { Failure } from '../../src/cli/render-error.ts'
import type { Tried } from '../../src/explain/try-query.ts'
import type { Client } from '../../src/pg/client.ts'
import {
  documentOf,
  millrace,
  projectFolder,
  writeProjectFile,
  type Outcome,
  type RunOptions,
} from '../support/command-line.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { databaseState } from './database-state.ts'

const SCHEMA = `
  create table users (id int primary key, name text not null);
  create table projects (id int primary key, user_id int not null references users, title text not null,
                         made timestamptz not null default now());
  create table votes (user_id int references users, project_id int references projects, primary key (user_id, project_id));
  create index on votes (project_id);
  create table "Big Words" ("Id" int primary key, "the user" int not null, said json);
  insert into users select i, 'user ' || i from generate_series(1, 100) as i;
  insert into projects select i, 1 + i % 100, 'project ' || i from generate_series(1, 3000) as i;
  insert into votes select u, u * p from generate_series(1, 100) as u, generate_series(1, 20) as p;
  -- Costs are compared with each other: the server's own vacuum would change them in between.
  alter table users set (autovacuum_enabled = off);
  alter table projects set (autovacuum_enabled = off);
  alter table votes set (autovacuum_enabled = off);
  analyze users, projects, votes;`

const FEED = `select p.id, p.title, u.name as author,
  (select count(*) from votes v where v.project_id = p.id) as votes
from projects p
join users u on u.id = p.user_id`

let database: TestDatabase
let administrator: Client
let folder: string

beforeAll(async () => {
  database = await createTestDatabase(SCHEMA)
  administrator = await database.connect('superuser')
  await administrator.query('create table secret (id int primary key)')
  folder = await projectFolder({
    'feed.sql': `${FEED};\n`,
    'empty.sql': ' \n',
    'two.sql': 'select 1; select 2',
  })
})

async function run(args: readonly string[], options: Partial<RunOptions> = {}): Promise<Outcome> {
  return await millrace(['try', ...args], {
    cwd: folder,
    env: { DATABASE_URL: database.url('owner') },
    ...options,
  })
}

async function tried(args: readonly string[], options: Partial<RunOptions> = {}): Promise<Told> {
  const outcome = await run([...args, '--json'], options)
  expect(outcome.stderr).toBe('')
  const told = documentOf(outcome) as Told
  expect(outcome.code).toBe(told.verdict === 'kept' ? 0 : 2)
  return told
}

type Told = Omit<Tried, 'refusals'> & { readonly refusals: readonly Failure[] }

describe('a query that can be kept', () => {
  test('what each change affects, by statistics, and the index that is missing', async () => {
    const { verdict, key, description } = await tried([FEED])
    expect({ verdict, key: key?.columns }).toEqual({ verdict: 'kept', key: ['id'] })
    const paths = description?.sources.flatMap(({ table, occurrences }) =>
      occurrences.flatMap(({ strategy, paths: all }) =>
        all.map(({ kind, fanOut }) => ({ table, strategy, kind, fanOut })),
      ),
    )
    expect(paths).toEqual([
      { table: 'public.projects', strategy: 'recompute', kind: 'direct', fanOut: { average: 1, most: 1 } },
      { table: 'public.users', strategy: 'recompute', kind: 'indirect', fanOut: { average: 30, most: 30 } },
      { table: 'public.votes', strategy: 'fold', kind: 'direct', fanOut: { average: 1, most: 1 } },
    ])
    const missing = description?.indexes.filter(({ existing }) => existing === null)
    expect(missing?.map(({ statement }) => statement)).toEqual([
      'create index concurrently on "public"."projects" ("user_id")',
    ])
    expect(description?.immediate).toMatchObject({ kind: 'recompute' })
  })

  test('the statement that it names takes the warning away', async () => {
    const user = async () => {
      const { description } = await tried([FEED])
      return description?.sources.find(({ table }) => table === 'public.users')?.occurrences[0]?.paths[0]
    }
    const before = await user()
    expect(before?.find?.wholeTables).toEqual([{ table: 'public.projects', rows: 3000 }])
    await administrator.query('create index concurrently on "public"."projects" ("user_id")')
    const after = await user()
    expect(after?.find?.wholeTables).toEqual([])
    expect(after?.cost ?? Infinity).toBeLessThan(before?.cost ?? 0)
    await administrator.query('drop index projects_user_id_idx')
  })

  test('from a file, piped in, and as it is: the same', async () => {
    const direct = await tried([FEED])
    expect(await tried(['feed.sql'])).toEqual(direct)
    expect(await tried([], { stdin: `${FEED}\n;` })).toEqual(direct)
    expect(await tried(['-'], { stdin: FEED })).toEqual(direct)
  })

  test('measured, the statements are run', async () => {
    const { description } = await tried([FEED, '--measure'])
    const finds = description?.sources.flatMap(({ occurrences }) =>
      occurrences.flatMap(({ paths }) => paths.map(({ find }) => find?.ms)),
    )
    expect(finds).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)])
    expect(description?.recompute?.ms).toEqual(expect.any(Number))
    const unmeasured = (await tried([FEED])).description?.recompute
    expect(unmeasured?.ms).toBeNull()
  })

  test('a key that is given; odd names; a table joined to itself', async () => {
    const given = await tried(['--key', 'title', 'select id, title from projects'])
    expect(given.key?.because).toContain('nothing in the catalog says that it is unique')
    expect(given.otherKeys.map(({ columns }) => columns)).toEqual([['id']])

    const odd = await tried(['select w."Id", u.name from "Big Words" w join users u on u.id = w."the user"'])
    expect(odd.description?.sources.map(({ table }) => table)).toEqual(['public.Big Words', 'public.users'])
    expect(odd.description?.recompute).toBeNull()

    const twice = await tried([
      'select a.id, b.title from projects a join projects b on b.id = a.user_id where a.made is not null',
    ])
    const [source] = twice.description?.sources ?? []
    expect(source?.occurrences.map(({ alias, columns }) => [alias, columns])).toEqual([
      ['a', ['id', 'user_id', 'made']],
      ['b', ['id', 'title']],
    ])
  })
})

describe('a query that cannot', () => {
  test('is refused at its place, in a file with its line', async () => {
    const ranked = 'select id,\n  rank() over (order by title) as place\nfrom projects'
    const { verdict, refusals } = await tried([ranked])
    expect(verdict).toBe('refreshed')
    expect(refusals[0]).toMatchObject({ code: 'UNSUPPORTED_WINDOW_FUNCTION', sql: { line: 2, column: 3 } })

    await writeProjectFile(folder, 'ranked.sql', `-- places\n\n${ranked}\n`)
    const { stdout, code } = await run(['ranked.sql'])
    expect(code).toBe(2)
    expect(stdout).toContain('at ranked.sql:4')
    expect(stdout).toContain('4 |   rank() over (order by title) as place\n  |   ^')
  })

  test('for want of a key it says what to add, and with that it is kept', async () => {
    const { verdict, refusals } = await tried(['select title from projects'])
    expect(verdict).toBe('refused')
    expect(refusals).toMatchObject([{ code: 'NO_KEY_FOUND', hint: 'Add projects.id to the select list.' }])
    expect(await tried(['select title, projects.id from projects'])).toMatchObject({
      verdict: 'kept',
      key: { columns: ['id'] },
    })
  })

  test('where it cannot be refreshed either, both reasons are told', async () => {
    const { verdict, refusals } = await tried(['select id, title from projects order by title limit 3'])
    expect(verdict).toBe('refused')
    expect(refusals.map(({ code }) => code)).toEqual(['UNSUPPORTED_LIMIT', 'UNDEFINED_ORDER'])
    expect(await tried(['select id, title from projects order by title, id limit 3'])).toMatchObject({
      verdict: 'refreshed',
    })
  })

  test('row locks are refused however it is kept', async () => {
    expect(await tried(['select id from projects for update'])).toMatchObject({
      verdict: 'refused',
      refusals: [{ code: 'UNSUPPORTED_ROW_LOCK' }],
    })
  })
})

type Bad = readonly [
  name: string,
  args: readonly string[],
  code: string,
  names: string,
  options?: Partial<RunOptions>,
]

const BAD_INPUTS: readonly Bad[] = [
  ['an unknown table', ['select id from projcts'], 'QUERY_INVALID', 'projcts'],
  ['two statements', ['two.sql'], 'QUERY_NOT_ONE_SELECT', '2 statements'],
  ['no SELECT', ['delete from votes'], 'QUERY_NOT_ONE_SELECT', 'DELETE'],
  [
    'two statements that close the parenthesis',
    ['select 1) q; drop table votes; select (1'],
    'QUERY_INVALID',
    'syntax',
  ],
  ['an empty file', ['empty.sql'], 'QUERY_UNREADABLE', 'empty.sql is empty'],
  ['a missing file', ['fed.sql'], 'QUERY_UNREADABLE', 'fed.sql'],
  ['a folder', ['.'], 'QUERY_UNREADABLE', 'folder'],
  ['a word', ['feed'], 'QUERY_UNREADABLE', 'feed'],
  ['a binary', [], 'QUERY_UNREADABLE', 'zero byte', { stdin: new Uint8Array([127, 69, 76, 70, 0]) }],
  ['another encoding', [], 'QUERY_UNREADABLE', 'UTF-8', { stdin: new Uint8Array([115, 252, 116]) }],
  ['nothing at a terminal', [], 'BAD_USAGE', 'the query is missing'],
  ['nothing piped in', [], 'QUERY_UNREADABLE', 'empty', { stdin: '' }],
  ['an unknown key column', ['select id from users', '--key', 'idd'], 'KEY_UNKNOWN', '"idd"'],
  ['no database', [FEED], 'DATABASE_MISSING', 'configuration', { env: {} }],
  [
    'a database that is not there',
    [FEED, '--database', 'postgresql://localhost:1/x'],
    'DATABASE_UNREACHABLE',
    'localhost',
  ],
  ['a URL that is none', [FEED, '--database', 'localhost'], 'BAD_DATABASE_URL', '--database'],
  ['a table that may not be read', ['select * from secret'], 'PRIVILEGE_MISSING', 'secret'],
]

test.each(BAD_INPUTS.map((it) => ({ name: it[0], input: it })))('$name', async ({ input }) => {
  const [, args, code, names, options] = input
  const outcome = await run([...args, '--json'], options)
  expect(outcome).toMatchObject({ code: 1, stderr: '' })
  const [first] = (documentOf(outcome) as { readonly errors: readonly Failure[] }).errors
  expect(first).toMatchObject({ code })
  expect(first?.detail).toContain(names)
  expect(first?.hint ?? '').not.toBe('')
})

test('nothing is left, where the session is read only and where a statement fails', async () => {
  await administrator.query(`alter database ${database.name} set default_transaction_read_only = on`)
  const before = await databaseState(administrator)
  for (const query of [FEED, 'select id from nowhere', 'select title from projects'])
    await run([query, '--measure'])
  expect(await tried([FEED])).toMatchObject({ verdict: 'kept' })
  expect(await databaseState(administrator)).toEqual(before)
  await administrator.query('set transaction_read_only = off')
})
