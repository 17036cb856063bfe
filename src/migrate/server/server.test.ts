import { beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import type { Connection } from '../../pg/client.ts'
import { findServerChanges, runServerSteps, type ServerWishes } from './server.ts'

let database: TestDatabase
let superuser: Connection
let owner: Connection

beforeAll(async () => {
  database = await createTestDatabase()
  superuser = await database.connect('superuser')
  owner = await database.connect('owner')
})

function find(client: Connection, wishes: Partial<ServerWishes>) {
  return findServerChanges(client, { extensions: [], settings: {}, ...wishes })
}

test('a trusted extension is made by whoever may create in the database, once', async () => {
  const { steps } = await find(owner, { extensions: ['pg_trgm', 'plpgsql'] })
  expect(steps).toMatchObject([{ statements: ['create extension if not exists "pg_trgm"'], inverse: [] }])
  await runServerSteps(owner, steps)
  expect(await owner.query(`select similarity('a', 'a') as same`)).toEqual([{ same: 1 }])
  expect(await find(owner, { extensions: ['pg_trgm', 'plpgsql'] })).toEqual({
    steps: [],
    asked: [],
    owners: {},
  })
})

test('an extension that cannot be had is refused, with what can be done', async () => {
  await expect(find(owner, { extensions: ['pg_trgm', 'nowhere'] })).rejects.toMatchObject({
    code: 'EXTENSION_UNAVAILABLE',
    detail: 'nowhere',
  })
  await expect(find(owner, { extensions: ['pageinspect'] })).rejects.toMatchObject({
    code: 'EXTENSION_NOT_ALLOWED',
    hint: 'Let one run: create extension "pageinspect"',
  })
  expect(await find(superuser, { extensions: ['pageinspect'] })).toMatchObject({ steps: [{}] })
  await owner.query(`select set_config('rds.allowed_extensions', 'hstore, ltree', false)`)
  await expect(find(owner, { extensions: ['citext'] })).rejects.toMatchObject({
    code: 'EXTENSION_NOT_ALLOWED',
    detail: "citext is not on the server's list",
  })
  expect(await find(owner, { extensions: ['hstore'] })).toMatchObject({ steps: [{}] })
  await owner.query(`select set_config('rds.allowed_extensions', '', false)`)
})

const SETTINGS = {
  work_mem: '77MB',
  log_min_duration_statement: '3s',
  autovacuum_naptime: '77s',
  max_connections: '12345',
  block_size: '8192',
  wal_block_size: '1',
  'app.name': 'shop',
  nonsense: 'yes',
}

test('settings are set for the database where that can be done, and told of where not', async () => {
  const { steps, asked } = await find(superuser, { settings: SETTINGS })
  expect(steps.map(({ about, inverse }) => [about, inverse[0]?.replace(database.name, 'it')])).toEqual([
    ['setting work_mem', 'alter database "it" reset "work_mem"'],
    ['setting log_min_duration_statement', 'alter database "it" reset "log_min_duration_statement"'],
    ['setting app.name', 'alter database "it" reset "app.name"'],
  ])
  expect(asked.map(({ name, because, remedy }) => [name, because, ...remedy])).toEqual([
    [
      'autovacuum_naptime',
      "it is the whole server's, and takes a superuser",
      `alter system set "autovacuum_naptime" = '77s'`,
      'select pg_reload_conf()',
    ],
    [
      'max_connections',
      'it takes a superuser, and a restart of the server',
      `alter system set "max_connections" = '12345'`,
    ],
    ['wal_block_size', 'it is fixed when the server is built or its data is made'],
    ['nonsense', 'the server has no setting of this name'],
  ])
  await runServerSteps(superuser, steps)
  expect((await find(superuser, { settings: SETTINGS })).steps).toEqual([])
  const session = await database.connect('owner')
  expect(
    await session.query(`select current_setting('work_mem') as mem, current_setting('app.name') as app`),
  ).toEqual([{ mem: '77MB', app: 'shop' }])
  // The same in other words is the same; another value comes back to the one before.
  const { steps: other } = await find(superuser, { settings: { work_mem: '78848kB', 'app.name': 'office' } })
  expect(other.map(({ inverse }) => inverse[0]?.replace(database.name, 'it'))).toEqual([
    `alter database "it" set "app.name" = 'shop'`,
  ])
})

test('who does not own the database asks for it', async () => {
  const { steps, asked } = await find(owner, { settings: { statement_timeout: '77s' } })
  expect(steps).toEqual([])
  expect(asked).toMatchObject([{ because: 'it takes the owner of the database, or a superuser' }])
})
