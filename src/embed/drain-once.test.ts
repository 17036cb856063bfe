import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { currentSlot } from '../sql/slots.ts'
import { drainOnce } from './drain-once.ts'

const ITEMS = { name: 'all_items', key: 'id', query: 'select id, price from items' }
const SCHEMA = 'create table items (id int primary key, price int not null default 1)'

async function start(...models: Parameters<typeof installModels>[1]) {
  const database = await createTestDatabase(SCHEMA)
  const [owner, writer] = [await database.connect('owner'), await database.connect('writer')]
  await installModels(owner, models)
  return { database, owner, writer, config: { database: database.url('worker') } }
}

test('who only ever calls drainOnce has no queue that grows, and no log', async () => {
  const { owner, writer, config } = await start(ITEMS)
  await owner.query(
    `insert into millrace.refresh_log (model, cause, duration_ms, status, finished_at)
     values ('all_items_v1', 'change', 1, 'completed', now() - interval '8 days')`,
  )

  for (let id = 1; id <= 15; id += 1) {
    await writer.query('insert into items values ($1)', [id])
    expect(await drainOnce(config)).toMatchObject({ drains: 1, units: 1, isComplete: true, left: [] })
  }
  // The slot before the one that writers use now: its turn comes last.
  await owner.query(
    `update millrace.queue_items set slot = (${currentSlot().text} + 2) % 3 where xid > '0'::xid8`,
  )
  expect(await drainOnce(config)).toMatchObject({ drains: 0 })

  const [left] = await owner.query(
    `select (select count(*)::int from millrace.queue_items where xid > '0'::xid8) as changes,
            (select count(*)::int from millrace.queue_items where xid = '0'::xid8) as sentinels,
            (select count(*)::int from millrace.watermark) as watermarks,
            (select count(*)::int from millrace.refresh_log where finished_at < now() - interval '7 days') as "oldLogRows"`,
  )
  expect(left).toEqual({ changes: 0, sentinels: 3, watermarks: 11, oldLogRows: 0 })
})

test('it drains what was queued when it began, and ends though somebody writes after each drain', async () => {
  const { owner, writer, config } = await start(ITEMS, { ...ITEMS, name: 'same_items' })
  await writer.query('insert into items select generate_series(1, 3)')
  let id = 3
  // Written by the listener, between two drains: whoever waited for an empty queue would never see one.
  const drains: Promise<unknown>[] = []
  const drained = await drainOnce(config, {
    onDrain: () => {
      id += 1
      drains.push(writer.query('insert into items values ($1)', [id]))
    },
  })
  await Promise.all(drains)
  expect(drained).toMatchObject({ drains: 2, isComplete: true })
  for (const name of ['all_items', 'same_items']) {
    expect(await owner.query(`select id from ${name} where id <= 3 order by id`)).toEqual(
      [1, 2, 3].map((it) => ({ id: it })),
    )
  }
})

test('units that wait are drained though every drain is full of new ones', async () => {
  const paced = { ...ITEMS, pace: { maxLagMs: 60_000, batch: 10, pauseMs: 0 } }
  const { owner, writer, config } = await start(paced)
  // More than one batch: they go into the pending table.
  await writer.query('insert into items select generate_series(1, 45)')
  const writes: Promise<unknown>[] = []
  await drainOnce(config, {
    onDrain: () => writes.push(writer.query('update items set price = price + 1 where id between 31 and 40')),
  })
  await Promise.all(writes)
  const [row] = await owner.query('select count(*)::int as rows from all_items')
  expect(row).toEqual({ rows: 45 })
})

test('at the limit what is under way is rolled back, and the next call goes on', async () => {
  const { database, owner, writer, config } = await start(ITEMS)
  await writer.query('insert into items select generate_series(1, 5)')
  const blocker = await database.connect('superuser')
  await blocker.query('begin')
  await blocker.query('lock table millrace.all_items_v1 in share mode')

  const stopped = await drainOnce(config, { timeLimit: '300 milliseconds' })
  expect(stopped).toMatchObject({
    drains: 0,
    isComplete: false,
    left: [{ model: 'public.all_items', changes: 5, units: 0 }],
  })
  await blocker.query('commit')
  expect(await drainOnce(config, { timeLimit: '1 minute' })).toMatchObject({
    units: 5,
    isComplete: true,
    left: [],
  })
  expect(await owner.query('select count(*)::int as rows from all_items')).toEqual([{ rows: 5 }])
})

test('several at once drain each change once', async () => {
  const { owner, writer, config } = await start({
    name: 'totals',
    key: 'price',
    query: 'select price, count(*) as items from items group by price',
  })
  await writer.query('insert into items select i, i % 5 from generate_series(1, 500) as i')
  const all = await Promise.all([1, 2, 3].map(() => drainOnce(config, { timeLimit: '1 minute' })))
  expect(all.map(({ isComplete }) => isComplete)).toEqual([true, true, true])
  expect(await owner.query('select items::int from totals order by price')).toEqual(
    Array.from({ length: 5 }, () => ({ items: 100 })),
  )
})

test('the caller who gives it up gets his own reason, and a limit that is none is refused', async () => {
  const { config } = await start(ITEMS)
  const reason = new Error('the deployment ends')
  await expect(drainOnce(config, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  await expect(drainOnce(config, { timeLimit: 'soon' })).rejects.toMatchObject({ code: 'BAD_CONFIG' })
})
