import { expect, test } from 'vitest'
import { takeToken } from '../../src/client/take-token.ts'
import { runJob } from '../../src/work/schedule/run.ts'
import { createTestDatabase } from '../support/database.ts'
import { installTestSchedule } from '../support/scheduled.ts'
import { hasPassed } from './tokens.ts'

/**
 * A refreshed model has no queue to look into: a token has been passed when a refresh has begun after its transaction had ended, and
 * a refresh that was under way meanwhile does not count.
 */
test('a token has been passed when a refresh has seen what its transaction wrote', async () => {
  const database = await createTestDatabase('create table items (id int primary key)')
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  const reader = await database.connect('reader')
  const worker = await database.connect('worker')
  const query = 'select id, rank() over (order by id) as place from items'
  await installTestSchedule(owner, { refreshed: [{ name: 'ranks', key: 'id', query }] })
  await writer.query('begin; insert into items values (1)')
  const token = (await takeToken(writer)) ?? ''
  await runJob(worker, 'ranks', { cause: 'request' })
  await writer.query('commit')
  expect(await hasPassed(reader, token, 'ranks')).toBe(false)
  // A schedule promises no more than it says: who names no model does not wait for it.
  const [anyone] = await reader.query('select millrace.waiting_models(array[$1]) as waiting', [token])
  expect(anyone).toEqual({ waiting: [] })

  await runJob(worker, 'ranks', { cause: 'request' })
  expect(await hasPassed(reader, token, 'ranks')).toBe(true)
  expect(await reader.query('select id from ranks')).toEqual([{ id: 1 }])
})
