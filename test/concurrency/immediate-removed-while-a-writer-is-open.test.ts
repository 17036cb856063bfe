import { expect, test } from 'vitest'
import { createImmediateStage, expectApplied, FEED, SCORES, SHELVES } from './immediate.ts'
import { PATIENT } from './stage.ts'

test('the writer ends, others go on meanwhile, and nothing of the model is left', async () => {
  const stage = await createImmediateStage([SCORES, FEED])
  const [writer, other] = [await stage.session(), await stage.session()]
  await writer.query('begin')
  await writer.query('insert into votes values (9, 1, true)')
  await writer.query('delete from projects where id = 3')

  const removal = await stage.startBlocked(
    stage.owner,
    () => stage.remove(['scores', 'feed'], stage.owner, PATIENT),
    [writer],
  )
  const write = await stage.startBlocked(
    other,
    () => other.query(`update projects set title = 'other' where id = 2`),
    [stage.owner],
  )
  await write.result
  await writer.query(`update projects set title = 'again', user_id = 4 where id = 1`)
  await writer.query('commit')
  await removal.result

  await other.query('insert into votes values (9, 4, true)')
  await other.query('delete from projects where id = 5')
  expect(await stage.superuser.query(`select from pg_namespace where nspname = 'millrace'`)).toEqual([])
  expect(await other.query('select id, title from projects where id < 6 order by id')).toEqual([
    { id: 1, title: 'again' },
    { id: 2, title: 'other' },
    { id: 4, title: 'project 4' },
  ])
})

test('one of several goes, and the others are applied all the while', async () => {
  const stage = await createImmediateStage([SCORES, SHELVES, FEED])
  const writer = await stage.session()
  await writer.query('begin')
  await writer.query('insert into votes values (9, 1, true)')
  await writer.query('delete from projects where id = 3')
  const removal = await stage.startBlocked(stage.owner, () => stage.remove(['scores']), [writer])
  await writer.query(`update projects set title = 'open', user_id = 4 where id = 1`)
  await writer.query('commit')
  await removal.result
  await writer.query('insert into votes values (9, 2, true)')
  await writer.query('delete from projects where id = 5')
  await expectApplied(stage)
})
