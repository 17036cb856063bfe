import { expect, test } from 'vitest'
import { rebuild } from '../../src/work/rebuild.ts'
import {
  applyNow,
  createImmediateStage,
  expectApplied,
  expectStored,
  FEED,
  SCORES,
  SHELVES,
} from './immediate.ts'
import { stepping } from './steps.ts'

test('a writer that adds to a row waits for the drain that sets it, and adds to what it finds then', async () => {
  const stage = await createImmediateStage([SCORES])
  const [writer, second] = [await stage.session(), await stage.session('worker')]
  // Projects 1 to 3 are set, 4 to 8 wait.
  expect(await stage.drain('scores', { rebuild: true, chunk: 3 })).toMatchObject({ units: 3, pending: 5 })
  await writer.query('insert into votes values (9, 1, true), (9, 7, true)')
  await stage.expectStrict(stage.owner)
  await expectStored(stage)

  const drain = await stage.holdDrain('scores', second)
  const write = await stage.startBlocked(
    writer,
    () => writer.query('insert into votes values (10, 1, true), (10, 7, true)'),
    [second],
  )
  await stage.expectStrict(stage.owner)
  expect(await drain.release()).toMatchObject({ units: 5, pending: 0 })
  await write.result
  await expectApplied(stage)
})

test('a writer that computes rows anew waits at its commit', async () => {
  const stage = await createImmediateStage([FEED])
  const [writer, second] = [await stage.session(), await stage.session('worker')]
  await stage.drain('feed', { rebuild: true, chunk: 3 })
  await writer.query('insert into votes values (9, 1, true), (9, 7, true)')
  await expectStored(stage)

  const drain = await stage.holdDrain('feed', second)
  await writer.query('begin')
  await writer.query('insert into votes values (10, 1, true), (10, 7, true)')
  const commit = await stage.startBlocked(writer, () => writer.query('commit'), [second])
  await drain.release()
  await commit.result
  await expectApplied(stage)
})

test.each([
  ['scores', SCORES],
  ['feed', FEED],
])(
  'a drain of %s waits only a moment for a writer that has applied, and takes its turn later',
  async (name, model) => {
    const stage = await createImmediateStage([model])
    const writer = await stage.session()
    await stage.drain(name, { rebuild: true, chunk: 3 })
    await writer.query('begin')
    await writer.query('insert into votes values (9, 1, true), (9, 7, true)')
    await applyNow(writer)
    expect(await stage.drain(name)).toMatchObject({ status: 'busy' })
    await writer.query('insert into votes values (10, 1, true), (10, 7, true)')
    await stage.expectStrict(writer)
    await writer.query('commit')
    expect(await stage.drain(name)).toMatchObject({ status: 'drained', pending: 0 })
    await expectApplied(stage)
  },
)

test('a rebuild while others write: each step waits for those who have applied, and no writer for all of it', async () => {
  const stage = await createImmediateStage([SCORES, SHELVES, FEED])
  const writer = await stage.session()
  let user = 20
  const writes = stepping(stage.worker, (statement) => {
    if (statement !== 'commit') return Promise.resolve()
    user += 1
    // Not waited for: the drain that is about to commit holds it up.
    void writer.query(`insert into votes values (${String(user)}, 1, true), (${String(user)}, 8, false)`)
    return Promise.resolve()
  })
  for (const model of stage.models) await rebuild(writes, model, { chunk: 2 })
  expect(user).toBeGreaterThan(28)
  await writer.query('select 1 as "all have ended"')
  await expectApplied(stage)
})
