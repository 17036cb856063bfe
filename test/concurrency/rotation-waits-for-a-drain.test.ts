import { expect, test } from 'vitest'
import { createStage } from './stage.ts'

test('a slot that a drain reads is not emptied, and is after the drain has committed', async () => {
  const stage = await createStage()
  const [writer, second] = [await stage.session(), await stage.session('worker')]
  await writer.query(`update projects set title = 'drained' where id = 1`)
  const drain = await stage.holdDrain('feed', second)

  expect(await stage.rotate({ lockTimeoutMs: 20 })).toMatchObject({ emptied: 0, blocked: [{}] })
  const rotation = await stage.startBlocked(stage.worker, () => stage.rotate({ lockTimeoutMs: 15_000 }), [
    second,
  ])
  await drain.release()
  expect(await rotation.result).toEqual({ emptied: 1, blocked: [] })
  await stage.expectExact()
})

test('a drain that has to wait for a rotation takes its snapshot after it', async () => {
  const stage = await createStage()
  const [writer, second, rotator] = [
    await stage.session(),
    await stage.session('worker'),
    await stage.session('owner'),
  ]
  await writer.query(`update projects set title = 'drained' where id = 1`)
  await stage.settle()
  await rotator.query('begin')
  await rotator.query('lock table millrace.queue_projects in access exclusive mode')

  const change = await stage.startBlocked(
    writer,
    () => writer.query('insert into projects values (30, 1, $$waits for the lock$$)'),
    [rotator],
  )
  const drain = await stage.startBlocked(
    second,
    () => stage.drain('feed', { lockTimeoutMs: 15_000 }, second),
    [rotator],
  )
  await rotator.query('rollback')
  await change.result
  await drain.result
  await stage.expectExact()
})

test('a drain that cannot have its locks in time gives up, and has changed nothing', async () => {
  const stage = await createStage()
  const [writer, rotator] = [await stage.session(), await stage.session('owner')]
  await writer.query(`update projects set title = 'later' where id = 1`)
  await rotator.query('begin')
  await rotator.query('lock table millrace.queue_projects in access exclusive mode')

  expect(await stage.drain('feed', { lockTimeoutMs: 20 })).toMatchObject({ status: 'busy' })
  await rotator.query('rollback')
  await stage.expectExact()
})
