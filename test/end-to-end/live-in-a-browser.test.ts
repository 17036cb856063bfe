import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { launchBrowser } from '../../apps/builder-network/test/browser.ts'
import { drainOnce } from '../../src/index.ts'
import { createHandler, toNodeListener } from '../../src/server/index.ts'
import { createTestDatabase } from '../support/database.ts'
import { blocksOf } from '../support/document.ts'
import { installModels } from '../support/models.ts'

const SCRIPT = blocksOf(new URL('../../docs/live-changes.md', import.meta.url)).find(({ text }) =>
  text.startsWith('// feed.js'),
)

const PAGE = `<!doctype html><ul></ul><script type="module">
  import { followFeed } from '/feed.js'
  const list = document.querySelector('ul')
  followFeed([1, 2], ({ key, row }) => {
    const item = document.createElement('li')
    item.textContent = row === null ? key + ' is gone' : key + ' ' + row.title
    list.append(item)
  })
</script>`

test('the script of docs/live-changes.md, in a browser: it goes on where it was when the line is cut', async () => {
  const database = await createTestDatabase(
    `create table projects (id int primary key, title text not null); insert into projects values (1, 'lantern'), (2, 'compass')`,
  )
  const [owner, writer] = [await database.connect('owner'), await database.connect('writer')]
  await installModels(owner, [{ name: 'feed', key: 'id', query: 'select id, title from projects' }])
  const config = { database: database.url('worker') }
  const heard: (string | null)[] = []
  const authorize = ({ headers }: Request) => {
    heard.push(headers.get('Last-Event-ID'))
    return true
  }
  const handler = createHandler(config, { live: { models: ['feed'], authorize } })
  onTestFinished(() => handler.close())
  const { server, url } = await serve(toNodeListener(handler.fetch))

  const { browser, close } = await launchBrowser()
  onTestFinished(close)
  const page = await browser.newPage()
  await page.goto(url)
  const shown = () => page.locator('li').allTextContents()
  await expect.poll(shown).toEqual(['1 lantern', '2 compass'])
  await writer.query(`update projects set title = 'lamp' where id = 1`)
  await drainOnce(config)
  await expect.poll(shown).toEqual(['1 lantern', '2 compass', '1 lamp'])

  server.closeAllConnections()
  await writer.query('delete from projects where id = 2')
  await drainOnce(config)
  await expect.poll(shown, { timeout: 20_000 }).toEqual(['1 lantern', '2 compass', '1 lamp', '2 is gone'])
  expect(heard).toEqual([null, expect.stringMatching(/^[\w-]+\.\d+$/)])
})

async function serve(millrace: ReturnType<typeof toNodeListener>): Promise<{ server: Server; url: string }> {
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith('/millrace/') === true) return void millrace(incoming, outgoing)
    const isScript = incoming.url === '/feed.js'
    outgoing.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
    outgoing.end(isScript ? SCRIPT?.text : PAGE)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { server, url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/` }
}
