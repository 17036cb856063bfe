import { expect, test } from 'vitest'
import { FEED } from './feed.ts'
import { createStage, type Stage } from './stage.ts'
import { stepping } from './steps.ts'

/** Installs everything but the rows, as an installation does that is interrupted before its first drain. */
async function installWithoutRows(stage: Stage): Promise<void> {
  const interrupted = stepping(stage.owner, (statement) =>
    statement.includes('pg_try_advisory_xact_lock')
      ? Promise.reject(new Error('interrupted'))
      : Promise.resolve(),
  )
  await expect(stage.install([FEED], interrupted)).rejects.toThrow('interrupted')
  await stage.reload()
}

test('units that are built, that wait, that vanish and that are born, while votes are added to both kinds', async () => {
  const stage = await createStage({ models: [] })
  await installWithoutRows(stage)
  const [writer, open] = [await stage.session(), await stage.session()]
  await stage.expectStrict(stage.owner)

  await open.query('begin')
  await open.query('insert into votes values (31, 1, true), (31, 7, true)')
  // Projects 1 to 3 are built, 4 to 8 wait.
  expect(await stage.drain('feed', { chunk: 3 })).toMatchObject({ units: 3, pending: 5 })
  await stage.expectStrict(stage.owner)
  await writer.query('insert into votes values (32, 1, true), (32, 7, true)')
  await writer.query(`update projects set title = 'changed' where id in (2, 6)`)
  await writer.query('delete from projects where id in (3, 5)')
  await writer.query(`insert into projects values (9, 1, 'born')`)
  await stage.expectStrict(stage.owner)

  await stage.drain('feed', { chunk: 2 })
  await open.query('commit')
  await writer.query('delete from votes where user_id = 32')
  await stage.expectStrict(stage.owner)
  await stage.drain('feed', { chunk: 2 })
  await stage.rotate()
  await stage.expectStrict(stage.owner)
  await stage.install([FEED])
  expect(await stage.owner.query('select id, ups from feed where id in (1, 7) order by id')).toEqual([
    { id: 1, ups: '4' },
    { id: 7, ups: '4' },
  ])
  await stage.expectExact()
})

test('a slot is not emptied for a model whose first drain has not come, unless that will see the change', async () => {
  const stage = await createStage({ models: [] })
  await installWithoutRows(stage)
  const writer = await stage.session()
  await writer.query(`update projects set title = 'before the first drain' where id = 1`)

  expect((await stage.rotate()).emptied).toBe(1)
  await stage.expectStrict(stage.owner)
  await stage.drain('feed')
  await stage.install([FEED])
  await stage.expectExact()
})

test('a slot is not emptied under a first drain that could not see a change in it', async () => {
  const stage = await createStage({ models: [] })
  await installWithoutRows(stage)
  const [writer, second] = [await stage.session(), await stage.session('worker')]
  let emptied: unknown
  const first = stepping(second, async (statement) => {
    // The snapshot has been taken, and no watermark says so yet.
    if (!statement.startsWith('with everything')) return
    await writer.query(`update projects set title = 'not seen' where id = 1`)
    emptied = await stage.rotate({ lockTimeoutMs: 20 })
  })

  expect(await stage.drain('feed', {}, first)).toMatchObject({ status: 'drained' })
  expect(emptied).toMatchObject({ emptied: 0, blocked: [{}] })
  await stage.expectStrict(stage.owner)
  expect(await stage.drain('feed')).toMatchObject({ changes: 1, rowsChanged: 1 })
  await stage.install([FEED])
  await stage.expectExact()
})

test('a worker and an installer that build one model share its units', async () => {
  const stage = await createStage({ models: [] })
  await installWithoutRows(stage)
  const writer = await stage.session()
  const second = await stage.session('worker')

  const drain = await stage.holdDrain('feed', second)
  await writer.query(`update projects set title = 'meanwhile' where id = 1`)
  const installation = stage.install([FEED])
  await drain.release()
  await installation
  await stage.expectExact()
})
