import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../test/support/database.ts'
import { indexes, monitoring } from '../src/accept/objects.ts'
import { pages } from '../src/accept/pages.ts'
import { realTime } from '../src/accept/real-time.ts'
import type { Tick } from '../src/accept/tick.ts'
import { idOf, user } from '../src/rows/ids.ts'
import { createCommunity } from './community.ts'

// `npm run accept` goes through the five phases first, and waits for a worker: here its ticks are looked at on a community that has
// everything, and seen to be missing where something is wrong.

const VIEWER = {
  id: user(0),
  username: 'somebody',
  role: 'builder',
  isAdmin: false,
  isListed: false,
  sessionId: '',
} as const

let database: TestDatabase
let client: pg.Client
beforeAll(async () => {
  database = await createCommunity()
  client = new pg.Client({ connectionString: database.url('superuser') })
  await client.connect()
})
afterAll(async () => {
  await client.end()
})

const missing = (ticks: readonly Tick[]) =>
  ticks.filter(({ ok }) => !ok).map(({ what, found }) => [what, found])

test('every tick is there', async () => {
  const ticks = [
    ...(await realTime(client, VIEWER.id)),
    ...(await indexes(client)),
    ...(await pages(client, database.url('writer'), VIEWER)),
  ]
  expect(missing(ticks)).toEqual([])
  expect(ticks).toHaveLength(4 + 4 + 7 + 18)
  // Without a worker what has just been written waits, and the health says so.
  const status = 'their status, which is computed'
  const watched = await monitoring(client, database.url('worker'))
  expect(missing(watched).filter(([what]) => what !== status)).toEqual([])
})

test('a tick is missing where something is wrong', async () => {
  await client.query('drop index idx_comments_user')
  await client.query('set session_replication_role = replica')
  await client.query(
    `insert into notifications (user_id, type, message) values ('${idOf('a', 1)}', 'vote', 'unseen')`,
  )
  // The conversation is queued since the message before, and a strict read asks the query for it.
  expect((await realTime(client, VIEWER.id)).map(({ ok }) => ok)).toEqual([false, true, false, false])
  await client.query('reset session_replication_role')
  expect(missing(await indexes(client))).toEqual([['of base tables, by the names of the plan', '25']])
  expect(missing(await monitoring(client, database.url('worker'))).map(([what]) => what)).toEqual(
    expect.arrayContaining(['rows that differ from their query', 'the same by the nightly job']),
  )
})
