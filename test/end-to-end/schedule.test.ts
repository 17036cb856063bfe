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
    stdout: 'removed  public.tally\ncreated  public.tally\nupdated  public.ranks\n',
  })
  expect(await reader.query('select count(*)::int as rows from tally')).toEqual([{ rows: 20 }])
  await declare(TALLY)
  expect(await run('migrate', 'up')).toMatchObject({ code: 0 })
  expect(await run('verify')).toMatchObject({ code: 0 })
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
