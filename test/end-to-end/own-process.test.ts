import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import { expect, onTestFinished, test, vi } from 'vitest'
import { drainOnce, verifyModels, type RunningWorker } from '../../src/index.ts'
import { createTestDatabase } from '../support/database.ts'
import { blocksOf } from '../support/document.ts'
import { installModels } from '../support/models.ts'

const ROOT = new URL('../../', import.meta.url)
const blocks = blocksOf(new URL('docs/in-your-own-process.md', ROOT))

const TOTALS = {
  name: 'totals',
  key: 'customer',
  query: 'select customer, count(*) as orders from orders group by customer',
}

/** The page's database, and its files ready to be imported. */
async function followPage() {
  const database = await createTestDatabase('create table orders (id int primary key, customer int)')
  const [owner, writer] = [await database.connect('owner'), await database.connect('writer')]
  await installModels(owner, [TOTALS])
  const directory = await mkdtemp(join(tmpdir(), 'millrace-page-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  for (const { language, text } of blocks) {
    const name = /^\/\/ (\S+)\n/.exec(text)?.[1]
    if (language === 'ts' && name !== undefined) await writeFile(join(directory, name), text)
  }
  const alias = { millrace: fileURLToPath(new URL('src/index.ts', ROOT)) }
  const jiti = createJiti(import.meta.url, { alias, fsCache: false })
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
  await vi.waitFor(async () => {
    expect(await owner.query('select orders::int from totals')).toEqual([{ orders: 2 }])
  })
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
  const shown = blocks.find(({ language }) => language === 'json')?.text ?? ''
  expect(await response.json()).toEqual(JSON.parse(shown))
  expect(await drainOnce({ database: url })).toMatchObject({ drains: 0 })
})
