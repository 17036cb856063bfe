import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { readModel } from '../define/read-model.ts'
import { sql } from '../define/sql.ts'
import { createTestDatabase, drainAll, expectFresh, fuzz, type TestDatabase } from './index.ts'

const SCHEMA = `
  create type standing as enum ('open', 'closed');
  create table authors (id int generated always as identity primary key, name text not null check (name <> ''));
  create table posts (
    id int primary key,
    author_id int not null references authors on delete cascade,
    title varchar(12) not null,
    state standing not null default 'open',
    tags text[] not null default '{}',
    posted timestamptz not null default now()
  );
  create table votes (post_id int references posts on delete cascade on update cascade, voter uuid,
                      weight numeric(4, 1), primary key (post_id, voter));
  insert into authors (name) values ('Ada'), ('Ben');
  insert into posts (id, author_id, title) values (1, 1, 'lantern'), (2, 2, 'compass');`

const board = readModel('board', {
  key: 'id',
  freshness: 'eventual',
  query: sql`
    select p.id, p.title, a.name as author,
           (select count(*) from votes v where v.post_id = p.id) as votes,
           (select sum(v.weight) from votes v where v.post_id = p.id) as weight
    from posts p
    join authors a on a.id = p.author_id
    where p.state = 'open'`,
})
const tally = readModel('tally', {
  key: 'author_id',
  freshness: 'immediate',
  query: sql`select author_id, count(*) as posts from posts group by author_id`,
})
const places = readModel('places', {
  key: 'id',
  freshness: { every: '1 day' },
  query: sql`select id, rank() over (order by id) as place from posts`,
})

const options = () => ({ models: [board, tally, places], schema: SCHEMA, server: inject('serverUrl') })

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(options())
})
afterAll(() => database.drop())

test('a database begins with fresh read models, drainAll makes them fresh again, and expectFresh says what is not', async () => {
  await expectFresh(database)
  await database.query(`insert into votes values (1, gen_random_uuid(), 2.5)`)
  await expect(expectFresh(database, 'board')).rejects.toThrow('public.board is not drained: 1 queued')
  await expectFresh(database, tally)
  await expect(expectFresh(database, 'places')).resolves.toBeUndefined()

  expect(await drainAll(database)).toMatchObject({ units: 1, rowsChanged: 1, failed: 0 })
  await expectFresh(database, 'public.board')
  expect(await database.query('select votes, weight from board where id = 1')).toEqual([
    { votes: '1', weight: '2.5' },
  ])

  await database.query(`insert into posts (id, author_id, title) values (3, 1, 'anchor')`)
  await drainAll(database)
  await expectFresh(database)
})

test('rows that differ are told with their values', async () => {
  await using other = await createTestDatabase(options())
  await other.query(
    `update millrace.board_v1 set title = 'loom' where id = 1; delete from millrace.board_v1 where id = 2`,
  )
  await expect(expectFresh(other, board)).rejects.toMatchObject({
    code: 'NOT_FRESH',
    detail: expect.stringContaining(
      `different  id = 1; title: loom, should be lantern\n  missing    id = 2`,
    ) as string,
  })
  await expect(expectFresh(other, 'bord')).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' })
})

test('within a transaction that is rolled back everything is seen, and nothing is left', async () => {
  const client = new pg.Client({ connectionString: database.url, options: '-c TimeZone=Asia/Tokyo' })
  await client.connect()
  try {
    await expect(drainAll(client)).rejects.toMatchObject({ code: 'BAD_USAGE' })
    await client.query('begin')
    for (const [id, votes] of [
      [10, 1],
      [11, 2],
    ]) {
      await client.query(`insert into posts (id, author_id, title) values ($1, 1, 'kite')`, [id])
      await client.query(
        'insert into votes select $1, gen_random_uuid(), 1 from generate_series(1, $2::int)',
        [id, votes],
      )
      await expect(expectFresh(client, 'board')).rejects.toThrow('not drained')
      await drainAll(client)
      await expectFresh(client, 'board')
      await expectFresh(client, 'tally')
    }
    await client.query('delete from authors where id = 1')
    await drainAll(client)
    await expectFresh(client, 'board')
    expect((await client.query('select * from board where author = $1', ['Ada'])).rows).toEqual([])
    await client.query('truncate votes')
    await drainAll(client)
    await expectFresh(client, 'board')
    expect((await client.query('show timezone')).rows).toEqual([{ TimeZone: 'Asia/Tokyo' }])
    await client.query('rollback')
  } finally {
    await client.end()
  }
  await expectFresh(database)
  expect(await database.query('select from board where id >= 10')).toEqual([])
})

/** `MILLRACE_FUZZ_OPERATIONS`: how many random statements are tried. */
const OPERATIONS = Number(process.env['MILLRACE_FUZZ_OPERATIONS'] ?? 60)

test('random writes find nothing where all is well, and the same seed writes the same', async () => {
  const [first, again] = [
    await fuzz(database, { seed: 7, operations: OPERATIONS }),
    await fuzz(database, { seed: 7, operations: OPERATIONS }),
  ]
  expect(again).toEqual(first)
  expect(first.statements).toBe(OPERATIONS)
  // Where nearly all is refused nothing was tried.
  expect(first.refused).toBeLessThan(OPERATIONS / 2)
  expect(first.comparisons).toBeGreaterThan(OPERATIONS / 20)
})

/** What would be our mistake, or an administrator's: each is done to a database that is well otherwise. */
const FAULTS = {
  'a capture trigger is disabled': 'alter table votes disable trigger all',
  'a capture trigger is dropped': `do $$ begin
     execute (select string_agg(format('drop trigger %I on posts', tgname), '; ') from pg_trigger
              where tgrelid = 'posts'::regclass and not tgisinternal and tgtype & 16 <> 0);
   end $$`,
  'a row was changed by hand': `update millrace.board_v1 set title = 'loom' where id = 2`,
}

test.each(Object.entries(FAULTS))('%s: random writes find it, in few statements', async (_, fault) => {
  await using ill = await createTestDatabase({ ...options(), rows: fault })
  const error = (await fuzz(ill, { seed: 3, operations: 200 }).catch((thrown: unknown) => thrown)) as {
    readonly code: string
    readonly detail: string
  }
  expect(error).toMatchObject({ code: 'NOT_FRESH' })
  expect(error.detail).toMatch(/^public\.(?:board|tally)/)
  expect(error.detail).toContain('seed: 3')
  const statements = error.detail.split('\n').filter((line) => line.endsWith(';'))
  expect(statements.length, error.detail).toBeLessThanOrEqual(4)
})
