import { expect, test } from 'vitest'
import type { DrainResult } from '../../src/work/drain.ts'
import { drainOnce } from '../../src/work/drain.ts'
import { createStage } from './stage.ts'
import { stepping, type Held } from './steps.ts'

const MUTEX = 'pg_try_advisory_xact_lock'

test('the second worker sees that the first is at work, and leaves the model alone', async () => {
  const stage = await createStage()
  const [writer, second] = [await stage.session(), await stage.session('worker')]
  await writer.query('insert into votes values (4, 2, true)')
  const drain = await stage.holdDrain('feed', second)

  expect(await stage.drain('feed')).toMatchObject({ status: 'busy' })
  await drain.release()
  expect(await stage.drain('feed')).toMatchObject({ status: 'idle' })
  await stage.expectExact()
})

test.each([
  ['a vote, which is added to the stored count', 'insert into votes values (4, 2, true)'],
  ['a rename, which is recomputed', `update projects set title = 'renamed' where id = 2`],
  [
    'a change that changes no row',
    `update projects set title = title || '', is_deleted = true where id = 2;
                                    update projects set is_deleted = false where id = 2`,
  ],
])('the mutex had after the snapshot helps nobody: %s is applied once', async (_, change) => {
  const stage = await createStage()
  const { plan } = stage.model('feed')
  const [writer, first, second] = [
    await stage.session(),
    await stage.session('worker'),
    await stage.session('worker'),
  ]
  await writer.query(change)
  const held: Held<DrainResult> = await stage.holdDrain('feed', first)

  // The second takes its snapshot while the first is at work, and comes to the mutex when the first is done.
  let released = false
  const late = stepping(second, async (statement) => {
    if (!statement.includes(MUTEX) || released) return
    released = true
    await second.query('select 1')
    expect(await held.release()).toMatchObject({ status: 'drained' })
  })
  expect(await drainOnce(late, plan)).toMatchObject({ status: 'busy' })
  expect(released).toBe(true)

  const watermarks = await stage.owner.query(
    `select n from millrace.watermark where model = $1 group by n having count(*) > 1`,
    [plan.storage.name],
  )
  expect(watermarks).toEqual([])
  expect(await stage.drain('feed')).toMatchObject({ status: 'idle' })
  await stage.expectExact()
})

test('two first drains: only one backfill counts', async () => {
  const stage = await createStage()
  const { plan } = stage.model('feed')
  const [first, second] = [await stage.session('worker'), await stage.session('worker')]
  // As after an installation that was interrupted before its first drain.
  await stage.owner.query('delete from millrace.watermark')
  await stage.owner.query('delete from millrace.feed_v1')
  await stage.expectStrict(stage.owner)
  const held = await stage.holdDrain('feed', first)

  let released = false
  const late = stepping(second, async (statement) => {
    if (!statement.includes(MUTEX) || released) return
    released = true
    await second.query('select 1')
    await held.release()
  })
  expect(await drainOnce(late, plan)).toMatchObject({ status: 'busy' })
  await stage.expectExact()
})
