import { once } from 'node:events'
import { createServer } from 'node:net'
import type pg from 'pg'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { createPool, type PoolOptions } from './pool.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})

function poolOf(options: PoolOptions = {}): pg.Pool {
  const pool = createPool({ url: database.url('superuser'), ...options })
  onTestFinished(() => pool.end())
  return pool
}

async function one(pool: pg.Pool, text: string): Promise<unknown> {
  const { rows } = await pool.query<{ value: unknown }>(text)
  return rows[0]?.value
}

const connectionsOf = (name: string) =>
  `select count(*)::int as value from pg_stat_activity where application_name = '${name}'`

test('at most 20 connections, of which 5 stay when the others have been idle', async () => {
  const pool = poolOf({ name: 'test of max', idleTimeoutMs: 20 })
  const used = await Promise.all(Array.from({ length: 20 }, () => pool.connect()))
  const waiting = pool.connect()
  expect([pool.totalCount, pool.waitingCount]).toEqual([20, 1])
  expect(await used[0]?.query(connectionsOf('test of max')).then(({ rows }) => rows as unknown)).toEqual([
    { value: 20 },
  ])
  for (const it of used) it.release()
  ;(await waiting).release()
  await expect.poll(() => pool.totalCount).toBe(5)
  expect(await one(pool, 'select 1 as value')).toBe(1)
})

test('a pool that is smaller than what would stay keeps all of it', () => {
  expect(poolOf({ max: 2 }).options).toMatchObject({ max: 2, min: 2 })
})

test('idle connections go after 30 seconds, and one is waited for for 5', () => {
  expect(poolOf().options).toMatchObject({ idleTimeoutMillis: 30_000, connectionTimeoutMillis: 5_000 })
})

test('who waits too long for a connection is told: of a pool that is used up, and of a server that does not answer', async () => {
  // Long enough for the connection that uses it up.
  const pool = poolOf({ max: 1, connectTimeoutMs: 3_000 })
  const used = await pool.connect()
  await expect(pool.connect()).rejects.toThrow(/timeout/)
  used.release()

  const silent = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => {
    silent.close()
  })
  await once(silent, 'listening')
  const { port } = silent.address() as { readonly port: number }
  const nowhere = poolOf({ url: `postgresql://x@127.0.0.1:${String(port)}/x`, connectTimeoutMs: 50 })
  await expect(nowhere.query('select 1')).rejects.toThrow(/timeout/)
})

test('the server cancels statements after 30 seconds, or after the time that is said', async () => {
  const show = `select current_setting('statement_timeout') as value`
  expect(await one(poolOf(), show)).toBe('30s')
  expect(await one(poolOf({ statementTimeoutMs: 0 }), show)).toBe('0')
  await expect(one(poolOf({ statementTimeoutMs: 20 }), 'select pg_sleep(60)')).rejects.toMatchObject({
    code: '57014',
  })
})

test('the server knows who is connected', async () => {
  expect(await one(poolOf(), `select current_setting('application_name') as value`)).toBe('millrace client')
})

test('a connection that is lost does not end the process, and is replaced', async () => {
  const lost: string[] = []
  const pool = poolOf({ name: 'test of loss', onError: (error) => lost.push(error.message) })
  expect(await one(pool, 'select 1 as value')).toBe(1)
  const other = poolOf()
  await other.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test of loss'`,
  )
  await expect.poll(() => lost).toEqual(['terminating connection due to administrator command'])
  expect(await one(pool, 'select 2 as value')).toBe(2)
})

test('where nobody listens, the loss is a warning of the process', async () => {
  const warned = once(process, 'warning')
  const pool = poolOf({ name: 'test of warning' })
  expect(await one(pool, 'select 1 as value')).toBe(1)
  await poolOf().query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test of warning'`,
  )
  expect(await warned).toMatchObject([{ name: 'MillraceWarning' }])
})

test('without a URL it is that of the environment', async () => {
  vi.stubEnv('DATABASE_URL', database.url('superuser'))
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  const pool = createPool()
  onTestFinished(() => pool.end())
  expect(await one(pool, 'select current_database() as value')).toBe(database.name)
})
