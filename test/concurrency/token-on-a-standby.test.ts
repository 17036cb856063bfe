import { afterAll, beforeAll, expect, test } from 'vitest'
import { canonicalize } from '../../src/catalog/canonicalize.ts'
import { takeToken } from '../../src/client/take-token.ts'
import { waitFor } from '../../src/client/wait-for.ts'
import { connect, type Connection } from '../../src/pg/client.ts'
import { loadParser } from '../../src/sql/parse.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'
import { WAIT_MS } from '../support/patience.ts'
import type { Role } from '../support/roles.ts'
import { startReplicated, type Replicated } from '../support/standby.ts'
import { FEED, SCHEMA } from './feed.ts'
import { hasPassed } from './tokens.ts'

let servers: Replicated
beforeAll(async () => {
  servers = await startReplicated()
  return () => servers.end()
})

const open: Connection[] = []
afterAll(async () => {
  await Promise.all(open.map((client) => client.end().catch(() => undefined)))
})

/** A database on the primary, and the same on the standby. */
async function createReplicated() {
  const database = await createTestDatabase(SCHEMA, { serverUrl: servers.primaryUrl })
  const models = await installModels(await session(database, 'owner'), [FEED])
  await servers.catchUp()
  const worker = await session(database, 'worker')
  return {
    writer: await session(database, 'writer'),
    other: await session(database, 'writer'),
    reader: await session(database, 'reader', servers.standbyUrl),
    owner: await session(database, 'owner', servers.standbyUrl),
    drain: () => drainAll(worker, models),
  }
}

async function session(database: TestDatabase, role: Role, server?: string): Promise<Connection> {
  const url = new URL(database.url(role))
  if (server !== undefined) url.port = new URL(server).port
  const connection = await connect({ url: url.href })
  open.push(connection)
  return connection
}

test('a write is passed on the standby when it, and the drain that followed it, have been replayed', async () => {
  const { writer, reader, drain } = await createReplicated()
  await servers.hold()
  await writer.query('begin')
  await writer.query(`update projects set title = 'new' where id = 1`)
  const token = (await takeToken(writer)) ?? ''
  await writer.query('commit')

  // The standby has not heard of a transaction of that number.
  expect(await hasPassed(reader, token)).toBe(false)
  await servers.catchUp()
  expect(await hasPassed(reader, token)).toBe(false)
  await servers.hold()
  await drain()
  await expect(waitFor(reader, token, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'TOKEN_TIMEOUT' })

  const waited = waitFor(reader, token, { timeoutMs: WAIT_MS })
  await servers.catchUp()
  await waited
  expect(await reader.query('select title from feed where id = 1')).toEqual([{ title: 'new' }])
})

test('a write that queued nothing is passed on the standby too, once all before it have ended', async () => {
  const { writer, other, reader } = await createReplicated()
  await other.query('begin')
  await other.query('update projects set title = title where id = 2')
  await writer.query('begin')
  await writer.query('update projects set title = title where id = 1')
  const token = (await takeToken(writer)) ?? ''
  await writer.query('commit')
  await servers.catchUp()
  expect(await hasPassed(reader, token)).toBe(false)
  await other.query('commit')
  await servers.catchUp()
  expect(await hasPassed(reader, token)).toBe(true)
})

test('a snapshot of the standby that lists nobody as in progress is not taken at its word', async () => {
  const { writer, other, reader } = await createReplicated()
  await writer.query('begin')
  await writer.query(`update projects set title = 'new' where id = 1`)
  const token = (await takeToken(writer)) ?? ''
  await other.query(`update projects set title = 'other' where id = 2`)
  await servers.catchUp()
  await reader.query('begin isolation level repeatable read')
  const [seen] = await reader.query<{ visible: boolean }>(
    'select pg_visible_in_snapshot($1::xid8, pg_current_snapshot()) as visible',
    [token.split(':')[1]],
  )
  await writer.query('commit')
  await servers.catchUp()

  // By the snapshot's own word the writer had ended before it; its rows, and its queue's, are not there.
  expect(seen).toEqual({ visible: true })
  expect(await reader.query('select title from feed where id = 1')).not.toEqual([{ title: 'new' }])
  expect(await hasPassed(reader, token)).toBe(false)
  await reader.query('commit')
})

test('a query cannot be compiled there, and the error says where it can; one that is wrong is told as such', async () => {
  await loadParser()
  const { owner } = await createReplicated()
  await expect(canonicalize(owner, FEED.query)).rejects.toMatchObject({
    code: 'CANNOT_PROBE',
    hint: expect.stringContaining('primary') as string,
  })
  await expect(canonicalize(owner, 'select titel from projects')).rejects.toMatchObject({
    code: 'QUERY_INVALID',
    position: 7,
  })
})
