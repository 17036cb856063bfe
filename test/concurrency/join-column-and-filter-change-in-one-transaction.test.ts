import { expect, test } from 'vitest'
import { TITLES } from './feed.ts'
import { createStage } from './stage.ts'

test('a project is moved and hidden, another moved and shown, in one transaction beside a rename', async () => {
  const stage = await createStage()
  const [one, two] = [await stage.session(), await stage.session()]
  await one.query('update projects set is_deleted = true where id = 3')
  await stage.settle()

  await one.query('begin')
  await one.query('update projects set user_id = 1 where id in (1, 3)')
  await one.query('update projects set is_deleted = not is_deleted where id in (1, 3)')
  await stage.expectStrict(one)
  await two.query(`update users set name = 'renamed' where id = 1`)
  await stage.settle()
  await one.query('commit')

  await stage.expectStrict(stage.owner)
  await stage.settle()
  expect(await stage.owner.query('select id, author from feed where id in (1, 3)')).toEqual([
    { id: 3, author: 'renamed' },
  ])
  await stage.expectExact()
})

test('hidden and shown again before a drain: the unit is looked at, and nothing is written', async () => {
  const stage = await createStage()
  const [one, two] = [await stage.session(), await stage.session()]

  await one.query('update projects set is_deleted = true where id = 1')
  await two.query('update projects set is_deleted = false where id = 1')
  expect(await stage.drain('feed')).toMatchObject({ units: 1, rowsChanged: 0 })
  await stage.expectExact()
})

test('a change of a hidden row is not even queued, and the change that shows it carries it all', async () => {
  const stage = await createStage({ models: [TITLES] })
  const [one, two] = [await stage.session(), await stage.session()]
  await one.query('update projects set is_deleted = true where id = 1')
  await stage.settle()

  await two.query('begin')
  await two.query(`update projects set title = 'while hidden' where id = 1`)
  await one.query(`update projects set title = 'seen' where id = 2`)
  expect(await stage.drain('titles')).toMatchObject({ changes: 1, units: 1 })
  await two.query('commit')
  expect(await stage.drain('titles')).toMatchObject({ status: 'idle' })
  await one.query('update projects set is_deleted = false where id = 1')
  expect(await stage.drain('titles')).toMatchObject({ changes: 1, units: 1, rowsChanged: 1 })
  await stage.expectExact()
})
