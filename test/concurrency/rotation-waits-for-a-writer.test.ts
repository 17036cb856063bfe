import { expect, test } from 'vitest'
import { pinSlot } from './slots.ts'
import { createStage } from './stage.ts'

test('what a writer commits between the look at a slot and the lock on it keeps the slot from being emptied', async () => {
  const stage = await createStage()
  const [early, late] = [await stage.session(), await stage.session()]
  await pinSlot(stage.owner, stage.model('feed').plan, 0)
  await early.query(`update projects set title = 'early' where id = 1`)
  await stage.settle()

  await late.query('begin')
  await late.query(`update projects set title = 'late' where id = 2`)
  const rotation = await stage.startBlocked(stage.worker, () => stage.rotate({ lockTimeoutMs: 15_000 }), [
    late,
  ])
  await late.query('commit')
  expect(await rotation.result).toEqual({ emptied: 0, blocked: [] })

  await stage.expectStrict(stage.owner)
  expect(await stage.drain('feed')).toMatchObject({ changes: 1 })
  expect(await stage.rotate()).toEqual({ emptied: 1, blocked: [] })
  await stage.expectExact()
})

test('a writer that comes behind a waiting rotation goes on when that gives up, while the reader in its way still reads', async () => {
  const stage = await createStage()
  const [writer, reader] = [await stage.session(), await stage.session('owner')]
  await pinSlot(stage.owner, stage.model('feed').plan, 0)
  await writer.query(`update projects set title = 'early' where id = 1`)
  await stage.settle()

  await reader.query('begin')
  await stage.expectStrict(reader)
  // One attempt of a rotation, as long as it is allowed to last.
  const rotation = await stage.startBlocked(stage.worker, () => stage.rotate({ lockTimeoutMs: 2_500 }), [
    reader,
  ])
  const write = await stage.startBlocked(
    writer,
    () => writer.query(`update projects set title = 'behind' where id = 2`),
    [stage.worker],
  )
  expect(await rotation.result).toMatchObject({ emptied: 0, blocked: [{}] })
  await write.result
  await stage.expectStrict(reader)
  await reader.query('commit')
  await stage.expectExact()
})
