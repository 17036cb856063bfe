import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { lookAgain, NO_LOOK, type Look } from './touched.ts'

const SCHEMA = `
  create table votes (id int primary key);
  create table notes (id int primary key);
  create table others (id int primary key)`
const ALL_VOTES = { name: 'all_votes', key: 'id', query: 'select id from votes' }
const ALL_NOTES = { name: 'all_notes', key: 'id', query: 'select id from notes' }
const BOTH = { name: 'both', key: 'id', query: 'select id from votes join notes using (id)' }

test('a look finds the models of the queues that have got rows, once these are committed', async () => {
  const database = await createTestDatabase(SCHEMA)
  const [owner, writer, late] = [
    await database.connect('owner'),
    await database.connect('writer'),
    await database.connect('writer'),
  ]
  const models = await installModels(owner, [ALL_VOTES, ALL_NOTES, BOTH])
  const worker = await database.connect('worker')
  let look: Look = NO_LOOK
  const touched = async () => {
    const { touched: found, ...next } = await lookAgain(worker, models, look)
    look = next
    return found && [...found].toSorted()
  }

  expect(await touched(), 'nobody knows').toBeUndefined()
  expect(await touched()).toEqual([])
  await late.query('begin')
  await late.query('insert into notes values (1)')
  await writer.query('insert into others values (1)')
  expect(await touched()).toEqual([])
  await writer.query('insert into votes values (1)')
  expect(await touched()).toEqual(['all_votes_v1', 'both_v1'])
  expect(await touched()).toEqual([])
  // It began before looks that have not seen it.
  await late.query('commit')
  expect(await touched()).toEqual(['all_notes_v1', 'both_v1'])
  expect(await touched()).toEqual([])
  expect(await worker.query('show plan_cache_mode')).toEqual([{ plan_cache_mode: 'force_custom_plan' }])
})

test('models that come and go, and queues that go with them', async () => {
  const database = await createTestDatabase(SCHEMA)
  const [owner, writer] = [await database.connect('owner'), await database.connect('writer')]
  const worker = await database.connect('worker')
  const models = await installModels(owner, [ALL_VOTES])
  const { touched: unknown, ...first } = await lookAgain(worker, models, NO_LOOK)
  expect(unknown).toBeUndefined()
  await writer.query('insert into votes values (1)')
  const second = await lookAgain(worker, models, first)
  expect(second.touched).toEqual(new Set(['all_votes_v1']))

  const more = await installModels(owner, [ALL_VOTES, ALL_NOTES])
  await writer.query('insert into notes values (1)')
  const third = await lookAgain(worker, more, second)
  expect(third.touched).toEqual(new Set(['all_notes_v1']))

  await owner.query('drop table millrace.queue_notes cascade')
  await writer.query('insert into votes values (2)')
  const fourth = await lookAgain(worker, more, third)
  expect(fourth.touched, 'nobody knows').toBeUndefined()
  await writer.query('insert into votes values (3)')
  expect((await lookAgain(worker, more, fourth)).touched, 'still').toBeUndefined()
  expect((await lookAgain(worker, models, fourth)).touched).toEqual(new Set(['all_votes_v1']))
})
