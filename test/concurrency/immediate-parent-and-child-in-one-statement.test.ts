import { expect, test } from 'vitest'
import { createImmediateStage, expectApplied, expectStored, FEED, SCORES, SHELVES } from './immediate.ts'

const MODELS = [SCORES, SHELVES, FEED]

// Both tables have changed before either one's triggers run: what counts one there and adds the other counts twice.
test.each([
  [
    'both come',
    `with made as (insert into projects values (20, 1, 'made') returning id)
     insert into votes select 1, id, true from made`,
  ],
  [
    'the parent changes and the child comes',
    `with made as (update projects set title = 'changed' where id = 2 returning id)
     insert into votes select 1, id, true from made`,
  ],
  [
    'the child changes and the parent is hidden',
    `with changed as (update votes set up = not up where project_id = 1 returning project_id)
     update projects set is_deleted = true where id in (select project_id from changed)`,
  ],
  [
    'the child goes and the parent with it',
    `with gone as (delete from votes where project_id = 3 returning project_id)
     delete from projects where id in (select project_id from gone)`,
  ],
  [
    'the child goes to a parent that comes',
    `with made as (insert into projects values (20, 4, 'made') returning id)
     update votes set project_id = (select id from made) where project_id = 1`,
  ],
])('%s', async (_, statement) => {
  const stage = await createImmediateStage(MODELS)
  const writer = await stage.session()
  await writer.query(statement)
  await expectApplied(stage)
})

test('many of them in one transaction, and half of it is taken back', async () => {
  const stage = await createImmediateStage(MODELS)
  const writer = await stage.session('superuser')
  await writer.query('begin')
  await writer.query(`with made as (insert into projects values (20, 1, 'kept') returning id)
                      insert into votes select u, id, true from made, generate_series(1, 3) as u`)
  await writer.query('savepoint a')
  await writer.query(`with gone as (delete from votes where project_id = 20 returning project_id)
                      update projects set user_id = 2 where id in (select project_id from gone)`)
  await writer.query('rollback to savepoint a')
  await writer.query(`with more as (insert into votes values (4, 20, true) returning project_id)
                      update projects set title = 'counted' where id in (select project_id from more)`)
  expect(await writer.query('select title, ups from scores where id = 20')).toEqual([
    { title: 'counted', ups: '4' },
  ])
  await stage.expectStrict(writer)
  await writer.query('commit')
  await expectStored(stage)
  await expectApplied(stage)
})
