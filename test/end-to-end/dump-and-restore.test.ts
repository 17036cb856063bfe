import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { withConnection, type Client } from '../../src/pg/client.ts'
import { startEmbedded, type EmbeddedServer } from '../../src/pg/embedded/server.ts'
import { readModels } from '../../src/work/model.ts'
import { AUTHORS, FEED, SCHEMA } from '../concurrency/feed.ts'
import { compareStored, compareStrict } from '../oracle/compare.ts'
import { millrace, projectFolder } from '../support/command-line.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { findDumpTools, type DumpTools } from '../support/dump.ts'
import type { TestModel } from '../support/models.ts'
import { ROLES } from '../support/roles.ts'
import { makeTemplate } from '../support/server.ts'

/** Its writers add to it themselves, also where it was restored and nobody has rebuilt it yet. */
const VOTES: TestModel = {
  name: 'votes_of',
  key: 'project_id',
  freshness: 'immediate',
  query:
    'select project_id, count(*) as votes, count(*) filter (where up) as ups from votes group by project_id',
}

const CONFIG = `import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({
  roles: ${JSON.stringify({ owner: ROLES.owner, worker: ROLES.worker, reader: ROLES.reader })},
  define: [${[AUTHORS, FEED, VOTES]
    .map(
      ({ name, key, query, freshness = 'eventual' }) =>
        `readModel('${name}', { key: '${String(key)}', freshness: '${freshness}', query: sql\`${query}\` })`,
    )
    .join(',\n')}],
})
`

const tools = findDumpTools()
const open: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const end of open.toReversed()) await end()
})

async function startServer(name: string, { serverPackage }: DumpTools): Promise<EmbeddedServer> {
  const directory = await mkdtemp(join(tmpdir(), `millrace-${name}-`))
  // The server may run under another account, which must be able to enter.
  await chmod(directory, 0o755)
  open.push(() => rm(directory, { recursive: true, force: true }))
  const server = await startEmbedded({ directory, durability: 'off', serverPackage })
  open.push(() => server.stop())
  await makeTemplate(server.url)
  return server
}

async function on<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  return await withConnection({ url }, use)
}

/** Transactions that do nothing else than to have a number. */
async function growOlder({ url }: EmbeddedServer): Promise<void> {
  await on(url, (client) =>
    client.query('do $$ begin for i in 1..3000 loop perform pg_current_xact_id(); commit; end loop; end $$'),
  )
}

/** Changes of every kind, which nobody drains. */
const CHANGES = `
  update users set name = name || ', renamed' where id = 2;
  update projects set user_id = 1, title = title || ', moved' where id in (3, 4);
  delete from projects where id = 5;
  insert into projects values (20, 3, 'new');
  insert into votes values (9, 20, true), (9, 1, true);`

/** By PostgreSQL's own programs, while somebody has a transaction open. */
async function carryOver(from: TestDatabase, to: EmbeddedServer, by: DumpTools): Promise<TestDatabase> {
  const file = join(await projectFolder({}), 'database.dump')
  await on(from.url('writer'), async (writer) => {
    await writer.query(`begin; update projects set title = 'never committed'`)
    by.dump(from.url('superuser'), file)
  })
  const restored = await createTestDatabase('', { serverUrl: to.url })
  by.restore(restored.url('superuser'), file)
  return restored
}

async function expectStrict(database: TestDatabase): Promise<void> {
  await on(database.url('owner'), async (owner) => {
    const models = await readModels(owner)
    expect(models.map(({ name }) => name)).toEqual(['authors', 'feed', 'votes_of'])
    for (const { plan } of models) expect(await compareStrict(owner, plan)).toEqual([])
  })
}

/** A worker refuses the restored database, writers and strict readers go on, and a rebuild mends it while they do. */
async function expectMended(database: TestDatabase, cwd: string): Promise<void> {
  const run = (role: 'owner' | 'worker', ...args: readonly string[]) =>
    millrace(args, { cwd, env: { DATABASE_URL: database.url(role) } })
  await expectStrict(database)
  await on(database.url('writer'), (writer) => writer.query(`update users set name = 'after the restore'`))
  await expectStrict(database)
  expect(await run('worker', 'work')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('millrace rebuild --all') as string,
  })
  await expectStrict(database)

  const stop = new AbortController()
  const writing = write(database, stop.signal)
  const rebuilt = await run('owner', 'rebuild', '--all')
  stop.abort()
  expect(await writing).toBeGreaterThan(0)
  expect(rebuilt).toMatchObject({ code: 0 })
  await expectStrict(database)

  expect(await run('worker', 'drain')).toMatchObject({ code: 0 })
  expect(await run('owner', 'plan')).toMatchObject({ code: 0 })
  await on(database.url('owner'), async (owner) => {
    for (const { plan } of await readModels(owner)) expect(await compareStored(owner, plan)).toEqual([])
  })
}

async function write(database: TestDatabase, signal: AbortSignal): Promise<number> {
  return await on(database.url('writer'), async (writer) => {
    let commits = 0
    for (; !signal.aborted; commits += 1) {
      const id = [1, 2, 3, 4, 6, 7, 8][commits % 7]
      await writer.query('update projects set title = $1 where id = $2', [`title ${String(commits)}`, id])
      await writer.query('insert into votes values ($1, $2, true) on conflict do nothing', [commits, id])
    }
    return commits
  })
}

test.skipIf(tools === undefined)(
  'pg_dump and pg_restore into a younger cluster, and from there into an older one: nothing is taken for exact that is not',
  async () => {
    if (tools === undefined) return
    const [here, there] = [await startServer('here', tools), await startServer('there', tools)]
    const cwd = await projectFolder({ 'millrace.config.ts': CONFIG })
    const original = await createTestDatabase(SCHEMA, { serverUrl: here.url })
    expect(
      await millrace(['migrate', 'up'], { cwd, env: { DATABASE_URL: original.url('owner') } }),
    ).toMatchObject({ code: 0 })

    // What is queued with the dump has numbers that lie in the future where it is restored, and then in the past.
    await growOlder(here)
    await on(original.url('writer'), (writer) => writer.query(CHANGES))
    const abroad = await carryOver(original, there, tools)
    await expectMended(abroad, cwd)

    await on(abroad.url('writer'), (writer) => writer.query(`update users set name = 'queued abroad'`))
    await expectMended(await carryOver(abroad, here, tools), cwd)
  },
)
