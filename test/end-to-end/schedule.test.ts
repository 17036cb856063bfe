import { expect, test } from 'vitest'
import { catalogTrace } from '../faults/catalog-trace.ts'
import { documentOf, millrace, projectFolder, writeProjectFile } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'
import { ROLES } from '../support/roles.ts'

const SCHEMA = `
  create table players (id int primary key, points numeric not null);
  insert into players select i, i from generate_series(1, 20) as i;
  create table log (line text);`

const configOf = (declarations: string) => `
import { defineConfig, job, readModel, sql } from 'millrace'
export default defineConfig({
  roles: ${JSON.stringify({ owner: ROLES.owner, worker: ROLES.worker, reader: ROLES.reader })},
  define: [${declarations}],
})`

const RANKS = `readModel('ranks', { key: 'id', freshness: { every: '0 3 * * *', timeZone: 'Europe/Berlin' },
  query: sql\`select id, rank() over (order by points desc, id) as place from players\`, indexes: [['place']] })`
const TALLY = `readModel('tally', { key: 'id', freshness: 'eventual', query: sql\`select id, points from players\` })`
const TIDY = "job('tidy', { every: '1 day', run: sql`insert into log values ('tidied')` })"

async function start(declarations: string) {
  const database = await createTestDatabase(SCHEMA)
  const administrator = await database.connect('superuser')
  await administrator.query(`grant insert on log to ${ROLES.worker}, ${ROLES.owner}`)
  const cwd = await projectFolder({ 'millrace.config.ts': configOf(declarations) })
  const run = (...args: readonly string[]) =>
    millrace(args, { cwd, env: { DATABASE_URL: database.url('superuser') } })
  const declare = (text: string) => writeProjectFile(cwd, 'millrace.config.ts', configOf(text))
  return { database, administrator, run, declare, reader: await database.connect('reader') }
}

test('up, plan, status and down of what is done on a schedule', async () => {
  const { database, run, reader, administrator } = await start(`${RANKS}, ${TIDY}`)
  const untouched = await catalogTrace(database)
  expect(await run('plan')).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('create job tidy') as string,
  })
  expect(await run('migrate', 'up')).toEqual({
    code: 0,
    stderr: '',
    stdout: 'created  public.ranks\ncreated  job tidy\n',
  })
  expect(await run('plan')).toMatchObject({ code: 0 })
  expect(await run('migrate', 'up')).toMatchObject({ stdout: 'Nothing to do.\n' })
  expect(await reader.query('select count(*)::int as rows from ranks')).toEqual([{ rows: 20 }])
  expect(documentOf(await run('migrate', 'status', '--json'))).toMatchObject({
    models: [{ model: 'public.ranks', state: 'ready' }],
    changes: [],
  })
  expect(await administrator.query('select line from log')).toEqual([])

  expect(await run('migrate', 'down')).toMatchObject({ stdout: 'removed  public.ranks\nremoved  job tidy\n' })
  expect(await catalogTrace(database)).toEqual(untouched)
})

test('a model changes between following its changes and being refreshed, and back', async () => {
  const { run, declare, reader } = await start(`${RANKS}, ${TALLY}`)
  expect(await run('migrate', 'up')).toMatchObject({ code: 0 })
  const other = `${TALLY.replace(`'eventual'`, `{ every: '1 hour' }`)}, ${RANKS.replace('0 3', '0 4')}`
  await declare(other)
  expect(await run('migrate', 'up')).toMatchObject({
    code: 0,
    stdout: 'replaced  public.tally\nupdated  public.ranks\n',
  })
  expect(await reader.query('select count(*)::int as rows from tally')).toEqual([{ rows: 20 }])
  await declare(TALLY)
  expect(await run('migrate', 'up')).toMatchObject({
    code: 0,
    stdout: 'restored  public.tally\nremoved  public.ranks\n',
  })
  expect(await run('verify')).toMatchObject({ code: 0 })
  expect(await run('migrate', 'prune')).toMatchObject({ stdout: 'pruned  public.tally, version 2\n' })
  expect(await run('jobs')).toMatchObject({ stdout: expect.not.stringContaining('tally') as string })
})

test('a refreshed model with another query is planned, replaced, and goes back', async () => {
  const { run, declare, reader } = await start(RANKS)
  await run('migrate', 'up')
  await declare(RANKS.replace('select ', 'select 1 as version, '))
  const { steps } = documentOf(await run('plan', '--json')) as {
    readonly steps: readonly { readonly describe: string }[]
  }
  expect(steps.map(({ describe }) => describe)).toEqual([
    'make the table of version 2',
    'refresh it: evaluate its query once, and write what differs',
    'give readers the new version under the same name, once nobody reads with an older snapshot',
  ])
  expect(await run('migrate', 'up')).toMatchObject({ stdout: 'replaced  public.ranks\n' })
  expect(await reader.query('select count(version)::int as rows from ranks')).toEqual([{ rows: 20 }])
  expect(await run('plan')).toMatchObject({ code: 0 })
  expect(await run('migrate', 'back')).toMatchObject({ stdout: 'restored  public.ranks, version 1\n' })
  expect(await reader.query('select * from ranks limit 1')).not.toHaveProperty('version')
  expect(await run('verify')).toMatchObject({ code: 0 })
  expect(await run('migrate', 'up')).toMatchObject({ stdout: 'restored  public.ranks\n' })
})

test('jobs are listed, and run when they are asked to', async () => {
  const { run, administrator } = await start(`${RANKS}, ${TIDY}`)
  await run('migrate', 'up')
  const listed = await run('jobs')
  expect(listed.stdout).toMatch(
    /^ranks {2}every 0 3 \* \* \* +Europe\/Berlin +\S+Z +waiting\n {2}last run \S+: 20 rows changed/m,
  )
  expect(listed.stdout).toMatch(/^tidy .*waiting\n {2}it has not run yet/m)
  expect(documentOf(await run('jobs', '--json'))).toMatchObject({
    jobs: [{ name: 'ranks', kind: 'refresh' }, {}],
  })

  expect(await run('jobs', 'run', 'tidy')).toMatchObject({ code: 0, stdout: 'done  tidy: 1 row changed\n' })
  expect(await administrator.query('select line from log')).toEqual([{ line: 'tidied' }])
  expect(await run('jobs', 'run', 'tidi')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Did you mean "tidy"?') as string,
  })
})

test('an installation that was interrupted is finished', async () => {
  const { run, administrator, reader } = await start(RANKS)
  await run('migrate', 'up')
  await administrator.query(
    `drop view ranks; truncate millrace.ranks_v1; update millrace.model set state = 'building'`,
  )
  expect(await run('migrate', 'up')).toMatchObject({ code: 0, stdout: 'finished  public.ranks\n' })
  expect(await reader.query('select count(*)::int as rows from ranks')).toEqual([{ rows: 20 }])
})

test('doctor finds jobs that fail and jobs that are late, with what mends them', async () => {
  const failing = "job('share', { every: '1 day', run: sql`select 1 / (count(*) - 20) from players` })"
  const { run, administrator } = await start(`${failing}, ${TIDY}`)
  await administrator.query(`grant select on players to ${ROLES.worker}`)
  await run('migrate', 'up')
  expect(await run('jobs', 'run', 'share')).toMatchObject({ code: 1 })
  await administrator.query(`update millrace.job set next_at = now() - interval '1 hour' where name = 'tidy'`)
  const findings = async () => {
    const document = documentOf(await run('doctor', '--json')) as {
      readonly findings: readonly { readonly check: string }[]
    }
    return document.findings.filter(({ check }) => check === 'jobs')
  }
  expect(await findings()).toMatchObject([
    {
      object: 'job share',
      severity: 'error',
      message: expect.stringContaining('division by zero') as string,
      remedy: [{ command: 'millrace jobs run share' }],
    },
    { object: 'job tidy', severity: 'error', remedy: [{ command: 'millrace work' }] },
  ])
  await administrator.query('delete from players where id = 1')
  for (const name of ['share', 'tidy']) expect(await run('jobs', 'run', name)).toMatchObject({ code: 0 })
  expect(await findings()).toEqual([])
})

test('drain refreshes what is due, and rebuild refreshes at once', async () => {
  const { run, administrator, reader } = await start(`${RANKS}, ${TIDY}`)
  await run('migrate', 'up')
  await administrator.query('delete from players where id = 1')
  expect(await run('drain')).toMatchObject({ stdout: '0 drains, 0 units, 0 rows changed\n' })
  await administrator.query(`update millrace.job set next_at = now() - interval '1 hour'`)
  expect(await run('drain')).toMatchObject({
    stdout: '0 drains, 0 units, 0 rows changed, 1 model refreshed\n',
  })
  expect(await reader.query('select count(*)::int as rows from ranks')).toEqual([{ rows: 19 }])
  expect(await administrator.query('select * from log')).toEqual([])
  await administrator.query('delete from players where id = 2')
  expect(await run('rebuild', '--all')).toMatchObject({
    code: 0,
    stdout: 'refreshed  public.ranks: 1 row changed\n',
  })
})

test('a query that writes, and a worker that may not read, are found before anything is changed', async () => {
  const ranks = (query: string) =>
    `readModel('ranks', { key: 'id', freshness: { every: '1 day' }, query: sql\`${query}\` })`
  const { run, declare, database, administrator } = await start(
    ranks(`select id, nextval('numbers') as n from players`),
  )
  await administrator.query(`create sequence numbers; grant usage on sequence numbers to ${ROLES.owner}`)
  expect(await run('migrate', 'up')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('QUERY_WRITES') as string,
  })
  await declare(ranks('select id from players'))
  await administrator.query(`revoke select on players from ${ROLES.worker}`)
  const untouched = await catalogTrace(database)
  expect(await run('migrate', 'up')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /PRIVILEGE_MISSING[^]*grant select on "public"."players" to "\w+worker"/,
    ) as string,
  })
  expect(await catalogTrace(database)).toEqual(untouched)
})
