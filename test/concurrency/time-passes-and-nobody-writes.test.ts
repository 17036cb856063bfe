import { expect, test } from 'vitest'
import { work } from '../../src/work/loop.ts'
import { createTestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'

/** DESIGN 3, time: a row leaves its window with no change to capture it. */
test('a worker takes rows out of a window of time, and strict reads do not wait for it', async () => {
  const database = await createTestDatabase(`
    create table events (id int primary key, at timestamptz not null);
    insert into events values (1, now() + interval '1.5 seconds'), (2, now() + interval '1 hour');`)
  const owner = await database.connect('owner')
  await installModels(owner, [
    { name: 'open', key: 'id', query: 'select id, at from events where at > now()' },
  ])
  const reader = await database.connect('reader')
  const stored = () => reader.query<{ id: number }>('select id from open order by id')
  expect(await stored()).toEqual([{ id: 1 }, { id: 2 }])

  await owner.query(
    `select pg_sleep(greatest(0, extract(epoch from at - clock_timestamp()))) from events where id = 1`,
  )
  expect(await reader.query('select id from open_strict')).toEqual([{ id: 2 }])

  const stop = new AbortController()
  const working = work({ url: database.url('worker'), signal: stop.signal })
  await expect.poll(stored).toEqual([{ id: 2 }])
  stop.abort()
  await working
})
