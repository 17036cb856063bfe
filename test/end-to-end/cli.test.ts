import { beforeAll, expect, test } from 'vitest'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newProgram } from '../../src/cli/program.ts'
import type { Connection } from '../../src/pg/client.ts'
import { startMillrace } from '../support/child.ts'
import {
  documentOf,
  millrace,
  projectFolder,
  writeProjectFile,
  type Outcome,
  type RunOptions,
} from '../support/command-line.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { ROLES } from '../support/roles.ts'
import { databaseState } from './database-state.ts'

const SCHEMA = `
  create table users (id int primary key, name text not null);
  create table projects (id int primary key, user_id int not null references users, title text not null);
  create index on projects (user_id);
  create table votes (user_id int, project_id int references projects, primary key (user_id, project_id));
  create index on votes (project_id);
  insert into users select i, 'user ' || i from generate_series(1, 9) as i;
  insert into projects select i, 1 + i % 9, 'project ' || i from generate_series(1, 60) as i;
  insert into votes select u, p from generate_series(1, 9) as u, generate_series(1, 60) as p where u * p % 4 = 0;`

const CONFIG = `
import { defineConfig } from 'millrace'
import * as models from './src/models/index.js'
export default defineConfig({
  roles: { owner: '${ROLES.owner}', worker: '${ROLES.worker}', reader: '${ROLES.reader}' },
  define: [models],
})`

const modelsWith = (condition: string) => `
import { readModel, sql } from 'millrace'
export const feed = readModel('feed', {
  key: 'id',
  freshness: 'eventual',
  query: sql\`
    select p.id, p.title, u.name as author,
           (select count(*) from votes v where v.project_id = p.id) as votes
    from projects p join users u on u.id = p.user_id
    where \${sql\`${condition}\`}\`,
  indexes: [['votes desc']],
})
export const authors = readModel('authors', {
  key: 'id',
  freshness: 'eventual',
  query: sql\`select u.id, u.name, (select count(*) from projects p where p.user_id = u.id) as projects from users u\`,
})`

interface Project {
  readonly database: TestDatabase
  readonly folder: string
  /** A folder deep below the configuration, where commands are run. */
  readonly cwd: string
}

async function newProject(): Promise<Project> {
  const database = await createTestDatabase(SCHEMA)
  const folder = await projectFolder({
    'millrace.config.ts': CONFIG,
    'src/models/index.ts': modelsWith('true'),
  })
  const cwd = join(folder, 'packages/api/src')
  await mkdir(cwd, { recursive: true })
  return { database, folder, cwd }
}

/** In this process, as the owner. */
async function run(
  { database, cwd }: Project,
  command: string,
  options: Partial<RunOptions> = {},
): Promise<Outcome> {
  return await millrace(command.split(' '), {
    cwd,
    ...options,
    env: { DATABASE_URL: database.url('owner'), ...options.env },
  })
}

test('a project from its first plan to its last removal, by the program that is shipped', async () => {
  const { database, cwd } = await newProject()
  const administrator = await database.connect('superuser')
  const writer = await database.connect('writer')
  const reader = await database.connect('reader')
  const options = { cwd, env: { DATABASE_URL: database.url('owner') } }
  const shipped = async (...args: readonly string[]) => {
    const child = startMillrace(args, options)
    const { code } = await child.ended
    return { code, stdout: child.stdout(), stderr: child.stderr() }
  }
  const before = await databaseState(administrator)

  expect(await shipped('plan')).toMatchObject({
    code: 2,
    stderr: '',
    stdout: expect.stringContaining('create public.feed\n') as string,
  })
  expect(await databaseState(administrator)).toBe(before)
  expect(await shipped('migrate', 'up')).toEqual({
    code: 0,
    stderr: '',
    stdout: 'created  public.authors\ncreated  public.feed\n',
  })

  const worker = startMillrace(['work', '--json'], { cwd, env: { DATABASE_URL: database.url('worker') } })
  await worker.said('working on authors, feed')
  await writer.query(`update users set name = 'Ada' where id = 3`)
  await untilRow(reader, `select 1 from authors where name = 'Ada'`)
  await untilRow(reader, `select 1 from feed where author = 'Ada'`)
  worker.interrupt()
  expect(await worker.ended).toEqual({ code: 0, signal: null })
  expect(JSON.parse(worker.stdout())).toMatchObject({ drains: 2, units: 8, rowsChanged: 8, failures: 0 })

  await writer.query(`update projects set title = 'new' where id = 5`)
  await administrator.query(`update millrace.feed_v1 set votes = -1 where id = 6`)
  expect(await shipped('verify', '--json')).toMatchObject({ code: 1, stderr: '' })
  expect(await shipped('rebuild', 'feed')).toMatchObject({
    code: 0,
    stderr: '',
    stdout: 'rebuilt  public.feed: 60 units, 2 rows changed\n',
  })
  expect(await shipped('verify')).toEqual({
    code: 0,
    stderr: '',
    stdout: 'exact  public.authors: 9 rows\n\nexact  public.feed: 60 rows\n',
  })
  expect(await shipped('migrate', 'down')).toMatchObject({ code: 0, stderr: '' })
  await writer.query(
    `update users set name = 'user 3' where id = 3; update projects set title = 'project 5' where id = 5`,
  )
  expect(await databaseState(administrator)).toBe(before)
})

/** Another process brings it about, and says so nowhere else. */
async function untilRow(client: Connection, query: string): Promise<void> {
  while ((await client.query(query)).length === 0) await sleep(10)
}

test('a definition that has changed: plan says what that means, and migrate up does it', async () => {
  const project = await newProject()
  expect(await run(project, 'migrate up')).toMatchObject({ code: 0 })
  await writeProjectFile(project.folder, 'src/models/index.ts', modelsWith('p.id > 10'))

  const planned = await run(project, 'plan')
  expect(planned.code).toBe(2)
  expect(planned.stdout).toMatch(
    /^replace public\.feed\n {2}note: a new version is built beside the one that is read, /,
  )
  expect(planned.stdout).not.toContain('public.authors')
  expect(documentOf(await run(project, 'plan --json'))).toMatchObject({
    changes: [
      {
        kind: 'replace',
        model: 'public.feed',
        consequence: expect.stringContaining('beside the one that is read') as string,
      },
    ],
  })
  expect(await run(project, 'migrate status')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('to replace  public.feed') as string,
  })
  expect(await run(project, 'migrate up')).toEqual({ code: 0, stderr: '', stdout: 'replaced  public.feed\n' })
  expect(await run(project, 'verify feed')).toMatchObject({
    code: 0,
    stdout: 'exact  public.feed: 50 rows\n',
  })
  expect(await run(project, 'plan')).toMatchObject({ code: 0 })
})

const COMMANDS = [
  'plan',
  'migrate up',
  'migrate status',
  'drain',
  'verify',
  'rebuild feed',
  'explain feed',
  'doctor',
]

test.each(COMMANDS)('Ctrl-C ends %s while it waits, and nothing is changed', async (command) => {
  const project = await newProject()
  expect(await run(project, 'migrate up')).toMatchObject({ code: 0 })
  const administrator = await project.database.connect('superuser')
  const application = await project.database.connect('application')
  const before = await databaseState(administrator)
  await application.query('begin; lock table projects in access exclusive mode')

  let interrupt: (() => void) | undefined
  const outcome = run(project, `${command} --json`, {
    onStart: (send) => {
      interrupt = send
    },
  })
  await untilRow(
    administrator,
    `select 1 from pg_stat_activity where application_name = 'millrace ${command.replace(/ feed$/, '')}' and wait_event_type = 'Lock'`,
  )
  interrupt?.()
  const stopped = await outcome
  expect(stopped).toMatchObject({ code: 130, stderr: 'stopping; once more to stop at once\n' })
  expect(documentOf(stopped)).toMatchObject({
    errors: [{ code: 'INTERRUPTED', hint: 'Run the command again to go on.' }],
  })
  await application.query('rollback')
  expect(await databaseState(administrator)).toBe(before)
})

test('a rebuild that Ctrl-C has interrupted goes on later', async () => {
  const project = await newProject()
  const application = await project.database.connect('application')
  await application.query(
    `insert into projects select i, 1, 'one of many' from generate_series(100, 25000) as i`,
  )
  expect(await run(project, 'migrate up')).toMatchObject({ code: 0 })

  const interrupted = await run(project, 'rebuild feed', {
    tty: true,
    onLog: (text, interrupt) => {
      if (text.includes('feed  [#')) interrupt()
    },
  })
  expect(interrupted).toMatchObject({ code: 130, stdout: '' })
  expect(interrupted.stderr).toContain('10,000 of 24,961')
  const owner = await project.database.connect('owner')
  expect(await owner.query('select count(*)::int as units from millrace.pending_feed_v1')).toEqual([
    { units: 14961 },
  ])
  expect(documentOf(await run(project, 'rebuild feed --json'))).toEqual({
    models: [{ model: 'public.feed', continued: true, units: 14961, rowsChanged: 0, failed: 0 }],
  })
})

test('--json is one document on stdout, in every command, found or not found', async () => {
  const project = await newProject()
  const sequence = [
    'plan',
    'migrate up',
    'migrate status',
    'drain',
    'verify',
    'rebuild feed',
    'explain feed',
    'doctor',
    'migrate down',
    'verify',
  ]
  for (const command of sequence) {
    const outcome = await run(project, `${command} --json`, { tty: true })
    expect(typeof documentOf(outcome), command).toBe('object')
    expect(outcome.stdout, command).not.toContain('\u001b')
  }
})

test('colours and bars are for terminals', async () => {
  const project = await newProject()
  const onTerminal = await run(project, 'migrate up', { tty: true })
  expect(onTerminal.stdout).toContain('\u001b[32mcreated')
  expect(onTerminal.stderr).toMatch(/feed {2}\[#{24}\] 100 % {2}60 of 60/)
  const verified = await run(project, 'verify')
  expect(`${verified.stdout}${verified.stderr}`).not.toContain('\u001b')
  const withoutColour = await run(project, 'verify', { tty: true, env: { NO_COLOR: '1' } })
  expect(withoutColour.stdout).not.toContain('\u001b')
})

let commands: readonly string[]

beforeAll(() => {
  const program = newProgram({ stdout: { write: () => undefined }, run: () => () => Promise.resolve() })
  commands = program.commands.flatMap((it) =>
    it.commands.length === 0
      ? [it.name()]
      : [it.name(), ...it.commands.map((inner) => `${it.name()} ${inner.name()}`)],
  )
})

test('--help needs nothing, and shows an example of each command', async () => {
  const cwd = await projectFolder({})
  expect(commands).toContain('migrate up')
  for (const command of ['', ...commands]) {
    const args = command === '' ? ['--help'] : [...command.split(' '), '--help']
    const { code, stdout, stderr } = await millrace(args, { cwd })
    expect({ code, stderr }, command).toEqual({ code: 0, stderr: '' })
    expect(stdout, command).toMatch(new RegExp(`\\nExample:\\n  millrace ${command}`))
  }
})
