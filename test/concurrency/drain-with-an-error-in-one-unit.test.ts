import { expect, test } from 'vitest'
import { drainOnce } from '../../src/work/drain.ts'
import { createStage } from './stage.ts'

const SCHEMA = `
  create table items (id int primary key, price int not null, amount int not null);
  insert into items select i, 10 * i, 1 from generate_series(1, 5) as i;`
const EACH = { name: 'each', key: 'id', query: 'select id, price / amount as each from items' }

test('it waits with its error while all others go on, and strict reads ask the query for it alone', async () => {
  const stage = await createStage({ schema: SCHEMA, models: [EACH] })
  const [writer, other] = [await stage.session(), await stage.session()]

  await writer.query('begin')
  await writer.query('update items set amount = 0 where id = 3')
  await other.query('update items set amount = 2 where id <> 3')
  expect(await stage.drain('each')).toMatchObject({ units: 4, failed: [] })
  await writer.query('commit')
  await other.query('update items set price = 100 where id = 4')
  // Not compared in its own snapshot, where the query raises.
  const failing = { failed: [{ unit: ['3'], error: 'division by zero' }], pending: 1, rowsChanged: 1 }
  expect(await drainOnce(stage.worker, stage.model('each').plan)).toMatchObject(failing)

  expect(await stage.owner.query('select id, each from each_strict where id <> 3 order by id')).toEqual([
    { id: 1, each: 5 },
    { id: 2, each: 10 },
    { id: 4, each: 50 },
    { id: 5, each: 25 },
  ])
  // The query raises for this unit, so there is no right answer; the old one would be a wrong one.
  await expect(stage.owner.query('select each from each_strict where id = 3')).rejects.toThrow(
    'division by zero',
  )

  // Its change is drained, but the unit is pending: it counts as queued, and no slot waits for it.
  expect((await stage.rotate()).emptied).toBeGreaterThan(0)
  await writer.query('begin')
  await writer.query('update items set amount = 5 where id = 3')
  await stage.expectStrict(writer)
  await writer.query('commit')
  expect(await stage.drain('each')).toMatchObject({ failed: [], pending: 0, rowsChanged: 1 })
  await stage.expectExact()
})
