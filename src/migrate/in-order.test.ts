import { expect, test } from 'vitest'
import { compareStored, compareStrict } from '../../test/oracle/compare.ts'
import { listCatalog } from '../../test/support/catalog-listing.ts'
import { createTestDatabase } from '../../test/support/database.ts'
import { definitionOf } from '../../test/support/models.ts'
import { ROLES } from '../../test/support/roles.ts'
import { makeDue, refreshedOf } from '../../test/support/scheduled.ts'
import { takeToken } from '../client/take-token.ts'
import type { Connection } from '../pg/client.ts'
import { verify } from '../verify/verify.ts'
import { drainAndRefresh } from '../work/drain-and-refresh.ts'
import { readModels, readPlans } from '../work/model.ts'
import { readScheduled } from '../work/schedule/installed.ts'
import { findAllChanges } from './all-changes.ts'
import { compileDeclared } from './compile-declared.ts'
import { installInOrder, removeInOrder, requireUnread } from './in-order.ts'

const SCHEMA = `
  create table projects (id int primary key, title text not null);
  create table votes (id int primary key generated always as identity, project_id int not null references projects);
  create index on votes (project_id);
  insert into projects select i, 'project ' || i from generate_series(1, 5) as i;
  insert into votes (project_id) select 1 + i % 4 from generate_series(1, 9) as i;`

/** The top one is declared first, and reads one that is refreshed, which reads one that is kept. */
const TOP = {
  name: 'top',
  key: 'id',
  query: `select r.id, r.place, p.title from ranked r join projects p on p.id = r.id where r.place <= 2`,
}
const RANKED = {
  name: 'ranked',
  key: 'id',
  query: 'select id, votes, rank() over (order by votes desc, id) as place from counted',
}
const COUNTED = {
  name: 'counted',
  key: 'id',
  query: 'select p.id, (select count(*) from votes v where v.project_id = p.id) as votes from projects p',
}

const roles = { worker: ROLES.worker, reader: ROLES.reader }

async function declare(owner: Connection, kept = [TOP, COUNTED], refreshed = [RANKED]) {
  return await compileDeclared(owner, {
    models: kept.map(definitionOf),
    refreshed: refreshed.map(refreshedOf),
    jobs: [],
  })
}

async function installAll(owner: Connection, { models, schedule }: Awaited<ReturnType<typeof declare>>) {
  await installInOrder(owner, { models, ...schedule }, { roles })
}

async function installed(owner: Connection) {
  return { models: await readModels(owner), scheduled: await readScheduled(owner) }
}

test('kept and refreshed models of one chain are made in order, follow one another, and go in order', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const worker = await database.connect('worker')
  const writer = await database.connect('writer')
  const reader = await database.connect('reader')
  const before = await listCatalog(owner)

  await installAll(owner, await declare(owner))
  expect((await readPlans(owner)).map(({ name, state }) => [name, state])).toEqual([
    ['counted', 'ready'],
    ['ranked', 'ready'],
    ['top', 'ready'],
  ])
  const expectExact = async () => {
    for (const { plan } of await readModels(owner)) expect(await compareStrict(owner, plan)).toEqual([])
  }
  await expectExact()

  await writer.query('begin')
  await writer.query('insert into votes (project_id) select 5 from generate_series(1, 7)')
  const token = await takeToken(writer)
  await writer.query('commit')
  await expectExact()
  const passed = async () =>
    (
      await reader.query(`select millrace.waiting_models(array[$1], '{counted,ranked,top}') as waiting`, [
        token,
      ])
    )[0]
  expect(await passed()).toEqual({ waiting: ['public.counted', 'public.ranked', 'public.top'] })
  const drain = async () => await drainAndRefresh(worker, await readModels(worker), {})
  expect(await drain()).toMatchObject({ failed: 0, refreshed: 0 })
  expect(await passed()).toEqual({ waiting: ['public.ranked', 'public.top'] })

  await makeDue(owner, 'ranked')
  expect(await drain()).toMatchObject({ failed: 0, refreshed: 1 })
  expect(await passed()).toEqual({ waiting: [] })
  expect(await reader.query('select id from top order by place')).toEqual([{ id: 5 }, { id: 2 }])
  await expectExact()
  for (const it of await readModels(owner)) expect(await compareStored(owner, it.plan)).toEqual([])
  expect((await verify(owner, await readModels(owner))).flatMap(({ drift }) => drift)).toEqual([])

  const { models, scheduled } = await installed(owner)
  await expect(
    requireUnread(owner, { models: models.filter(({ name }) => name === 'counted'), scheduled: [] }),
  ).rejects.toMatchObject({ code: 'MODEL_IS_READ' })
  await removeInOrder(owner, { models, scheduled }, {})
  expect(await listCatalog(owner)).toEqual(before)
})

test('a version that takes the place of another takes what names it along', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  await installAll(owner, await declare(owner))
  const changesOf = async (kept: readonly (typeof COUNTED)[]) => {
    const { models, scheduled } = await installed(owner)
    const { changes, onSchedule } = findAllChanges(await declare(owner, [...kept]), models, scheduled)
    return { changes, onSchedule }
  }
  expect(await changesOf([TOP, COUNTED])).toEqual({ changes: [], onSchedule: [] })

  // Another column, and columns in another order: the query above is understood over what will be.
  const wider = { ...COUNTED, query: COUNTED.query.replace('select p.id', 'select p.title, p.id') }
  const { changes, onSchedule } = await changesOf([TOP, wider])
  expect(changes.map(({ kind, ...it }) => [kind, 'model' in it && it.model.definition.name])).toEqual([
    ['replace', 'counted'],
    ['update', 'top'],
  ])
  // It names the model, whichever version that is; its strict view is made anew with the other columns.
  expect(onSchedule.map(({ kind }) => kind)).toEqual(['update'])
  await installAll(owner, await declare(owner, [TOP, wider]))
  for (const { plan } of await readModels(owner)) expect(await compareStrict(owner, plan)).toEqual([])

  await expect(changesOf([TOP])).rejects.toMatchObject({ code: 'MODEL_IS_READ' })
  const query = 'select t.id, t.place as votes from top t'
  await expect(declare(owner, [{ ...COUNTED, query }, TOP])).rejects.toMatchObject({
    code: 'MODELS_IN_A_CYCLE',
    message: expect.stringContaining(
      'public.counted reads public.top reads public.ranked reads public.counted',
    ) as string,
    position: query.indexOf('top t'),
  })
})
