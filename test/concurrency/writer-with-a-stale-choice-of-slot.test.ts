import { expect, test } from 'vitest'
import { pinSlot } from './slots.ts'
import { createStage } from './stage.ts'

test('a row that is written into a slot just emptied, turns after its time, is drained like any other', async () => {
  const stage = await createStage()
  const { plan } = stage.model('feed')
  const [stale, current] = [await stage.session(), await stage.session()]

  for (const slot of [0, 1, 2]) {
    await pinSlot(stage.owner, plan, slot)
    await current.query(`update projects set title = 'turn ${String(slot)}' where id = 1`)
    await stage.settle()
    expect((await stage.rotate()).emptied).toBe(1)
  }
  await pinSlot(stage.owner, plan, 1)
  await stale.query('begin isolation level repeatable read')
  await stale.query(`update projects set title = 'stale' where id = 2`)
  await pinSlot(stage.owner, plan, 2)
  await current.query(`update projects set title = 'current' where id = 3`)
  await stage.settle()
  expect(await stage.rotate({ lockTimeoutMs: 20 })).toEqual({ emptied: 1, blocked: [] })
  await stale.query('commit')

  expect(await stage.drain('feed')).toMatchObject({ changes: 1, rowsChanged: 1 })
  await stage.expectExact()
})
