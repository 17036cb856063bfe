import { expect, test } from 'vitest'
import { pinSlot } from './slots.ts'
import { createStage } from './stage.ts'

test('a transaction that wrote first and commits last is not lost, though its slot was written by later ones', async () => {
  const stage = await createStage()
  const early = await stage.session()
  const late = await stage.session()
  await pinSlot(stage.owner, stage.model('feed').plan, 0)

  await early.query('begin')
  await early.query(`update projects set title = 'early' where id = 1`)
  await late.query(`update projects set title = 'late' where id = 2`)
  await late.query('insert into votes values (4, 2, true)')

  expect(await stage.drain('feed')).toMatchObject({ status: 'drained' })
  expect(await stage.drain('feed')).toMatchObject({ status: 'idle' })
  // Nothing of the early one is visible yet, and its rows in the queue must not be emptied away.
  const { blocked } = await stage.rotate({ lockTimeoutMs: 20 })
  expect(blocked).toEqual([{ schema: 'millrace', name: 'queue_projects_0' }])
  await stage.expectStrict(stage.owner)

  await early.query('commit')
  await stage.expectStrict(stage.owner)
  expect(await stage.drain('feed')).toMatchObject({ status: 'drained', units: 1, rowsChanged: 1 })
  expect(await stage.owner.query('select title from feed where id = 1')).toEqual([{ title: 'early' }])
  await stage.expectExact()
})

test('a transaction that rolls back last leaves nothing behind', async () => {
  const stage = await createStage()
  const early = await stage.session()
  const late = await stage.session()

  await early.query('begin')
  await early.query('delete from users where id = 1')
  await late.query(`update users set name = 'late' where id = 2`)
  await stage.settle()
  await early.query('rollback')

  expect(await stage.drain('feed')).toMatchObject({ status: 'idle' })
  expect((await stage.rotate()).blocked).toEqual([])
  await stage.expectExact()
})
