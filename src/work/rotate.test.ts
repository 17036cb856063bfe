import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { untilOthersHaveEnded } from '../../test/support/settled.ts'
import { remove } from '../migrate/install.ts'
import { drainAll } from './drain-all.ts'
import { QUEUE_SLOTS, queueSlotName } from '../sql/names.ts'
import { ident } from '../sql/sql.ts'
import { readModels } from './model.ts'
import { isDrained } from './rotate.sql.ts'
import { rotate } from './rotate.ts'

test('a queue that has gone with its last model is nothing to rotate, and the others are', async () => {
  const database = await createTestDatabase(
    'create table items (id int primary key); create table notes (id int primary key)',
  )
  const [owner, worker, writer] = [
    await database.connect('owner'),
    await database.connect('worker'),
    await database.connect('writer'),
  ]
  await installModels(owner, [
    { name: 'all_items', key: 'id', query: 'select id from items' },
    { name: 'all_notes', key: 'id', query: 'select id from notes' },
  ])
  const models = await readModels(worker)
  await writer.query('insert into notes values (1)')
  await drainAll(worker, models)
  await remove(
    owner,
    models.filter(({ name }) => name === 'all_items'),
  )

  expect(await rotate(worker, models, { everySlot: true })).toEqual({ emptied: 1, blocked: [] })
})

test('what every model has drained is not read again while writers wait', async () => {
  const database = await createTestDatabase('create table items (id int primary key, size int not null)')
  const [owner, worker, writer] = [
    await database.connect('owner'),
    await database.connect('worker'),
    await database.connect('writer'),
  ]
  await installModels(
    owner,
    ['all_items', 'more_items', 'most_items'].map((name) => ({
      name,
      key: 'id',
      query: 'select id, size from items',
    })),
  )
  await drainAll(worker, await readModels(worker))
  await writer.query('insert into items select i, i from generate_series(1, 3000) i')
  // A drain beside an open transaction cannot say of these that all see them.
  await untilOthersHaveEnded(writer)
  await drainAll(worker, await readModels(worker))

  // A session that has read nothing before: what it has read is counted for the session.
  const other = await database.connect('worker')
  await other.query('begin')
  const read = `
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows
    from pg_stat_xact_user_tables
    where relname like 'queue\\_items\\_%'`
  for (let slot = 0; slot < QUEUE_SLOTS; slot += 1) {
    const { schema, name } = queueSlotName({ schema: 'public', name: 'items' }, slot)
    expect(await other.query(isDrained(ident(schema, name)), ['public', 'items'])).toEqual([
      { drained: true },
    ])
  }
  const [result] = await other.query<{ rows: number }>(read)
  await other.query('rollback')
  expect(result?.rows).toBeLessThan(100)
})
