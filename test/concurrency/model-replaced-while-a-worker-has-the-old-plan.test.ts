import { expect, test } from 'vitest'
import { drainOnce } from '../../src/work/drain.ts'
import { OWNERS, TITLES } from './feed.ts'
import { createStage } from './stage.ts'

const NARROWER = { ...TITLES, query: 'select id, title from projects where not is_deleted and id < 3' }

test('a plan that is not the installed one any more drains nothing', async () => {
  const stage = await createStage({ models: [TITLES, OWNERS] })
  const { plan: old } = stage.model('titles')
  await stage.remove(['titles'])
  await stage.install([NARROWER])
  const writer = await stage.session()
  await writer.query(`update projects set title = 'changed'`)

  await expect(drainOnce(stage.worker, old)).rejects.toMatchObject({ code: 'MODEL_CHANGED' })
  await stage.expectExact()
})

test('a plan of a model that is gone says so', async () => {
  const stage = await createStage({ models: [TITLES, OWNERS] })
  const { plan: old } = stage.model('titles')
  await stage.remove(['titles'])
  await expect(drainOnce(stage.worker, old)).rejects.toMatchObject({ code: 'MODEL_CHANGED' })
  await stage.expectExact()
})

test('a removal waits for the drain that is under way', async () => {
  const stage = await createStage({ models: [TITLES, OWNERS] })
  const [writer, second] = [await stage.session(), await stage.session('worker')]
  await writer.query(`update projects set title = 'changed' where id = 1`)
  const drain = await stage.holdDrain('titles', second)

  const removal = await stage.startBlocked(stage.owner, () => stage.remove(['titles']), [second])
  await drain.release()
  await removal.result
  const left = await stage.superuser.query(`select from millrace.watermark where model = 'titles_v1'`)
  expect(left).toEqual([])
  // A watermark left behind would pass for that of the next model of this name, and spare it its backfill.
  await stage.install([NARROWER])
  await stage.expectExact()
})
