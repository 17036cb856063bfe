import { expect, test } from 'vitest'
import { verify } from '../../src/verify/verify.ts'
import { createStage } from './stage.ts'

test('a comparison that stands behind a rotation finds no drift where there is none', async () => {
  const stage = await createStage()
  const [writer, second] = [await stage.session(), await stage.session('worker')]
  await writer.query(`update projects set title = 'changed' where id in (1, 2, 3)`)
  const drain = await stage.holdDrain('feed', second)
  const rotation = await stage.startBlocked(stage.worker, () => stage.rotate({ lockTimeoutMs: 15_000 }), [
    second,
  ])

  const verified = await stage.startBlocked(stage.owner, () => verify(stage.owner, stage.models), [
    stage.worker,
  ])
  await drain.release()
  expect(await rotation.result).toMatchObject({ emptied: 1 })
  expect(await verified.result).toMatchObject([{ drift: [] }])
  await stage.expectExact()
})

test('a comparison that stands behind a TRUNCATE of a source finds no drift either', async () => {
  const stage = await createStage()
  const writer = await stage.session()
  await writer.query('begin')
  await writer.query('truncate votes')

  const verified = await stage.startBlocked(stage.owner, () => verify(stage.owner, stage.models), [writer])
  await writer.query('commit')
  const [result] = await verified.result
  expect(result?.drift).toEqual([])
  await stage.expectExact()
})
