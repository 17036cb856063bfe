import { expect, test } from 'vitest'
import type { WorkEvent } from '../../src/work/events.ts'
import { work } from '../../src/work/loop.ts'
import { createStage, type Stage } from './stage.ts'
import { untilRow } from './steps.ts'

function startWorker(stage: Stage): { readonly events: readonly WorkEvent[]; stop(): Promise<void> } {
  const controller = new AbortController()
  const events: WorkEvent[] = []
  const done = work({
    url: stage.database.url('worker'),
    signal: controller.signal,
    onEvent: (event) => events.push(event),
  })
  return {
    events,
    async stop() {
      controller.abort()
      await done
    },
  }
}

const hasTitle = (id: number, title: string) =>
  ['select from millrace.feed_v1 where id = $1 and title = $2', [id, title]] as const

test('a change that commits while the worker is in the middle of a drain is drained by the next', async () => {
  const stage = await createStage()
  const [writer, owner] = [await stage.session(), await stage.session('owner')]
  // Whoever holds the stored row holds the worker.
  await owner.query('begin')
  await owner.query('select from millrace.feed_v1 where id = 1 for update')
  const worker = startWorker(stage)
  await writer.query(`update projects set title = 'first' where id = 1`)
  await untilRow(
    stage.superuser,
    `select from pg_stat_activity
     where application_name = 'millrace worker' and datname = current_database() and $1 = any (pg_blocking_pids(pid))`,
    [owner.pid],
  )
  await writer.query(`update projects set title = 'second' where id = 2`)
  await owner.query('commit')

  await untilRow(owner, ...hasTitle(2, 'second'))
  await untilRow(owner, ...hasTitle(1, 'first'))
  await worker.stop()
  expect(worker.events.filter(({ kind }) => kind === 'drained')).toHaveLength(2)
  await stage.expectExact()
})

test('a transaction that was open when the worker found nothing to do wakes it by its commit alone', async () => {
  const stage = await createStage()
  const [open, prepared] = [await stage.session(), await stage.session()]
  const name = `late_${stage.database.name}`
  await open.query('begin')
  await open.query(`update projects set title = 'late' where id = 1`)
  await prepared.query('begin')
  await prepared.query(`update projects set title = 'prepared' where id = 2`)
  await prepared.query(`prepare transaction '${name}'`)

  const worker = startWorker(stage)
  await untilRow(
    stage.superuser,
    `select from pg_stat_activity
     where application_name = 'millrace worker' and datname = current_database()
       and query = 'select pg_current_snapshot()::text as snapshot' and state = 'idle'`,
  )
  await open.query('commit')
  await untilRow(stage.owner, ...hasTitle(1, 'late'))
  await prepared.query(`commit prepared '${name}'`)
  await untilRow(stage.owner, ...hasTitle(2, 'prepared'))
  await worker.stop()
  await stage.expectExact()
})

test('two workers share the models of one database, and every change is counted once', async () => {
  const stage = await createStage()
  const writer = await stage.session()
  const workers = [startWorker(stage), startWorker(stage)]
  for (let i = 0; i < 20; i += 1) await writer.query(`insert into votes values (${String(100 + i)}, 2, true)`)
  await untilRow(stage.owner, 'select from millrace.feed_v1 where id = 2 and ups = 20')
  await Promise.all(workers.map((worker) => worker.stop()))

  const [row] = await stage.owner.query<{ n: number }>(
    `select sum(changes)::int as n from millrace.refresh_log where cause = 'change'`,
  )
  expect(row?.n).toBe(20)
  await stage.expectExact()
})

test('a worker whose models are removed and made anew goes on with the new ones', async () => {
  const stage = await createStage()
  const writer = await stage.session()
  const worker = startWorker(stage)
  await stage.remove(['feed'])
  await stage.install([OTHER])
  await writer.query(`update projects set title = 'by the new plan' where id = 1`)
  await untilRow(stage.owner, `select from millrace.feed_v1 where id = 1 and upper_title = 'BY THE NEW PLAN'`)
  await worker.stop()
  await stage.expectExact()
})

const OTHER = { name: 'feed', key: 'id', query: 'select id, upper(title) as upper_title from projects' }
