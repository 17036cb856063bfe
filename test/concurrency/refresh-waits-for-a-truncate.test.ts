import { expect, test } from 'vitest'
import { runJob } from '../../src/work/schedule/run.ts'
import { createTestDatabase } from '../support/database.ts'
import { installTestSchedule } from '../support/scheduled.ts'

/**
 * TRUNCATE does not respect snapshots: a refresh whose snapshot is older would find the source empty, although what the same
 * transaction wrote elsewhere is not seen yet. So it locks what it reads before its snapshot, and waits. Seen to fail without that lock.
 */
test('a refresh that stands behind a TRUNCATE sees all of that transaction', async () => {
  const database = await createTestDatabase(`
    create table a (id int primary key); create table b (id int primary key);
    insert into a values (1), (2);`)
  const owner = await database.connect('owner')
  const writer = await database.connect('application')
  const worker = await database.connect('worker')
  const query =
    'select id, count(*) over () as items from (select id from a union all select id from b) as both_of_them'
  await installTestSchedule(owner, { refreshed: [{ name: 'items', key: 'id', query }] })

  await writer.query('begin; insert into b select id from a; truncate a')
  const refreshed = runJob(worker, 'items', { cause: 'request' })
  await untilBlocked(database)
  await writer.query('commit')
  expect(await refreshed).toMatchObject({ status: 'completed', rowsChanged: 0 })
  expect(await owner.query('select id, items::int as items from items order by id')).toEqual([
    { id: 1, items: 2 },
    { id: 2, items: 2 },
  ])
})

async function untilBlocked(database: Awaited<ReturnType<typeof createTestDatabase>>): Promise<void> {
  const watcher = await database.connect('superuser')
  for (;;) {
    const blocked = await watcher.query(
      `select from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`,
    )
    if (blocked.length > 0) return
  }
}
