import { expect, test } from 'vitest'
import { rotate } from '../../src/work/rotate.ts'
import { OWNERS, TITLES } from './feed.ts'
import { createStage } from './stage.ts'

test('a worker that does not know of a new model yet does not empty away its changes', async () => {
  const stage = await createStage({ models: [TITLES] })
  const known = stage.models
  await stage.install([OWNERS])
  const writer = await stage.session()
  await writer.query(`update projects set title = 'both', user_id = 1 where id = 2`)

  await stage.drain('titles')
  expect((await rotate(stage.worker, known, { everySlot: true })).emptied).toBe(0)
  await stage.expectStrict(stage.owner)
  expect(await stage.drain('owners')).toMatchObject({ changes: 1, rowsChanged: 1 })
  expect((await rotate(stage.worker, known, { everySlot: true })).emptied).toBe(1)
  await stage.expectExact()
})

test('a model that is removed holds nobody up', async () => {
  const stage = await createStage({ models: [TITLES, OWNERS] })
  const known = stage.models
  const writer = await stage.session()
  await writer.query(`update projects set title = 'both', user_id = 1 where id = 2`)
  await stage.drain('titles')
  await stage.remove(['owners'])

  expect((await rotate(stage.worker, known, { everySlot: true })).emptied).toBe(1)
  await stage.expectExact()
})
