import { beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../../../test/support/database.ts'
import type { Connection } from '../../pg/client.ts'
import { touchObjects } from './touch.ts'

const TOUCH = { column: 'updatedAt', schema: 'public', except: ['left_alone'], file: undefined }
const BEFORE = '2020-01-01 00:00:00+00'

let client: Connection

beforeAll(async () => {
  client = await (await createTestDatabase()).connect('superuser')
  await client.query(`
    create table plain (id int, data json, "updatedAt" timestamptz);
    create table computed (id int, twice int generated always as (id * 2) stored, "updatedAt" timestamp);
    create table parted (id int, "updatedAt" timestamptz) partition by range (id);
    create table parted_1 partition of parted for values from (minvalue) to (maxvalue);
    create table left_alone (id int, "updatedAt" timestamptz);
    create table other (id int, "updatedAt" text, updatedat timestamptz)`)
  await makeAll()
})

async function makeAll(): Promise<readonly string[]> {
  const objects = await touchObjects(client, TOUCH)
  for (const { up } of objects) await client.query(up)
  return objects.map(({ name }) => name)
}

test('every table of the schema that has the column is found, and one that comes later', async () => {
  const found = ['touch:public.updatedAt', ...tables('computed', 'parted', 'plain')]
  expect(await makeAll()).toEqual(found)
  await client.query('create table later (id int, "updatedAt" timestamptz)')
  expect(await makeAll()).toEqual([...found.slice(0, 2), ...tables('later', 'parted', 'plain')])
  await client.query('drop table later')
})

function tables(...names: readonly string[]): readonly string[] {
  return names.map((it) => `touch:public.${it}.updatedAt`)
}

test.each(['plain', 'computed', 'parted'])(
  '%s is touched by what changes it, and by nothing else',
  async (table) => {
    await client.query(
      `delete from ${table}; insert into ${table} (id, "updatedAt") values (1, timezone('UTC', '${BEFORE}'))`,
    )
    await client.query(`update ${table} set id = id`)
    expect(await isTouched(table)).toBe(false)
    await client.query(`set timezone = 'America/New_York'; update ${table} set id = 2; set timezone = 'UTC'`)
    expect(await isTouched(table)).toBe(true)
    await client.query(`update ${table} set id = 3, "updatedAt" = timezone('UTC', '${BEFORE}')`)
    expect(await isTouched(table)).toBe(false)
  },
)

test('json, which has no equality, is compared by image', async () => {
  await client.query(`delete from plain; insert into plain values (1, '{"a": 1}', '${BEFORE}')`)
  await client.query(`update plain set data = '{"a": 1}'`)
  expect(await isTouched('plain')).toBe(false)
  await client.query(`update plain set data = '{"a": 2}'`)
  expect(await isTouched('plain')).toBe(true)
})

/** By this minute, in UTC. */
async function isTouched(table: string): Promise<boolean> {
  const [row] = await client.query<{ touched: boolean }>(
    `select "updatedAt"::timestamp between timezone('UTC', now()) - interval '1 minute' and timezone('UTC', now()) as touched
     from ${table}`,
  )
  return row?.touched ?? false
}
