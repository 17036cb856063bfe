import { expect, test } from 'vitest'
import { createStage } from './stage.ts'

const SCHEMA = `
  create table events (id int primary key, kind int not null);
  insert into events select i, i % 3 from generate_series(1, 9) as i;`
const KINDS = { name: 'kinds', key: 'kind', query: 'select kind, count(*) as n from events group by kind' }

test('one statement marks the model for rebuild, and small changes beside it are not lost', async () => {
  const stage = await createStage({ schema: SCHEMA, models: [KINDS] })
  const [large, small] = [await stage.session(), await stage.session()]

  await large.query('begin')
  await large.query('insert into events select i, i % 3 from generate_series(1000, 252000) as i')
  await small.query('insert into events values (10, 7)')
  expect(await stage.drain('kinds')).toMatchObject({ changes: 1 })
  await small.query('insert into events values (11, 8)')
  await large.query('commit')
  await small.query('delete from events where kind = 7')

  await stage.expectStrict(stage.owner)
  expect(await stage.drain('kinds')).toMatchObject({ status: 'drained' })
  const [row] = await stage.owner.query<{ sum: string }>('select sum(n) from kinds')
  expect(row?.sum).toBe('251011')
  await stage.expectExact()
})
