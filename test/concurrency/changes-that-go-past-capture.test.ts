import { expect, test } from 'vitest'
import { repair, verify } from '../../src/verify/verify.ts'
import { createStage, found, type Stage } from './stage.ts'

async function expectDrift(stage: Stage, ids: readonly string[], cause: RegExp): Promise<void> {
  const [verified] = await verify(stage.owner, stage.models)
  const { drift, causes } = found(verified)
  expect(drift.map(({ key }) => key['id']).toSorted()).toEqual(ids)
  expect(causes.join('\n')).toMatch(cause)
  await repair(stage.worker, stage.model('feed'), drift)
}

test('session_replication_role = replica fires no trigger: verify finds it, beside what is queued', async () => {
  const stage = await createStage()
  const [replica, writer] = [await stage.session('superuser'), await stage.session()]
  await replica.query('set session_replication_role = replica')
  await replica.query('begin')
  await replica.query(`update projects set title = 'past capture' where id in (1, 2)`)
  await writer.query(`update projects set title = 'captured' where id in (3, 4)`)
  await stage.settle()
  await replica.query('commit')
  await writer.query(`update users set name = 'queued' where id = 2`)

  // Project 1 is queued by way of its user, and will be right by itself.
  await expectDrift(stage, ['2'], /none that can be seen now: .*session_replication_role = replica/)
  await stage.expectExact()
})

test('a disabled trigger: verify says which', async () => {
  const stage = await createStage()
  const [application, writer] = [await stage.session('application'), await stage.session()]
  await writer.query('begin')
  await writer.query(`update projects set title = 'captured' where id = 1`)
  const disabling = await stage.startBlocked(
    application,
    () => application.query('alter table projects disable trigger "!millrace_update"'),
    [writer],
  )
  await writer.query('commit')
  await disabling.result
  await writer.query(`update projects set title = 'past capture' where id = 2`)
  await application.query('alter table projects enable trigger "!millrace_update"')
  await writer.query(`update projects set title = 'captured' where id = 3`)

  await application.query('alter table projects disable trigger "!millrace_update"')
  await expectDrift(stage, ['2'], /capture trigger of public\.projects for update is disabled/)
  await application.query('alter table projects enable trigger "!millrace_update"')
  await stage.expectExact()
})
