import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { connect, type Connection } from '../pg/client.ts'
import { WORKER_NAME } from './session.ts'
import { readShare, tended, type Share } from './share.ts'

const open: Connection[] = []
afterEach(async () => {
  for (const client of open.splice(0)) await client.end()
})

async function join(database: TestDatabase, role: 'worker' | 'owner' = 'worker'): Promise<Connection> {
  const client = await connect({ url: database.url(role), name: WORKER_NAME })
  open.push(client)
  return client
}

const LOOK_MS = 20

/** All ask again and again, as workers do, until they see so many. */
async function sharesOf(clients: readonly Connection[], workers: number): Promise<readonly Share[]> {
  for (;;) {
    const shares: Share[] = []
    for (const client of clients) shares.push(await readShare(client))
    if (shares.every((share) => share.workers === workers)) return shares
    await pause(LOOK_MS)
  }
}

async function createDatabase(models: number): Promise<TestDatabase> {
  const database = await createTestDatabase('create table items (id int primary key, price int not null)')
  await installModels(
    await database.connect('owner'),
    Array.from({ length: models }, (_, i) => ({
      name: `model_${String(i)}`,
      key: 'id',
      query: `select id, price + ${String(i)} as price from items`,
    })),
  )
  return database
}

function expectFair(shares: readonly Share[], models: number): void {
  const all = shares.flatMap(tended)
  expect(all.toSorted()).toEqual(Array.from({ length: models }, (_, i) => `model_${String(i)}_v1`))
  const sizes = shares.map((share) => tended(share).length)
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
  expect(shares.map(({ place }) => place).toSorted()).toEqual([...shares.keys()])
}

test('every model falls to one worker, and to each as many as to the next, whoever comes and goes', async () => {
  const database = await createDatabase(5)
  const [first, second, third] = [await join(database), await join(database), await join(database)]
  expectFair(await sharesOf([first], 1), 5)
  expectFair(await sharesOf([first, second], 2), 5)
  expectFair(await sharesOf([first, second, third], 3), 5)
  // The second has ended, or the third does not answer: for the others it is the same.
  await second.end()
  expectFair(await sharesOf([first, third], 2), 5)
  expectFair(await sharesOf([first], 1), 5)
  expectFair(await sharesOf([third], 1), 5)
})

test('a worker with one transaction that lasts has no time for other models', async () => {
  const database = await createDatabase(2)
  const [first, second] = [await join(database), await join(database)]
  await second.query('begin')
  for (;;) {
    // It is not silent: statement follows statement.
    await second.query('select 1')
    const share = await readShare(first)
    if (share.workers === 1) break
    await pause(LOOK_MS)
  }
  await second.query('commit')
  expectFair(await sharesOf([first, second], 2), 2)
})

test('more workers than models: some have none, and are there when others go', async () => {
  const database = await createDatabase(1)
  const [first, second] = [await join(database), await join(database)]
  const shares = await sharesOf([first, second], 2)
  expect(shares.map(tended)).toEqual([['model_0_v1'], []])
  await first.end()
  expectFair(await sharesOf([second], 1), 1)
})

test('workers of two roles do not see one another, and each tends everything', async () => {
  const database = await createDatabase(2)
  const [worker, owner] = [await join(database), await join(database, 'owner')]
  for (const share of await sharesOf([worker, owner], 1)) expectFair([share], 2)
})
