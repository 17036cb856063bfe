import { beforeAll, describe, expect, test } from 'vitest'
import { createClient } from '../../src/client/create-client.ts'
import { leaderboard, type Leaderboard } from '../../src/define/leaderboard.ts'
import { sql } from '../../src/define/sql.ts'
import { resolveReadModel } from '../../src/define/resolve-read-model.ts'
import { loadParser } from '../../src/sql/parse.ts'
import { compileModel, type ModelDefinition } from '../../src/migrate/compile-model.ts'
import { install, remove } from '../../src/migrate/install.ts'
import { preflight } from '../../src/migrate/preflight.ts'
import type { Client, Connection } from '../../src/pg/client.ts'
import { repair, verify } from '../../src/verify/verify.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import { readModels } from '../../src/work/model.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { listCatalog } from '../support/catalog-listing.ts'
import { ROLES } from '../support/roles.ts'

const SCHEMA = `
  create table builders (id int primary key, name text not null, country text, team int, points int, joined date);
  insert into builders values
    (1, 'Ada', 'PT', 1, 50, '2026-01-03'), (2, 'Bea', 'PT', 1, 70, '2026-01-02'),
    (3, 'Cid', 'NL', 1, 50, '2026-01-01'), (4, 'Dov', null, 2, 50, null),
    (5, 'Eva', 'NL', 2, null, '2026-01-01'), (6, 'Fay', 'NL', 2, 10, '2026-01-01');`

interface Builder {
  readonly id: number
  readonly name: string
  readonly country: string | null
  readonly team: number | null
  readonly points: number | null
  readonly joined: Date | null
}

const BOARD = leaderboard('top_builders', {
  key: 'id',
  query: sql<Builder>`select id, name, country, team, points, joined from builders`,
  score: 'points desc',
  ties: ['joined'],
  within: [['country'], ['country', 'team']],
})

const roles = { worker: ROLES.worker, reader: ROLES.reader }

function definitionOf(board: Leaderboard): ModelDefinition {
  const { definition, problems } = resolveReadModel(board)
  if (problems[0] !== undefined) throw problems[0]
  if ('schedule' in definition) throw new Error('not kept')
  return definition
}

async function installBoard(owner: Client, board: Leaderboard = BOARD): Promise<void> {
  const compiled = await compileModel(owner, definitionOf(board))
  const [problem] = await preflight(owner, [compiled], roles)
  if (problem !== undefined) throw problem
  await install(owner, [compiled], { roles })
}

beforeAll(loadParser)

describe('reading', () => {
  let database: TestDatabase
  let owner: Connection
  let reader: Connection
  beforeAll(async () => {
    database = await createTestDatabase(SCHEMA)
    owner = await database.connect('owner')
    reader = await database.connect('reader')
    await installBoard(owner)
  })
  const named = (rows: readonly { readonly rank: number; readonly name: string }[]) =>
    rows.map(({ rank, name }) => `${String(rank)} ${name}`)

  test('every question, as the role of readers', async () => {
    const board = createClient(reader, { board: BOARD }).board
    expect(named(await board.top())).toEqual(['1 Bea', '2 Cid', '3 Ada', '4 Dov', '5 Fay'])
    expect(named(await board.top({ shared: true }))).toEqual(['1 Bea', '2 Cid', '2 Ada', '2 Dov', '5 Fay'])
    expect(named(await board.top({ n: 2, skip: 2, shared: true }))).toEqual(['2 Ada', '2 Dov'])
    expect(named(await board.top({ group: { country: 'NL' } }))).toEqual(['1 Cid', '2 Fay'])
    expect(named(await board.top({ group: { team: 1, country: 'PT' } }))).toEqual(['1 Bea', '2 Ada'])
    expect(named(await board.after(3, { n: 2 }))).toEqual(['3 Ada', '4 Dov'])
    expect(named(await board.around(1, { n: 1 }))).toEqual(['2 Cid', '3 Ada', '4 Dov'])
    expect(named(await board.around(2, { n: 1, within: ['country'] }))).toEqual(['1 Bea', '2 Ada'])
    expect(named(await board.among([6, 1, 2, 5, 99]))).toEqual(['1 Bea', '2 Ada', '3 Fay'])
    expect(await board.rank(1)).toBe(3)
    expect(await board.rank(1, { shared: true })).toBe(2)
    expect(await board.rank(1, { within: ['country'] })).toBe(2)
    expect(await board.percentile(3)).toBe(75)
    expect(await board.count()).toBe(5)
    expect(await board.count({ group: { country: 'NL' } })).toBe(2)
  })

  test('who has no score, no group or no row has no rank', async () => {
    const board = createClient(reader, { board: BOARD }).board
    expect(await board.rank(5)).toBeNull()
    expect(await board.percentile(5)).toBeNull()
    expect(await board.around(5)).toEqual([])
    expect(await board.rank(99)).toBeNull()
    expect(await board.rank(4)).toBe(4)
    expect(await board.rank(4, { within: ['country'] })).toBeNull()
    expect(await board.count({ group: { country: 'FR' } })).toBe(0)
    expect(await board.top({ skip: 100 })).toEqual([])
  })

  test('a list that is not declared is refused by name', async () => {
    const board = createClient(reader, { board: BOARD }).board
    await expect(board.rank(1, { within: ['team'] })).rejects.toMatchObject({
      code: 'BAD_LEADERBOARD',
      hint: 'There is: country; country and team.',
    })
  })

  test('nobody else may ask, and nobody may read the trees', async () => {
    const writer = await database.connect('writer')
    await expect(writer.query('select top_builders_rank(1)')).rejects.toMatchObject({ code: '42501' })
    await expect(reader.query('select * from millrace.ranks_top_builders_v1')).rejects.toMatchObject({
      code: '42501',
    })
  })

  test('two kinds of keys: of several columns, and with the names of arguments', async () => {
    const days = leaderboard('days', {
      key: ['n', 'skip'],
      query: sql`select id as n, team as skip, points from builders`,
      score: 'points',
      within: [['skip']],
    })
    await installBoard(owner, days)
    const board = createClient(reader, { days }).days
    expect(await board.rank({ n: 6, skip: 2 })).toBe(1)
    expect(
      await board.among([
        { n: 6, skip: 2 },
        { n: 2, skip: 1 },
      ]),
    ).toMatchObject([{ n: 6 }, { n: 2 }])
    expect(await board.count({ group: { skip: 2 } })).toBe(2)
  })
})

test('verify finds ranks that disagree with the rows, and mends them', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const worker = await database.connect('worker')
  await installBoard(owner)
  const models = await readModels(owner)
  const [model] = models
  if (model === undefined) throw new Error('not installed')
  expect(await verify(worker, models)).toMatchObject([{ drift: [] }])

  await owner.query('update millrace.ranks_top_builders_v1_in_country set rows = rows + 1')
  const [found] = await verify(worker, models)
  expect(found?.drift).toEqual([
    {
      kind: 'ranks',
      key: { ranks: 'within country' },
      columns: [{ name: 'wrong counts', stored: '2', actual: '0' }],
    },
  ])
  expect(await repair(worker, model, found?.drift ?? [])).toBe(1)
  expect(await verify(worker, models)).toMatchObject([{ drift: [] }])
})

test('the stored table is emptied behind the back of the worker, and built anew', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const worker = await database.connect('worker')
  const application = await database.connect('application')
  await installBoard(owner)
  const models = await readModels(owner)
  await owner.query('truncate millrace.top_builders_v1')
  const board = createClient(owner, { board: BOARD }).board
  expect(await board.count()).toBe(0)
  expect(await verify(worker, models)).toMatchObject([{ drift: Array(6).fill({ kind: 'missing' }) }])

  await application.query('truncate builders')
  await application.query(`insert into builders (id, name, points) values (7, 'Gus', 1)`)
  await drainAll(worker, models)
  expect(await board.top()).toMatchObject([{ rank: 1, id: 7 }])
  expect(await verify(worker, models)).toMatchObject([{ drift: [] }])
})

test('up and down leave nothing, and do not touch functions of the application', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const application = await database.connect('application')
  const superuser = await database.connect('superuser')
  const before = await listCatalog(superuser)
  await installBoard(owner)
  await install(owner, [await compileModel(owner, definitionOf(BOARD))], { roles })
  await remove(owner, await readModels(owner))
  expect(await listCatalog(superuser)).toEqual(before)

  await application.query(`create function top_builders_rank(int) returns int language sql as 'select $1'`)
  await expect(installBoard(owner)).rejects.toMatchObject({
    code: 'NAME_TAKEN',
    detail: 'there is a function public.top_builders_rank',
  })
  const compiled = await compileModel(owner, definitionOf(BOARD))
  await expect(install(owner, [compiled], { roles })).rejects.toMatchObject({ code: 'NAME_TAKEN' })
})

describe('what is refused', () => {
  const query = sql`select id, name, country, points, array[team] as teams, point(1, 2) as spot, 1 as rank from builders`
  const good = { key: 'id', query: sql`select id, name, points from builders`, score: 'points' }
  test.each([
    ['a score that the query does not have', { ...good, score: 'likes desc' }, /no column likes/],
    ['a score that is an expression', { ...good, score: 'points + 1' }, /"points \+ 1" is not a column/],
    [
      'a score without an order',
      { ...good, query: sql`select id, point(1, 2) as spot from builders`, score: 'spot' },
      /spot has the type point/,
    ],
    [
      'a tie that is a list',
      { ...good, query: sql`select id, points, array[team] as teams from builders`, ties: ['teams'] },
      /teams is an array/,
    ],
    ['a column that is named twice', { ...good, ties: ['name', 'points desc'] }, /points is named twice/],
    ['a group that the query does not have', { ...good, within: [['country']] }, /no column country/],
    ['one list twice', { ...good, within: [['name'], ['name']] }, /one list twice/],
    ['a column called rank', { ...good, query, score: 'points' }, /a column "rank"/],
    ['immediate', { ...good, freshness: 'immediate' as never }, /its freshness is immediate/],
    [
      'a list that is none',
      { ...good, within: ['name'] as never },
      /an entry of within is the string "name"/,
    ],
    ['no score', { ...good, score: undefined as never }, /score is undefined/],
  ])('%s', async (_, options, detail) => {
    const database = await createTestDatabase(SCHEMA)
    const owner = await database.connect('owner')
    const run = async () => await compileModel(owner, definitionOf(leaderboard('board', options)))
    await expect(run()).rejects.toMatchObject({
      code: 'BAD_LEADERBOARD',
      detail: expect.stringMatching(detail) as unknown,
    })
  })
})
