import { expect, test } from 'vitest'
import { OWNERS, TITLES } from './feed.ts'
import { createStage, PATIENT, type Stage } from './stage.ts'

async function captureTriggers({ superuser }: Stage): Promise<readonly object[]> {
  return await superuser.query(`select tgname from pg_trigger where tgname like '!millrace%'`)
}

test('the last model goes when the writer has ended; no other writer waits longer than one attempt', async () => {
  const stage = await createStage({ models: [TITLES] })
  const [first, second] = [await stage.session(), await stage.session()]
  await first.query('begin')
  await first.query(`update projects set title = 'first' where id = 1`)

  const removal = await stage.startBlocked(
    stage.owner,
    () => stage.remove(['titles'], stage.owner, PATIENT),
    [first],
  )
  const write = await stage.startBlocked(
    second,
    () => second.query(`update projects set title = 'second' where id = 2`),
    [stage.owner],
  )
  await write.result
  await first.query(`update projects set title = 'again' where id = 3`)
  await first.query('commit')
  await removal.result

  await second.query(`update projects set title = 'after' where id = 4`)
  expect(await stage.superuser.query(`select from pg_namespace where nspname = 'millrace'`)).toEqual([])
  expect(await captureTriggers(stage)).toEqual([])
  expect(await second.query('select title from projects where id < 5 order by id')).toEqual(
    ['first', 'second', 'again', 'after'].map((title) => ({ title })),
  )
})

test('one of two goes, and the other loses nothing of the transaction that was open', async () => {
  const stage = await createStage({ models: [TITLES, OWNERS] })
  const writer = await stage.session()
  await writer.query('begin')
  await writer.query(`update projects set title = 'open', user_id = 4 where id = 1`)

  const removal = await stage.startBlocked(stage.owner, () => stage.remove(['titles']), [writer])
  await writer.query('update projects set user_id = 4 where id = 2')
  await writer.query('commit')
  await removal.result
  await writer.query(`update projects set title = 'after', user_id = 1 where id = 3`)

  expect(await stage.drain('owners')).toMatchObject({ changes: 3, rowsChanged: 3 })
  await stage.expectExact()
})

test('a reader in the middle of a strict read is waited for', async () => {
  const stage = await createStage({ models: [TITLES, OWNERS] })
  const reader = await stage.session()
  await reader.query('begin isolation level repeatable read')
  await stage.expectStrict(reader)

  const removal = await stage.startBlocked(stage.owner, () => stage.remove(['titles']), [reader])
  expect(await reader.query('select count(*) as n from titles_strict')).toEqual([{ n: '8' }])
  await reader.query('commit')
  await removal.result
  await stage.expectExact()
})
