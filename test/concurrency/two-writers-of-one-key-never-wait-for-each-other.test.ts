import { expect, test } from 'vitest'
import { createStage, type Stage } from './stage.ts'

/** Changes of different rows of the application that all meet in project 1, user 2. */
const CHANGES = [
  'insert into votes values (11, 1, true)',
  'insert into votes values (12, 1, true)',
  'update votes set up = not up where user_id = 1 and project_id = 1',
  'delete from votes where user_id = 4 and project_id = 1',
  `update users set name = 'same key' where id = 2`,
  `update projects set title = 'same key' where id = 1`,
]

test('six open transactions change one key, none waits for another, and a drain waits for none', async () => {
  const stage = await createStage()
  const writers = await Promise.all(CHANGES.map(() => stage.session()))

  for (const [i, writer] of writers.entries()) {
    await writer.query('begin')
    // Would hang here, and the server would say for whom.
    await writer.query(CHANGES[i] ?? '')
  }
  expect(await waiting(stage)).toEqual([])
  expect(await stage.drain('feed')).toMatchObject({ status: 'idle' })

  for (const writer of writers.toReversed()) {
    await writer.query('commit')
    await stage.expectStrict(stage.owner)
    expect(await stage.drain('feed')).toMatchObject({
      status: 'drained',
      units: writer === writers[4] ? 2 : 1,
    })
  }
  await stage.expectExact()
})

test('writers take no lock of Millrace but that of appending to the queue', async () => {
  const stage = await createStage()
  const writer = await stage.session()
  await writer.query('begin')
  for (const change of CHANGES) await writer.query(change)

  const locks = await stage.superuser.query(
    `select distinct locktype, mode
     from pg_locks l
     left join pg_class c on c.oid = l.relation
     where l.pid = $1 and l.locktype <> 'virtualxid'
       and (c.oid is null or c.relnamespace = 'millrace'::regnamespace)
     order by 1, 2`,
    [writer.pid],
  )
  expect(locks).toEqual([
    { locktype: 'relation', mode: 'RowExclusiveLock' },
    { locktype: 'transactionid', mode: 'ExclusiveLock' },
  ])
  await writer.query('commit')
  await stage.expectExact()
})

test('a drain that holds the stored row keeps no writer waiting', async () => {
  const stage = await createStage()
  const [one, two, second] = [await stage.session(), await stage.session(), await stage.session('worker')]

  await one.query(CHANGES[0] ?? '')
  const drain = await stage.holdDrain('feed', second)
  await two.query('begin')
  for (const change of CHANGES.slice(1)) await two.query(change)
  expect(await waiting(stage)).toEqual([])
  await drain.release()
  await two.query('commit')
  await stage.expectExact()
})

async function waiting({ superuser }: Stage): Promise<readonly object[]> {
  return await superuser.query(
    `select pid, query
     from pg_stat_activity
     where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`,
  )
}
