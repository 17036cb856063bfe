import { expect, test } from 'vitest'
import { createImmediateStage, expectApplied, FEED, SCORES, SHELVES } from './immediate.ts'

const MODELS = [SCORES, SHELVES, FEED]

test('strict reads are exact at once, writers go on, and the drain builds the rows anew', async () => {
  const stage = await createImmediateStage(MODELS)
  const [writer, other] = [await stage.session(), await stage.session()]
  await writer.query('begin')
  await writer.query('insert into votes values (9, 1, true)')
  await writer.query('truncate votes')
  await stage.expectStrict(writer)
  await writer.query('insert into votes values (10, 1, true)')
  await writer.query('commit')
  await stage.expectStrict(stage.owner)

  // Added to rows that are still those of before.
  await other.query('insert into votes values (11, 1, true), (11, 2, true)')
  await other.query('delete from projects where id = 3')
  await stage.expectStrict(stage.owner)
  // Project 3 is among them: what was added up for it had not been taken away.
  expect(await stage.drain('scores')).toMatchObject({ status: 'drained', units: 8 })
  expect(await stage.drain('shelves')).toMatchObject({ status: 'idle' })
  await stage.settle()
  await expectApplied(stage)
})

test('all of its sources at once; rows come back before and after the drain', async () => {
  const stage = await createImmediateStage(MODELS)
  const writer = await stage.session()
  await writer.query('truncate projects, votes')
  await writer.query(`insert into projects values (1, 1, 'new')`)
  await stage.expectStrict(stage.owner)
  for (const { name } of stage.models) await stage.drain(name)
  await writer.query('insert into votes values (1, 1, true)')
  await expectApplied(stage)
})

test('a drain that comes while it is open waits its turn', async () => {
  const stage = await createImmediateStage([SCORES])
  const writer = await stage.session()
  await stage.drain('scores', { rebuild: true, chunk: 3 })
  await writer.query('begin')
  await writer.query('truncate votes')
  expect(await stage.drain('scores')).toMatchObject({ status: 'busy' })
  await writer.query('commit')
  expect(await stage.drain('scores')).toMatchObject({ status: 'drained', units: 8 })
  await expectApplied(stage)
})
