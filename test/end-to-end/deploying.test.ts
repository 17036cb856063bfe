import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import { loadModule } from '../../src/define/load-config.ts'
import * as publicModule from '../../src/index.ts'
import { millrace, projectFolder } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'
import { blocksOf } from '../support/document.ts'

const PAGE = pathToFileURL(join(import.meta.dirname, '../../docs/deploying.md'))

const MODELS = `
import { readModel, sql } from 'millrace'
export const all = readModel('all_items', { key: 'id', freshness: 'eventual', query: sql\`select id from items\` })`

test('the route of docs/deploying.md drains for who knows the secret, and for nobody else', async () => {
  const database = await createTestDatabase('create table items (id int primary key)')
  const written = blocksOf(PAGE)
    .filter(({ language }) => language === 'ts')
    .map(({ text }) => [/^\/\/ (\S+)\n/.exec(text)?.[1] ?? '', text])
  const folder = await projectFolder({ ...Object.fromEntries(written), 'models/index.ts': MODELS } as Record<
    string,
    string
  >)
  vi.stubEnv('DATABASE_URL', database.url('superuser'))
  vi.stubEnv('DIRECT_URL', '')
  vi.stubEnv('CRON_SECRET', 'a long one')
  try {
    expect(
      await millrace(['migrate', 'up'], { cwd: folder, env: process.env as Record<string, string> }),
    ).toMatchObject({
      code: 0,
    })
    const client = await database.connect('superuser')
    await client.query('insert into items values (1), (2)')

    const { GET } = (await loadModule(join(folder, 'app/api/millrace/route.ts'), {
      millrace: publicModule,
    })) as {
      readonly GET: (request: Request) => Promise<Response>
    }
    const ask = (headers: Record<string, string>) =>
      GET(new Request('http://localhost/api/millrace', { headers }))
    expect((await ask({})).status).toBe(401)
    expect((await ask({ authorization: 'Bearer another' })).status).toBe(401)
    expect(await client.query('select from all_items')).toEqual([])

    const answer = await ask({ authorization: 'Bearer a long one' })
    expect(await answer.json()).toMatchObject({ rowsChanged: 2 })
    expect(await client.query('select * from all_items order by id')).toEqual([{ id: 1 }, { id: 2 }])
  } finally {
    vi.unstubAllEnvs()
  }
})
