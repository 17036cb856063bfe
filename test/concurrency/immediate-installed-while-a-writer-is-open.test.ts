import { expect, test } from 'vitest'
import { createImmediateStage, expectApplied, expectStored, FEED, SCORES, SHELVES } from './immediate.ts'
import type { Session, Stage } from './stage.ts'
import { installModels } from '../support/models.ts'
import { TITLES } from './feed.ts'
import { stepping, type Started } from './steps.ts'

const MODELS = [SCORES, SHELVES, FEED]

/**
 * What was written while one of the models was being made is left to the worker for all of them, applied or not; from then
 * on nothing is.
 */
async function expectReady(stage: Stage): Promise<void> {
  const writer = await stage.session()
  await expectStored(stage)
  await stage.expectExact()
  await writer.query('insert into votes select 200, id, true from projects')
  await writer.query('update projects set user_id = 4 where id % 3 = 0')
  await expectApplied(stage)
}

async function openWriter(stage: Stage): Promise<Session> {
  const writer = await stage.session()
  await writer.query('begin')
  return writer
}

test('what a transaction wrote before there was a trigger is there, and what it writes later too', async () => {
  const stage = await createImmediateStage([])
  const writer = await openWriter(stage)
  await writer.query(`update projects set title = 'before', user_id = 4 where id = 1`)
  await writer.query('insert into votes values (9, 2, true)')

  const installation = await stage.startBlocked(stage.owner, () => stage.install(MODELS), [writer])
  await writer.query(`update projects set title = 'while it waits' where id = 2`)
  await writer.query('delete from users where id = 3')
  await writer.query('commit')
  await installation.result
  await expectReady(stage)
})

test('an installation that is interrupted is exact for strict reads, and later finds all that was written', async () => {
  const stage = await createImmediateStage([])
  const [writer, open] = [await stage.session(), await stage.session()]
  const interrupted = stepping(stage.owner, (statement) =>
    statement.includes('pg_try_advisory_xact_lock')
      ? Promise.reject(new Error('interrupted'))
      : Promise.resolve(),
  )
  await expect(stage.install(MODELS, interrupted)).rejects.toThrow('interrupted')
  await stage.reload()
  // Taken away from rows that are not there yet.
  await writer.query('delete from votes where project_id = 1 and up')
  await stage.expectStrict(stage.owner)
  for (const { name } of stage.models)
    expect(await stage.drain(name, { chunk: 2 })).toMatchObject({ units: 2 })

  await open.query('begin')
  await open.query('insert into votes values (31, 1, true), (31, 7, true)')
  await writer.query(`update projects set title = 'changed' where id in (2, 6)`)
  await writer.query('delete from projects where id in (3, 5)')
  await writer.query(`insert into projects values (9, 1, 'born')`)
  await stage.expectStrict(stage.owner)
  await open.query('commit')
  for (const { name } of stage.models) await stage.drain(name, { chunk: 2 })
  await writer.query('delete from votes where user_id = 31')
  await stage.expectStrict(stage.owner)
  await stage.install(MODELS)
  await expectReady(stage)
})

test('a writer between any two steps of it, who ends at the next', async () => {
  const stage = await createImmediateStage([])
  let writer: Session | undefined
  let steps = 0
  // Opened where a transaction of the installation has just ended, and closed when it asks for a trigger next.
  const watched = stepping(stage.owner, async (statement) => {
    if (statement.startsWith('begin') && writer === undefined) {
      steps += 1
      writer = await openWriter(stage)
      await writer.query(
        `insert into votes values (${String(100 + steps)}, ${String(1 + (steps % 4))}, true)`,
      )
      await writer.query(`update projects set title = 'step ${String(steps)}' where id = 5`)
    } else if (writer !== undefined) {
      await writer.query('delete from votes where user_id = 1')
      await writer.query('insert into votes values (1, 2, true), (1, 4, true)')
      await writer.query('commit')
      await writer.end()
      writer = undefined
    }
  })
  await stage.install(MODELS, watched)
  if (writer !== undefined) await (writer as Session | undefined)?.query('commit')
  expect(steps).toBeGreaterThan(10)
  await expectReady(stage)
})

test('a model is added to another that writers apply already', async () => {
  const stage = await createImmediateStage([SCORES])
  const writer = await openWriter(stage)
  await writer.query('insert into votes values (9, 2, true)')
  const installation = await stage.startBlocked(stage.owner, () => stage.install([SHELVES, FEED]), [writer])
  await writer.query('delete from projects where id = 1')
  await writer.query('commit')
  await expectStored({ ...stage, models: stage.models.filter(({ name }) => name === 'scores') })
  await installation.result
  await expectReady(stage)
})

test('another deploy comes before readers have the name: it waits, and writers go on applying', async () => {
  const stage = await createImmediateStage([])
  const second = await stage.session('owner')
  let deploy: Promise<Started<unknown>> | undefined
  let isApplied = false
  const watched = stepping(stage.owner, async (statement) => {
    isApplied ||= /capture_votes_insert"\(\) returns[^]*insert into "millrace"\."scores_v1" as stored/.test(
      statement,
    )
    // The first drain after the triggers that add.
    if (!isApplied || !statement.includes('from millrace.watermark') || deploy !== undefined) return
    deploy = stage.startBlocked(second, () => installModels(second, [TITLES]), [stage.owner])
    await deploy
  })
  await stage.install([SCORES], watched)
  await (
    await deploy
  )?.result
  await stage.reload()
  expect(stage.models.map(({ name }) => name)).toEqual(['scores', 'titles'])

  const writer = await stage.session()
  await writer.query('insert into votes values (9, 2, true)')
  await writer.query(`update projects set title = 'changed' where id = 1`)
  await stage.drain('titles')
  await expectApplied(stage)
})
