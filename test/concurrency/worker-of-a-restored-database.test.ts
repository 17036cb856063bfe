import { afterEach, expect, inject, test } from 'vitest'
import { withConnection, type Client } from '../../src/pg/client.ts'
import type { WorkEvent } from '../../src/work/events.ts'
import { work } from '../../src/work/loop.ts'
import { readModels } from '../../src/work/model.ts'
import { compareStored, compareStrict } from '../oracle/compare.ts'
import { millrace, projectFolder } from '../support/command-line.ts'
import type { TestDatabase } from '../support/database.ts'
import { ROLES } from '../support/roles.ts'
import { AUTHORS, FEED, SCHEMA } from './feed.ts'
import { createInstalledCopy } from './installed-copy.ts'
import { untilRow } from './steps.ts'

const exchanged: string[] = []
afterEach(async () => {
  await withConnection({ url: inject('serverUrl') }, async (server) => {
    for (const name of exchanged.splice(0)) await server.query(`drop database if exists ${name} with (force)`)
  })
})

/** Puts a copy in the place of the database, as a restore or a switch of provider does. Whoever is connected is cut off. */
async function exchange({ name }: TestDatabase): Promise<void> {
  const former = `${name}_former`
  exchanged.push(former)
  await withConnection({ url: inject('serverUrl') }, async (server) => {
    await server.query(`alter database ${name} allow_connections false`)
    const ended = `select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '${name}'`
    await server.query(ended)
    await server.query(`alter database ${name} rename to ${former}`)
    await server.query(`create database ${name} template ${former}`)
  })
}

const CONFIG = `import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({
  roles: ${JSON.stringify({ worker: ROLES.worker, reader: ROLES.reader })},
  define: [${[AUTHORS, FEED]
    .map(
      ({ name, key, query }) =>
        `readModel('${name}', { key: '${String(key)}', freshness: 'eventual', query: sql\`${query}\` })`,
    )
    .join(',\n')}],
})
`

/** Writes until it is stopped; every statement is a transaction of its own. */
async function write(client: Client, signal: AbortSignal): Promise<void> {
  for (let i = 0; !signal.aborted; i += 1) {
    await client.query('update projects set title = $1 where id = $2', [
      `by writer ${String(i)}`,
      1 + (i % 8),
    ])
    await client.query('insert into votes values ($1, $2, true)', [1_000 + i, 1 + (i % 8)])
  }
}

test('a worker whose database is exchanged for a copy marks every model and stops; a rebuild mends it under writers', async () => {
  const database = await createInstalledCopy(SCHEMA, [AUTHORS, FEED])
  const cwd = await projectFolder({ 'millrace.config.ts': CONFIG })
  const events: WorkEvent[] = []
  await withConnection({ url: database.url('writer') }, (client) =>
    client.query(`update projects set title = 'queued over there' where id = 1`),
  )
  const { signal } = new AbortController()
  const done = work({ url: database.url('worker'), signal, onEvent: (event) => events.push(event) })
  const refused = expect(done).rejects.toMatchObject({
    code: 'WATERMARK_OF_ANOTHER_CLUSTER',
    message: expect.stringContaining('public.authors, public.feed') as string,
    hint: 'Run: millrace rebuild --all',
  })
  await exchange(database)
  await refused
  expect(events.at(-1)).toMatchObject({ kind: 'refused', error: { code: 'WATERMARK_OF_ANOTHER_CLUSTER' } })

  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  const models = await readModels(owner)
  await expectMarked(owner)
  await writer.query(`update users set name = 'written here'`)
  for (const { plan } of models) expect(await compareStrict(owner, plan)).toEqual([])

  // Whoever starts one again hears the same; the marks are there already.
  const again = await millrace(['work'], { cwd, env: { DATABASE_URL: database.url('worker') } })
  expect(again).toMatchObject({ code: 1 })
  expect(again.stderr).toContain('WATERMARK_OF_ANOTHER_CLUSTER')
  expect(again.stderr).toContain('millrace rebuild --all')
  await expectMarked(owner)

  const stop = new AbortController()
  const writing = write(writer, stop.signal)
  const rebuilt = await millrace(['rebuild', '--all'], { cwd, env: { DATABASE_URL: database.url('owner') } })
  expect(rebuilt).toMatchObject({ code: 0 })
  await expectWorks(database, cwd)
  stop.abort()
  await writing
  expect(await millrace(['drain'], { cwd, env: { DATABASE_URL: database.url('worker') } })).toMatchObject({
    code: 0,
  })
  for (const { plan } of models) expect(await compareStored(owner, plan)).toEqual([])
})

/** One mark for each model, which no cluster takes for its own, and a line in the log. */
async function expectMarked(owner: Client): Promise<void> {
  expect(
    await owner.query(
      `select distinct on (model) model, cluster like '% (void)' as "isVoid"
       from millrace.watermark order by model, n desc`,
    ),
  ).toEqual([
    { model: 'authors_v1', isVoid: true },
    { model: 'feed_v1', isVoid: true },
  ])
  expect(
    await owner.query(
      `select model, status from millrace.refresh_log where cause = 'another cluster' order by model`,
    ),
  ).toEqual([
    { model: 'authors_v1', status: 'failed' },
    { model: 'feed_v1', status: 'failed' },
  ])
}

/** A worker drains what is written now. */
async function expectWorks(database: TestDatabase, cwd: string): Promise<void> {
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  const outcome = await millrace(['work'], {
    cwd,
    env: { DATABASE_URL: database.url('worker') },
    onLog: (line, interrupt) => {
      if (!line.startsWith('working on')) return
      void writer
        .query(`update users set name = 'after the rebuild'`)
        .then(() => untilRow(owner, `select from millrace.feed_v1 where author = 'after the rebuild'`))
        .finally(interrupt)
    },
  })
  expect(outcome).toMatchObject({ code: 0 })
}
