import { expect, test } from 'vitest'
import { installModels } from '../support/models.ts'
import { OWNERS, TITLES } from './feed.ts'
import { createStage } from './stage.ts'
import { startHeld, stepping } from './steps.ts'

test('capture of a shared source serves the models of both', async () => {
  const stage = await createStage({ models: [] })
  const [one, two, writer] = [
    await stage.session('owner'),
    await stage.session('owner'),
    await stage.session(),
  ]
  // The first has made its capture, and its model is not there yet.
  const first = await startHeld((hold) =>
    installModels(
      stepping(one, async (statement) => {
        if (statement.includes('insert into millrace.model')) await hold()
      }),
      [TITLES],
    ),
  )
  const second = await stage.startBlocked(two, () => installModels(two, [OWNERS]), [one])
  await first.release()
  await second.result

  await stage.reload()
  await writer.query(`update projects set title = 'new' where id = 1`)
  await writer.query(`update projects set user_id = 4 where id = 2`)
  await stage.expectStrict(stage.owner)
  expect(await stage.drain('titles')).toMatchObject({ rowsChanged: 1 })
  expect(await stage.drain('owners')).toMatchObject({ rowsChanged: 1 })
  await stage.expectExact()
})

test('an installation and a removal of models that share a source', async () => {
  const stage = await createStage({ models: [OWNERS] })
  const [one, two, writer] = [
    await stage.session('owner'),
    await stage.session('owner'),
    await stage.session(),
  ]
  const first = await startHeld((hold) =>
    installModels(
      stepping(one, async (statement) => {
        if (statement.includes('insert into millrace.model')) await hold()
      }),
      [TITLES],
    ),
  )
  const second = await stage.startBlocked(two, () => stage.remove(['owners'], two), [one])
  await first.release()
  await second.result

  await stage.reload()
  await writer.query(`update projects set title = 'new' where id = 1`)
  expect(await stage.drain('titles')).toMatchObject({ rowsChanged: 1 })
  await stage.expectExact()
})

test('two programs that install the same models share the backfill', async () => {
  const stage = await createStage({ models: [] })
  const [one, two] = [await stage.session('owner'), await stage.session('owner')]
  await Promise.all([one, two].map((client) => installModels(client, [TITLES, OWNERS])))
  await stage.reload()
  expect(stage.models.map(({ state }) => state)).toEqual(['ready', 'ready'])
  await stage.expectExact()
})
