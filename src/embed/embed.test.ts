import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { currentSlot } from '../sql/slots.ts'
import { drainModels } from './embed.ts'

test('who only ever calls drainModels has no queue that grows, and no log', async () => {
  const database = await createTestDatabase('create table items (id int primary key)')
  const [owner, writer] = [await database.connect('owner'), await database.connect('writer')]
  await installModels(owner, [{ name: 'all_items', key: 'id', query: 'select id from items' }])
  await owner.query(
    `insert into millrace.refresh_log (model, cause, duration_ms, status, finished_at)
     values ('all_items_v1', 'change', 1, 'completed', now() - interval '8 days')`,
  )

  const url = database.url('worker')
  for (let id = 1; id <= 15; id += 1) {
    await writer.query('insert into items values ($1)', [id])
    expect(await drainModels({ url })).toMatchObject({ drains: 1, units: 1 })
  }
  // The slot before the one that writers use now: its turn comes last.
  await owner.query(
    `update millrace.queue_items set slot = (${currentSlot().text} + 2) % 3 where xid > '0'::xid8`,
  )
  expect(await drainModels({ url })).toMatchObject({ drains: 0 })

  const [left] = await owner.query(
    `select (select count(*)::int from millrace.queue_items where xid > '0'::xid8) as changes,
            (select count(*)::int from millrace.queue_items where xid = '0'::xid8) as sentinels,
            (select count(*)::int from millrace.watermark) as watermarks,
            (select count(*)::int from millrace.refresh_log where finished_at < now() - interval '7 days') as "oldLogRows"`,
  )
  expect(left).toEqual({ changes: 0, sentinels: 3, watermarks: 11, oldLogRows: 0 })
})
