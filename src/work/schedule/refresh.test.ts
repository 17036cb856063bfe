import { expect, test } from 'vitest'
import { createTestDatabase } from '../../../test/support/database.ts'
import { ROLES } from '../../../test/support/roles.ts'
import { installTestSchedule } from '../../../test/support/scheduled.ts'
import { runJob } from './run.ts'

const SCHEMA = `
  create table players (id int primary key, team text, points numeric not null);
  insert into players select i, case when i % 3 > 0 then 'team ' || i % 3 end, i from generate_series(1, 30) as i;`

const RANKS = {
  name: 'ranks',
  key: 'id',
  query: `select id, rank() over (order by points desc, id) as place, points from players`,
  indexes: [{ columns: ['place'], unique: true }],
}

async function start(...refreshed: Parameters<typeof installTestSchedule>[1]['refreshed'] & object) {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  await installTestSchedule(owner, { refreshed })
  return {
    owner,
    application: await database.connect('application'),
    worker: await database.connect('worker'),
    reader: await database.connect('reader'),
  }
}

test('writes only the rows that differ, even where two rows exchange a unique value', async () => {
  const { application, worker, reader, owner } = await start(RANKS)
  const rows = () => reader.query('select * from ranks order by id')
  expect(await rows()).toEqual(await reader.query('select * from ranks_strict order by id'))
  const versions = () =>
    owner.query<{ id: number; xmin: string }>(
      'select id, xmin::text as xmin from millrace.ranks_v1 order by id',
    )

  const before = await versions()
  await application.query('update players set points = 29.5 where id = 30')
  await application.query('update players set points = 31 where id = 29')
  await application.query('delete from players where id = 1')
  const outcome = await runJob(worker, 'ranks', { cause: 'request' })
  expect(outcome).toMatchObject({ status: 'completed', rowsChanged: 3 })
  expect(await rows()).toEqual(await reader.query('select * from ranks_strict order by id'))

  const after = await versions()
  const touched = after.filter(({ id, xmin }) => before.find((it) => it.id === id)?.xmin !== xmin)
  expect(touched.map(({ id }) => id)).toEqual([29, 30])
  expect(await runJob(worker, 'ranks', { cause: 'request' })).toMatchObject({ rowsChanged: 0 })
  expect(await versions()).toEqual(after)
})

test('of a table with policies it is read by the named roles alone, and nothing is refreshed from a part of the rows', async () => {
  const policies = `
    alter table players enable row level security;
    create policy millrace on players for select to ${ROLES.owner}, ${ROLES.worker} using (true);`
  const database = await createTestDatabase(SCHEMA + policies)
  const owner = await database.connect('owner')
  const [application, worker, writer, reader] = await Promise.all(
    (['application', 'worker', 'writer', 'reader'] as const).map((role) => database.connect(role)),
  )
  await installTestSchedule(owner, { refreshed: [{ ...RANKS, readableBy: [ROLES.writer] }] })
  const strict = 'select count(*)::int as n from ranks_strict'
  expect(await writer?.query(strict)).toEqual([{ n: 30 }])
  await expect(reader?.query(strict)).rejects.toThrow(/permission denied/)
  await expect(reader?.query('select from ranks')).rejects.toThrow(/permission denied/)

  await application?.query('drop policy millrace on players')
  if (worker === undefined) throw new Error('not connected')
  expect(await runJob(worker, 'ranks', { cause: 'request' })).toMatchObject({ status: 'failed' })
  await expect(writer?.query(strict)).rejects.toThrow(/policies hide rows/)
  expect(await writer?.query('select count(*)::int as n from ranks')).toEqual([{ n: 30 }])
})

test('equal values that are not the same are written', async () => {
  const { application, worker, reader } = await start(RANKS)
  await application.query('update players set points = 30.00 where id = 30')
  expect(await runJob(worker, 'ranks', { cause: 'request' })).toMatchObject({ rowsChanged: 1 })
  expect(await reader.query('select points from ranks where id = 30')).toEqual([{ points: '30.00' }])
})

test('keys may be null, arrays, and of types that cannot be hashed', async () => {
  const { application, worker, reader } = await start(
    { name: 'teams', key: 'team', query: 'select team, count(*) as players from players group by team' },
    {
      name: 'lists',
      key: ['list', 'price'],
      query: `select nullif(array[id % 2, null], array[0, null]) as list, (id % 2)::text::money as price, max(points) as most
              from players group by 1, 2`,
    },
  )
  for (let round = 0; round < 2; round += 1) {
    await application.query('update players set points = points + 1, team = null where id = 1 + $1', [round])
    for (const name of ['teams', 'lists']) {
      expect(await runJob(worker, name, { cause: 'request' })).toMatchObject({ status: 'completed' })
      const stored = await reader.query(`select * from ${name} order by 1, 2`)
      expect(stored).toEqual(await reader.query(`select * from ${name}_strict order by 1, 2`))
      expect(stored.length).toBeGreaterThan(1)
    }
  }
})

test('rows that share the key are refused by name, and the model stays as it was', async () => {
  const { application, worker, reader, owner } = await start({
    name: 'captains',
    key: 'team',
    query: `select team, id from players where id <= 2`,
  })
  const before = await reader.query('select * from captains order by team')
  await application.query(`update players set team = 'team 1'`)
  const outcome = await runJob(worker, 'captains', { cause: 'request' })
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'KEY_NOT_UNIQUE' } })
  expect(await reader.query('select * from captains order by team')).toEqual(before)
  const [run] = await owner.query<{ error: string }>(
    'select error from millrace.job_run order by id desc limit 1',
  )
  expect(run?.error).toContain('two rows of public.captains share team')
  expect(run?.error).toContain('{"id":"1","team":"team 1"}\n{"id":"2","team":"team 1"}')
})
