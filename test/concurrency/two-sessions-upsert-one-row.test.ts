import { expect, test } from 'vitest'
import { createStage } from './stage.ts'

const UPSERT = `insert into votes values (4, 2, false)
                on conflict (user_id, project_id) do update set up = not votes.up`

test('ON CONFLICT DO UPDATE waits for the other insert, becomes an update, and both are drained', async () => {
  const stage = await createStage()
  const [one, two] = [await stage.session(), await stage.session()]

  await one.query('begin')
  await one.query('insert into votes values (4, 2, false)')
  const upsert = await stage.startBlocked(two, () => two.query(UPSERT), [one])
  expect(await stage.drain('feed')).toMatchObject({ status: 'idle' })
  await one.query('commit')
  await upsert.result

  await stage.expectStrict(stage.owner)
  await stage.settle()
  expect(await stage.owner.query('select ups from feed where id = 2')).toEqual([{ ups: '1' }])
  await stage.expectExact()
})

test('ON CONFLICT DO UPDATE inserts after all when the other rolls back', async () => {
  const stage = await createStage()
  const [one, two] = [await stage.session(), await stage.session()]

  await one.query('begin')
  await one.query('insert into votes values (4, 2, true)')
  const upsert = await stage.startBlocked(two, () => two.query(UPSERT), [one])
  await one.query('rollback')
  await upsert.result
  await stage.expectExact()
})

test('ON CONFLICT DO NOTHING waits, does nothing, and queues nothing', async () => {
  const stage = await createStage()
  const [one, two] = [await stage.session(), await stage.session()]

  await one.query('begin')
  await one.query('insert into votes values (4, 2, true)')
  const insert = await stage.startBlocked(
    two,
    () => two.query('insert into votes values (4, 2, false) on conflict do nothing'),
    [one],
  )
  await one.query('commit')
  await insert.result
  expect(await stage.drain('feed')).toMatchObject({ changes: 1, units: 1 })
  await stage.expectExact()
})
