import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installTestSchedule } from '../../test/support/scheduled.ts'
import { readRefreshed } from '../work/schedule/installed.ts'
import { runJob } from '../work/schedule/run.ts'
import { verifyRefreshed } from './refreshed.ts'

const SCHEMA = `
  create table players (id int primary key, points numeric not null);
  insert into players select i, i from generate_series(1, 20) as i;`

const RANKS = {
  name: 'ranks',
  key: 'id',
  query: 'select id, points, rank() over (order by points desc, id) as place, now() as seen from players',
}

test('what has changed since is no drift, what somebody else has written is', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const application = await database.connect('application')
  await installTestSchedule(owner, {
    refreshed: [{ ...RANKS, query: RANKS.query.replace(', now() as seen', '') }],
  })
  const verified = async () => {
    const [model] = await readRefreshed(owner)
    if (model === undefined) throw new Error('nothing is refreshed')
    return await verifyRefreshed(owner, model)
  }
  expect(await verified()).toMatchObject({ model: 'public.ranks', rows: 20, drift: [], changedSince: 0 })

  await application.query('delete from players where id = 1')
  expect(await verified()).toMatchObject({ drift: [], causes: [], changedSince: 1 })

  await owner.query('update millrace.ranks_v1 set points = 2.0 where id = 2')
  const { drift, causes } = await verified()
  expect(drift.toSorted((a, b) => Number(a.key['id']) - Number(b.key['id']))).toEqual([
    { kind: 'extra', key: { id: '1' }, columns: [] },
    { kind: 'different', key: { id: '2' }, columns: [{ name: 'points', stored: '2.0', actual: '2' }] },
  ])
  expect(causes).toEqual([
    expect.stringMatching(/^somebody has written to the stored rows since its last refresh at \S+Z;/),
  ])

  await runJob(await database.connect('worker'), 'ranks', { cause: 'request' })
  expect(await verified()).toMatchObject({ drift: [], rows: 19, changedSince: 0 })
})

test('a query that reads the clock is exact as of its last refresh', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  await installTestSchedule(owner, { refreshed: [RANKS] })
  const [model] = await readRefreshed(owner)
  if (model === undefined) throw new Error('nothing is refreshed')
  const { drift, changedSince, asOf } = await verifyRefreshed(owner, model)
  expect({ drift, changedSince }).toEqual({ drift: [], changedSince: 20 })
  expect(asOf).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
})
