import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { remove } from '../migrate/install.ts'
import { drainAll } from './drain-all.ts'
import { readModels } from './model.ts'
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
