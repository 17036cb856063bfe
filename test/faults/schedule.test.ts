import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { SCHEDULE_POINTS } from '../../src/fail-points.ts'
import type { Client } from '../../src/pg/client.ts'
import { runJob, type RunOutcome } from '../../src/work/schedule/run.ts'
import { randomFrom, type Random } from '../oracle/random.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { PATIENCE_MS } from '../support/patience.ts'
import { ROLES } from '../support/roles.ts'
import { installTestSchedule, makeDue } from '../support/scheduled.ts'
import { startProcess, type Process } from './process.ts'
import { rounds } from './rounds.ts'
import { until } from './until.ts'

/** How long the workers of the last test are killed and frozen, in seconds. */
const SECONDS = Number(process.env['MILLRACE_SCHEDULE_SECONDS'] ?? '3')

const SCHEMA = `
  create table players (id int primary key, points int not null);
  insert into players select i, i from generate_series(1, 50) as i;
  create table ticks (job text, started timestamptz, ended timestamptz, pid int);`

const RANKS = {
  name: 'ranks',
  key: 'id',
  query: 'select id, rank() over (order by points desc, id) as place from players',
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-schedule-'))
const configuration = join(folder, 'millrace.config.ts')
writeFileSync(configuration, `export default { define: [] }`)
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function startWorker(database: TestDatabase, failPoint = ''): Process {
  const env = { DATABASE_URL: database.url('worker'), MILLRACE_FAIL_POINT: failPoint }
  return startProcess('millrace', ['work', '--config', configuration], env)
}

const [first = ['job.begun', 1] as const, ...others] = rounds().flatMap((round) =>
  SCHEDULE_POINTS.map((point) => [point, round] as const),
)
const title = 'a worker killed at %s: what was due is done once (round %i)'

// Alone, for it fills the cache of compiled sources that all processes share.
test.each([first])(title, expectDoneOnce)
test.concurrent.each(others)(title, expectDoneOnce)

async function expectDoneOnce(point: (typeof SCHEDULE_POINTS)[number]): Promise<void> {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const application = await database.connect('application')
  await installTestSchedule(owner, { refreshed: [RANKS] })
  await application.query('update players set points = points * 7 % 50')
  await makeDue(owner, 'ranks')

  expect(await startWorker(database, `${point}=kill`).ended).toMatchObject({ signal: 'SIGKILL' })
  const worker = await database.connect('worker')
  let second: RunOutcome['status'] = 'busy'
  await until(async () => {
    second = (await runJob(worker, 'ranks', { cause: 'schedule' })).status
    return second !== 'busy'
  })
  expect(second).toBe(point === 'job.committed' ? 'not-due' : 'completed')

  expect(await owner.query('select * from ranks except all select * from ranks_strict')).toEqual([])
  const runs = await owner.query(
    `select status, count(*)::int as runs from millrace.job_run where cause = 'schedule' group by 1 order by 1`,
  )
  const lost = { status: 'lost', runs: 1 }
  expect(runs).toEqual([{ status: 'completed', runs: 1 }, ...(point === 'job.committed' ? [] : [lost])])
}

/**
 * Raises where another session is at the same job, even one whose run comes to nothing: so an overlap would be in the log as
 * a failure. Seen to fail where the advisory lock is neither taken nor looked at.
 */
const tick = (job: string, lock: number) => `
  insert into ticks
  select '${job}', began.at, clock_timestamp(), pg_backend_pid()
  from (select clock_timestamp() as at, 1 / pg_try_advisory_xact_lock(${String(lock)})::int as alone) as began
  cross join lateral (select pg_sleep(0.5 + 0 * began.alone)) as work`

test(
  'three workers, killed and frozen at random: each due run is done once, and runs never overlap',
  async () => {
    const database = await createTestDatabase(SCHEMA)
    const owner = await database.connect('owner')
    const superuser = await database.connect('superuser')
    await superuser.query(`grant insert on ticks to ${ROLES.worker}; grant select on ticks to ${ROLES.owner}`)
    const jobs = ['one', 'two'].map((name, i) => ({ name, statement: tick(name, i + 1), every: '1 second' }))
    await installTestSchedule(owner, { refreshed: [{ ...RANKS, every: '1 second' }], jobs })
    const hands = Array.from({ length: 3 }, () => ({ process: startWorker(database) }))
    for (const { process } of hands) expect(await process.says('working on')).toBe(true)

    const faults = await trouble(database, hands, randomFrom(SECONDS))
    for (const { process } of hands) process.signal('SIGTERM')
    for (const { process } of hands) expect(await process.ended).toMatchObject({ code: 0 })
    await settle(await database.connect('worker'))
    console.log(`${String(faults)} faults; ${JSON.stringify(await countRuns(owner))}`)

    expect(faults).toBeGreaterThan(0)
    expect(await owner.query(`select job, error from millrace.job_run where status = 'failed'`)).toEqual([])
    expect(await owner.query(TWICE)).toEqual([])
    expect(await owner.query(OVERLAPS)).toEqual([])
    expect(await owner.query(UNEQUAL)).toEqual([])
    const done = await owner.query<{ job: string; runs: number }>(
      `select job, count(*)::int as runs from millrace.job_run
       where status = 'completed' and cause = 'schedule' group by job`,
    )
    expect(done).toHaveLength(3)
    expect(Math.min(...done.map(({ runs }) => runs))).toBeGreaterThan(1)
  },
  SECONDS * 1_000 + PATIENCE_MS,
)

/** The same moment of a schedule, done twice. */
const TWICE = `
  select job, due_at from millrace.job_run
  where status = 'completed' and cause = 'schedule'
  group by job, due_at having count(*) > 1`

const OVERLAPS = `
  select * from (
    select job, started, lag(ended) over (partition by job order by started) as before from ticks
  ) as t where started < before`

/** Every completed run has left its row in the user's table, and no other has. */
const UNEQUAL = `
  select job from (
    select job, 1 as n from ticks
    union all
    select job, -1 from millrace.job_run where status = 'completed' and job in ('one', 'two')
  ) as t group by job having sum(n) <> 0`

async function countRuns(owner: Client): Promise<unknown> {
  return await owner.query(
    `select status, count(*)::int from millrace.job_run group by status order by status`,
  )
}

/** Nobody runs anything any more; what the last fault has left behind is marked as lost by the next run. */
async function settle(worker: Awaited<ReturnType<TestDatabase['connect']>>): Promise<void> {
  for (const name of ['one', 'two', 'ranks']) {
    await until(async () => (await runJob(worker, name, { cause: 'request' })).status === 'completed')
  }
}

/** Kills a worker and starts another, or freezes one for longer than a session may be silent, until the time is over. */
async function trouble(
  database: TestDatabase,
  hands: readonly { process: Process }[],
  random: Random,
): Promise<number> {
  const end = performance.now() + SECONDS * 1_000
  let faults = 0
  while (performance.now() < end) {
    await pause(100 + random.below(500))
    const hand = hands[random.below(hands.length)]
    if (hand === undefined) continue
    faults += 1
    if (random.below(2) === 0) {
      await hand.process.kill()
      hand.process = startWorker(database)
    } else {
      hand.process.signal('SIGSTOP')
      await pause(random.below(1_500))
      hand.process.signal('SIGCONT')
    }
  }
  for (const { process } of hands) await process.says('working on')
  return faults
}
