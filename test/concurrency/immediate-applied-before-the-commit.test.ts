import { expect, test } from 'vitest'
import {
  BALLOTS,
  createImmediateStage,
  expectApplied,
  expectStored,
  FEED,
  SCORES,
  SHELVES,
} from './immediate.ts'

const MODELS = [SCORES, SHELVES, FEED, BALLOTS]

const STATEMENTS = [
  'insert into votes values (9, 1, true), (9, 2, true)',
  // Within this one others are set off, on tables further away from the key.
  'delete from projects where id = 3',
  `update users set name = 'renamed' where id in (1, 2)`,
  'update projects set user_id = 4, title = title where id in (1, 2)',
  'delete from users where id = 3',
  `insert into projects values (20, 1, 'late')`,
]

test('with all constraints immediate each statement is applied when it ends, and only once', async () => {
  const stage = await createImmediateStage(MODELS)
  const writer = await stage.session('superuser')
  await writer.query('begin')
  await writer.query('set constraints all immediate')
  for (const statement of STATEMENTS) {
    await writer.query(statement)
    await expectStored(stage, writer)
    await stage.expectStrict(writer)
  }
  await writer.query('commit')
  await expectApplied(stage)
})

test('constraints are immediate for a while: what is applied then is not applied again at the commit', async () => {
  const stage = await createImmediateStage(MODELS)
  const writer = await stage.session('superuser')
  await writer.query('begin')
  for (const [i, statement] of STATEMENTS.entries()) {
    if (i % 2 === 1) await writer.query('set constraints all deferred')
    await writer.query(statement)
    await stage.expectStrict(writer)
    if (i % 2 === 0) await writer.query('set constraints all immediate')
    if (i % 2 === 0) await expectStored(stage, writer)
  }
  await writer.query('commit')
  await expectApplied(stage)
})

test('savepoints take back what was applied, and what was to be', async () => {
  const stage = await createImmediateStage(MODELS)
  const writer = await stage.session('superuser')
  await writer.query('begin')
  for (const [i, statement] of STATEMENTS.entries()) {
    await writer.query('savepoint a')
    await writer.query(statement)
    if (i % 2 === 0) await writer.query('set constraints all immediate')
    await writer.query('rollback to savepoint a')
    await stage.expectStrict(writer)
    await writer.query('set constraints all deferred')
    // One cascade stays, and everything after it comes behind.
    if (i === 1 || i > 3) await writer.query(statement)
  }
  await stage.expectStrict(writer)
  await writer.query('commit')
  await expectApplied(stage)
})

test('what was applied within a savepoint that is taken back is applied at the commit, if it was written before', async () => {
  const stage = await createImmediateStage(MODELS)
  const writer = await stage.session('superuser')
  await writer.query('begin')
  for (const statement of STATEMENTS) await writer.query(statement)
  await writer.query('savepoint a')
  await writer.query('set constraints all immediate')
  await expectStored(stage, writer)
  await writer.query('rollback to savepoint a')
  await stage.expectStrict(writer)
  await writer.query('commit')
  await expectApplied(stage)
})

test('a statement that fails within a savepoint leaves nothing behind', async () => {
  const stage = await createImmediateStage(MODELS)
  const writer = await stage.session()
  await writer.query('begin')
  await writer.query('insert into votes values (9, 1, true)')
  await writer.query('savepoint a')
  await expect(writer.query('insert into votes values (9, 2, true), (9, 99, true)')).rejects.toThrow(
    'foreign',
  )
  await writer.query('rollback to savepoint a')
  await writer.query('insert into votes values (9, 2, true)')
  await writer.query('commit')
  await expectApplied(stage)
})

test('a prepared transaction has applied all, and holds on to it until another session ends it', async () => {
  const stage = await createImmediateStage(MODELS)
  const [writer, other] = [await stage.session(), await stage.session()]
  const prepared = { pid: 0 } as typeof writer
  for (const [i, end] of ['commit', 'rollback'].entries()) {
    const name = `prepared_${end}_${stage.database.name}`
    await writer.query('begin')
    await writer.query(`insert into votes values (${String(50 + i)}, 1, true)`)
    await writer.query(`delete from projects where id = ${String(3 + i)}`)
    await writer.query(`update users set name = 'prepared ${String(i)}' where id = 1`)
    await writer.query(`prepare transaction '${name}'`)
    await stage.expectStrict(stage.owner)
    await expectStored(stage)

    const write = await stage.startBlocked(
      other,
      () => other.query(`insert into votes values (${String(60 + i)}, 1, true)`),
      [prepared],
    )
    await stage.superuser.query(`${end} prepared '${name}'`)
    await write.result
    await expectApplied(stage)
  }
})
