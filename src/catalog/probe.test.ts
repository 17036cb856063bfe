import { beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { ROLES } from '../../test/support/roles.ts'
import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { loadParser } from '../sql/parse.ts'
import { canonicalize } from './canonicalize.ts'

const QUERY = 'select id, title from posts order by id;\n-- a remark at the end'

let database: TestDatabase
let administrator: Client

beforeAll(async () => {
  await loadParser()
  database = await createTestDatabase('create table posts (id int primary key, title text)')
  administrator = await database.connect('superuser')
})

test('a session that is read only by default will do, and nothing stays', async () => {
  const before = await relations()
  const owner = await database.connect('owner')
  await owner.query('set default_transaction_read_only = on')
  expect(await columnsOf(owner)).toEqual(['id', 'title'])
  expect(await relations()).toEqual(before)
  // The session is as it was.
  await expect(owner.query('create temporary table x (id int)')).rejects.toThrow(/read-only transaction/)
})

test('without the right to make temporary views one is made in a schema, and nothing stays', async () => {
  await administrator.query(`revoke temporary on database ${database.name} from ${ROLES.owner}, public`)
  const before = await relations()
  expect(await columnsOf(await database.connect('owner'))).toEqual(['id', 'title'])
  expect(await relations()).toEqual(before)
})

test('without any right the reason and the way out are told, after what is wrong with the query', async () => {
  const worker = await database.connect('worker')
  const refused = await problemOf(worker, QUERY)
  expect(refused).toMatchObject({ code: 'CANNOT_PROBE' })
  expect(refused?.hint).toContain(`grant temporary on database "${database.name}"`)

  const invalid = await problemOf(worker, 'select titel from posts')
  expect(invalid).toMatchObject({ code: 'QUERY_INVALID', position: 7 })

  // The way out is one: it is followed as it is written.
  await administrator.query(`grant temporary on database "${database.name}" to ${ROLES.worker}`)
  expect(await columnsOf(await database.connect('worker'))).toEqual(['id', 'title'])
})

async function columnsOf(client: Client): Promise<readonly string[]> {
  return (await canonicalize(client, QUERY)).columns.map(({ name }) => name)
}

async function problemOf(client: Client, query: string): Promise<MillraceError | undefined> {
  try {
    await canonicalize(client, query)
    return undefined
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
}

async function relations(): Promise<readonly object[]> {
  return await administrator.query(
    `select oid::text, relname from pg_class where oid >= 16384 and relnamespace <> 'pg_toast'::regnamespace order by 1`,
  )
}
