import { expect, test } from 'vitest'
import { takeToken } from '../../src/client/take-token.ts'
import { createStage } from './stage.ts'
import { commitWithToken, hasPassed } from './tokens.ts'

test('a token taken after the first of several writes stands for all of them, from the commit on', async () => {
  const stage = await createStage()
  const [writer, other, reader] = [
    await stage.session(),
    await stage.session(),
    await stage.session('reader'),
  ]
  await writer.query('begin')
  await writer.query(`update projects set title = 'first' where id = 1`)
  const token = (await takeToken(writer)) ?? ''
  await other.query(`update projects set title = 'other' where id = 2`)
  await stage.drain('feed')
  expect(await hasPassed(reader, token)).toBe(false)

  await writer.query(`update projects set title = 'second' where id = 3`)
  await writer.query('commit')
  expect(await hasPassed(reader, token)).toBe(false)
  await stage.drain('feed')
  expect(await hasPassed(reader, token)).toBe(true)
  expect(await reader.query('select title from feed where id in (1, 3) order by id')).toEqual([
    { title: 'first' },
    { title: 'second' },
  ])
})

test('a prepared transaction is in progress until somebody ends it', async () => {
  const stage = await createStage()
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  const name = `token_${stage.database.name}`
  await writer.query('begin')
  await writer.query(`update projects set title = 'prepared' where id = 1`)
  const token = (await takeToken(writer)) ?? ''
  await writer.query(`prepare transaction '${name}'`)
  expect(await hasPassed(reader, token)).toBe(false)
  await stage.settle()
  expect(await hasPassed(reader, token)).toBe(false)

  await writer.query(`commit prepared '${name}'`)
  expect(await hasPassed(reader, token)).toBe(false)
  await stage.drain('feed')
  expect(await hasPassed(reader, token)).toBe(true)
})

test.each(['repeatable read', 'serializable'])(
  'to a reader under %s whose snapshot is older than the commit, the writer is still at work',
  async (isolation) => {
    const stage = await createStage()
    const [writer, reader] = [await stage.session(), await stage.session('reader')]
    await writer.query('begin')
    await writer.query(`update projects set title = 'new' where id = 1`)
    const token = (await takeToken(writer)) ?? ''

    await reader.query(`begin isolation level ${isolation}`)
    const before = await reader.query('select title from feed where id = 1')
    await writer.query('commit')
    // The server says that it has committed, and neither its queue rows nor what is drained from them are seen.
    expect(await hasPassed(reader, token)).toBe(false)
    await stage.drain('feed')
    expect(await hasPassed(reader, token)).toBe(false)
    expect(await reader.query('select title from feed where id = 1')).toEqual(before)
    await reader.query('commit')
    expect(await hasPassed(reader, token)).toBe(true)
  },
)

test('the newest of two tokens does not stand for the older one, whose transaction may commit later', async () => {
  const stage = await createStage()
  const [slow, quick, reader] = [await stage.session(), await stage.session(), await stage.session('reader')]
  await slow.query('begin')
  await slow.query(`update projects set title = 'slow' where id = 1`)
  const older = (await takeToken(slow)) ?? ''
  const newer = await commitWithToken(quick, `update projects set title = 'quick' where id = 2`)
  await stage.drain('feed')
  await slow.query('commit')

  expect([await hasPassed(reader, newer), await hasPassed(reader, older)]).toEqual([true, false])
  await stage.drain('feed')
  expect(await hasPassed(reader, older)).toBe(true)
})

test('a transaction cannot wait for itself, nor under a snapshot that never moves', async () => {
  const stage = await createStage()
  const [writer, reader] = [await stage.session('owner'), await stage.session('reader')]
  await writer.query('begin')
  await writer.query(
    `insert into millrace.refresh_log (model, cause, duration_ms, status) values ('', '', 0, 'completed')`,
  )
  const [own] = await writer.query<{ token: string }>('select millrace.token() as token')
  await expect(writer.query('select millrace.wait_for($1)', [own?.token])).rejects.toThrow(
    'a transaction cannot wait for itself',
  )
  await writer.query('rollback')

  const token = await commitWithToken(await stage.session(), `update projects set title = 'new' where id = 1`)
  await reader.query('begin isolation level repeatable read')
  await expect(reader.query('select millrace.wait_for($1)', [token])).rejects.toThrow(
    'this transaction sees only what was committed before it began',
  )
  await reader.query('rollback')
})
