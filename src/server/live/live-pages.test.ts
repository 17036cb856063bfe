import { expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../../../test/support/database.ts'
import { ROLES } from '../../../test/support/roles.ts'
import { exponentialDecay } from '../../define/decay.ts'
import { readModel } from '../../define/read-model.ts'
import { sql } from '../../define/sql.ts'
import { drainOnce } from '../../embed/drain-once.ts'
import { installModels } from '../../embed/embed.ts'
import type { Client } from '../../pg/client.ts'
import { liveChanges, type LiveOptions, type LivePageUpdate } from './live-changes.ts'
import { NEWS } from './look.sql.ts'
import { newPage, newPageListener, takePage } from './page.ts'
import { goRound } from './round.ts'
import { newTopic } from './topic.ts'

const SCHEMA = `
  create table items (id int primary key, kind text, price int, sold int not null default 0, made timestamptz not null default '2026-01-01');
  insert into items select i, case when i % 2 = 0 then 'even' else 'odd' end, i * 10 from generate_series(1, 20) as i;`

interface Item {
  readonly id: number
  readonly kind: string | null
  readonly price: number | null
}

const items = readModel('all_items', {
  key: 'id',
  freshness: 'eventual',
  indexes: [['price desc'], ['kind', 'price desc']],
  query: sql<Item>`select id, kind, price from items`,
})
const kinds = readModel('kinds', {
  key: ['kind', 'price'],
  freshness: 'immediate',
  query: sql<Item>`select kind, price, count(*)::int as count from items group by kind, price`,
})
const hot = readModel('hot_items', {
  key: 'id',
  freshness: 'eventual',
  query: sql`select i.id, ${exponentialDecay({ score: sql`i.sold`, at: sql`i.made`, halfLife: '1 day' })} as heat from items i`,
})

async function start(options: LiveOptions = { maxIdleMs: 20 }) {
  const database = await createTestDatabase(SCHEMA)
  const writer = await database.connect('writer')
  const roles = { worker: ROLES.worker, reader: ROLES.reader }
  await installModels({ define: [items, kinds, hot], roles, database: database.url('owner') })
  const config = { database: database.url('worker') }
  const live = liveChanges(config, options)
  onTestFinished(() => live.close())
  const change = async (statement: string) => {
    await writer.query(statement)
    await drainOnce(config)
  }
  const connection = await database.connect('worker')
  return { config, live, change, writer, connection }
}

/** An iterator that is asked by hand. */
function by<Row, Key>(updates: AsyncIterable<LivePageUpdate<Row, Key>>) {
  const iterator = updates[Symbol.asyncIterator]()
  return async (): Promise<LivePageUpdate<Row, Key>> => {
    const next = await iterator.next()
    if (next.done === true) throw new Error('it has ended')
    return next.value
  }
}

const TOP = { orderBy: 'price desc', where: { kind: 'even' }, n: 3 } as const

test('the first update has the whole page, and then its order with what is new in it', async () => {
  const { live, change } = await start()
  const next = by(live.subscribe(items, { page: TOP }))
  const first = await next()
  expectTypeOf(first.order).toEqualTypeOf<readonly number[]>()
  expectTypeOf(first.changes[0]?.row.price).toEqualTypeOf<number | null | undefined>()
  expect(first).toMatchObject({
    order: [20, 18, 16],
    changes: [20, 18, 16].map((id) => ({ key: id, row: { id, kind: 'even', price: id * 10 } })),
  })
  // It comes in from outside, and another has to leave.
  await change('update items set price = 190 where id = 2')
  expect(await next()).toMatchObject({
    order: [20, 2, 18],
    changes: [{ key: 2, row: { id: 2, kind: 'even', price: 190 } }],
  })
  // One leaves, and who comes back has not changed.
  await change(`update items set kind = 'odd' where id = 20`)
  expect(await next()).toMatchObject({ order: [2, 18, 16], changes: [{ key: 16, row: { price: 160 } }] })
  await change('update items set price = 185 where id = 16')
  expect(await next()).toMatchObject({ order: [2, 16, 18], changes: [{ key: 16, row: { price: 185 } }] })
  await change('delete from items where id <> 18')
  expect(await next()).toMatchObject({ order: [18], changes: [] })
  await change('delete from items')
  expect(await next()).toMatchObject({ order: [], changes: [] })
})

test('who asks for the same page shares it; what is elsewhere in the read model is told to nobody', async () => {
  const { live, change } = await start()
  const [one, other] = [
    by(live.subscribe(items, { page: TOP })),
    by(live.subscribe('all_items', { page: { ...TOP, orderBy: ['price desc'] } })),
  ]
  const odd = by(live.subscribe(items, { page: { ...TOP, where: { kind: 'odd' } } }))
  const both = by(live.subscribe(items, { page: { orderBy: 'price desc', n: 1 } }))
  await Promise.all([one(), other(), odd(), both()])
  expect(live.size).toEqual({ subscriptions: 4, keys: 0, pages: 3 })
  await change('update items set price = 999 where id = 19')
  expect([(await odd()).order, (await both()).order]).toEqual([[19, 17, 15], [19]])
  await change('update items set price = 998 where id = 4')
  expect([(await one()).order, (await other()).order]).toEqual([
    [4, 20, 18],
    [4, 20, 18],
  ])
})

test('who takes nothing for long is told the last state, and one who comes later the same', async () => {
  const { live, change } = await start()
  const slow = by(live.subscribe(items, { page: TOP }))
  const quick = by(live.subscribe(items, { page: TOP }))
  await Promise.all([slow(), quick()])
  for (const price of [500, 501, 502]) {
    await change(`update items set price = ${String(price)} where id = 6`)
    expect((await quick()).changes).toMatchObject([{ key: 6, row: { price } }])
  }
  expect(await slow()).toMatchObject({ order: [6, 20, 18], changes: [{ key: 6, row: { price: 502 } }] })
  expect((await by(live.subscribe(items, { page: TOP }))()).changes).toHaveLength(3)
})

test('who comes back with his id is told the difference, by any process; with an id of something else, all', async () => {
  const { config, live, change } = await start()
  const { id } = await by(live.subscribe(items, { page: TOP }))()
  await change('update items set price = 195 where id in (1, 2)')
  const second = liveChanges(config, { maxIdleMs: 20 })
  onTestFinished(() => second.close())
  const back = by(second.subscribe(items, { page: TOP, after: id }))
  expect(await back()).toMatchObject({ order: [20, 2, 18], changes: [{ key: 2 }] })
  for (const after of ['PmY2rYwvUQ.1042', 'page.', 'page.nonsense', 'x'.repeat(9_999)])
    expect((await by(second.subscribe(items, { page: TOP, after }))()).changes).toHaveLength(3)
})

test('who comes while others are looked after is not told what was before he came', async () => {
  const { connection, change } = await start()
  const topic = newTopic({ schema: 'public', name: 'all_items' })
  const page = newPage({ orderBy: ['price desc'], where: {}, n: 1 })
  const [early, late] = [newPageListener(undefined), newPageListener(undefined)]
  topic.pages.set('only', page)
  page.listeners.add(early)
  await goRound(connection, new Map([['all_items', topic]]), { isForAll: true })
  expect(takePage(page, early)).toMatchObject({ order: [20] })

  const slow: Client = {
    async query(text, values) {
      const rows = await connection.query<never>(text, values)
      // The round knows by now that nothing has happened.
      if (text === NEWS) {
        await change('update items set price = 999 where id = 1')
        page.listeners.add(late)
      }
      return rows
    },
  }
  await goRound(slow, new Map([['all_items', topic]]), { isForAll: true })
  expect(takePage(page, late)).toBeUndefined()
  await goRound(connection, new Map([['all_items', topic]]), { isForAll: false })
  expect([takePage(page, early), takePage(page, late)]).toMatchObject([{ order: [1] }, { order: [1] }])
})

test('keys of several columns, nulls among them, and a read model that its writers keep', async () => {
  const { live, writer } = await start()
  const next = by(live.subscribe(kinds, { page: { where: { kind: null }, n: 5 } }))
  expect(await next()).toMatchObject({ order: [], changes: [] })
  await writer.query('update items set kind = null, price = null where id <= 2')
  const key = { kind: null, price: null }
  expect(await next()).toMatchObject({ order: [key], changes: [{ key, row: { count: 2 } }] })
  await writer.query('update items set price = 3 where id = 2')
  expect(await next()).toMatchObject({
    order: [{ kind: null, price: 3 }, key],
    changes: [{ row: { count: 1 } }, { row: { count: 1 } }],
  })
})

test('a decayed score is told with its row, and its decay is no change', async () => {
  const { live, change } = await start()
  const next = by(live.subscribe(hot, { page: { orderBy: 'heat_rank_key desc', n: 3 } }))
  await change('update items set sold = id where id > 17')
  while (JSON.stringify((await next()).order) !== '[20,19,18]');
  await change('update items set sold = 0 where id = 1')
  await change('update items set sold = 30 where id = 18')
  expect(await next()).toMatchObject({ order: [18, 20, 19], changes: [{ key: 18, row: { id: 18 } }] })
})

test('what cannot be followed ends the subscriptions that asked for it, and no other', async () => {
  const { live, change } = await start()
  const good = by(live.subscribe(items, { page: TOP }))
  await good()
  const wrong = [
    [{ orderBy: 'name' }, 'BAD_PAGE'],
    [{ where: { millrace_shown: true } }, 'BAD_PAGE'],
    [{ orderBy: 'price desc nulls last' }, 'PAGE_NOT_INDEXED'],
    [{ where: { id: 'one' } }, 'BAD_SUBSCRIPTION'],
    [{ where: { id: '99999999999999' } }, 'BAD_SUBSCRIPTION'],
  ] as const
  for (const [page, code] of wrong)
    await expect(by(live.subscribe('all_items', { page }))(), code).rejects.toMatchObject({ code })
  await expect(by(live.subscribe('nothing', { page: {} }))()).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' })
  for (const n of [0, 101, 1.5])
    expect(() => live.subscribe(items, { page: { n } })).toThrow(/a subscription cannot be used/)
  expect(() => live.subscribe(items, {} as never)).toThrow(/neither keys nor a page/)
  expect(live.size).toMatchObject({ subscriptions: 1, pages: 1 })
  const few = { orderBy: 'price desc nulls last', n: 1, unindexed: 'allow' } as const
  expect(await by(live.subscribe(items, { page: few }))()).toMatchObject({ order: [20] })
  await change('update items set price = 900 where id = 8')
  expect((await good()).order).toEqual([8, 20, 18])
})
