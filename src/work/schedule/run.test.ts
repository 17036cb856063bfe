import { beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../../../test/support/database.ts'
import { ROLES } from '../../../test/support/roles.ts'
import { installTestSchedule, makeDue, type TestJob } from '../../../test/support/scheduled.ts'
import { cancelledBy } from '../../pg/cancel.ts'
import type { Connection } from '../../pg/client.ts'
import { readJobStates, type JobState } from './jobs-state.ts'
import { runJob } from './run.ts'

/** One database for all tests; each has a job of its own. */
let superuser: Connection
let owner: Connection
let worker: Connection
let other: Connection
let workerUrl: string

beforeAll(async () => {
  const database = await createTestDatabase('create table notes (job text);')
  superuser = await database.connect('superuser')
  await superuser.query(`grant select, insert on notes to ${ROLES.worker}`)
  owner = await database.connect('owner')
  worker = await database.connect('worker')
  other = await database.connect('worker')
  workerUrl = database.url('worker')
})

/** Puts a job on the schedule. */
async function start(job: TestJob): Promise<void> {
  await installTestSchedule(owner, { jobs: [job] })
}

async function notes(job: string): Promise<readonly object[]> {
  return await superuser.query('select job from notes where job = $1', [job])
}

async function stateOf(job: string): Promise<JobState | undefined> {
  return (await readJobStates(owner, job))[0]
}

async function nextOf(job: string): Promise<string | undefined> {
  const [row] = await owner.query<{ next: string }>(
    'select next_at::text as next from millrace.job where name = $1',
    [job],
  )
  return row?.next
}

const note = (name: string) => ({ name, statement: `insert into notes values ('${name}')` })
const sleep = (name: string) => ({ name, statement: 'select pg_sleep(60)' })
const scheduled = { cause: 'schedule' } as const

async function log(job: string): Promise<readonly object[]> {
  return await owner.query(
    `select cause, status, due_at is not null as was_due, error from millrace.job_run where job = $1 order by id`,
    [job],
  )
}

async function notFailed(job: string): Promise<boolean> {
  const runs = await owner.query(`select from millrace.job_run where job = $1 and status = 'failed'`, [job])
  return runs.length === 0
}

/** Waits until a job's session is in its statement, and gives its server process. */
async function inStatement(): Promise<number> {
  for (;;) {
    const [row] = await superuser.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`,
    )
    if (row !== undefined) return row.pid
  }
}

test('runs that were missed are caught up once', async () => {
  await start({ ...note('missed'), every: '1 hour' })
  expect(await runJob(worker, 'missed', scheduled)).toEqual({ status: 'not-due' })
  await makeDue(owner, 'missed', '30 hours')
  expect(await runJob(worker, 'missed', scheduled)).toMatchObject({ status: 'completed', rowsChanged: 1 })
  expect(await runJob(worker, 'missed', scheduled)).toEqual({ status: 'not-due' })
  expect(await notes('missed')).toHaveLength(1)
  expect(await log('missed')).toEqual([
    { cause: 'schedule', status: 'completed', was_due: true, error: null },
  ])
  expect(await nextOf('missed')).toMatch(/:00:00\+00$/)
})

test('a run on request does not count for the schedule, unless one is due', async () => {
  await start({ ...note('asked'), every: '1 hour' })
  const before = await nextOf('asked')
  expect(await runJob(worker, 'asked', { cause: 'request' })).toMatchObject({ status: 'completed' })
  expect(await nextOf('asked')).toBe(before)
  await makeDue(owner, 'asked')
  await runJob(worker, 'asked', { cause: 'request' })
  expect(await runJob(worker, 'asked', scheduled)).toEqual({ status: 'not-due' })
})

test('a run that takes too long is broken off, and tried again after longer and longer', async () => {
  await start(sleep('slow'))
  await owner.query(`update millrace.job set timeout_ms = 20 where name = 'slow'`)
  const waits: number[] = []
  for (let i = 0; i < 3; i += 1) {
    await makeDue(owner, 'slow')
    const outcome = await runJob(worker, 'slow', scheduled)
    expect(outcome).toMatchObject({ status: 'failed', error: { code: '57014' } })
    if (outcome.status === 'failed') waits.push(outcome.retryInMs ?? 0)
    expect(await runJob(worker, 'slow', scheduled)).toEqual({ status: 'not-due' })
  }
  const [first = 0, second = 0, third = 0] = waits
  expect(first).toBeGreaterThan(0)
  expect([second > first, third > second]).toEqual([true, true])
  expect(await stateOf('slow')).toMatchObject({
    state: 'failing',
    failures: 3,
    lastRun: { status: 'failed' },
  })
})

test('what fails leaves nothing, and what succeeds forgets the failures', async () => {
  const statement = `with x as (insert into notes values ('half'))
    select 1 / (select count(*) from notes where job = 'helped')`
  await start({ name: 'half', statement })
  await makeDue(owner, 'half')
  expect(await runJob(worker, 'half', scheduled)).toMatchObject({
    status: 'failed',
    error: { code: '22012' },
  })
  expect(await notes('half')).toEqual([])
  await superuser.query(`insert into notes values ('helped')`)
  await makeDue(owner, 'half')
  expect(await runJob(worker, 'half', scheduled)).toMatchObject({ status: 'completed' })
  expect(await stateOf('half')).toMatchObject({ state: 'waiting', failures: 0 })
})

test('two sessions do not run a job at once', async () => {
  await start(sleep('alone'))
  await makeDue(owner, 'alone')
  const first = runJob(worker, 'alone', scheduled)
  const pid = await inStatement()
  expect(await runJob(other, 'alone', scheduled)).toEqual({ status: 'busy' })
  expect(await stateOf('alone')).toMatchObject({ state: 'running', lastRun: { status: 'running' } })
  await superuser.query('select pg_cancel_backend($1)', [pid])
  expect(await first).toMatchObject({ status: 'failed' })
})

test.each([
  ['stopped', 'with its worker', false],
  ['begun', 'before it has begun', true],
])('a run that is stopped is still due, and is no failure: %s, %s', async (job, _, isStoppedBefore) => {
  await start(sleep(job))
  await makeDue(owner, job)
  const stop = new AbortController()
  const { signal } = stop
  if (isStoppedBefore) stop.abort()
  const run = cancelledBy(signal, { client: worker, url: workerUrl }, () =>
    runJob(worker, job, { ...scheduled, isStopped: () => signal.aborted }),
  )
  if (!isStoppedBefore) await inStatement()
  stop.abort()
  expect(await run).toEqual({ status: 'stopped' })
  expect(await stateOf(job)).toMatchObject({ state: 'late', failures: 0 })
  expect(await notFailed(job)).toBe(true)
})

test('a job that was put on another schedule meanwhile is not done twice', async () => {
  const statement = `update millrace.job set next_at = next_at + interval '1 day' where name = 'moving'`
  await start({ name: 'moving', statement })
  await makeDue(owner, 'moving')
  const outcome = await runJob(worker, 'moving', scheduled)
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'MODEL_CHANGED' } })
})

test('the log prunes itself', async () => {
  await start(note('pruned'))
  const fill = `insert into millrace.job_run (job, cause, status)
    select $1, 'schedule', 'completed' from generate_series(1, 210)`
  for (const job of ['pruned', 'another']) await owner.query(fill, [job])
  await runJob(worker, 'pruned', { cause: 'request' })
  expect(await log('pruned')).toHaveLength(200)
  expect(await log('another')).toHaveLength(210)
})

test('a run whose session ends is lost, and still due', async () => {
  await start(sleep('lost'))
  await owner.query(`update millrace.job set timeout_ms = 2000 where name = 'lost'`)
  await makeDue(owner, 'lost')
  const first = runJob(worker, 'lost', scheduled).catch((error: unknown) => error)
  await superuser.query('select pg_terminate_backend($1)', [await inStatement()])
  expect(await first).toBeInstanceOf(Error)
  await owner.query(`update millrace.job set timeout_ms = 20 where name = 'lost'`)
  expect(await runJob(other, 'lost', scheduled)).toMatchObject({ status: 'failed' })
  expect(await log('lost')).toMatchObject([
    { status: 'lost', error: 'its session ended before it was done' },
    { status: 'failed' },
  ])
})
