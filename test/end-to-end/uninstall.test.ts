import { expect, test } from 'vitest'
import { millrace, projectFolder } from '../support/command-line.ts'
import { listCatalog } from '../support/catalog-listing.ts'
import { databaseState } from './database-state.ts'
import { createTestDatabase } from '../support/database.ts'
import { ROLES } from '../support/roles.ts'

const SCHEMA = `
  create table users (id int primary key, name text not null);
  create table projects (id int primary key, user_id int not null references users on delete cascade, title text, is_open boolean not null);
  create table votes (id int primary key, project_id int not null references projects on delete cascade, weight int not null);
  insert into users select n, 'user ' || n from generate_series(1, 4) as n;
  insert into projects select n, 1 + n % 4, 'project ' || n, n % 3 > 0 from generate_series(1, 12) as n;
  insert into votes select n, 1 + n % 12, n % 5 from generate_series(1, 40) as n;`

const QUERIES = {
  feed: `select p.id, p.title, u.name as author, (select sum(v.weight) from votes v where v.project_id = p.id) as weight
    from projects p join users u on u.id = p.user_id`,
  cards: `select p.id, p.title, (select count(*) from votes v where v.project_id = p.id) as votes from projects p where p.is_open`,
  board:
    'select p.id, (select sum(v.weight) from votes v where v.project_id = p.id) as score from projects p',
  daily: 'select count(*) as projects, p.user_id from projects p group by p.user_id',
}

const CONFIG = `
import { defineConfig, leaderboard, readModel, sql } from 'millrace'
export default defineConfig({
  roles: ${JSON.stringify({ owner: ROLES.owner, worker: ROLES.worker, reader: ROLES.reader })},
  define: [
    readModel('feed', { key: 'id', freshness: 'eventual', indexes: [['weight desc']], query: sql\`${QUERIES.feed}\` }),
    readModel('cards', { key: 'id', freshness: 'immediate', query: sql\`${QUERIES.cards}\` }),
    leaderboard('board', { key: 'id', score: 'score desc', query: sql\`${QUERIES.board}\` }),
    readModel('daily', { key: 'user_id', freshness: { every: '1 hour' }, query: sql\`${QUERIES.daily}\` }),
    readModel('authors', { key: 'author', freshness: 'eventual', query: sql\`select author, count(*) as n from feed group by author\` }),
  ],
})`
const WHOLE = { ...QUERIES, authors: `select author, count(*) as n from (${QUERIES.feed}) f group by author` }

async function installed() {
  const database = await createTestDatabase(SCHEMA)
  const superuser = await database.connect('superuser')
  const before = await listCatalog(superuser)
  const cwd = await projectFolder({ 'millrace.config.ts': CONFIG })
  const run = (...args: readonly string[]) =>
    millrace(args, { cwd, env: { DATABASE_URL: database.url('owner') } })
  expect(await run('migrate', 'up')).toMatchObject({ code: 0, stderr: '' })
  const writer = await database.connect('writer')
  await writer.query(
    `update projects set title = 'late', is_open = not is_open; insert into votes values (100, 2, 9)`,
  )
  return { database, superuser, before, run, writer }
}

test('the read models stay as plain tables, with their rows, indexes and rights, and nothing else does', async () => {
  const { database, superuser, before, run, writer } = await installed()
  const owner = await database.connect('owner')
  await owner.query(`grant select on feed to ${ROLES.writer}`)
  expect(await run('uninstall', '--keep-tables', '--yes')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('public.feed, as a plain table') as string,
  })

  for (const [name, query] of Object.entries(WHOLE)) {
    const difference = `(select t::text from ${name} t except all select t::text from (${query}) t)
      union all (select t::text from (${query}) t except all select t::text from ${name} t)`
    expect([name, await superuser.query(difference)]).toEqual([name, []])
    expect(
      await superuser.query('select relkind::text as kind from pg_class where oid = $1::regclass', [name]),
    ).toEqual([{ kind: 'r' }])
  }
  expect(await writer.query('select id from feed where id = 1')).toEqual([{ id: 1 }])
  const reader = await database.connect('reader')
  expect(await reader.query('select id from cards where id = 3')).toHaveLength(1)
  expect(
    await superuser.query(
      `select indexdef from pg_indexes where tablename = 'feed' and indexdef like '%weight%'`,
    ),
  ).toHaveLength(1)
  await writer.query(`update projects set title = 'nobody follows this'`)
  expect(await superuser.query(`select from feed where title = 'nobody follows this'`)).toEqual([])

  await owner.query(`drop table ${Object.keys(WHOLE).join(', ')}`)
  expect(await listCatalog(superuser)).toEqual(before)
})

test('views on read models come along; what cannot is named before anything is changed', async () => {
  const { database, superuser, run, writer } = await installed()
  const owner = await database.connect('owner')
  await owner.query(`
    create schema app;
    create view app.open with (security_barrier = true) as select f.id, f.title, c.votes from feed f join cards c using (id);
    create view app.titles as select title from app.open;
    comment on view app.open is 'the first page';
    grant usage on schema app to ${ROLES.writer};
    grant select on app.titles to ${ROLES.writer}`)
  const cases = [
    [
      'materialized view',
      'create materialized view app.extra as select id from app.open',
      'materialized view app.extra',
    ],
    ['view', 'create view app.extra as select id from feed_strict', 'view app.extra'],
    ['view', 'create view app.extra as select id from board_top(3)', 'view app.extra'],
  ] as const
  for (const [kind, statement, told] of cases) {
    await owner.query(statement)
    const state = await databaseState(superuser)
    for (const mode of ['--keep-tables', '--drop']) {
      const { code, stderr } = await run('uninstall', mode, '--yes')
      expect([code, stderr]).toEqual([1, expect.stringContaining('(READER_IN_THE_WAY)')])
      expect(stderr).toContain(mode === '--drop' ? 'view app.open' : told)
    }
    expect(await databaseState(superuser)).toBe(state)
    await owner.query(`drop ${kind} app.extra`)
  }
  expect(await run('uninstall', '--keep-tables', '--yes')).toMatchObject({ code: 0, stderr: '' })
  expect(await writer.query('select distinct title from app.titles')).toEqual([{ title: 'late' }])
  expect(
    await superuser.query(
      `select obj_description(oid) as comment, reloptions::text as options from pg_class where oid = 'app.open'::regclass`,
    ),
  ).toEqual([{ comment: 'the first page', options: '{security_barrier=true}' }])
})

test('all of it goes', async () => {
  const { superuser, before, run } = await installed()
  expect(await run('uninstall', '--drop', '--yes')).toMatchObject({ code: 0 })
  expect(await listCatalog(superuser)).toEqual(before)
  expect(await run('uninstall', '--drop', '--yes')).toMatchObject({ code: 0 })
})

test('nobody is taken by surprise', async () => {
  const { run, superuser } = await installed()
  const cases = [[], ['--yes'], ['--drop'], ['--keep-tables'], ['--drop', '--keep-tables', '--yes']]
  for (const args of cases) {
    const { code, stderr } = await run('uninstall', ...args)
    expect([args, code, stderr]).toEqual([args, 1, expect.stringContaining('BAD_USAGE')])
  }
  expect(await superuser.query(`select name from millrace.model`)).toHaveLength(5)
})

test('what has taken the place of something stays as a table too, if that was dropped for good', async () => {
  const database = await createTestDatabase(
    'create table votes (id int); insert into votes values (1), (2), (2); create materialized view tally as select id, count(*) as n from votes group by id',
  )
  const owner = await database.connect('superuser')
  const cwd = await projectFolder({
    'millrace.config.ts': `
import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({ define: [readModel('tally', {
  key: 'id', freshness: 'eventual', replaces: { kind: 'materialized view' }, query: sql\`select id, count(*) as n from votes group by id\` })] })`,
  })
  const run = (...args: readonly string[]) =>
    millrace(args, { cwd, env: { DATABASE_URL: database.url('superuser') } })
  expect(await run('migrate', 'up')).toMatchObject({ code: 0 })
  expect((await run('migrate', 'prune', '--set-aside')).stdout).toBe(
    'dropped  materialized view public.tally_before_millrace\n',
  )
  expect(await run('migrate', 'prune', '--set-aside')).toMatchObject({ code: 0 })
  await owner.query('insert into votes values (3)')
  expect((await run('uninstall', '--keep-tables', '--yes')).stdout).toContain(
    'public.tally, as a plain table',
  )
  expect(await owner.query('select id, n::int from tally order by id')).toEqual([
    { id: 1, n: 1 },
    { id: 2, n: 2 },
    { id: 3, n: 1 },
  ])
})
