import { expect, test } from 'vitest'
import { takeToken } from '../../src/client/take-token.ts'
import { createStage } from './stage.ts'
import { commitWithToken, hasPassed } from './tokens.ts'

test('a write that no model cares about is passed at once, though no watermark will ever move for it', async () => {
  const stage = await createStage()
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  // The rows are written, and the transaction has a number; but capture finds that nothing has changed.
  const token = await commitWithToken(writer, 'update projects set title = title')

  expect(await hasPassed(reader, token)).toBe(true)
  expect(await stage.drain('feed')).toMatchObject({ status: 'idle' })
  expect(await hasPassed(reader, token)).toBe(true)
})

test('a savepoint that was rolled back leaves the token of a transaction that queued nothing', async () => {
  const stage = await createStage()
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  const token = await commitWithToken(
    writer,
    'savepoint before',
    `update projects set title = 'taken back'`,
    'rollback to savepoint before',
  )
  expect(await hasPassed(reader, token)).toBe(true)

  // What is taken back in part is waited for: all savepoints of a transaction share its token.
  const half = await commitWithToken(
    writer,
    'savepoint first',
    `update projects set title = 'kept' where id = 1`,
    'savepoint second',
    `update projects set title = 'taken back' where id = 2`,
    'rollback to savepoint second',
  )
  expect(await hasPassed(reader, half)).toBe(false)
  await stage.drain('feed')
  expect(await hasPassed(reader, half)).toBe(true)
})

test('a transaction that was rolled back need not be waited for', async () => {
  const stage = await createStage()
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  await writer.query('begin')
  await writer.query(`update projects set title = 'never'`)
  const token = (await takeToken(writer)) ?? ''
  expect(await hasPassed(reader, token)).toBe(false)
  await writer.query('rollback')
  expect(await hasPassed(reader, token)).toBe(true)
})

test('a transaction that has written nothing has no token', async () => {
  const stage = await createStage()
  const writer = await stage.session()
  await writer.query('begin')
  await writer.query('select * from projects')
  expect(await takeToken(writer)).toBeNull()
  await writer.query('commit')
  expect(await takeToken(writer)).toBeNull()
})
