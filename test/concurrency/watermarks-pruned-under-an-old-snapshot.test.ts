import { expect, test } from 'vitest'
import { prune } from '../../src/work/prune.ts'
import { createStage } from './stage.ts'

test('a reader keeps the watermark of its own time, though dozens came after it and most are gone', async () => {
  const stage = await createStage()
  const [writer, old] = [await stage.session(), await stage.session('owner')]
  await writer.query(`update projects set title = 'queued' where id = 1`)
  await old.query('begin isolation level repeatable read')
  await stage.expectStrict(old)

  for (let i = 0; i < 15; i += 1) {
    await writer.query(`update projects set title = 'title ${String(i)}' where id = ${String(1 + (i % 8))}`)
    await stage.drain('feed')
  }
  await prune(stage.worker, stage.models)
  const kept = await stage.owner.query('select from millrace.watermark')
  expect(kept).toHaveLength(11)
  await stage.expectStrict(old)
  await stage.expectExact()
})
