import { expect, test } from 'vitest'
import { createStage } from './stage.ts'

const SCHEMA = `
  create collation ignore_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  create table items (
    id int primary key, price numeric not null, name text collate ignore_case, ratio float8, data json, place point
  );
  insert into items select i, 1.0, 'foo', 0, '{"a": 1}', '(1, 1)' from generate_series(1, 5) as i;`
const SHELF = { name: 'shelf', key: 'id', query: 'select id, price, name, ratio, data, place from items' }

test('1.0 and 1.00, foo and Foo, 0 and -0, json and points are told apart, or not compared at all', async () => {
  const stage = await createStage({ schema: SCHEMA, models: [SHELF] })
  const [writer, open] = [await stage.session(), await stage.session()]
  await open.query('begin')
  await open.query(`update items set name = 'Foo' where id = 2`)
  await writer.query('update items set price = 1.00 where id = 1')
  expect(await stage.drain('shelf')).toMatchObject({ rowsChanged: 1 })
  await open.query('commit')
  await writer.query(`update items set ratio = '-0' where id = 3`)
  await writer.query(`update items set data = '{"a":1}' where id = 4`)
  await writer.query(`update items set place = '(1, 1.0000000001)' where id = 5`)
  await stage.expectStrict(stage.owner)
  expect(await stage.drain('shelf')).toMatchObject({ changes: 4, rowsChanged: 4 })

  // And what is the same in every bit is no change.
  await writer.query(`update items set price = price, data = data`)
  expect(await stage.drain('shelf')).toMatchObject({ status: 'idle' })
  await stage.expectExact()
})
