import { randomBytes } from 'node:crypto'
import { drainOnce } from 'millrace'
import { beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../test/support/database.ts'
import { withClient } from '../src/database.ts'
import { readHealth, type DenormalizationHealth } from '../src/health.ts'
import { idOf, project } from '../src/rows/ids.ts'
import { createCommunity } from './community.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createCommunity()
})

/** As the application sees it. */
const look = () => withClient(database.url('writer'), readHealth)
const as = async (role: 'owner' | 'writer' | 'worker' | 'superuser', ...statements: readonly string[]) => {
  await withClient(database.url(role), async (client) => {
    for (const it of statements) await client.query(it)
  })
}
const drain = () => drainOnce({ database: database.url('worker') })
const of = (health: DenormalizationHealth, model: string) => health.read_models[model]

/** As if every read model had been brought up to date so long ago, and no refresh were due. */
async function pass(time: string): Promise<void> {
  await as(
    'owner',
    `update millrace.watermark set reached_at = clock_timestamp() - interval '${time}'`,
    `update millrace.job set next_at = now() + interval '1 hour'`,
  )
}

test('the envelope of the plan: all eight views, all three tables, counted', async () => {
  await drain()
  await pass('1 hour')
  const health = await look()
  expect(Object.keys(health.materialized_views).toSorted()).toEqual([
    'mv_chain_posts',
    'mv_chains_discovery',
    'mv_feed_projects',
    'mv_investors_directory',
    'mv_leaderboard_builders',
    'mv_leaderboard_projects',
    'mv_project_details',
    'mv_search_index',
  ])
  expect(Object.keys(health.denormalized_tables).toSorted()).toEqual([
    'intro_request_stats',
    'message_conversations_denorm',
    'user_dashboard_stats',
  ])
  for (const [name, counted] of Object.entries({
    ...health.materialized_views,
    ...health.denormalized_tables,
  })) {
    await withClient(database.url('writer'), async (client) => {
      const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${name}`)
      expect(counted, name).toEqual({ row_count: rows[0]?.n, status: 'healthy' })
    })
  }
  expect(health.status).toBe('healthy')
})

test('the ten latest refreshes, the latest first, and five of each read model', async () => {
  for (let i = 0; i < 3; i += 1) {
    await as('writer', `update projects set title = 'round ${String(i)}' where id = '${project(1)}'`)
    await drain()
  }
  const health = await look()
  expect(health.recent_refreshes).toHaveLength(10)
  const times = health.recent_refreshes.map(({ completed_at }) => Date.parse(completed_at))
  expect(times).toEqual(times.toSorted((a, b) => b - a))
  expect(
    health.recent_refreshes.some(({ view, row_count }) => view === 'mv_feed_projects' && row_count === 1),
  ).toBe(true)
  const own = of(health, 'mv_feed_projects')?.recent_refreshes ?? []
  expect(own.slice(0, 3)).toMatchObject(
    Array(3).fill({ row_count: 1, triggered_by: 'change', status: 'completed' }),
  )
  expect(own.length).toBeLessThanOrEqual(5)
})

test('a change that waits is depth at once, and behind when it has waited for longer than the plan allows', async () => {
  await drain()
  await pass('1 second')
  await as('writer', `update projects set title = 'waits' where id = '${project(2)}'`)
  const before = of(await look(), 'mv_feed_projects')
  expect(before).toMatchObject({ queue_depth: 1, status: 'healthy' })
  await pass('6 seconds')
  const health = await look()
  expect(of(health, 'mv_feed_projects')).toMatchObject({ queue_depth: 1, status: 'behind' })
  expect(of(health, 'mv_feed_projects')?.watermark_age_ms).toBeGreaterThanOrEqual(6_000)
  expect([health.status, health.materialized_views['mv_feed_projects']?.status]).toEqual(['behind', 'behind'])
  // Nothing waits here, so its rows are those of now, however old its watermark.
  expect(of(health, 'mv_investors_directory')).toMatchObject({ queue_depth: 0, status: 'healthy' })
  await drain()
})

test('a refresh that nobody does is behind', async () => {
  await drain()
  await pass('1 second')
  expect(of(await look(), 'admin_dashboard')?.status).toBe('healthy')
  await as('owner', `update millrace.job set next_at = now() - interval '6 seconds'`)
  expect(of(await look(), 'admin_dashboard')?.status).toBe('behind')
})

test('drift that the nightly verification found, until it finds none', async () => {
  await drain()
  await pass('1 second')
  expect(of(await look(), 'unread_counts')).toMatchObject({
    drift: null,
    verified_at: null,
    status: 'healthy',
  })
  await as(
    'superuser',
    'set session_replication_role = replica',
    `insert into notifications (user_id, type, message) values ('${idOf('a', 0)}', 'vote', 'unseen')`,
  )
  await as('worker', 'select millrace.verify()')
  const health = await look()
  expect(of(health, 'unread_counts')).toMatchObject({ drift: 1, status: 'drifted' })
  expect(of(health, 'mv_feed_projects')).toMatchObject({ drift: 0, status: 'healthy' })
  expect(health.denormalized_tables['user_dashboard_stats']?.status).toBe('drifted')

  await as(
    'superuser',
    'set session_replication_role = replica',
    `delete from notifications where message = 'unseen'`,
  )
  await as('worker', 'select millrace.verify()')
  expect(of(await look(), 'unread_counts')).toMatchObject({ drift: 0, status: 'healthy' })
})

test('a row that cannot be stored does not fail the write: its read model is failing, with the reason', async () => {
  const focus = randomBytes(20_000).toString('base64')
  await as(
    'writer',
    `update investor_requests set investment_focus = '${focus}'
                      where id = (select id from investor_requests where status = 'approved' limit 1)`,
  )
  await drainOnce({ database: database.url('worker') }).catch(() => undefined)
  const health = await look()
  expect(of(health, 'mv_investors_directory')).toMatchObject({
    status: 'failing',
    error: expect.stringContaining('index row') as unknown,
  })
  expect(of(health, 'mv_feed_projects')?.status).toBe('healthy')
  await withClient(database.url('writer'), async (client) => {
    const { rows } = await client.query<{ status: string }>(
      `select distinct status from mv_refresh_log where view_name = 'mv_investors_directory' order by 1`,
    )
    expect(rows.map(({ status }) => status)).toEqual(['completed', 'failed'])
  })
  await as(
    'writer',
    `update investor_requests set investment_focus = 'rivers' where length(investment_focus) > 1000`,
  )
})

test('the log has the columns of the plan, and what runs is running, what is done completed, what failed failed', async () => {
  const blocker = await database.connect('application')
  const reader = await database.connect('writer')
  const log = async () =>
    await reader.query<{ status: string }>(`
      select status, triggered_by
      from mv_refresh_log
      where view_name = 'admin_dashboard' order by id limit 1`)
  await as(
    'owner',
    `update millrace.job set next_at = now() - interval '1 second' where name = 'admin_dashboard'`,
  )
  await blocker.query('begin')
  await blocker.query('lock table feedback in access exclusive mode')
  const drained = drain()
  while ((await log())[0]?.status !== 'running') await reader.query('select pg_sleep(0.01)')
  await blocker.query('commit')
  await drained
  expect((await log())[0]).toMatchObject({ status: 'completed', triggered_by: 'schedule' })

  await as(
    'owner',
    `update millrace.job set next_at = now() - interval '1 second', timeout_ms = 1 where name = 'admin_dashboard'`,
  )
  await drain().catch(() => undefined)
  expect((await log())[0]?.status).toBe('failed')
  const fields = Object.keys((await reader.query('select * from mv_refresh_log limit 1'))[0] ?? {})
  expect(fields).toEqual([
    'id',
    'view_name',
    'refresh_started_at',
    'refresh_completed_at',
    'duration_ms',
    'row_count',
    'triggered_by',
    'status',
  ])
})
