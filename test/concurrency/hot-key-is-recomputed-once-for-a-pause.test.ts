import { expect, test } from 'vitest'
import { drainsOf, runWorker } from './running-worker.ts'
import { createStage } from './stage.ts'

const SCHEMA = `
  create table products (id int primary key, price int not null);
  insert into products values (1, 0), (2, 0);`
const QUERY = 'select id, price from products'
const PAUSE = { maxLagMs: 7_200_000, batch: 10_000 }

const WRITES = 10_000

/** Seen to fail where a model that pauses was due like any other. */
test('a key is written ten thousand times while its model pauses: one drain recomputes it, once', async () => {
  const stage = await createStage({
    schema: SCHEMA,
    models: [
      { name: 'pausing', key: 'id', query: QUERY, pace: { ...PAUSE, pauseMs: 3_600_000 } },
      { name: 'prompt', key: 'id', query: QUERY },
    ],
  })
  const writer = await stage.session()
  const worker = runWorker(stage.database.url('worker'))
  await worker.until(({ kind }) => kind === 'started')

  await writer.query(`do $$ begin
    for i in 1..${String(WRITES)} loop
      update products set price = i where id = 1;
      commit;
    end loop;
  end $$`)
  // The other model shows that the worker has seen all of it, and has been through many rounds.
  for (let seen = 0; ; seen = drainsOf(worker, 'prompt').length) {
    const [row] = await stage.owner.query<{ price: number }>('select price from prompt where id = 1')
    if (row?.price === WRITES) break
    await worker.until(() => drainsOf(worker, 'prompt').length > seen)
  }
  expect(drainsOf(worker, 'prompt').length).toBeGreaterThan(2)
  expect(drainsOf(worker, 'pausing')).toEqual([])
  await stage.expectStrict(stage.owner)
  await worker.stop()

  expect(await stage.drain('pausing')).toMatchObject({
    status: 'drained',
    changes: WRITES,
    units: 1,
    rowsChanged: 1,
  })
  await stage.expectExact()
})

test('when the pause is over the worker drains it by itself', async () => {
  const stage = await createStage({
    schema: SCHEMA,
    models: [{ name: 'pausing', key: 'id', query: QUERY, pace: { ...PAUSE, pauseMs: 50 } }],
  })
  const writer = await stage.session()
  const worker = runWorker(stage.database.url('worker'))
  for (const price of [1, 2, 3]) {
    const before = drainsOf(worker, 'pausing').length
    await writer.query('update products set price = $1 where id = 2', [price])
    await worker.until(() => drainsOf(worker, 'pausing').length > before)
  }
  await worker.stop()
  await stage.expectExact()
})
