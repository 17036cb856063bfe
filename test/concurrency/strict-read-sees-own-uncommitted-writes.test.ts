import { expect, test } from 'vitest'
import { AUTHORS, FANS, FEED } from './feed.ts'
import { createStage } from './stage.ts'

test.each(['read committed', 'repeatable read', 'serializable'])(
  'under %s, while others commit, are drained, and their slots are emptied',
  async (isolation) => {
    const stage = await createStage({ models: [FEED, AUTHORS, FANS] })
    const [mine, other] = [await stage.session(), await stage.session()]
    await other.query(`update projects set title = 'queued before' where id = 5`)

    await mine.query(`begin isolation level ${isolation}`)
    await mine.query(`update projects set title = 'mine', user_id = 4 where id = 1`)
    await stage.expectStrict(mine)
    expect(await mine.query('select title, author from feed_strict where id = 1')).toEqual([
      { title: 'mine', author: 'user 4' },
    ])

    await other.query('insert into votes values (4, 2, true)')
    await other.query('delete from projects where id = 7')
    await stage.expectStrict(mine)
    await stage.settle()
    await stage.expectStrict(mine)
    await stage.rotate({ lockTimeoutMs: 20 })
    await stage.expectStrict(mine)

    await mine.query('savepoint s')
    await mine.query('insert into votes values (9, 4, true)')
    await mine.query('delete from users where id = 2')
    await stage.expectStrict(mine)
    await mine.query('rollback to savepoint s')
    await stage.expectStrict(mine)
    await mine.query('insert into votes values (8, 4, true)')
    await stage.expectStrict(mine)
    await stage.settle()
    await stage.expectStrict(mine)
    await mine.query('commit')
    await stage.expectStrict(mine)
    await stage.expectExact()
  },
)

test('under SERIALIZABLE a strict read may make a transaction fail to be repeated, and never be wrong', async () => {
  const stage = await createStage()
  const [one, two] = [await stage.session(), await stage.session()]
  // Each reads what the other writes: PostgreSQL lets only one of them pass.
  for (const [session, id] of [
    [one, 1],
    [two, 2],
  ] as const) {
    await session.query('begin isolation level serializable')
    await stage.expectStrict(session)
    await session.query(`update projects set title = 'seen both' where id = ${String(id)}`)
  }
  await one.query('commit')
  await expect(two.query('commit')).rejects.toMatchObject({ code: '40001' })
  await stage.expectExact()
})
