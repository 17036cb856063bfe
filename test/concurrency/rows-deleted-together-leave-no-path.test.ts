import { expect, test } from 'vitest'
import { FANS, FEED } from './feed.ts'
import { createStage } from './stage.ts'

test('a parent and its children that are deleted in one transaction are followed to their unit', async () => {
  const stage = await createStage({ models: [FEED, FANS] })
  const [writer, reader] = [await stage.session(), await stage.session()]

  await reader.query('begin isolation level repeatable read')
  await stage.expectStrict(reader)
  await writer.query('begin')
  await writer.query('delete from votes where project_id = 1')
  await writer.query('delete from projects where id = 1')
  await stage.expectStrict(writer)
  await writer.query('commit')

  await stage.expectStrict(reader)
  await stage.drain('fans')
  await stage.expectStrict(reader)
  await stage.expectExact()
})

test('children that go first and their parent that goes later, both between two drains', async () => {
  const stage = await createStage({ models: [FEED, FANS] })
  const [one, two] = [await stage.session(), await stage.session()]

  await one.query('delete from votes where project_id = 3')
  await two.query('delete from projects where id = 3')
  await two.query('delete from users where id = 4')
  expect(await stage.drain('fans')).toMatchObject({ status: 'drained' })
  await stage.expectExact()
})

test('a cascade from the grandparent, while a drain that saw all of it alive is still at work', async () => {
  const stage = await createStage({ models: [FEED, FANS] })
  const [writer, second] = [await stage.session(), await stage.session('worker')]

  await writer.query('insert into votes values (9, 1, true)')
  const drain = await stage.holdDrain('fans', second)
  await writer.query('delete from users where id = 2')
  await stage.expectStrict(stage.owner)
  await drain.release()

  await stage.expectStrict(stage.owner)
  expect(await stage.drain('fans')).toMatchObject({ status: 'drained' })
  await stage.expectExact()
})

test('rows that come and go between two drains', async () => {
  const stage = await createStage({ models: [FEED, FANS] })
  const [one, two] = [await stage.session(), await stage.session()]

  await one.query(`insert into users values (7, 'short lived')`)
  await one.query(`insert into projects values (70, 7, 'short lived')`)
  await two.query('insert into votes values (1, 70, true)')
  await two.query('delete from users where id = 7')
  await stage.expectStrict(stage.owner)
  expect(await stage.drain('feed')).toMatchObject({ status: 'drained', rowsChanged: 0 })
  await stage.expectExact()
})
