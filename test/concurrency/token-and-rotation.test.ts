import { expect, test } from 'vitest'
import { pinSlot } from './slots.ts'
import { createStage } from './stage.ts'
import { commitWithToken, hasPassed } from './tokens.ts'

test('a token stays good when its rows have been drained and its slots emptied many times', async () => {
  const stage = await createStage()
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  const old = await commitWithToken(writer, `update projects set title = 'old' where id = 1`)
  const nothing = await commitWithToken(writer, 'update projects set title = title')
  for (let round = 0; round < 15; round += 1) {
    await pinSlot(stage.owner, stage.model('feed').plan, round % 3)
    await writer.query(`update projects set title = 'round ${String(round)}' where id = 2`)
    await stage.settle()
    expect((await stage.rotate()).emptied).toBeGreaterThan(0)
  }
  expect([await hasPassed(reader, old), await hasPassed(reader, nothing)]).toEqual([true, true])
})

test('a reader whose snapshot is older than drain and rotation is told the truth about what it sees', async () => {
  const stage = await createStage()
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  const token = await commitWithToken(writer, `update projects set title = 'new' where id = 1`)

  await reader.query('begin isolation level repeatable read')
  // The snapshot is taken here, and no table of ours is locked by it.
  await reader.query('select 1')
  await stage.drain('feed')
  expect((await stage.rotate()).emptied).toBe(1)
  // TRUNCATE does not respect snapshots: the row has gone from the queue, and what it stood for is not yet in the model.
  expect(await hasPassed(reader, token)).toBe(false)
  expect(await reader.query('select title from feed where id = 1')).not.toEqual([{ title: 'new' }])
  await reader.query('commit')
  expect(await hasPassed(reader, token)).toBe(true)
})

test('a question that stands behind a rotation is answered for the snapshot that it took before', async () => {
  const stage = await createStage()
  const [writer, second, reader] = [
    await stage.session(),
    await stage.session('worker'),
    await stage.session('reader'),
  ]
  const token = await commitWithToken(writer, `update projects set title = 'new' where id = 1`)
  const drain = await stage.holdDrain('feed', second)
  const rotation = await stage.startBlocked(stage.worker, () => stage.rotate({ lockTimeoutMs: 15_000 }), [
    second,
  ])
  const question = await stage.startBlocked(
    reader,
    () =>
      reader.query<{ passed: boolean; title: string }>(
        `select title, millrace.has_passed($1, 'feed') as passed from feed where id = 1`,
        [token],
      ),
    [stage.worker],
  )
  await drain.release()
  expect(await rotation.result).toMatchObject({ emptied: 1 })
  // One statement reads the model and asks: what it is told is true of what it reads.
  const [row] = await question.result
  expect(row?.passed).toBe(row?.title === 'new')
  expect(row?.passed).toBe(false)
  expect(await hasPassed(reader, token)).toBe(true)
})
