import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startEmbedded } from '../../../src/pg/embedded/server.ts'
import { createTestDatabase } from '../../../test/support/database.ts'
import { quickestFolder } from '../../../test/support/quickest-folder.ts'
import { prepareDatabase, withClient } from '../src/database.ts'
import { createTables, dropTables, findTables } from '../src/tables.ts'
import { FEW } from './community.ts'

/** As a version before this one has marked its tables: without what made them. */
const EARLIER = `comment on table users is 'builder network: {"seed":1,"sizes":{"users":2}}';
  drop table sessions; insert into users (username, email) values ('of then', 'then@builders.example')`

const OF_THEN = `select from users where username = 'of then'`

test("a demonstration finds its own community, and makes another version's anew", async () => {
  const directory = await mkdtemp(join(await quickestFolder(), 'builders-test-'))
  // The server may run under another account.
  await chmod(directory, 0o755)
  const server = await startEmbedded({ directory, durability: 'off' })
  onTestFinished(async () => {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  })
  const prepare = () => prepareDatabase({ databaseUrl: server.url, fresh: false, seed: 1, sizes: FEW })

  const { adminUrl, found } = await prepare()
  expect(found).toBe('nothing')
  expect(await prepare()).toMatchObject({ adminUrl, found: 'filled' })

  await withClient(adminUrl, (client) => client.query(EARLIER))
  expect(await prepare()).toMatchObject({ adminUrl, found: 'other-version' })
  await withClient(adminUrl, async (client) => {
    expect((await client.query(OF_THEN)).rowCount).toBe(0)
    expect((await client.query(`select from sessions`)).rowCount).toBe(0)
    expect((await client.query(`select from users`)).rowCount).toBe(FEW.users)
  })
  expect(await prepare()).toMatchObject({ found: 'filled' })
})

test('a database that was given keeps what another version made, and the error says the way out', async () => {
  const database = await createTestDatabase()
  const databaseUrl = database.url('superuser')
  await withClient(databaseUrl, async (client) => {
    await createTables(client)
    await client.query(EARLIER)
    expect(await findTables(client)).toEqual({ kind: 'other-version' })
    await expect(prepareDatabase({ databaseUrl, fresh: true, seed: 1, sizes: FEW })).rejects.toMatchObject({
      code: 'BAD_DATABASE_URL',
      detail: expect.stringContaining('another version') as unknown,
      hint: expect.stringContaining('db:down') as unknown,
    })
    expect((await client.query(OF_THEN)).rowCount).toBe(1)

    await dropTables(client)
    expect(await findTables(client)).toEqual({ kind: 'nothing' })
  })
})
