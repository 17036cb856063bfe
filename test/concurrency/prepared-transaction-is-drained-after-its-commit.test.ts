import { expect, test } from 'vitest'
import { pinSlot } from './slots.ts'
import { createStage } from './stage.ts'

test('a prepared transaction counts from COMMIT PREPARED on, whoever else was drained between', async () => {
  const stage = await createStage()
  const [first, second] = [await stage.session(), await stage.session()]
  const name = `vote_${stage.database.name}`

  await first.query('begin')
  await first.query('insert into votes values (4, 2, true)')
  // Fails if capture notifies, or makes a temporary table.
  await first.query(`prepare transaction '${name}'`)
  await second.query(`update projects set title = 'second' where id = 2`)
  await stage.settle()
  expect(await stage.owner.query('select title, ups from feed where id = 2')).toEqual([
    { title: 'second', ups: '0' },
  ])
  await stage.expectStrict(stage.owner)

  // Another session commits it, as a coordinator would.
  await second.query(`commit prepared '${name}'`)
  await stage.expectStrict(stage.owner)
  expect(await stage.drain('feed')).toMatchObject({ status: 'drained', units: 1 })
  expect(await stage.owner.query('select ups from feed where id = 2')).toEqual([{ ups: '1' }])
  await stage.expectExact()
})

test('a prepared transaction that nobody ends keeps one slot from being emptied, and nothing else', async () => {
  const stage = await createStage()
  const [first, second] = [await stage.session(), await stage.session()]
  const name = `forgotten_${stage.database.name}`
  await pinSlot(stage.owner, stage.model('feed').plan, 0)

  await first.query('begin')
  await first.query(`update projects set title = 'forgotten' where id = 1`)
  await first.query(`prepare transaction '${name}'`)
  await second.query(`update projects set title = 'second' where id = 2`)
  await second.query(`update users set name = 'second' where id = 2`)
  await stage.settle()

  const { emptied, blocked } = await stage.rotate({ lockTimeoutMs: 20 })
  expect({ emptied, blocked: blocked.length }).toEqual({ emptied: 1, blocked: 1 })
  await first.query(`rollback prepared '${name}'`)
  expect((await stage.rotate()).emptied).toBe(1)
  await stage.expectExact()
})
