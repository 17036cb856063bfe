import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { withConnection } from '../../src/pg/client.ts'
import { expectOwnSession } from '../../src/pg/pooled.ts'
import type { WorkEvent } from '../../src/work/events.ts'
import { work } from '../../src/work/loop.ts'
import { compareStored } from '../oracle/compare.ts'
import { millrace, projectFolder } from '../support/command-line.ts'
import { hasPgBouncer, startPgBouncer } from '../support/pgbouncer.ts'
import { ROLES } from '../support/roles.ts'
import { startTransactionPooler, type Pooler } from '../support/transaction-pooler.ts'
import { FEED } from './feed.ts'
import { createStage, type Stage } from './stage.ts'
import { untilRow } from './steps.ts'

interface PoolerCase {
  readonly name: string
  readonly start: (url: string) => Promise<Pooler>
}

const REFUSING: readonly PoolerCase[] = [
  {
    name: 'a pooler that refuses the settings of a session',
    start: (url) => startTransactionPooler(url, { settings: 'refused' }),
  },
  ...pgBouncers({
    name: 'PgBouncer',
    start: (url) => startPgBouncer(url, { mode: 'transaction', ignoresOptions: false }),
  }),
]

const POOLERS: readonly PoolerCase[] = [
  ...REFUSING,
  {
    name: 'a pooler that swallows the settings of a session',
    start: (url) => startTransactionPooler(url, { settings: 'ignored' }),
  },
  {
    name: 'a pooler that passes the settings on',
    start: (url) => startTransactionPooler(url, { settings: 'passed on' }),
  },
  ...pgBouncers({
    name: 'PgBouncer that swallows the settings',
    start: (url) => startPgBouncer(url, { mode: 'transaction', ignoresOptions: true }),
  }),
]

function pgBouncers(found: PoolerCase): readonly PoolerCase[] {
  return hasPgBouncer() ? [found] : []
}

const open: Pooler[] = []
afterEach(async () => {
  for (const pooler of open.splice(0)) await pooler.end()
})

async function startPooler({ start }: PoolerCase, url: string): Promise<string> {
  const pooler = await start(url)
  open.push(pooler)
  return pooler.url
}

/** A worker that is left to itself. */
async function runWorker(url: string, events: WorkEvent[] = []): Promise<void> {
  const { signal } = new AbortController()
  await work({ url, signal, onEvent: (event) => events.push(event) })
}

test.each(POOLERS)('a worker that is given $name stops and says so', async (pooler) => {
  const stage = await createStage()
  const events: WorkEvent[] = []
  const url = await startPooler(pooler, stage.database.url('worker'))
  await expect(runWorker(url, events)).rejects.toMatchObject({
    code: 'POOLED_CONNECTION',
    hint: expect.stringContaining('directUrl') as string,
  })
  expect(events).toMatchObject([{ kind: 'refused', error: { code: 'POOLED_CONNECTION' } }])
})

test('a worker whose pooler shows itself only later stops then', async () => {
  const stage = await createStage()
  const events: WorkEvent[] = []
  // Two lines in turn: the worker, its second session and the worker again find the same processes, by chance.
  const url = await startPooler(
    { name: '', start: (it) => startTransactionPooler(it, { settings: 'passed on', lines: 'in turn' }) },
    `${stage.database.url('worker')}?options=-c%20plan_cache_mode%3Dforce_custom_plan`,
  )
  await expect(runWorker(url, events)).rejects.toMatchObject({ code: 'POOLED_CONNECTION' })
  expect(events.at(-1)).toMatchObject({ kind: 'refused' })
})

test('the server itself is never taken for a pooler', async () => {
  const stage = await createStage()
  const url = stage.database.url('worker')
  await withConnection({ url }, (client) => expectOwnSession(client, url))

  // Nor where the role may not have a second connection.
  const role = `only_one_${stage.database.name}`
  await stage.superuser.query(`create role ${role} login password 'test' connection limit 1`)
  await stage.superuser.query(`grant connect on database ${stage.database.name} to ${role}`)
  const single = new URL(url)
  single.username = role
  try {
    await withConnection({ url: single.href }, (client) => expectOwnSession(client, single.href))
  } finally {
    await stage.superuser.query(`drop owned by ${role}; drop role ${role}`)
  }
})

test.each(REFUSING)(
  'the application goes through $name, and the worker past it by directUrl',
  async (pooler) => {
    const stage = await createStage()
    const pooled = await startPooler(pooler, stage.database.url('writer'))
    const outcome = await millrace(['work'], {
      cwd: await projectFor({ database: pooled, directUrl: stage.database.url('worker') }),
      onLog: (line, interrupt) => {
        if (line.startsWith('working on')) void useThrough(pooled, stage).finally(interrupt)
      },
    })
    expect(outcome).toMatchObject({ code: 0 })
    const { plan } = stage.model('feed')
    expect(await compareStored(stage.owner, plan)).toEqual([])
    expect(await stage.owner.query('select from millrace.feed_v1 where id = 2 and ups = 8')).toHaveLength(1)
  },
)

test.each(REFUSING)('millrace work tells of $name, and ends with 1', async (pooler) => {
  const stage = await createStage()
  const database = await startPooler(pooler, stage.database.url('worker'))
  const outcome = await millrace(['work'], { cwd: await projectFor({ database }) })
  expect(outcome.code).toBe(1)
  expect(outcome.stderr).toContain('POOLED_CONNECTION')
  expect(outcome.stderr).toContain('directUrl')
})

/** Two sessions of the application write and read strictly in turn, in transactions of several statements. */
async function useThrough(url: string, stage: Stage): Promise<void> {
  const sessions = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })]
  for (const session of sessions) await session.connect()
  for (let i = 0; i < 8; i += 1) {
    const session = sessions[i % 2]
    await session?.query('begin')
    await session?.query('insert into votes values ($1, 2, true)', [100 + i])
    const read = await session?.query<{ ups: string }>('select ups from feed_strict where id = 2')
    expect(read?.rows).toEqual([{ ups: String(i + 1) }])
    await session?.query('commit')
  }
  for (const session of sessions) await session.end()
  await untilRow(stage.owner, 'select from millrace.feed_v1 where id = 2 and ups = 8')
}

async function projectFor(urls: { readonly database: string; readonly directUrl?: string }): Promise<string> {
  const roles = { worker: ROLES.worker, reader: ROLES.reader }
  return await projectFolder({
    'millrace.config.ts': `import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({
  ...${JSON.stringify(urls)},
  roles: ${JSON.stringify(roles)},
  define: [readModel('${FEED.name}', { key: 'id', freshness: 'eventual', query: sql\`${FEED.query}\` })],
})
`,
  })
}
