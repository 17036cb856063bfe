import { beforeEach, expect, test } from 'vitest'
import { millrace, projectFolder, writeProjectFile } from '../../test/support/command-line.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { ROLES } from '../../test/support/roles.ts'
import { loadConfig } from '../define/load-config.ts'
import * as publicModule from '../index.ts'
import { withConnection, type Client } from '../pg/client.ts'
import { ident } from '../sql/sql.ts'
import { readModels } from '../work/model.ts'
import { rebuild } from '../work/rebuild.ts'
import { CHECKS, examine, LIMITS } from './doctor.ts'
import type { Finding, Limits } from './finding.ts'

const SCHEMA = `
  create table projects (id int primary key, title text not null, parts int not null default 1);
  create table votes (user_id int, project_id int references projects on delete cascade, up boolean not null,
                      primary key (user_id, project_id));
  create index votes_of_project on votes (project_id);
  insert into projects select i, 'project ' || i from generate_series(1, 20) as i;
  insert into votes select u, i, true from generate_series(1, 3) as u, generate_series(1, 20) as i;`

const QUERY = `
    select p.id, p.title, 12 / p.parts as share,
           (select count(*) from votes v where v.project_id = p.id and v.up) as ups
    from projects p`

const configOf = (query: string) => `
import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({
  roles: { worker: '${ROLES.worker}', reader: '${ROLES.reader}' },
  define: [readModel('tally', { key: 'id', freshness: 'eventual', query: sql\`${query}\` })],
})`

/** A read model installed by the command line, and what is needed to look at it. */
interface Patient {
  readonly database: TestDatabase
  readonly folder: string
  /** Runs a command; `url`: as another role. */
  run(command: string): Promise<void>
}

let patient: Patient

beforeEach(async () => {
  const database = await createTestDatabase(SCHEMA)
  const folder = await projectFolder({ 'millrace.config.ts': configOf(QUERY) })
  patient = patientIn(database, folder)
  await patient.run('millrace migrate up')
})

function patientIn(database: TestDatabase, folder: string): Patient {
  return {
    database,
    folder,
    run: async (command) => {
      const env = { DATABASE_URL: database.url('owner') }
      const outcome = await millrace(command.split(' ').slice(1), {
        cwd: folder,
        env,
        onLog: (line, interrupt) => {
          if (command === 'millrace work' && line.startsWith('working on')) interrupt()
        },
      })
      expect(outcome, command).toMatchObject({ code: 0 })
    },
  }
}

interface LookOptions {
  readonly limits?: Partial<Limits>
  readonly as?: 'superuser' | 'owner'
}

/** What one check finds; by default with no patience and no tolerance. */
async function look(
  check: string,
  { limits, as = 'superuser' }: LookOptions = {},
): Promise<readonly Finding[]> {
  const { models, searchPath } = await loadConfig({ cwd: patient.folder, millrace: publicModule })
  return await withConnection({ url: patient.database.url(as) }, async (client) =>
    examine(
      {
        client,
        models: await readModels(client),
        declared: models,
        searchPath,
        workerRole: ROLES.worker,
        limits: { ...LIMITS, maxLagMs: 0, maxHoldMs: 0, patienceMs: 0, ...limits },
      },
      { [check]: CHECKS[check] ?? (() => Promise.reject(new Error(`no check ${check}`))) },
    ),
  )
}

/** Does what the findings say, as an administrator would. */
async function mend(findings: readonly Finding[]): Promise<void> {
  const steps = findings.flatMap(({ remedy }) => remedy)
  expect(steps.length).toBeGreaterThan(0)
  for (const step of steps) {
    if (step.kind === 'command') await patient.run(step.command)
    else await as('superuser', (client) => client.query(step.sql))
  }
}

async function as<T>(
  role: Parameters<TestDatabase['url']>[0],
  use: (client: Client) => Promise<T>,
): Promise<T> {
  return await withConnection({ url: patient.database.url(role) }, use)
}

/** Looks, checks what was found, does what it says, and looks again. */
async function expectMended(
  check: string,
  expected: readonly object[],
  options: LookOptions = {},
): Promise<void> {
  const findings = await look(check, options)
  expect(findings).toMatchObject(expected.map((it) => ({ check, ...it })))
  expect(findings).toHaveLength(expected.length)
  await mend(findings)
  expect(await look(check, options)).toEqual([])
}

async function expectExact(): Promise<void> {
  await patient.run('millrace drain')
  await patient.run('millrace verify')
}

const TALLY = 'public.tally'
const PROJECTS = 'public.projects'

test('nothing is found where all is well', async () => {
  const limits = { maxLagMs: LIMITS.maxLagMs, maxHoldMs: LIMITS.maxHoldMs }
  for (const check of Object.keys(CHECKS).filter((it) => it !== 'worker')) {
    expect(await look(check, { limits }), check).toEqual([])
  }
})

test('cluster: stored rows of another database', async () => {
  const copy = await createTestDatabase('', undefined, patient.database.name)
  patient = patientIn(copy, patient.folder)
  await as('writer', (client) => client.query(`update projects set title = 'since the restore' where id = 3`))
  await expectMended('cluster', [{ severity: 'error', object: TALLY }])
  await expectExact()
})

test.each(['insert', 'update', 'delete', 'truncate'])(
  'capture-triggers: the trigger for %s is missing',
  async (event) => {
    await as('application', (client) =>
      client.query(`drop trigger ${ident(`!millrace_${event}`).text} on projects`),
    )
    await as('writer', (client) =>
      client.query(
        `insert into projects values (50, 'a'); update projects set title = 'b'; delete from projects where id = 7`,
      ),
    )
    await expectMended('capture-triggers', [
      {
        severity: 'error',
        object: PROJECTS,
        message: expect.stringContaining(`for ${event} is missing`) as string,
      },
    ])
    await as('writer', (client) => client.query('truncate projects cascade'))
    await expectExact()
  },
)

test.each([
  ['disable', 'disabled'],
  ['enable replica', 'enabled for replica sessions only'],
])('capture-triggers: %s', async (how, message) => {
  await as('application', (client) => client.query(`alter table projects ${how} trigger "!millrace_update"`))
  await as('writer', (client) => client.query(`update projects set title = 'not captured'`))
  await expectMended('capture-triggers', [
    { severity: 'error', object: PROJECTS, message: expect.stringContaining(message) as string },
  ])
  await expectExact()
})

test('capture-triggers: a role whose sessions pass them by', async () => {
  const { name } = patient.database
  await as('superuser', (client) =>
    client.query(`alter role ${ROLES.writer} in database ${name} set session_replication_role = replica`),
  )
  await as('writer', (client) => client.query(`update projects set title = 'not captured'`))
  await expectMended('capture-triggers', [
    { severity: 'error', object: PROJECTS, message: expect.stringContaining(ROLES.writer) as string },
    { severity: 'error', object: 'public.votes' },
  ])
  await as('writer', (client) => client.query(`update projects set title = 'captured'`))
  await expectExact()
})

test('capture-triggers: a subscription writes the table', async () => {
  await as('superuser', (client) =>
    client.query(
      `insert into pg_subscription_rel (srsubid, srrelid, srsubstate) values (4711, 'projects'::regclass, 'r')`,
    ),
  )
  expect(await look('capture-triggers')).toMatchObject([{ severity: 'error', object: PROJECTS }])
  await as('superuser', (client) => client.query('delete from pg_subscription_rel'))
  expect(await look('capture-triggers')).toEqual([])
})

test.each([
  `create or replace function millrace.capture_projects_update() returns trigger language plpgsql security definer
   set search_path = pg_catalog, pg_temp as 'begin return null; end'`,
  'alter function millrace.capture_projects_update() security invoker',
  'alter function millrace.capture_projects_update() reset search_path',
])('capture-functions: %s', async (statement) => {
  await as('owner', (client) => client.query(statement))
  await as('application', (client) => client.query(`update projects set title = 'changed'`)).catch(
    () => undefined,
  )
  await expectMended('capture-functions', [{ severity: 'error', object: PROJECTS }])
  await as('writer', (client) => client.query(`update projects set title = 'changed again'`))
  await expectExact()
})

test('definition: declared otherwise', async () => {
  await writeProjectFile(patient.folder, 'millrace.config.ts', configOf(`${QUERY} where p.id > 3`))
  await expectMended('definition', [
    { severity: 'error', object: TALLY, message: 'it is declared otherwise than it is installed' },
  ])
})

test('definition: not declared any more', async () => {
  await writeProjectFile(
    patient.folder,
    'millrace.config.ts',
    configOf('select id, title from projects').replace(`'tally'`, `'titles'`),
  )
  await expectMended(
    'definition',
    [
      { severity: 'warning', object: TALLY },
      { severity: 'error', object: 'public.titles' },
    ].map((it) => ({ ...it, remedy: [{ kind: 'command', command: 'millrace migrate up' }] })),
  )
})

test('definition: a source has changed so that the query cannot be compiled', async () => {
  await as('application', (client) => client.query('alter table projects rename title to name'))
  expect(await look('definition')).toMatchObject([
    { severity: 'error', object: TALLY, message: expect.stringContaining('QUERY_INVALID') as string },
  ])
})

test('other-writers: rights on what only Millrace should write', async () => {
  await as('owner', (client) =>
    client.query(`grant update, insert on millrace.tally_v1 to ${ROLES.writer};
                  grant delete on tally to public;
                  grant truncate on millrace.queue_projects_1 to ${ROLES.reader}`),
  )
  await expectMended('other-writers', [
    {
      severity: 'error',
      object: 'millrace.queue_projects_1',
      message: expect.stringContaining('may truncate') as string,
    },
    {
      severity: 'error',
      object: 'millrace.tally_v1',
      message: expect.stringContaining(`${ROLES.writer} may insert, update`) as string,
    },
    { severity: 'error', object: TALLY, message: expect.stringContaining('everybody may delete') as string },
  ])
})

test('worker: none is connected', async () => {
  expect(await look('worker')).toMatchObject([
    { check: 'worker', severity: 'error', remedy: [{ kind: 'command', command: 'millrace work' }] },
  ])
  const looks: Promise<readonly Finding[]>[] = []
  const outcome = await millrace(['work'], {
    cwd: patient.folder,
    env: { DATABASE_URL: patient.database.url('worker') },
    onLog: (line, interrupt) => {
      if (line.startsWith('working on')) looks.push(look('worker').finally(interrupt))
    },
  })
  expect(outcome).toMatchObject({ code: 0 })
  expect(await Promise.all(looks)).toEqual([[]])
})

test('lag: changes that nobody drains', async () => {
  await as('writer', (client) => client.query(`update projects set title = 'new' where id < 4`))
  expect(await look('lag', { limits: { maxLagMs: 3_600_000 } })).toMatchObject([{ severity: 'warning' }])
  await expectMended('lag', [
    { severity: 'error', object: TALLY, message: expect.stringContaining('3 changes') as string },
  ])
})

test('pending: units that are set aside with their error', async () => {
  await as('writer', (client) => client.query('update projects set parts = 0 where id in (3, 5)'))
  const { code } = await millrace(['drain'], {
    cwd: patient.folder,
    env: { DATABASE_URL: patient.database.url('worker') },
  })
  expect(code).toBe(1)
  const findings = await look('pending')
  expect(findings).toMatchObject([
    {
      severity: 'error',
      object: TALLY,
      message: expect.stringContaining('2 units are set aside (id = 3, …): division by zero') as string,
    },
  ])
  await as('writer', (client) => client.query('update projects set parts = 2 where id in (3, 5)'))
  await mend(findings)
  expect(await look('pending')).toEqual([])
})

test('pending: units of a rebuild that was interrupted', async () => {
  await as('owner', async (client) => {
    const [model] = await readModels(client)
    if (model === undefined) throw new Error('not installed')
    const stop = new AbortController()
    const rebuilding = rebuild(client, model, {
      chunk: 5,
      signal: stop.signal,
      onProgress: () => {
        stop.abort()
      },
    })
    await expect(rebuilding).rejects.toMatchObject({ name: 'AbortError' })
  })
  await expectMended('pending', [
    { severity: 'warning', object: TALLY, message: expect.stringContaining('15 units wait') as string },
  ])
})

test('starved-slot: a session that is idle in its transaction', async () => {
  await as('writer', (client) => client.query(`update projects set title = 'queued'`))
  const reader = await patient.database.connect('reader')
  await reader.query('begin isolation level repeatable read')
  await reader.query('select count(*) from tally_strict')

  expect(await look('starved-slot', { as: 'owner' })).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('hidden from this role') as string },
  ])
  expect(await look('starved-slot', { limits: { maxHoldMs: 3_600_000 } })).toEqual([])
  await expectMended('starved-slot', [
    {
      severity: 'error',
      object: PROJECTS,
      message: expect.stringMatching(
        /process \d+ of millrace_reader \(test reader\), idle in transaction, holds it/,
      ) as string,
    },
  ])
})

test('starved-slot: a prepared transaction', async () => {
  await as('writer', (client) => client.query(`update projects set title = 'queued'`))
  const gid = `held in ${patient.database.name}`
  await as('superuser', async (client) => {
    await client.query('begin')
    await client.query('select count(*) from tally_strict')
    await client.query(`prepare transaction '${gid}'`)
  })
  await expectMended('starved-slot', [
    {
      severity: 'error',
      object: PROJECTS,
      message: expect.stringContaining(`the prepared transaction ${gid} holds it`) as string,
    },
  ])
})

test('queue-size: a queue that nobody empties', async () => {
  await as('writer', (client) =>
    client.query(`insert into projects select i, 'many' from generate_series(100, 8000) as i`),
  )
  // As if it had been a while ago: a slot in use is left alone.
  await as('superuser', (client) =>
    client.query(`update millrace.queue_projects set slot = (slot + 1) % 3 where xid > '0'::xid8`),
  )
  await as('superuser', (client) => client.query('vacuum millrace.queue_projects'))
  const limits = { maxQueueBytes: 300_000 }
  await expectMended('queue-size', [{ severity: 'warning', object: PROJECTS }], { limits })
})

test('indexes: one that a path needs', async () => {
  await as('application', (client) => client.query('drop index votes_of_project'))
  await expectMended('indexes', [{ severity: 'warning', object: 'public.votes' }])
})

test('a check that a role may not make says so', async () => {
  await as('owner', (client) => client.query(`revoke select on millrace.watermark from ${ROLES.worker}`))
  const findings = await as('worker', async (client) =>
    examine(
      {
        client,
        models: await readModels(client),
        declared: [],
        searchPath: undefined,
        workerRole: undefined,
        limits: LIMITS,
      },
      { cluster: CHECKS['cluster'] ?? (() => Promise.reject(new Error('no such check'))) },
    ),
  )
  expect(findings).toMatchObject([
    { check: 'cluster', severity: 'warning', message: expect.stringContaining('may not look') as string },
  ])
})
