import { expect, test } from 'vitest'
import { FEED } from './feed.ts'
import { createStage } from './stage.ts'

test('units change again while some are done and some wait, and nothing is counted twice', async () => {
  const stage = await createStage({ models: [FEED] })
  const [writer, open] = [await stage.session(), await stage.session()]
  await open.query('begin')
  await open.query('insert into votes values (31, 1, true), (31, 8, true)')
  await writer.query(`update projects set title = title || ' wide'`)

  expect(await stage.drain('feed', { chunk: 3 })).toMatchObject({ pending: 5 })
  await stage.expectStrict(stage.owner)
  await writer.query('insert into votes values (32, 1, true), (32, 8, true)')
  await writer.query(`update projects set title = 'again' where id in (2, 7)`)
  await writer.query('delete from projects where id in (3, 6)')
  await stage.expectStrict(stage.owner)
  expect(await stage.drain('feed', { chunk: 2 })).toMatchObject({ status: 'drained' })
  await open.query('commit')
  await stage.rotate()
  await stage.expectStrict(stage.owner)
  await writer.query('delete from votes where user_id = 32')
  await stage.drain('feed', { chunk: 1 })
  await stage.expectStrict(stage.owner)
  await stage.expectExact()
})

test('a worker dies between two ranges: the rest waits in the database, and any other goes on with it', async () => {
  const stage = await createStage({ models: [FEED] })
  const [writer, second] = [await stage.session(), await stage.session('worker')]
  await writer.query(`update projects set title = title || ' wide'`)
  expect(await stage.drain('feed', { chunk: 3 }, second)).toMatchObject({ pending: 5 })
  await second.end()

  await stage.expectStrict(stage.owner)
  // The window has been passed, so its slot is free: what is left to do stands in the pending table.
  expect((await stage.rotate()).emptied).toBe(1)
  await stage.expectStrict(stage.owner)
  await stage.expectExact()
})
