import { expect, test } from 'vitest'
import { createStage, type Session, type Stage } from './stage.ts'
import { untilRow } from './steps.ts'

test('a worker that dies with the mutex in its hand leaves it, and nothing of its work', async () => {
  const stage = await createStage()
  const [writer, doomed] = [await stage.session(), await stage.session('worker')]
  await writer.query('insert into votes values (4, 2, true)')
  await writer.query(`update users set name = 'renamed' where id = 2`)
  const drain = await stage.holdDrain('feed', doomed)
  expect(await stage.drain('feed')).toMatchObject({ status: 'busy' })

  await terminate(stage, doomed)
  await expect(drain.release()).rejects.toThrow()
  await stage.expectStrict(stage.owner)
  expect(await stage.drain('feed')).toMatchObject({ status: 'drained' })
  expect(await stage.owner.query('select ups from feed where id = 2')).toEqual([{ ups: '1' }])
  await stage.expectExact()
})

test('no lock outlives the transaction of a drain, so a pooler may hand the connection to anybody', async () => {
  const stage = await createStage()
  const [writer, pooled] = [await stage.session(), await stage.session('worker')]
  await writer.query('insert into votes values (4, 2, true)')
  await stage.drain('feed', {}, pooled)

  expect(await stage.superuser.query(`select from pg_locks where pid = $1`, [pooled.pid])).toEqual([])
  // The same server process serves another client in the middle of things: a busy drain asks for nothing to be kept.
  const drain = await stage.holdDrain('feed', await changed(stage, writer))
  expect(await stage.drain('feed', {}, pooled)).toMatchObject({ status: 'busy' })
  expect(await stage.superuser.query(`select from pg_locks where pid = $1`, [pooled.pid])).toEqual([])
  await drain.release()
  await stage.expectExact()
})

async function changed(stage: Stage, writer: Session): Promise<Session> {
  await writer.query('insert into votes values (4, 4, true)')
  return await stage.session('worker')
}

async function terminate({ superuser }: Stage, { pid }: Session): Promise<void> {
  await superuser.query('select pg_terminate_backend($1)', [pid])
  await untilRow(superuser, 'select where not exists (select from pg_stat_activity where pid = $1)', [pid])
}
