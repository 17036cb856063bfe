import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { launchBrowser } from '../../apps/builder-network/test/browser.ts'
import { drainOnce } from '../../src/index.ts'
import { createHandler, toNodeListener, type Wish } from '../../src/server/index.ts'
import { createTestDatabase } from '../support/database.ts'
import { blocksOf } from '../support/document.ts'
import { installModels } from '../support/models.ts'

const SCRIPTS = new Map(
  blocksOf(new URL('../../docs/live-changes.md', import.meta.url)).map(({ text }) => [
    /^\/\/ (\S+)\n/.exec(text)?.[1],
    text,
  ]),
)

const PAGE = `<!doctype html><ul></ul><ol><li data-key="2">as the server has written it</li></ol><script type="module">
  import { followFeed } from '/feed.js'
  import { followList } from '/list.js'
  const log = document.querySelector('ul')
  followFeed([1, 2], ({ key, row }) => {
    const item = document.createElement('li')
    item.textContent = row === null ? key + ' is gone' : key + ' ' + row.title
    log.append(item)
  })
  followList(document.querySelector('ol'), { orderBy: ['title'], where: { kind: 'shown' }, n: 2 }, {
    make: () => document.createElement('li'),
    fill: (item, { title }) => { item.textContent = title },
  })
</script>`

const SCHEMA = `
  create table projects (id int primary key, title text not null, kind text not null);
  insert into projects values (1, 'lantern', 'shown'), (2, 'compass', 'shown'), (3, 'windmill', 'shown'), (4, 'anvil', 'hidden');`

const FEED = {
  name: 'feed',
  key: 'id',
  query: 'select id, title, kind from projects',
  indexes: [{ columns: ['kind', 'title'] }],
}

test('the scripts of docs/live-changes.md, in a browser: they go on where they were when the line is cut', async () => {
  const database = await createTestDatabase(SCHEMA)
  const [owner, writer] = [await database.connect('owner'), await database.connect('writer')]
  await installModels(owner, [FEED])
  const config = { database: database.url('worker') }
  const heard = new Map<string | undefined, (string | null)[]>([
    ['keys', []],
    ['page', []],
  ])
  const authorize = ({ headers }: Request, { page }: Wish) => {
    heard.get(page === undefined ? 'keys' : 'page')?.push(headers.get('Last-Event-ID'))
    return true
  }
  const handler = createHandler(config, { live: { models: ['feed'], authorize } })
  onTestFinished(() => handler.close())
  const { server, url } = await serve(toNodeListener(handler.fetch))

  const browser = await launchBrowser()
  onTestFinished(browser.close)
  const page = await browser.newPage()
  await page.goto(url)
  const change = async (statement: string) => {
    await writer.query(statement)
    await drainOnce(config)
  }
  const shown = (items: string) => () => page.locator(items).allTextContents()
  const [log, list] = [shown('ul li'), shown('ol li')]
  await expect.poll(log).toEqual(['1 lantern', '2 compass'])
  await expect.poll(list).toEqual(['compass', 'lantern'])
  await change(`update projects set title = 'lamp' where id = 1`)
  await expect.poll(log).toEqual(['1 lantern', '2 compass', '1 lamp'])
  await expect.poll(list).toEqual(['compass', 'lamp'])
  await change(`update projects set title = 'axle' where id = 3`)
  await expect.poll(list).toEqual(['axle', 'compass'])
  await change(`update projects set title = 'zip' where id = 3`)
  await expect.poll(list).toEqual(['compass', 'lamp'])
  await change(`update projects set title = 'nail' where id = 2`)
  await expect.poll(list).toEqual(['lamp', 'nail'])

  server.closeAllConnections()
  await change('delete from projects where id = 2')
  await expect.poll(list).toEqual(['lamp', 'zip'])
  await expect.poll(log).toEqual(['1 lantern', '2 compass', '1 lamp', '2 nail', '2 is gone'])
  expect(Object.fromEntries(heard)).toEqual({
    keys: [null, expect.stringMatching(/^[\w-]+\.\d+$/)],
    page: [null, expect.stringMatching(/^page\.[\w-]{16}$/)],
  })
})

async function serve(millrace: ReturnType<typeof toNodeListener>): Promise<{ server: Server; url: string }> {
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith('/millrace/') === true) return void millrace(incoming, outgoing)
    const script = SCRIPTS.get(incoming.url?.slice(1))
    outgoing.setHeader('Content-Type', script === undefined ? 'text/html' : 'text/javascript')
    outgoing.end(script ?? PAGE)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { server, url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/` }
}
