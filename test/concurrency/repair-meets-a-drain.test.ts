import { expect, test } from 'vitest'
import type { Drift } from '../../src/verify/drift.ts'
import { repair } from '../../src/verify/verify.ts'
import { createStage } from './stage.ts'

const FIRST: readonly Drift[] = [{ kind: 'different', key: { id: '1' }, columns: [] }]

test('a repair asked for while a drain settles the same unit waits, and is then done once more', async () => {
  const stage = await createStage()
  const [asking, second] = [await stage.session('worker'), await stage.session('worker')]
  const model = stage.model('feed')
  await stage.owner.query(`update millrace.feed_v1 set title = 'spoiled' where id = 1`)
  await repair(asking, model, FIRST)
  await stage.expectStrict(stage.owner)

  const drain = await stage.holdDrain('feed', second)
  const again = await stage.startBlocked(asking, () => repair(asking, model, FIRST), [second])
  await drain.release()
  await again.result
  expect(await stage.drain('feed')).toMatchObject({ units: 1, rowsChanged: 0 })
  await stage.expectExact()
})

test('a drain that meets a repair not yet committed gives way, and the unit stays pending', async () => {
  const stage = await createStage()
  const [asking, writer] = [await stage.session('owner'), await stage.session()]
  const model = stage.model('feed')
  await stage.owner.query(`update millrace.feed_v1 set title = 'spoiled' where id = 1`)
  await repair(asking, model, FIRST)
  await writer.query('insert into votes values (4, 2, true)')

  await asking.query('begin')
  await asking.query(`update millrace.pending_feed_v1 set cause = 'repair'`)
  const drain = await stage.startBlocked(stage.worker, () => stage.drain('feed', { lockTimeoutMs: 15_000 }), [
    asking,
  ])
  await asking.query('commit')
  expect(await drain.result).toMatchObject({ status: 'busy' })
  await stage.expectStrict(stage.owner)
  await stage.expectExact()
})
