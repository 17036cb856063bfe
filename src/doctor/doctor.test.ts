import { expect, test } from 'vitest'
import { millrace, writeProjectFile } from '../../test/support/command-line.ts'
import { createTestDatabase } from '../../test/support/database.ts'
import {
  as,
  configOf,
  expectExact,
  expectMended,
  look,
  mend,
  moveTo,
  patient,
  PROJECTS,
  QUERY,
  TALLY,
  usePatients,
} from '../../test/support/patient.ts'
import { ROLES } from '../../test/support/roles.ts'
import { withConnection } from '../pg/client.ts'
import { readModels } from '../work/model.ts'
import { rebuild } from '../work/rebuild.ts'
import { currentSlot } from '../sql/slots.ts'
import { WORKER_NAME } from '../work/session.ts'
import { CHECKS, examine, LIMITS } from './doctor.ts'
import type { Finding } from './finding.ts'
import { lookUntil } from './patience.ts'

usePatients()

test('nothing is found where all is well', async () => {
  const limits = { maxLagMs: LIMITS.maxLagMs, maxHoldMs: LIMITS.maxHoldMs }
  for (const check of Object.keys(CHECKS).filter((it) => it !== 'worker')) {
    expect(await look(check, { limits }), check).toEqual([])
  }
})

test('cluster: stored rows of another database', async () => {
  const copy = await createTestDatabase('', { template: patient.database.name })
  moveTo(copy)
  await as('writer', (client) => client.query(`update projects set title = 'since the restore' where id = 3`))
  await expectMended('cluster', [{ severity: 'error', object: TALLY }])
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

test('worker: one that hangs, beside one that works', async () => {
  const url = patient.database.url('worker')
  await withConnection({ url, name: WORKER_NAME }, async (hanging) => {
    const [{ pid } = { pid: 0 }] = await hanging.query<{ pid: number }>('select pg_backend_pid() as pid')
    const message = expect.stringContaining(`server process ${String(pid)} has been silent`) as string
    expect(await look('worker')).toEqual([])
    expect(await look('worker', { limits: { maxSilentMs: 0 } })).toMatchObject([
      { severity: 'error', message },
    ])

    // The other is in the middle of a statement.
    await withConnection({ url, name: WORKER_NAME }, async (working) => {
      const owner = await patient.database.connect('owner')
      await owner.query('begin; lock table millrace.tally_v1')
      const drained = working.query('select from millrace.tally_v1')
      const findings = await lookUntil(
        30_000,
        () => look('worker', { limits: { maxSilentMs: 0 } }),
        (now) => now.length === 1,
      )
      expect(findings).toMatchObject([{ severity: 'warning', message }])
      await owner.query('commit')
      await drained
    })
  })
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
      onProgress: (done) => {
        if (done > 0) stop.abort()
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

test('drift: what the last verification found, until the next one finds nothing', async () => {
  await as('owner', async (client) => {
    await client.query('select millrace.verify()')
    expect(await look('drift')).toEqual([])
    await client.query('update millrace.tally_v1 set ups = 0 where id < 3')
    await client.query('select millrace.verify()')
  })
  await expectMended('drift', [
    { severity: 'error', object: TALLY, message: expect.stringContaining('2 rows that differ') as unknown },
  ])
  await expectExact()
})

test('queue-size: a queue that nobody empties', async () => {
  await as('writer', (client) =>
    client.query(`insert into projects select i, 'many' from generate_series(100, 8000) as i`),
  )
  // As if it had been a while ago, in the slot whose turn comes last: one in use is left alone.
  await as('superuser', (client) =>
    client.query(
      `update millrace.queue_projects set slot = (${currentSlot().text} + 2) % 3 where xid > '0'::xid8`,
    ),
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
        schedule: { refreshed: [], jobs: [] },
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
