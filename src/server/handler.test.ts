import { expect, onTestFinished, test, vi } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { untilOthersHaveEnded } from '../../test/support/settled.ts'
import { drainOnce } from '../embed/drain-once.ts'
import { startWorker } from '../embed/start-worker.ts'
import { createHandler, type Handler, type HandlerOptions } from './handler.ts'
import { liveChanges } from './live/live-changes.ts'
import type { Wish } from './live/wish.ts'

const ITEMS = { name: 'all_items', key: 'id', query: 'select id, 12 / price as share from items' }

async function start(options: HandlerOptions = {}) {
  const database = await createTestDatabase(
    'create table items (id int primary key, price int not null); insert into items select i, 3 from generate_series(1, 5) as i',
  )
  const [owner, writer] = [await database.connect('owner'), await database.connect('writer')]
  const models = await installModels(owner, [ITEMS])
  const config = { database: database.url('worker') }
  const handler = createHandler(config, options)
  onTestFinished(() => handler.close())
  return { database, owner, writer, config, handler, models }
}

async function ask({ fetch }: Handler, path: string, headers: Record<string, string> = {}) {
  return await fetch(new Request(`http://localhost/anywhere${path}`, { headers }))
}

test('health: nobody works, changes wait, units are set aside, and the database is away', async () => {
  const { handler, writer, owner, config } = await start()
  const noWorker = { kind: 'worker', message: 'no worker is connected to the database' }
  const first = await ask(handler, '/health')
  expect([first.status, await first.json()]).toEqual([200, { status: 'degraded', reasons: [noWorker] }])
  expect((await ask(handler, '/health/ready')).status).toBe(200)
  expect(await (await ask(handler, '/health/live')).json()).toEqual({ status: 'ok', reasons: [] })

  await writer.query('update items set price = 0 where id = 1')
  await drainOnce(config)
  await writer.query('update items set price = 4 where id = 2')
  await owner.query(`update millrace.watermark set reached_at = reached_at - interval '2 hours'`)
  expect(await (await ask(handler, '/health')).json()).toMatchObject({
    status: 'degraded',
    reasons: [
      noWorker,
      {
        kind: 'lag',
        model: 'public.all_items',
        message: /^1 change waits, and it was last drained 72\d\d s ago$/,
      },
      { kind: 'set-aside', model: 'public.all_items', message: '1 units are set aside with an error' },
    ].map((it) => ({
      ...it,
      message: it.message instanceof RegExp ? (expect.stringMatching(it.message) as string) : it.message,
    })),
  })

  const away = createHandler({ database: 'postgresql://nobody:secret@127.0.0.1:1/none' })
  const answer = await ask(away, '/health/ready')
  expect([answer.status, await answer.json()]).toEqual([
    503,
    { status: 'down', reasons: [{ kind: 'database', message: 'the database does not answer' }] },
  ])
})

test('the worker of the process counts: it is ready when that works, and dead when that has ended', async () => {
  const { database, writer, owner } = await start()
  const config = { database: database.url('worker') }
  const worker = startWorker(config)
  const handler = createHandler(config, { worker })
  expect((await ask(handler, '/health/ready')).status).toBe(503)
  await expect.poll(async () => (await ask(handler, '/health')).json()).toEqual({ status: 'ok', reasons: [] })
  await writer.query('update items set price = 6 where id = 1')
  await expect.poll(() => owner.query('select share from all_items where id = 1')).toEqual([{ share: 2 }])
  const metrics = await ask(handler, '/metrics')
  expect(metrics.headers.get('Content-Type')).toContain('text/plain; version=0.0.4')
  const lines = (await metrics.text()).split('\n')
  for (const line of [
    'millrace_worker_up 1',
    'millrace_database_up 1',
    'millrace_workers 1',
    'millrace_drains_total{model="public.all_items"} 1',
    'millrace_drained_units_total{model="public.all_items"} 1',
    'millrace_rows_changed_total{model="public.all_items"} 1',
    'millrace_drain_duration_seconds_count{model="public.all_items"} 1',
    'millrace_queued_changes{model="public.all_items"} 0',
    'millrace_pending_units{model="public.all_items"} 0',
  ])
    expect(lines).toContain(line)

  await worker.stop()
  const dead = await ask(handler, '/health/live')
  expect([dead.status, await dead.json()]).toEqual([
    503,
    { status: 'down', reasons: [{ kind: 'worker', message: 'the worker has stopped' }] },
  ])
})

test('metrics without prom-client say what to install, and nothing else needs it', async () => {
  vi.doMock('prom-client', () => {
    throw new Error('Cannot find package')
  })
  onTestFinished(() => {
    vi.doUnmock('prom-client')
  })
  const { handler } = await start()
  const answer = await ask(handler, '/metrics')
  expect([answer.status, await answer.json()]).toEqual([
    501,
    { code: 'PEER_MISSING', detail: 'prom-client', hint: 'Install it: npm install prom-client.' },
  ])
  expect((await ask(handler, '/health/ready')).status).toBe(200)
})

test('live changes as events: only of what is listed, only for whom it is allowed, and from where the client was', async () => {
  const authorize = (request: Request) => request.headers.get('Authorization') === 'ada'
  const { handler, writer, config } = await start({ live: { models: ['all_items'], authorize } })
  // Of rows that were stored beside a transaction that is open still, who comes back is told again.
  await untilOthersHaveEnded(writer)
  const allowed = { Authorization: 'ada' }
  const refusals = [
    [404, '/changes/items?keys=[1]', allowed],
    [403, '/changes/all_items?keys=[1]', {}],
    [400, '/changes/all_items', allowed],
    [400, '/changes/all_items?keys=[]', allowed],
    [404, '/other', allowed],
    [404, '/changes/%E0%A4%A', allowed],
  ] as const
  for (const [status, path, headers] of refusals)
    expect((await ask(handler, path, headers)).status, path).toBe(status)
  const post = new Request('http://localhost/health', { method: 'POST' })
  expect((await handler.fetch(post)).status).toBe(405)

  const stream = await ask(handler, '/changes/all_items?keys=[1,9]', allowed)
  expect(stream.headers.get('Content-Type')).toBe('text/event-stream; charset=utf-8')
  const events = eventsOf(stream)
  expect(await events()).toBe('retry: 1000')
  const [id = '', data = ''] = (await events()).split('\n')
  expect(data).toBe('data: [{"key":1,"row":{"id":1,"share":4}},{"key":9,"row":null}]')
  await writer.query('insert into items values (9, 2)')
  await drainOnce(config)

  const back = eventsOf(
    await ask(handler, '/changes/all_items?keys=[1,9]', {
      ...allowed,
      'Last-Event-ID': id.replace('id: ', ''),
    }),
  )
  await back()
  for (const next of [events, back]) {
    expect(await next()).toMatch(/^id: \S+\ndata: \[{"key":9,"row":{"id":9,"share":6}}\]$/)
  }
  const wrong = await ask(handler, '/changes/all_items?keys=["a"]', allowed)
  expect([wrong.status, await wrong.json()]).toEqual([
    400,
    {
      code: 'BAD_SUBSCRIPTION',
      detail: 'public.all_items: invalid input syntax for type integer: "a"',
      hint: 'Give keys that the columns of the key can have.',
    },
  ])
})

test('live changes that are there already are served, and outlive the handler', async () => {
  const { config, writer } = await start()
  const changes = liveChanges(config, { maxIdleMs: 10 })
  onTestFinished(() => changes.close())
  const handler = createHandler(config, { live: { models: ['all_items'], authorize: () => true, changes } })
  const events = eventsOf(await ask(handler, '/changes/all_items?keys=[1]'))
  await events()
  await events()
  expect(changes.size).toMatchObject({ subscriptions: 1 })

  await handler.close()
  await writer.query('update items set price = 2 where id = 1')
  await drainOnce(config)
  expect(await events()).toMatch(/^id: \S+\ndata: \[{"key":1,"row":{"id":1,"share":6}}\]$/)
})

test('a page as events: of whom it is allowed, with its order and what is new in it', async () => {
  const wishes: Wish[] = []
  const authorize = (_: Request, wish: Wish) =>
    wishes.push(wish) > 0 && wish.page?.where['secret'] === undefined
  const { handler, writer, config } = await start({ live: { models: ['all_items'], authorize } })
  const path = (page: unknown) => `/changes/all_items?page=${encodeURIComponent(JSON.stringify(page))}`
  expect((await ask(handler, path({ where: { secret: 1 } }))).status).toBe(403)
  const refusals = [
    ['BAD_SUBSCRIPTION', [1]],
    ['BAD_SUBSCRIPTION', { n: '3' }],
    ['BAD_SUBSCRIPTION', { n: 101 }],
    ['BAD_SUBSCRIPTION', { unindexed: 'allow' }],
    ['BAD_SUBSCRIPTION', { orderBy: [`id${' '.repeat(200)}desc`] }],
    ['BAD_SUBSCRIPTION', { orderBy: 'id', where: { id: 'one' } }],
    ['BAD_PAGE', { orderBy: 'price' }],
    ['BAD_PAGE', { where: { price: 3 } }],
    ['BAD_PAGE', { where: { id: { constructor: 3 } } }],
    ['PAGE_NOT_INDEXED', { orderBy: 'share' }],
  ] as const
  for (const [code, page] of refusals) {
    const answer = await ask(handler, path(page))
    expect([answer.status, await answer.json()], JSON.stringify(page)).toEqual([
      400,
      { code, detail: expect.any(String) as string, hint: expect.any(String) as string },
    ])
  }
  expect((await ask(handler, `${path({})}&keys=[1]`)).status).toBe(400)

  const events = eventsOf(await ask(handler, path({ orderBy: 'id desc', n: 2 })))
  expect(wishes.at(-1)).toEqual({ model: 'all_items', page: { orderBy: ['id desc'], where: {}, n: 2 } })
  await events()
  const [id = '', data] = (await events()).split('\n')
  expect(data).toBe(
    'data: {"order":[5,4],"changes":[{"key":5,"row":{"id":5,"share":4}},{"key":4,"row":{"id":4,"share":4}}]}',
  )
  await writer.query('insert into items values (9, 2)')
  await drainOnce(config)
  const back = await ask(handler, path({ orderBy: 'id desc', n: 2 }), {
    'Last-Event-ID': id.replace('id: ', ''),
  })
  const again = eventsOf(back)
  await again()
  for (const next of [events, again]) {
    expect(await next()).toMatch(
      /^id: \S+\ndata: {"order":\[9,5\],"changes":\[{"key":9,"row":{"id":9,"share":6}}\]}$/,
    )
  }
})

/** One event at a time, as it comes. */
function eventsOf({ body }: Response): () => Promise<string> {
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  const next = async (): Promise<string> => {
    const end = text.indexOf('\n\n')
    if (end >= 0) {
      const event = text.slice(0, end)
      text = text.slice(end + 2)
      return event
    }
    const { value, done } = await reader.read()
    if (done) return text
    text += new TextDecoder().decode(value)
    return await next()
  }
  onTestFinished(() => reader.cancel())
  return next
}
