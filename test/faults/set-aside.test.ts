import { expect, test } from 'vitest'
import type { Client } from '../../src/pg/client.ts'
import { verify } from '../../src/verify/verify.ts'
import { createTestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'
import { startWorker } from './scene.ts'
import { until } from './until.ts'
import { expectSays, untilDrained } from './worker-at-work.ts'

const SCHEMA = `
  create table items (id int primary key, price int not null, amount int not null);
  insert into items select i, 10 * i, 1 from generate_series(1, 50) as i;`

const MODELS = [
  { name: 'plain', key: 'id', query: 'select id, price, amount from items' },
  { name: 'ratio', key: 'id', query: 'select id, price / amount as each from items' },
]

test('a key that cannot be computed waits with its error, over a killed worker, and heals when it is mended', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  const application = await database.connect('application')
  const models = await installModels(owner, MODELS)
  const first = startWorker(database)
  await expectSays(first, 'working on')

  await writer.query('update items set amount = case when id % 10 = 0 then 0 else 2 end')
  await until(async () => (await setAside(owner)).length === 5)
  expect(await setAside(owner)).toMatchObject([
    { u1: 10, error: 'division by zero' },
    { u1: 20, error: 'division by zero' },
    { u1: 30, error: 'division by zero' },
    { u1: 40, error: 'division by zero' },
    { u1: 50, error: 'division by zero' },
  ])
  await expectSays(first, 'set aside: division by zero')
  const rows = await owner.query('select id, each from ratio order by id')
  expect(rows).toEqual(
    Array.from({ length: 50 }, (_, i) => ({
      id: i + 1,
      each: (i + 1) % 10 === 0 ? 10 * (i + 1) : 5 * (i + 1),
    })),
  )
  await untilDrained(
    owner,
    models.filter(({ name }) => name === 'plain'),
  )
  await first.kill()

  // A change heals its key; where nothing tells of the change, the next attempt does.
  await writer.query('update items set amount = 5 where id = 10')
  await application.query('alter table items disable trigger all')
  await application.query('update items set amount = 4 where id = 20')
  await application.query('alter table items enable trigger all')
  const second = startWorker(database)
  await until(async () => (await setAside(owner)).every(({ u1, attempts }) => u1 > 20 && attempts > 1))
  expect(await owner.query('select id, each from ratio where id in (10, 20) order by id')).toEqual([
    { id: 10, each: 20 },
    { id: 20, each: 50 },
  ])

  await writer.query('update items set amount = 1 where id = 30; delete from items where id in (40, 50)')
  await untilDrained(owner, models)
  second.signal('SIGTERM')
  expect(await second.ended).toMatchObject({ code: 0 })
  // `plain` could not know of what was written behind the triggers' back.
  expect(await verify(owner, models)).toMatchObject([
    { drift: [{ key: { id: '20' } }] },
    { drift: [], queued: 0 },
  ])
})

async function setAside(owner: Client) {
  return await owner.query<{ u1: number; error: string; attempts: number }>(
    'select u1, error, attempts from millrace.pending_ratio_v1 where error is not null order by u1',
  )
}
