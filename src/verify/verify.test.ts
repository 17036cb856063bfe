import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { drainAll } from '../work/drain-all.ts'
import { repair, verify } from './verify.ts'

const SCHEMA = `
  create table items (id int primary key, label text, price numeric not null);
  insert into items select i, 'item ' || i, i from generate_series(1, 50) as i;`

const MODEL = { name: 'shelf', key: 'id', query: `select id, label, price from items where price < 1000` }

test('finds missing, extra and different rows with their cause, and mends only those', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const worker = await database.connect('worker')
  const application = await database.connect('application')
  const models = await installModels(owner, [MODEL])
  expect(await verify(owner, models)).toEqual([
    { model: 'public.shelf', rows: 50, drift: [], queued: 0, causes: [] },
  ])

  await application.query('alter table items disable trigger all')
  await application.query(`insert into items values (51, 'new', 1)`)
  await application.query('delete from items where id = 1')
  await application.query(`update items set price = 2.00 where id = 2`)
  const [found] = await verify(owner, models)
  expect(found?.drift.toSorted((a, b) => Number(a.key['id']) - Number(b.key['id']))).toEqual([
    { kind: 'extra', key: { id: '1' }, columns: [] },
    { kind: 'different', key: { id: '2' }, columns: [{ name: 'price', stored: '2', actual: '2.00' }] },
    { kind: 'missing', key: { id: '51' }, columns: [] },
  ])
  expect(found?.causes[0]).toBe('the capture trigger of public.items for delete is disabled')

  const [model] = models
  if (model === undefined || found === undefined) throw new Error('nothing to repair')
  expect(await repair(worker, model, found.drift)).toBe(3)
  expect(await drainAll(worker, models)).toMatchObject({ units: 3, rowsChanged: 3 })
  expect((await verify(owner, models))[0]?.drift).toEqual([])
})

test('leaves out what is queued, and samples stored rows', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  const models = await installModels(owner, [MODEL])

  await writer.query('update items set price = price + 1 where id <= 5')
  expect(await verify(owner, models)).toMatchObject([{ drift: [], queued: 5 }])
  await owner.query('update millrace.shelf_v1 set price = 0 where id > 5')
  const [sampled] = await verify(owner, models, { sample: 10 })
  expect(sampled?.drift).toHaveLength(10)
})

test('finds a hidden state that is wrong before it spoils what readers see', async () => {
  const database = await createTestDatabase(
    `${SCHEMA} create table sales (item_id int, amount int); insert into sales values (1, 5), (2, 7), (2, null);`,
  )
  const owner = await database.connect('owner')
  const query = 'select i.id, (select sum(s.amount) from sales s where s.item_id = i.id) as sold from items i'
  const models = await installModels(owner, [{ name: 'sold', key: 'id', query }])
  expect((await verify(owner, models))[0]?.drift).toEqual([])

  await owner.query('update millrace.sold_v1 set sold__s2 = sold__s2 + 1 where id = 2')
  expect((await verify(owner, models))[0]?.drift).toEqual([
    { kind: 'different', key: { id: '2' }, columns: [{ name: 'sold__s2', stored: '2', actual: '1' }] },
  ])
})
