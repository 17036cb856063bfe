import { expect, test } from 'vitest'
import { waitFor } from '../../src/client/wait-for.ts'
import { createImmediateStage, expectApplied, expectStored, FEED, SCORES, SHELVES } from './immediate.ts'
import { pinSlot } from './slots.ts'
import { found } from './stage.ts'
import { commitWithToken, hasPassed } from './tokens.ts'

const MODELS = [SCORES, SHELVES, FEED]

test('a token has passed when its transaction has ended, with no worker about', async () => {
  const stage = await createImmediateStage(MODELS)
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  const token = await commitWithToken(
    writer,
    'insert into votes values (9, 1, true)',
    'delete from projects where id = 3',
    `update users set name = 'renamed' where id = 1`,
  )
  await waitFor(reader, token, { timeoutMs: 0 })
  await expectApplied(stage)
})

test('of a stricter isolation level it has not, for the models that are left to the worker', async () => {
  const stage = await createImmediateStage(MODELS)
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  await writer.query(`set session characteristics as transaction isolation level repeatable read`)
  const token = await commitWithToken(writer, `update users set name = 'renamed' where id = 1`)
  expect(await hasPassed(reader, token, 'shelves')).toBe(true)
  expect(await hasPassed(reader, token, 'feed')).toBe(false)
  await stage.drain('feed')
  expect(await hasPassed(reader, token, 'feed')).toBe(true)
  await expectApplied(stage)
})

test('a token does not pass before a unit that waits has been computed', async () => {
  const stage = await createImmediateStage([SCORES])
  const [writer, reader] = [await stage.session(), await stage.session('reader')]
  await stage.drain('scores', { rebuild: true, chunk: 3 })
  const token = await commitWithToken(writer, 'insert into votes values (9, 7, true)')
  expect(await hasPassed(reader, token, 'scores')).toBe(false)
  await stage.drain('scores')
  expect(await hasPassed(reader, token, 'scores')).toBe(true)
  await expectApplied(stage)
})

test('rows that writers have applied keep no slot from being emptied; those left to the worker do', async () => {
  const stage = await createImmediateStage(MODELS)
  for (const { plan } of stage.models) await pinSlot(stage.owner, plan, 1)
  const [writer, strict, old] = [
    await stage.session(),
    await stage.session(),
    await stage.session('superuser'),
  ]
  await old.query('begin isolation level repeatable read')
  await old.query('select 1 as "takes the snapshot"')
  await writer.query('insert into votes values (9, 1, true)')
  await writer.query('delete from projects where id = 3')
  expect(await stage.rotate()).toEqual({ emptied: 2, blocked: [] })
  await stage.expectStrict(old)
  await expectStored(stage, old)
  await old.query('commit')

  await strict.query('begin isolation level repeatable read')
  await strict.query('insert into votes values (10, 1, true)')
  await strict.query('commit')
  await writer.query(`update projects set title = 'applied' where id = 1`)
  expect(await stage.rotate()).toEqual({ emptied: 1, blocked: [] })
  await stage.expectStrict(stage.owner)
  expect(await stage.drain('feed')).toMatchObject({ status: 'drained' })
  await stage.settle()
  expect(await stage.rotate()).toEqual({ emptied: 1, blocked: [] })
  await expectApplied(stage)
})

test('a writer that has not applied yet is not overtaken by a rotation', async () => {
  const stage = await createImmediateStage([FEED])
  const writer = await stage.session()
  await writer.query('begin')
  await writer.query('insert into votes values (9, 1, true)')
  const { queue } = found(stage.model('feed').plan.sources.find((it) => it.relation.name === 'votes'))
  const rotated = await stage.rotate({ lockTimeoutMs: 20 })
  expect(rotated.blocked.map(({ name }) => name.startsWith(queue.name))).toEqual([])
  await stage.expectStrict(writer)
  await writer.query('commit')
  await expectApplied(stage)
})
