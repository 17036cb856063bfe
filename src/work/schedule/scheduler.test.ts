import { expect, test } from 'vitest'
import { createTestDatabase } from '../../../test/support/database.ts'
import { ROLES } from '../../../test/support/roles.ts'
import { installTestSchedule, makeDue } from '../../../test/support/scheduled.ts'
import type { Client } from '../../pg/client.ts'
import type { WorkEvent } from '../events.ts'
import { work } from '../loop.ts'
import type { DueJob } from './job.ts'
import { beginDueJobs, newScheduler, untilNextJob, type Look } from './scheduler.ts'

const EVENTS: WorkEvent[] = []
const { signal } = new AbortController()

/** A worker's scheduler over a server that gives these jobs; nothing is there to connect to. */
function withJobs(...jobs: readonly DueJob[]) {
  let asked = 0
  const client: Client = {
    query: <Row extends object>() => {
      asked += 1
      return Promise.resolve(jobs as unknown as Row[])
    },
  }
  const scheduler = newScheduler({
    url: 'postgresql://127.0.0.1:1/none',
    signal,
    onEvent: (it) => EVENTS.push(it),
  })
  const look = async (now: number, snapshot = '1:1:', place = 0) => {
    await beginDueJobs(client, scheduler, { now, snapshot, place } satisfies Look)
    return { asked, begun: [...scheduler.runs.keys()] }
  }
  return { scheduler, look }
}

const waiting = (dueInMs: number, name = 'job'): DueJob => ({ name, dueInMs, isRunning: false })

test('an idle database is asked nothing until something is due', async () => {
  const { look, scheduler } = withJobs(waiting(30_000))
  expect(await look(0)).toEqual({ asked: 1, begun: [] })
  for (let now = 25; now < 30_000; now += 25) await look(now)
  expect(await look(29_999)).toEqual({ asked: 1, begun: [] })
  expect(untilNextJob(scheduler, { place: 0, now: 29_000 })).toBe(1_000)
  expect(await look(30_000)).toMatchObject({ begun: ['job'] })
})

test('jobs are read again where something was committed, once a second at most', async () => {
  const { look } = withJobs(waiting(50_000))
  await look(0)
  expect(await look(500, '2:2:')).toMatchObject({ asked: 1 })
  expect(await look(1_000, '2:2:')).toMatchObject({ asked: 2 })
  expect(await look(30_000, '2:2:')).toMatchObject({ asked: 2 })
})

test('the next worker comes later, and not where somebody runs it', async () => {
  const second = withJobs(waiting(-10))
  expect(await second.look(0, '1:1:', 1)).toMatchObject({ begun: [] })
  expect(untilNextJob(second.scheduler, { place: 1, now: 0 })).toBe(240)
  expect(await second.look(240, '1:1:', 1)).toMatchObject({ begun: ['job'] })

  const other = withJobs({ ...waiting(-10), isRunning: true })
  expect(await other.look(0)).toMatchObject({ begun: [], asked: 1 })
  // Its session may end without a trace, so it is asked for as long as it runs.
  expect(await other.look(1_000)).toMatchObject({ begun: [], asked: 2 })
})

test('one worker runs two at a time, and none twice', async () => {
  const { look } = withJobs(waiting(0, 'a'), waiting(0, 'b'), waiting(0, 'c'))
  expect(await look(0)).toMatchObject({ begun: ['a', 'b'] })
  expect(await look(1)).toMatchObject({ begun: ['a', 'b'] })
})

test('a worker does what becomes due while it works', async () => {
  const database = await createTestDatabase('create table notes (line text);')
  const superuser = await database.connect('superuser')
  await superuser.query(`grant insert on notes to ${ROLES.worker}`)
  const owner = await database.connect('owner')
  await installTestSchedule(owner, {
    jobs: [{ name: 'note', statement: `insert into notes values ('noted')` }],
  })

  const stop = new AbortController()
  const events: WorkEvent[] = []
  const done = work({
    url: database.url('worker'),
    signal: stop.signal,
    onEvent: (event) => {
      events.push(event)
      if (event.kind === 'started') void makeDue(owner, 'note')
      if (event.kind === 'job-done') stop.abort()
    },
  })
  await done
  expect(events).toMatchObject([
    { kind: 'started' },
    { kind: 'job-done', job: 'note', rowsChanged: 1 },
    { kind: 'stopped' },
  ])
  expect(await superuser.query('select * from notes')).toEqual([{ line: 'noted' }])
})
