import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { definitionOf, type TestModel } from '../../test/support/models.ts'
import { ROLES } from '../../test/support/roles.ts'
import { refreshedOf, type TestRefreshed } from '../../test/support/scheduled.ts'
import type { Connection } from '../pg/client.ts'
import { drainAll } from '../work/drain-all.ts'
import { readAllPlans, readVersions } from '../work/model.ts'
import { readScheduled } from '../work/schedule/installed.ts'
import { runJob } from '../work/schedule/run.ts'
import { findAllChanges } from './all-changes.ts'
import { isMaking } from './changes.ts'
import { compileDeclared } from './compile-declared.ts'
import { finish } from './finish.ts'
import { installInOrder, removeInOrder } from './in-order.ts'
import { LOCK_RETRY } from './lock-retry.ts'
import { prune } from './prune.ts'
import { installSchema } from './schema.ts'
import { versionsBefore } from './versions-before.ts'

const SCHEMA = `
  create table players (id int primary key, team text not null, points int not null);
  insert into players select i, 'team ' || i % 3, i from generate_series(1, 12) as i;`

const PLACES = 'select id, points, rank() over (order by points desc) as place from players'
const ranks: TestRefreshed = { name: 'ranks', key: 'id', query: PLACES }
/** The column in the middle is gone, so views cannot stay as they are. */
const narrow: TestRefreshed = {
  name: 'ranks',
  key: 'id',
  query: 'select id, rank() over (order by points) as place from players',
}
const teams: TestModel = {
  name: 'teams',
  key: 'place',
  query: 'select place, count(*) as n from ranks group by place',
}

const roles = { worker: ROLES.worker, reader: ROLES.reader }

interface Declared {
  readonly refreshed?: readonly TestRefreshed[]
  readonly kept?: readonly TestModel[]
}

async function migrate(
  owner: Connection,
  { refreshed = [], kept = [] }: Declared,
): Promise<readonly string[]> {
  const declared = await compileDeclared(owner, {
    models: kept.map(definitionOf),
    refreshed: refreshed.map(refreshedOf),
    jobs: [],
  })
  const find = async () => findAllChanges(declared, await readAllPlans(owner), await readScheduled(owner))
  const { changes, onSchedule } = await find()
  await prune(
    owner,
    changes.flatMap((it) => (it.kind === 'prune' ? [it.installed] : [])),
  )
  const made = {
    models: changes.flatMap((it) => (isMaking(it) ? [it.model] : [])),
    refreshed: onSchedule.flatMap((it) => (it.what === 'model' ? [it.model] : [])),
    jobs: [],
  }
  await installInOrder(owner, made, { roles })
  const left = await find()
  expect([...left.changes, ...left.onSchedule].map(({ kind }) => kind)).toEqual([])
  return [...changes, ...onSchedule].map(({ kind }) => kind)
}

async function states(owner: Connection): Promise<readonly string[]> {
  return (await readAllPlans(owner)).map(({ storage, state }) => `${storage} ${state}`)
}

async function start(first: Declared) {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  await installSchema(owner)
  await migrate(owner, first)
  return {
    database,
    owner,
    reader: await database.connect('reader'),
    application: await database.connect('application'),
  }
}

test('a refreshed model is built beside, swapped, and goes back', async () => {
  const { owner, reader, application } = await start({ refreshed: [ranks] })
  await owner.query(`
    create view podium as select id, place from ranks where place <= 3;
    comment on view ranks is 'of the season';
    grant select on podium to ${ROLES.reader}`)
  await application.query('update players set points = 100 where id = 1')

  expect(await migrate(owner, { refreshed: [narrow] })).toEqual(['replace'])
  expect(await states(owner)).toEqual(['ranks_v1 former', 'ranks_v2 ready'])
  expect(await reader.query('select id, place::int from podium order by place')).toEqual([
    { id: 2, place: 1 },
    { id: 3, place: 2 },
    { id: 4, place: 3 },
  ])
  expect(await owner.query(`select obj_description('ranks'::regclass) as comment`)).toEqual([
    { comment: 'of the season' },
  ])
  expect(await owner.query('select name, storage from millrace.job')).toEqual([
    { name: 'ranks', storage: 'ranks_v2' },
  ])

  // Its job goes on with the version in use, and the way back is to rows that are no older.
  await application.query('update players set points = -5 where id = 9')
  expect(await runJob(owner, 'ranks', { cause: 'request' })).toMatchObject({ status: 'completed' })
  const before = versionsBefore(await readAllPlans(owner), [])
  await finish(
    owner,
    before.map(({ storage }) => storage),
    { roles, retry: LOCK_RETRY },
  )
  expect(await states(owner)).toEqual(['ranks_v1 ready', 'ranks_v2 former'])
  expect(await reader.query('select id, points from ranks where id in (1, 9) order by id')).toEqual([
    { id: 1, points: 100 },
    { id: 9, points: -5 },
  ])
  expect(await owner.query('select name, storage from millrace.job')).toEqual([
    { name: 'ranks', storage: 'ranks_v1' },
  ])

  expect(await migrate(owner, { refreshed: [narrow] })).toEqual(['restore'])
  expect(await states(owner)).toEqual(['ranks_v1 former', 'ranks_v2 ready'])
  await prune(owner, await readAllPlans(owner))
  expect(await states(owner)).toEqual(['ranks_v2 ready'])
  expect(await reader.query('select id from ranks_strict where place = 1')).toEqual([{ id: 9 }])
})

test('indexes that have names of their own are those of the version in use', async () => {
  const index = (columns: readonly string[]) => ({ ...ranks, indexes: [{ name: 'by_place', columns }] })
  const { owner } = await start({ refreshed: [index(['place'])] })
  expect(await migrate(owner, { refreshed: [index(['place desc', 'id'])] })).toEqual(['replace'])
  expect(
    await owner.query(
      `select tablename as of, indexname as name from pg_indexes where indexname like 'by_place%' order by 1`,
    ),
  ).toEqual([
    { of: 'ranks_v1', name: 'by_place_v1' },
    { of: 'ranks_v2', name: 'by_place' },
  ])
})

test('a model that is kept becomes one that is refreshed, and the other way round', async () => {
  const query = 'select team, sum(points) as points from players group by team'
  const totals = { name: 'totals', key: 'team', query }
  const { database, owner, reader, application } = await start({ kept: [totals] })
  const total = async () =>
    (await reader.query<{ points: string }>('select sum(points) as points from totals'))[0]?.points
  expect(await total()).toBe('78')

  await application.query(`insert into players values (20, 'new', 2)`)
  expect(await migrate(owner, { refreshed: [totals] })).toEqual(['replace'])
  expect(await states(owner)).toEqual(['totals_v1 former', 'totals_v2 ready'])
  expect(await total()).toBe('80')
  await application.query(`insert into players values (21, 'new', 5)`)
  expect(await total()).toBe('80')

  expect(await migrate(owner, { kept: [totals] })).toEqual(['restore'])
  expect(await states(owner)).toEqual(['totals_v1 ready', 'totals_v2 former'])
  expect(await total()).toBe('85')
  await application.query(`insert into players values (22, 'new', 5)`)
  await drainAll(await database.connect('worker'), await readVersions(owner))
  expect(await total()).toBe('90')
  await prune(owner, await readAllPlans(owner))
  expect(await owner.query('select from millrace.job')).toEqual([])
  expect(await states(owner)).toEqual(['totals_v1 ready'])
})

test('what is kept over a refreshed model changes with it', async () => {
  const { database, owner, reader, application } = await start({ refreshed: [ranks], kept: [teams] })
  expect(await migrate(owner, { refreshed: [narrow], kept: [teams] })).toEqual(['replace', 'replace'])
  expect(await states(owner)).toEqual([
    'ranks_v1 former',
    'ranks_v2 ready',
    'teams_v1 former',
    'teams_v2 ready',
  ])
  await application.query('update players set points = 50')
  const worker = await database.connect('worker')
  await runJob(worker, 'ranks', { cause: 'request' })
  await drainAll(worker, await readVersions(owner))
  expect(await reader.query('select place::int, n::int from teams')).toEqual([{ place: 1, n: 12 }])

  await finish(
    owner,
    versionsBefore(await readAllPlans(owner), []).map(({ storage }) => storage),
    { roles, retry: LOCK_RETRY },
  )
  expect(await states(owner)).toEqual([
    'ranks_v1 ready',
    'ranks_v2 former',
    'teams_v1 ready',
    'teams_v2 former',
  ])
  expect(await reader.query('select place::int, n::int from teams')).toEqual([{ place: 1, n: 12 }])
  const models = await readVersions(owner)
  await removeInOrder(owner, { models, scheduled: await readScheduled(owner) }, {})
  expect(await owner.query(`select from pg_namespace where nspname = 'millrace'`)).toEqual([])
})
