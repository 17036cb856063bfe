import { expect, test } from 'vitest'
import { AUTHORS, FEED } from './feed.ts'
import { createStage } from './stage.ts'

test('a vote moves on twice, once before a drain and once while it is at work', async () => {
  const stage = await createStage({ models: [FEED, AUTHORS] })
  const [writer, second] = [await stage.session(), await stage.session('worker')]

  await writer.query('update votes set project_id = 2 where user_id = 1 and project_id = 1')
  const drain = await stage.holdDrain('feed', second)
  await writer.query('update votes set project_id = 4 where user_id = 1 and project_id = 2')
  await stage.expectStrict(stage.owner)
  expect(await drain.release()).toMatchObject({ units: 2 })

  expect(await stage.drain('feed')).toMatchObject({ units: 2 })
  await stage.expectExact()
})

test('a project changes hands, so one group dies and another is born, while the path is being changed too', async () => {
  const stage = await createStage({ models: [FEED, AUTHORS] })
  const [one, two] = [await stage.session(), await stage.session()]
  await one.query(`insert into users values (10, 'new owner')`)

  await one.query('begin')
  await one.query('update projects set user_id = 10 where user_id = 2')
  await two.query('insert into votes values (4, 2, true), (9, 1, true)')
  await stage.settle()
  await one.query('commit')

  await stage.expectStrict(stage.owner)
  await stage.settle()
  expect(await stage.owner.query('select user_id from authors order by 1')).toEqual(
    [1, 3, 4, 10].map((id) => ({ user_id: id })),
  )
  await stage.expectExact()
})

test('a primary key is changed and its old value is taken by another row before the next drain', async () => {
  const stage = await createStage({ models: [FEED, AUTHORS] })
  const [one, two] = [await stage.session(), await stage.session()]

  await one.query('update projects set id = 200 where id = 2')
  await two.query(`insert into projects values (2, 4, 'the other two')`)
  await two.query('insert into votes values (1, 200, true), (1, 2, true)')
  await stage.expectStrict(stage.owner)
  expect(await stage.drain('feed')).toMatchObject({ status: 'drained' })
  await stage.expectExact()
})
