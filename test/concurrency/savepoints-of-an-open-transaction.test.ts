import { expect, test } from 'vitest'
import { createStage, found } from './stage.ts'

test('what a savepoint took back is not captured, and what stood beside it is', async () => {
  const stage = await createStage()
  const [writer, other] = [await stage.session(), await stage.session()]

  await writer.query('begin')
  await writer.query(`update projects set title = 'kept' where id = 1`)
  await writer.query('savepoint a')
  await writer.query(`update projects set title = 'taken back', user_id = 4 where id in (1, 2)`)
  await writer.query('delete from users where id = 3')
  await stage.expectStrict(writer)
  await writer.query('rollback to savepoint a')
  await stage.expectStrict(writer)
  await other.query(`update users set name = 'other' where id = 4`)
  await stage.settle()
  await writer.query('insert into votes values (4, 2, true)')
  await writer.query('commit')

  expect(await stage.drain('feed')).toMatchObject({ changes: 2, units: 2, rowsChanged: 2 })
  await stage.expectExact()
})

test('a hundred savepoints overflow the cache of subtransactions, and the window still knows them', async () => {
  const stage = await createStage()
  const [writer, other] = [await stage.session(), await stage.session()]

  await writer.query('begin')
  for (let i = 0; i < 100; i += 1) {
    const undone = i % 4 === 3
    await writer.query(
      `savepoint s; insert into votes values (${String(100 + i)}, 1, true); ${undone ? 'rollback to' : 'release'} savepoint s`,
    )
    if (i === 70) {
      await other.query(`update projects set title = 'other' where id = 1`)
      expect(await stage.drain('feed')).toMatchObject({ units: 1, rowsChanged: 1 })
    }
  }
  await stage.expectStrict(stage.owner)
  await writer.query('commit')

  await stage.expectStrict(stage.owner)
  expect(await stage.drain('feed')).toMatchObject({ changes: 75, units: 1 })
  await stage.expectExact()
})

test('capture itself uses up no subtransaction', async () => {
  const stage = await createStage()
  const writer = await stage.session()
  await writer.query('begin')
  await writer.query('insert into votes values (4, 2, true)')
  await writer.query('commit')

  const { queue } = found(stage.model('feed').plan.sources.find((it) => it.relation.name === 'votes'))
  const rows = await stage.superuser.query(
    `select xmin::text = xid::text as "isOfTheTransactionItself" from "${queue.schema}"."${queue.name}" where xid > '0'`,
  )
  expect(rows).toEqual([{ isOfTheTransactionItself: true }])
  await stage.expectExact()
})
