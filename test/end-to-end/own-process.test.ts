import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { createJiti } from 'jiti'
import { expect, onTestFinished, test, vi } from 'vitest'
import * as millrace from '../../src/index.ts'
import type { RunningWorker } from '../../src/index.ts'
import * as server from '../../src/server/index.ts'
import type { Handler } from '../../src/server/index.ts'
import { createTestDatabase } from '../support/database.ts'
import { blocksOf } from '../support/document.ts'
import { installModels } from '../support/models.ts'

const ROOT = new URL('../../', import.meta.url)
const { drainOnce, verifyModels } = millrace
const blocks = ['in-your-own-process', 'live-changes'].flatMap((page) =>
  blocksOf(new URL(`docs/${page}.md`, ROOT)),
)

const TOTALS = {
  name: 'totals',
  key: 'customer',
  query: 'select customer, count(*) as orders from orders group by customer',
}

const FEED = {
  name: 'feed',
  key: 'id',
  query: `select p.id, p.title, (select count(*) from votes v where v.project_id = p.id) as votes from projects p`,
  indexes: [{ columns: ['votes desc'] }],
}

const SCHEMA = `
  create table orders (id int primary key, customer int);
  create table projects (id int primary key, title text not null);
  create table votes (project_id int references projects, user_id int, primary key (project_id, user_id));
  insert into projects values (1, 'lantern'), (2, 'compass');
  insert into votes values (1, 1), (1, 2), (2, 1);`

/** The pages' database, and its files ready to be imported. */
async function followPage(models = [TOTALS]) {
  const database = await createTestDatabase(SCHEMA)
  const [owner, writer] = [await database.connect('owner'), await database.connect('writer')]
  await installModels(owner, models)
  const directory = await mkdtemp(join(tmpdir(), 'millrace-page-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  for (const { language, text } of blocks) {
    const name = /^\/\/ (\S+)\n/.exec(text)?.[1]
    if (['ts', 'js'].includes(language) && name !== undefined) await writeFile(join(directory, name), text)
  }
  const virtualModules = { millrace: { ...millrace }, 'millrace/server': { ...server } }
  const jiti = createJiti(import.meta.url, { virtualModules, fsCache: false })
  const load = (name: string) => jiti.import(join(directory, name))
  return { url: database.url('worker'), owner, writer, load }
}

test('a server that keeps its read models fresh, and stops', async () => {
  const { url, owner, writer, load } = await followPage()
  const { startServer } = (await load('server.ts')) as {
    readonly startServer: (database: string) => { worker: RunningWorker; stop: () => Promise<void> }
  }
  const { worker, stop } = startServer(url)
  await writer.query('insert into orders values (1, 7), (2, 7)')
  await expect.poll(() => owner.query('select orders::int from totals')).toEqual([{ orders: 2 }])
  await stop()
  await worker.done
  expect(await verifyModels({ database: url })).toMatchObject([{ rows: 1, drift: [] }])
})

test('a route drains what is queued, and answers what the page shows', async () => {
  const { url, writer, load } = await followPage()
  const { GET } = (await load('cron.ts')) as { readonly GET: () => Promise<Response> }
  vi.stubEnv('DATABASE_URL', url)
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  await writer.query('insert into orders values (1, 7), (2, 8)')
  const response = await GET()
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual(JSON.parse(shownAs('json')[0] ?? ''))
  expect(await drainOnce({ database: url })).toMatchObject({ drains: 0 })
})

function shownAs(language: string): readonly string[] {
  return blocks.filter((it) => it.language === language).map(({ text }) => text)
}

test('health says what the page shows, wherever the handler is mounted', async () => {
  const { url, load } = await followPage()
  const mount = (await load('mount.ts')) as {
    readonly startMillrace: (database: string) => { worker: RunningWorker; handler: Handler }
    readonly toHono: (app: Hono, handler: Handler) => Hono
    readonly toRoute: (handler: Handler) => { GET: Handler['fetch'] }
  }
  const { GET } = mount.toRoute(server.createHandler({ database: url }))
  const response = await GET(new Request('http://localhost/api/millrace/health'))
  expect(await response.json()).toEqual(JSON.parse(shownAs('json')[1] ?? ''))

  const { worker, handler } = mount.startMillrace(url)
  const app = mount.toHono(new Hono(), handler)
  await expect
    .poll(async () => (await app.request('/millrace/health')).json())
    .toEqual({ status: 'ok', reasons: [] })
  await worker.stop()
  expect((await app.request('/millrace/health/live')).status).toBe(503)
})

test('a server follows rows, and a page does', async () => {
  const { url, writer, load } = await followPage([FEED])
  const { follow } = (await load('follow.ts')) as {
    readonly follow: (database: string, signal: AbortSignal, show: (row: unknown) => void) => Promise<void>
  }
  const stop = new AbortController()
  const seen: unknown[] = []
  const followed = follow(url, stop.signal, (row) => seen.push(row))
  await expect.poll(() => seen).toHaveLength(2)
  await writer.query('delete from votes where project_id = 2')
  await writer.query('delete from projects where id = 2')
  await drainOnce({ database: url })
  await expect.poll(() => seen.at(-1)).toBe('2 is gone')
  stop.abort()
  await followed

  const { liveHandler } = (await load('live-handler.ts')) as {
    readonly liveHandler: (database: string, userOf: (request: Request) => string | undefined) => Handler
  }
  const handler = liveHandler(url, ({ headers }) => headers.get('user') ?? undefined)
  onTestFinished(() => handler.close())
  const ask = (headers: Record<string, string>) =>
    handler.fetch(new Request('http://localhost/millrace/changes/feed?keys=[1,9]', { headers }))
  expect((await ask({})).status).toBe(403)
  const stream = await ask({ user: 'ada' })
  const reader = (stream.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  while (!text.includes('null')) text += new TextDecoder().decode((await reader.read()).value)
  const normal = (it: string) => it.replace(/^id: \S+\.\d+$/m, 'id: #').trim()
  expect(normal(text)).toBe(normal(shownAs('text')[0] ?? ''))
  await reader.cancel()
})

test('a server follows a page, and a browser is told of it', async () => {
  const { url, writer, load } = await followPage([FEED])
  const { followTop } = (await load('follow-page.ts')) as {
    readonly followTop: (
      database: string,
      signal: AbortSignal,
      show: (rows: readonly { readonly title: string }[]) => void,
    ) => Promise<void>
  }
  const stop = new AbortController()
  const seen: (readonly { readonly title: string }[])[] = []
  const followed = followTop(url, stop.signal, (rows) => seen.push(rows))
  await expect.poll(() => seen.length).toBe(1)

  const { liveHandler } = (await load('live-handler.ts')) as LiveHandler
  const handler = liveHandler(url, () => 'ada')
  onTestFinished(() => handler.close())
  const stream = await handler.fetch(
    new Request(`http://localhost/millrace/changes/feed?page={"orderBy":["votes desc"]}`),
  )
  const reader = (stream.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  const until = async (end: string) => {
    while (!text.includes(end)) text += new TextDecoder().decode((await reader.read()).value)
  }
  await until('"1"}}]}\n\n')
  await writer.query('insert into votes values (2, 2), (2, 3)')
  await drainOnce({ database: url })
  await until('"3"}}]}\n\n')
  await reader.cancel()
  await expect.poll(() => seen.at(-1)?.map(({ title }) => title)).toEqual(['compass', 'lantern'])
  stop.abort()
  await followed
  expect(text.replace('retry: 1000\n\n', '').trim()).toBe(shownAs('text')[1]?.trim())
})

interface LiveHandler {
  readonly liveHandler: (database: string, userOf: (request: Request) => string | undefined) => Handler
}

test('what the page gives a browser shows each change, and gives up where that is of no use', async () => {
  const { load } = await followPage()
  const { followFeed } = (await load('feed.js')) as {
    readonly followFeed: (ids: readonly number[], show: (change: unknown) => void) => () => void
  }
  const sources = stubEventSource()
  const shown: unknown[] = []
  followFeed([1, 9], (change) => shown.push(change))
  sources[0]?.dispatchEvent(new MessageEvent('message', { data: '[{"key":1,"row":null}]' }))
  expect(shown).toEqual([{ key: 1, row: null }])
  sources[0]?.dispatchEvent(new Event('failed'))
  expect(sources).toMatchObject([{ url: '/millrace/changes/feed?keys=[1,9]', isClosed: true }])
})

interface Source extends EventTarget {
  readonly url: string
  readonly isClosed: boolean
}

/** What a browser has, except that nobody sends anything. */
function stubEventSource(): readonly Source[] {
  const sources: Source[] = []
  vi.stubGlobal(
    'EventSource',
    class extends EventTarget {
      readonly url: string
      isClosed = false
      onmessage: ((event: { readonly data: string }) => void) | undefined
      constructor(url: string) {
        super()
        this.url = url
        sources.push(this)
        this.addEventListener('message', (event) => this.onmessage?.(event as MessageEvent))
      }
      close() {
        this.isClosed = true
      }
    },
  )
  onTestFinished(() => {
    vi.unstubAllGlobals()
  })
  return sources
}
