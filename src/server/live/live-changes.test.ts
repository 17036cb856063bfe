import { expect, test } from 'vitest'
import { createTestDatabase } from '../../../test/support/database.ts'
import { installModels } from '../../../test/support/models.ts'
import { untilOthersHaveEnded } from '../../../test/support/settled.ts'
import { drainOnce } from '../../embed/drain-once.ts'
import { liveChanges, type LiveUpdate } from './live-changes.ts'

const ITEMS = { name: 'all_items', key: 'id', query: 'select id, price from items' }

async function start(...models: Parameters<typeof installModels>[1]) {
  const database = await createTestDatabase(
    'create table items (id int primary key, price int not null); insert into items select i, 0 from generate_series(1, 20) as i',
  )
  const [owner, writer] = [await database.connect('owner'), await database.connect('writer')]
  await installModels(owner, models.length === 0 ? [ITEMS] : models)
  const config = { database: database.url('worker') }
  const change = async (statement: string) => {
    await writer.query(statement)
    await drainOnce(config)
  }
  return { database, owner, writer, config, change }
}

/** An iterator that is asked by hand. */
function by(updates: AsyncIterable<LiveUpdate>) {
  const iterator = updates[Symbol.asyncIterator]()
  return async (): Promise<LiveUpdate> => {
    const next = await iterator.next()
    if (next.done === true) throw new Error('it has ended')
    return next.value
  }
}

test('the first update has all rows, and then only what has changed is told, to whoever follows it', async () => {
  const { config, change } = await start()
  const live = liveChanges(config, { maxIdleMs: 20 })
  const [one, other] = [
    by(live.subscribe('all_items', { keys: [3, 99] })),
    by(live.subscribe('all_items', { keys: [4, 3] })),
  ]
  expect((await one()).changes).toEqual([
    { key: 3, row: { id: 3, price: 0 } },
    { key: 99, row: null },
  ])
  expect((await other()).changes).toHaveLength(2)
  expect(live.size).toEqual({ subscriptions: 2, keys: 3, pages: 0 })

  await change('update items set price = 7 where id in (3, 5)')
  for (const next of [one, other])
    expect((await next()).changes).toEqual([{ key: 3, row: { id: 3, price: 7 } }])
  await change('delete from items where id = 4')
  expect((await other()).changes).toEqual([{ key: 4, row: null }])
  await live.close()
  await expect(one()).rejects.toThrow('it has ended')
})

test('who takes nothing for long holds no more than his keys, and is told the last state of each', async () => {
  const { config, change } = await start()
  const live = liveChanges(config, { maxIdleMs: 10 })
  const keys = Array.from({ length: 20 }, (_, i) => i + 1)
  const [slow, quick] = [
    by(live.subscribe('all_items', { keys })),
    by(live.subscribe('all_items', { keys: [20] })),
  ]
  await Promise.all([slow(), quick()])
  for (let price = 1; price <= 12; price += 1) {
    await change(`update items set price = ${String(price)} where id % 2 = 0`)
    expect((await quick()).changes).toEqual([{ key: 20, row: { id: 20, price } }])
  }
  expect((await slow()).changes).toEqual(
    keys.filter((id) => id % 2 === 0).map((id) => ({ key: id, row: { id, price: 12 } })),
  )
  await live.close()
})

test('rows that changed together are told together, though somebody else has asked for one of them before', async () => {
  const { config, change } = await start()
  const live = liveChanges(config, { maxIdleMs: 60_000 })
  const both = by(live.subscribe('all_items', { keys: [1, 2] }))
  await both()
  // Until it looks at all again, seconds may pass: only those who come are served.
  for (let i = 0; i < 6; i += 1) await by(live.subscribe('all_items', { keys: [7 + i] }))()
  await change('update items set price = -id where id in (1, 2)')
  await by(live.subscribe('all_items', { keys: [2] }))()
  expect((await both()).changes.map(({ key }) => key)).toEqual([1, 2])
  await live.close()
})

test('who comes back with his id is told the difference, deletions too, by any process and after any pause', async () => {
  const { config, change, writer } = await start()
  const keys = [1, 2, 3, 4]
  // What was written beside a transaction that lasts is told again.
  await untilOthersHaveEnded(writer)
  const first = liveChanges(config)
  const { id } = await by(first.subscribe('all_items', { keys }))()
  await first.close()
  await change('delete from items where id = 2')
  await change('update items set price = 5 where id = 4')

  const second = liveChanges(config)
  // Others have heard of it already.
  await by(second.subscribe('all_items', { keys: [2, 4] }))()
  const back = await by(second.subscribe('all_items', { keys, after: id }))()
  expect(back.changes).toEqual([
    { key: 2, row: null },
    { key: 4, row: { id: 4, price: 5 } },
  ])
  expect(
    (await by(second.subscribe('all_items', { keys, after: 'of.another.time' }))()).changes,
  ).toHaveLength(4)
  await second.close()
})

test('a mistake ends the subscription that made it, and no other', async () => {
  const { config, change } = await start(ITEMS, {
    name: 'by_price',
    key: ['price', 'id'],
    query: 'select nullif(price, 0) as price, id from items',
  })
  const live = liveChanges(config, { maxIdleMs: 20 })
  const good = by(live.subscribe('public.all_items', { keys: [1] }))
  await good()
  const pairs = by(live.subscribe('by_price', { keys: [{ id: 1, price: null }] }))
  expect((await pairs()).changes).toEqual([{ key: { id: 1, price: null }, row: { price: null, id: 1 } }])

  await expect(by(live.subscribe('all_items', { keys: ['one'] }))()).rejects.toMatchObject({
    code: 'BAD_SUBSCRIPTION',
  })
  await expect(by(live.subscribe('by_price', { keys: [1] }))()).rejects.toMatchObject({
    code: 'BAD_SUBSCRIPTION',
  })
  await expect(by(live.subscribe('nothing', { keys: [1] }))()).rejects.toMatchObject({
    code: 'MODEL_UNKNOWN',
  })
  expect(() => live.subscribe('all_items', { keys: [] })).toThrow(/a subscription cannot be used/)

  await change('update items set price = 9 where id = 1')
  expect((await good()).changes).toEqual([{ key: 1, row: { id: 1, price: 9 } }])
  expect((await pairs()).changes).toEqual([{ key: { id: 1, price: null }, row: null }])
  await live.close()
})

test('the signal ends the iteration, and with the last one the connection', async () => {
  const { config, database } = await start()
  const live = liveChanges(config, { maxIdleMs: 10 })
  const stop = new AbortController()
  const updates = []
  for await (const update of live.subscribe('all_items', { keys: [1], signal: stop.signal })) {
    updates.push(update)
    stop.abort()
  }
  expect(updates).toHaveLength(1)
  expect(live.size).toEqual({ subscriptions: 0, keys: 0, pages: 0 })
  await live.close()
  const superuser = await database.connect('superuser')
  await expect
    .poll(() =>
      superuser.query(
        `select from pg_stat_activity where application_name = 'millrace live' and datname = current_database()`,
      ),
    )
    .toEqual([])
})

test('hundreds of subscriptions share one connection, and each hears what is its own', async () => {
  const { config, change, database } = await start()
  const live = liveChanges(config, { maxIdleMs: 20 })
  const all = Array.from({ length: 300 }, (_, i) => ({
    id: 1 + (i % 20),
    next: by(live.subscribe('all_items', { keys: [1 + (i % 20)] })),
  }))
  await Promise.all(all.map(({ next }) => next()))
  expect(live.size).toEqual({ subscriptions: 300, keys: 20, pages: 0 })
  const superuser = await database.connect('superuser')
  expect(
    await superuser.query(
      `select count(*)::int as sessions from pg_stat_activity where application_name = 'millrace live' and datname = current_database()`,
    ),
  ).toEqual([{ sessions: 1 }])
  await change('update items set price = 8 where id <= 10')
  const heard = await Promise.all(all.filter(({ id }) => id <= 10).map(({ next }) => next()))
  expect(new Set(heard.map(({ changes }) => JSON.stringify(changes))).size).toBe(10)
  await live.close()
})

test('the key whose columns are all null is a key', async () => {
  const { config, change } = await start({
    name: 'by_price',
    key: 'price',
    query: 'select nullif(price, 0) as price, count(*)::int as items from items group by 1',
  })
  const live = liveChanges(config, { maxIdleMs: 20 })
  const next = by(live.subscribe('by_price', { keys: [{ price: null }] }))
  expect((await next()).changes).toEqual([{ key: { price: null }, row: { price: null, items: 20 } }])
  await change('update items set price = 1 where id <= 5')
  expect((await next()).changes).toEqual([{ key: { price: null }, row: { price: null, items: 15 } }])
  await live.close()
})

test('who leaves in the middle of a look takes nobody else along', async () => {
  const { config } = await start()
  const errors: Error[] = []
  const live = liveChanges(config, {
    maxIdleMs: 5,
    onError: (error) => {
      errors.push(error)
    },
  })
  const stays = by(live.subscribe('all_items', { keys: [1] }))
  await stays()
  for (let i = 0; i < 60; i += 1) {
    const left = new AbortController()
    const { signal } = left
    const updates = live.subscribe('all_items', { keys: [2 + (i % 18)], signal })[Symbol.asyncIterator]()
    const first = updates.next()
    // At any point of the look that is begun for them.
    await new Promise((resolve) => setTimeout(resolve, i % 10))
    left.abort()
    await first
  }
  expect(errors).toEqual([])
  await live.close()
})
