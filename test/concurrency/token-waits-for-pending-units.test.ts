import { expect, test } from 'vitest'
import type { TestModel } from '../support/models.ts'
import { FEED } from './feed.ts'
import { createStage } from './stage.ts'
import { commitWithToken, hasPassed } from './tokens.ts'

test('a wide change has its watermark before its rows: its units wait, and so does the token', async () => {
  const stage = await createStage({ models: [FEED] })
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  const token = await commitWithToken(writer, `update projects set title = 'wide'`)

  expect(await stage.drain('feed', { chunk: 5 })).toMatchObject({ pending: 3 })
  expect(await hasPassed(reader, token)).toBe(false)
  expect(await reader.query(`select id from feed where title <> 'wide'`)).not.toEqual([])
  await stage.drain('feed', { chunk: 5 })
  expect(await hasPassed(reader, token)).toBe(true)
  expect(await reader.query(`select id from feed where title <> 'wide'`)).toEqual([])
})

test('a token from before a rebuild is passed when the rebuild is done', async () => {
  const stage = await createStage({ models: [FEED] })
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  const token = await commitWithToken(writer, `update projects set title = 'new' where id = 8`)

  // The rebuild's watermark covers the window, which was not followed; its units come in the order of the key.
  expect(await stage.drain('feed', { chunk: 3, rebuild: true })).toMatchObject({ pending: 5 })
  expect(await hasPassed(reader, token)).toBe(false)
  expect(await reader.query('select title from feed where id = 8')).not.toEqual([{ title: 'new' }])
  await stage.settle()
  expect(await hasPassed(reader, token)).toBe(true)
  expect(await reader.query('select title from feed where id = 8')).toEqual([{ title: 'new' }])
})

test('a truncated source is waited for until all its keys are computed anew', async () => {
  const stage = await createStage({ models: [FEED] })
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  const token = await commitWithToken(writer, 'truncate votes')
  expect(await hasPassed(reader, token)).toBe(false)
  await stage.drain('feed', { chunk: 3 })
  expect(await hasPassed(reader, token)).toBe(false)
  await stage.settle()
  expect(await hasPassed(reader, token)).toBe(true)
  expect(await reader.query('select max(ups) as ups from feed')).toEqual([{ ups: '0' }])
})

const SHARES: TestModel = {
  name: 'shares',
  key: 'id',
  query: 'select id, title, 12 / user_id as share from projects',
}

test('a unit that was set aside does not keep tokens waiting, unless it has changed again', async () => {
  const stage = await createStage({ models: [SHARES] })
  const [application, writer, reader] = [
    await stage.session('application'),
    await stage.session(),
    await stage.session('reader'),
  ]
  await application.query(`insert into users values (0, 'nobody')`)
  const failing = await commitWithToken(writer, 'update projects set user_id = 0 where id = 8')
  expect(await stage.drain('shares')).toMatchObject({ failed: [{ unit: ['8'] }] })
  // Waiting would not help: that unit is told by doctor, and all others are as they should be.
  expect(await hasPassed(reader, failing, 'shares')).toBe(true)

  const mending = await commitWithToken(
    writer,
    `update projects set title = 'mended', user_id = greatest(user_id, 1)`,
  )
  // The error of before still stands beside the unit, but it has not been tried since.
  expect(await stage.drain('shares', { chunk: 7 })).toMatchObject({ pending: 1 })
  expect(await stage.owner.query('select u1, error from millrace.pending_shares_v1')).toEqual([
    { u1: 8, error: 'division by zero' },
  ])
  expect(await hasPassed(reader, mending, 'shares')).toBe(false)
  await stage.settle()
  expect(await hasPassed(reader, mending, 'shares')).toBe(true)
  expect(await reader.query('select title from shares where id = 8')).toEqual([{ title: 'mended' }])
})
