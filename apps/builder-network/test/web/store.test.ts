import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { openStore, type Store } from '../../src/web/store.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase(
    'create table things (id int primary key, n int not null); insert into things values (1, 0), (2, 0)',
  )
  store = openStore(database.url('application'))
})
afterAll(async () => {
  await store.close()
})

test('two transactions that wait for each other both come through', async () => {
  const hasFirst = [deferred(), deferred()]
  const isDone = [deferred(), deferred()]
  let tries = 0
  const inOrder = async (mine: 0 | 1) => {
    await store.transaction(async (client) => {
      tries += 1
      // Whoever is tried again may be in the way again, on a busy machine, if it does not let the other one pass.
      if (tries === 3) await isDone[1 - mine]?.promise
      await client.query('update things set n = n + 1 where id = $1', [mine + 1])
      hasFirst[mine]?.resolve()
      await hasFirst[1 - mine]?.promise
      await client.query('update things set n = n + 1 where id = $1', [2 - mine])
    })
    isDone[mine]?.resolve()
  }
  await Promise.all([inOrder(0), inOrder(1)])
  expect(tries).toBe(3)
  expect(await store.rows('select n from things')).toEqual([{ n: 2 }, { n: 2 }])
})

test('what fails of itself is tried once, and nothing of it is kept', async () => {
  let tries = 0
  const failing = store.transaction(async (client) => {
    tries += 1
    await client.query('update things set n = -1')
    await client.query('select 1 / 0')
  })
  await expect(failing).rejects.toMatchObject({ code: '22012' })
  expect([tries, await store.rows('select from things where n = -1')]).toEqual([1, []])
})

test('a prepared statement goes on when its columns have changed', async () => {
  const read = async () => await store.rows('select * from things where id = 1')
  const before = await read()
  await store.pool.query('alter table things add column name text')
  expect(await read()).toEqual(before.map((it) => ({ ...it, name: null })))
  expect(await read()).toHaveLength(1)
})

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => {
    resolve = () => {
      done()
    }
  })
  return { promise, resolve }
}
