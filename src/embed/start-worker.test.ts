import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import type { WorkEvent } from '../work/events.ts'
import { startWorker } from './start-worker.ts'

const ITEMS = { name: 'all_items', key: 'id', query: 'select id from items' }

async function start() {
  const database = await createTestDatabase('create table items (id int primary key)')
  const [owner, writer] = [await database.connect('owner'), await database.connect('writer')]
  await installModels(owner, [ITEMS])
  return { database, owner, writer }
}

/** Waits for an event that comes after this is called. */
function listener() {
  const waiting = new Set<(event: WorkEvent) => void>()
  return {
    onEvent: (event: WorkEvent) => {
      for (const hear of waiting) hear(event)
    },
    next: (kind: WorkEvent['kind']) =>
      new Promise<WorkEvent>((resolve) => {
        waiting.add((event) => {
          if (event.kind === kind) resolve(event)
        })
      }),
  }
}

test('a worker of a configuration file drains until the signal, and then is done', async () => {
  const { database, owner, writer } = await start()
  const directory = await mkdtemp(join(tmpdir(), 'millrace-worker-'))
  const file = join(directory, 'millrace.config.ts')
  await writeFile(file, `export default { database: ${JSON.stringify(database.url('worker'))}, define: [] }`)

  const stop = new AbortController()
  const { onEvent, next } = listener()
  const [started, drained] = [next('started'), next('drained')]
  const worker = startWorker(file, { signal: stop.signal, onEvent })
  await started
  await writer.query('insert into items values (1)')
  await drained
  expect(await owner.query('select id from all_items')).toEqual([{ id: 1 }])
  stop.abort()
  await worker.done
})

test('neither a listener that throws nor a connection that breaks off ends it, and stopping twice is nothing', async () => {
  const { database, owner, writer } = await start()
  const superuser = await database.connect('superuser')
  const { onEvent, next } = listener()
  const warnings: string[] = []
  const warn = (warning: Error) => warnings.push(warning.message)
  process.on('warning', warn)
  const started = next('started')
  const worker = startWorker(
    { database: database.url('worker') },
    {
      onEvent: (event) => {
        onEvent(event)
        throw new Error(`heard ${event.kind}`)
      },
    },
  )
  await started
  const [lost, again] = [next('disconnected'), next('started')]
  await superuser.query(`select pg_terminate_backend(pid) from pg_stat_activity
                         where application_name = 'millrace worker' and datname = current_database()`)
  await lost
  await again
  const drained = next('drained')
  await writer.query('insert into items values (2)')
  await drained
  expect(await owner.query('select id from all_items')).toEqual([{ id: 2 }])
  await worker.stop()
  await worker.stop()
  await worker.done
  process.off('warning', warn)
  expect(warnings).toContain('heard disconnected')
})

test('one that refuses to go on says so, and does not end the process of its host', async () => {
  const database = await createTestDatabase()
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  const owner = await database.connect('superuser')
  await owner.query('create schema millrace')
  await owner.query('create table millrace.schema_version (version int)')
  await owner.query('insert into millrace.schema_version values (100000)')
  const { onEvent, next } = listener()
  const refused = next('refused')
  const worker = startWorker({ database: database.url('superuser') }, { onEvent })
  expect(await refused).toMatchObject({ error: { code: 'SCHEMA_TOO_NEW' } })
  await worker.stop()
  // Rejections that nobody has handled are told after the microtasks of a turn.
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
  await expect(worker.done).rejects.toMatchObject({ code: 'SCHEMA_TOO_NEW' })
  await expect(startWorker('/nowhere/millrace.config.ts').done).rejects.toMatchObject({
    code: 'CONFIG_NOT_FOUND',
  })
})
