import { expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { installTestSchedule, makeDue } from '../../test/support/scheduled.ts'
import type { Connection } from '../pg/client.ts'
import { runJob } from '../work/schedule/run.ts'

const SCHEMA = `
  create table items (id int primary key, label text, price numeric not null);
  insert into items select i, 'item ' || i, i from generate_series(1, 20) as i;`

const KEPT = [
  { name: 'shelf', key: 'id', query: `select id, label, price from items where price < 1000` },
  { name: 'at_once', key: 'id', query: 'select id, price from items', freshness: 'immediate' as const },
]
const REFRESHED = {
  name: 'ranks',
  key: 'id',
  query: 'select id, rank() over (order by price) as place from items',
}
const VERIFY = { name: 'nightly', statement: 'select millrace.verify()' }

async function start(): Promise<{
  readonly database: TestDatabase
  readonly owner: Connection
  readonly worker: Connection
  readonly look: () => Promise<Readonly<Record<string, unknown>>>
}> {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const worker = await database.connect('worker')
  await installModels(owner, KEPT)
  await installTestSchedule(owner, { refreshed: [REFRESHED], jobs: [VERIFY] })
  /** Verifies as the schedule does, and answers with what was found of each model. */
  const look = async () => {
    await makeDue(owner, VERIFY.name)
    expect(await runJob(worker, VERIFY.name, { cause: 'schedule' })).toMatchObject({ status: 'completed' })
    const rows = await owner.query<{ name: string; found: unknown }>(`
      select distinct on (v.model) m.name, array[v.rows, v.drift, v.queued] as found
      from millrace.verification as v join millrace.model as m on m.storage = v.model
      order by v.model, v.id desc`)
    return Object.fromEntries(rows.map(({ name, found }) => [name, found]))
  }
  return { database, owner, worker, look }
}

test('verification on a schedule keeps what it found: rows, drift, and what was queued', async () => {
  const { database, owner, look } = await start()
  const exact = ['20', '0', '0']
  expect(await look()).toEqual({ shelf: exact, at_once: exact, ranks: exact })

  // Queued for the one, not yet refreshed for the other: neither is drift.
  const application = await database.connect('application')
  await application.query('update items set price = price + 1 where id > 18')
  expect(await look()).toEqual({ shelf: ['20', '0', '2'], at_once: exact, ranks: exact })

  await owner.query('update millrace.shelf_v1 set price = 0 where id <= 3')
  await owner.query('delete from millrace.at_once_v1 where id = 1')
  await owner.query('update millrace.ranks_v1 set place = 0 where id = 1')
  expect(await look()).toEqual({
    shelf: ['20', '3', '2'],
    at_once: ['19', '1', '0'],
    ranks: ['20', '1', '0'],
  })
})

test('a read model that cannot be compared is noted with the reason, and the others are compared', async () => {
  const { owner, look } = await start()
  await owner.query(
    `update millrace.model set plan = jsonb_set(plan, '{statements,compare}', '"select from nothing limit $1"') where name = 'shelf'`,
  )
  expect(await look()).toMatchObject({ shelf: [null, null, null], at_once: ['20', '0', '0'] })
  expect(await owner.query(`select error from millrace.verification where error is not null`)).toEqual([
    { error: 'relation "nothing" does not exist' },
  ])
})

test('a source is locked while its own read model is compared, and no longer', async () => {
  const { database, worker } = await start()
  await worker.query('begin')
  await worker.query('select millrace.verify()')
  const application = await database.connect('application')
  await application.query(`set lock_timeout = '1ms'`)
  await application.query('alter table items add column note text')
  await worker.query('commit')
})

test('the newest hundred are kept, and nobody else may look or verify', async () => {
  const { database, owner, worker, look } = await start()
  await owner.query(`
    insert into millrace.verification (model, verified_at, duration_ms)
    select 'shelf_v1', now(), 0 from generate_series(1, 150) union all select 'of_nothing', now(), 0`)
  await look()
  expect(
    await worker.query('select model, count(*)::int as n from millrace.verification group by 1 order by 1'),
  ).toEqual([
    { model: 'at_once_v1', n: 1 },
    { model: 'ranks_v1', n: 1 },
    { model: 'shelf_v1', n: 100 },
  ])
  const reader = await database.connect('reader')
  for (const sql of ['select millrace.verify()', 'select from millrace.verification'])
    await expect(reader.query(sql), sql).rejects.toThrow(/permission denied/)
})

test('policies that hide rows from the worker are an error, and no drift', async () => {
  const { database, owner, look } = await start()
  const application = await database.connect('application')
  await application.query('alter table items enable row level security')
  // The refreshed one has what its last refresh wrote: its source need not be asked.
  await look()
  expect(
    await owner.query(
      `select count(*)::int as n from millrace.verification where error like '%row-level security%'`,
    ),
  ).toEqual([{ n: 2 }])
})
