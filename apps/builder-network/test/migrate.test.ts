import { drainOnce, verifyModels } from 'millrace'
import { expect, test } from 'vitest'
import { indexes as missingIndexes } from '../../../src/doctor/checks/indexes.ts'
import type { Examination } from '../../../src/doctor/finding.ts'
import { readModels } from '../../../src/work/model.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { ROLES } from '../../../test/support/roles.ts'
import { withClient } from '../src/database.ts'
import { currentPhase, migrateDown, migrateUp } from '../src/migrate.ts'
import { PHASES } from '../src/phases.ts'
import { installReadModels } from '../src/read-models.ts'
import { SCALES } from '../src/sizes.ts'
import { createTables, fillTables } from '../src/tables.ts'
import { writeUntil } from './writers.ts'

const roles = { worker: ROLES.worker, reader: ROLES.writer }
const optionsOf = (database: TestDatabase) => ({
  url: database.url('owner'),
  tablesUrl: database.url('application'),
  roles,
})

/** A community that has lived without the plan: rows, and no index but keys. */
async function community(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  await withClient(database.url('application'), async (client) => {
    await createTables(client, { withIndexes: false })
    await fillTables(client, { seed: 3, sizes: SCALES.tiny })
  })
  return database
}

/**
 * Everything that has a name, with its rights, its columns and what it stands for. How queues lay out their columns depends on which read model
 * came first, so bodies are left out where two ways are compared.
 */
async function catalogOf(database: TestDatabase, { withBodies = true } = {}): Promise<readonly string[]> {
  const bodies = String(withBodies)
  return await withClient(database.url('superuser'), async (client) => {
    const { rows } = await client.query<{ line: string }>(`
      select format('%s %s %s %s', c.relkind, c.relnamespace::regnamespace, c.relname, c.relacl) as line
      from pg_class c where c.relnamespace in (select oid from pg_namespace where nspname in ('public', 'millrace'))
      union all select indexdef from pg_indexes where schemaname in ('public', 'millrace')
      union all select format('%s %s', viewname, definition) from pg_views where schemaname in ('public', 'millrace') and ${bodies}
      union all select format('%s %s %s %s', table_schema, table_name, column_name, data_type)
        from information_schema.columns where table_schema in ('public', 'millrace')
      union all select format('%s %s %s', p.oid::regprocedure, p.proacl, case when ${bodies} then md5(p.prosrc) end) from pg_proc p
        where p.pronamespace in (select oid from pg_namespace where nspname in ('public', 'millrace'))
      union all select format('%s %s', tgrelid::regclass, pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal
      union all select extname from pg_extension
      union all select nspname from pg_namespace where nspname !~ '^pg_'`)
    return rows.map(({ line }) => line).toSorted()
  })
}

/** Others at work, until they are told to stop; their errors are the test's. */
async function whileOthersWrite(database: TestDatabase, work: () => Promise<void>): Promise<void> {
  const end = new AbortController()
  const writing = writeUntil(end.signal, { url: database.url('writer'), people: 2, seed: 5, pauseMs: 5 })
  try {
    await work()
  } finally {
    end.abort()
  }
  const { writes, errors } = await writing
  expect(errors).toEqual([])
  expect(writes).toBeGreaterThan(0)
}

async function expectExact(database: TestDatabase): Promise<void> {
  await drainOnce({ database: database.url('worker') })
  const verified = await verifyModels({ database: database.url('worker') })
  expect(verified.flatMap(({ model, drift }) => drift.map(() => model))).toEqual([])
  expect(verified.every(({ rows }) => rows > 0)).toBe(true)
}

/** After how many phases it is looked at; MILLRACE_EACH_PHASE=1 looks after each. */
const STOPS = process.env['MILLRACE_EACH_PHASE'] === undefined ? [2, 5, 0] : [1, 2, 3, 4, 5, 4, 3, 2, 1, 0, 5]

test('the five phases up while others write, down again while others write; exact wherever it stops, and nothing is left', async () => {
  const database = await community()
  const before = await catalogOf(database)
  const options = optionsOf(database)
  const owner = await database.connect('owner')
  for (const stop of STOPS) {
    const isUp = stop > (await currentPhase(options.url))
    await whileOthersWrite(database, () => (isUp ? migrateUp : migrateDown)(stop, options))
    expect(await currentPhase(options.url)).toBe(stop)
    if (stop === 0) {
      expect(await catalogOf(database)).toEqual(before)
      continue
    }
    await expectExact(database)
    const examination = { client: owner, models: await readModels(owner) } as unknown as Examination
    expect(await missingIndexes(examination), `phase ${String(stop)}`).toEqual([])
    if (stop === PHASES.length) await expectAsDbUp(database)
  }
})

/** All five are what db:up makes at once, on tables that have nothing in them yet. */
async function expectAsDbUp(database: TestDatabase): Promise<void> {
  const atOnce = await createTestDatabase()
  await withClient(atOnce.url('application'), (client) => createTables(client))
  await installReadModels({ url: atOnce.url('owner') }, roles)
  const isSame = { withBodies: false }
  expect(await catalogOf(database, isSame)).toEqual(await catalogOf(atOnce, isSame))
}

test('a phase that was broken off goes on, and an index that was left invalid is made anew', async () => {
  const database = await community()
  const options = optionsOf(database)
  await withClient(database.url('superuser'), async (client) => {
    await client.query('create index projects_user_id on projects (user_id)')
    await client.query(
      `update pg_index set indisvalid = false where indexrelid = 'projects_user_id'::regclass`,
    )
  })
  await expect(migrateUp(1, { ...options, signal: AbortSignal.abort() })).rejects.toThrow()
  expect(await currentPhase(options.url)).toBe(0)
  await migrateUp(1, options)
  await migrateUp(1, options)
  await expectExact(database)
  await withClient(database.url('superuser'), async (client) => {
    const { rows } = await client.query('select from pg_index where not indisvalid')
    expect(rows).toEqual([])
  })
})
