import { expect, test } from 'vitest'
import { createStage } from './stage.ts'

const MY_VOTE = 'select count(*)::int as n from votes where user_id = 1 and project_id = 1'

test("PostgreSQL's own exception: the row is visible twice in my snapshot, and once to everybody after it", async () => {
  const stage = await createStage()
  const [mine, other] = [await stage.session(), await stage.session()]
  await mine.query('begin isolation level repeatable read')
  expect(await mine.query(MY_VOTE)).toEqual([{ n: 1 }])
  await other.query('delete from votes where user_id = 1 and project_id = 1')
  await stage.settle()
  await mine.query('insert into votes values (1, 1, true)')
  // Two rows of one primary key: in here the query itself answers by the order of its joins.
  expect(await mine.query(MY_VOTE)).toEqual([{ n: 2 }])
  await mine.query('commit')

  expect(await mine.query(MY_VOTE)).toEqual([{ n: 1 }])
  await stage.expectStrict(mine)
  await stage.expectExact()
})
