import { expect, test } from 'vitest'
import { schemaFiles } from '../../src/catalog/schema-files.ts'
import { work } from '../../src/work/loop.ts'
import { documentOf, millrace, projectFolder } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'
import { WAIT_MS } from '../support/patience.ts'
import { AUTHORS, FEED, firstDatabase } from './first-schema/database.ts'
import { ROLES } from '../support/roles.ts'

const CONFIG = `
import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({
  roles: ${JSON.stringify({ owner: ROLES.owner, worker: ROLES.worker, reader: ROLES.reader })},
  define: [
    readModel('feed', { key: 'id', freshness: 'eventual', query: sql\`${FEED}\` }),
    readModel('authors', { key: 'user_id', freshness: 'eventual', query: sql\`${AUTHORS}\` }),
  ],
})`

test('from the first schema to the last, with what the old version has queued', async () => {
  const database = await firstDatabase()
  const cwd = await projectFolder({ 'millrace.config.ts': CONFIG })
  const run = (...args: readonly string[]) =>
    millrace(args, { cwd, env: { DATABASE_URL: database.url('owner') } })
  const owner = await database.connect('owner')
  const newest = (await schemaFiles()).length

  expect(await run('drain')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('SCHEMA_TOO_OLD') as string,
  })
  const worker = work({ url: database.url('worker'), signal: AbortSignal.timeout(WAIT_MS) })
  await expect(worker).rejects.toMatchObject({ code: 'SCHEMA_TOO_OLD' })

  const upgraded = documentOf(await run('upgrade', '--json'))
  expect(upgraded).toMatchObject({ from: 1, to: newest, updated: expect.any(Array) as unknown[] })
  const writer = await database.connect('writer')
  await writer.query(
    `update users set name = 'written after' where id = 1; insert into projects values (99, 1, 'new')`,
  )
  expect(await run('migrate', 'up')).toMatchObject({ code: 0 })
  expect(await run('drain')).toMatchObject({ code: 0 })
  for (const [name, query] of [
    ['feed', FEED],
    ['authors', AUTHORS],
  ] as const) {
    for (const from of [name, `${name}_strict`]) {
      const rows = `select t::text from ${from} t`
      const asked = `select t::text from (${query}) t`
      const difference = `(${rows} except all ${asked}) union all (${asked} except all ${rows})`
      expect([from, await owner.query(difference)]).toEqual([from, []])
    }
  }
  expect(await owner.query('select title, ups::int from feed where id in (3, 5) order by id')).toEqual(
    await owner.query(`select title, ups::int from (${FEED}) q where id in (3, 5) order by id`),
  )
  expect(await run('verify')).toMatchObject({ code: 0 })
  expect(documentOf(await run('plan', '--json'))).toMatchObject({ changes: [], steps: [] })
  expect(documentOf(await run('upgrade', '--json'))).toMatchObject({
    from: newest,
    to: newest,
    updated: [],
    left: [],
  })
})

test('the statements for the schema are those that upgrade runs, printed or as a migration', async () => {
  const database = await firstDatabase()
  const cwd = await projectFolder({ 'millrace.config.ts': CONFIG })
  const run = (...args: readonly string[]) =>
    millrace(args, { cwd, env: { DATABASE_URL: database.url('owner') } })
  const { files, to } = documentOf(await run('upgrade', '--write', '--json')) as {
    files: string[]
    to: number
  }
  expect(files.length).toBeGreaterThan(0)
  const { stdout } = await run('upgrade', '--sql')
  const owner = await database.connect('owner')
  await owner.query(stdout)
  expect(documentOf(await run('upgrade', '--json'))).toMatchObject({ from: to, to })
})

test('a program that meets a newer schema stops, at work and at each command', async () => {
  const database = await createTestDatabase(
    'create table users (id int primary key, name text); create table projects (id int primary key, user_id int, title text); create table votes (id int primary key, project_id int, up boolean)',
  )
  const cwd = await projectFolder({ 'millrace.config.ts': CONFIG })
  const run = (...args: readonly string[]) =>
    millrace(args, { cwd, env: { DATABASE_URL: database.url('owner') } })
  expect(await run('migrate', 'up')).toMatchObject({ code: 0 })
  const owner = await database.connect('owner')
  let isAtWork = () => {}
  const atWork = new Promise<void>((resolve) => {
    isAtWork = resolve
  })
  const stop = new AbortController()
  const worker = work({
    url: database.url('worker'),
    signal: stop.signal,
    onEvent: ({ kind }) => {
      if (kind === 'started') isAtWork()
    },
  })
  await atWork
  await owner.query('insert into millrace.schema_version (version) values (1000)')
  await expect(worker).rejects.toMatchObject({ code: 'SCHEMA_TOO_NEW' })
  const commands = [
    'plan',
    'migrate up',
    'migrate down',
    'migrate status',
    'drain',
    'work',
    'verify',
    'rebuild --all',
    'explain feed',
    'doctor',
    'jobs list',
    'upgrade',
    'uninstall --drop --yes',
  ]
  for (const command of commands) {
    const { code, stderr } = await run(...command.split(' '))
    expect([command, code, stderr]).toEqual([command, 1, expect.stringContaining('SCHEMA_TOO_NEW')])
  }
})
