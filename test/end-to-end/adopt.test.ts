import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { documentOf, millrace, projectFolder, writeProjectFile } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'
import { databaseState } from './database-state.ts'

const ROWS = `insert into items (id, title, size) select i, 'title ' || i, i % 3 from generate_series(1, 9) as i;`
const SCHEMA = `create table items (id int primary key, title text, size int); ${ROWS}`
/** The same with other numbers of its columns. */
const OTHERWISE = `create table items (gone int, size int, id int primary key, title text);
  alter table items drop column gone; ${ROWS}`

const declared = (title: string, more = '', format = 'sql') => `
import { defineConfig, job, readModel, sql, sqlObject } from 'millrace'
export default defineConfig({ migrations: { format: '${format}', directory: 'migrations' }, define: [
  readModel('titles', { key: 'id', freshness: 'eventual', query: sql\`select id, ${title} as title, size from items\` }),
  readModel('total', { key: 'it', freshness: { every: '1 hour' }, query: sql\`select 'all'::text as it, count(*) as items from items\` }),
  job('cleaning', { every: '0 3 * * *', run: sql\`delete from items where id < 0\` }),
  sqlObject('big', { dependsOn: ['titles'], up: sql\`create view big as select id from titles where size > 1\`, down: sql\`drop view big\` }),
  ${more}
] })`
const SIZES = `readModel('sizes', { key: 'size', freshness: 'eventual', query: sql\`select size, count(*) as items from items group by size\` }),`

async function makeDatabase(cwd: string, schema: string) {
  const database = await createTestDatabase(schema)
  const owner = await database.connect('superuser')
  const run = (...args: readonly string[]) =>
    millrace(args, { cwd, env: { DATABASE_URL: database.url('superuser') } })
  const done = async (...args: readonly string[]) => {
    const outcome = await run(...args)
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    return outcome.stdout
  }
  const refused = async (code: string, ...args: readonly string[]) => {
    const before = await databaseState(owner)
    const { stderr, ...outcome } = await run(...args)
    expect(outcome.code).toBe(1)
    expect(stderr).toContain(`(${code})`)
    expect(await databaseState(owner)).toBe(before)
    return stderr
  }
  /** Each column in rows of its own: what was captured by one bit and looked for by another would not be found. */
  const isFresh = async () => {
    await owner.query(`update items set title = title || '!' where id % 3 = 0`)
    await owner.query('update items set size = size + 1 where id % 3 = 1')
    await owner.query('update items set id = id + 99 where id % 3 = 2')
    await done('drain')
    await done('verify')
  }
  return { owner, run, done, refused, isFresh }
}

test('a database that was installed directly goes over to files, and others of the same kind follow', async () => {
  const cwd = await projectFolder({ 'millrace.config.ts': declared('title') })
  const declare = (text: string) => writeProjectFile(cwd, 'millrace.config.ts', text)
  const [here, there, other, empty] = await Promise.all(
    [SCHEMA, OTHERWISE, SCHEMA, SCHEMA].map((schema) => makeDatabase(cwd, schema)),
  )
  if (here === undefined || there === undefined || other === undefined || empty === undefined) return
  for (const { done } of [here, there, other]) await done('migrate', 'up')
  await declare(declared(`title || '.'`))
  // A second version, and the one before it is still there.
  for (const { done } of [here, there]) await done('migrate', 'up')
  await here.refused('MIGRATION_UNKNOWN', 'migrate', 'adopt')

  await here.done('generate', 'baseline')
  expect(await here.refused('NOT_ADOPTED', 'migrate', 'up')).toContain('millrace migrate adopt')
  expect(await other.refused('STATE_DIFFERS', 'migrate', 'adopt')).toContain('to replace public.titles')
  expect(await empty.refused('STATE_DIFFERS', 'migrate', 'adopt')).toContain('its schema is of version 0')
  expect(documentOf(await here.run('migrate', 'adopt', '--json'))).toEqual({
    adopted: [expect.stringMatching(/_baseline$/)],
    updated: [],
  })
  expect(await here.done('migrate', 'adopt')).toBe('Nothing to do.\n')
  expect(await there.done('migrate', 'adopt')).toMatch(
    /^updated {2}public\.titles\nadopted {2}\d+_baseline\n$/,
  )
  await empty.done('migrate', 'up')

  await declare(declared(`title || '.'`, SIZES))
  await here.done('generate', 'sizes')
  for (const { done, isFresh } of [here, there, empty]) {
    expect(await done('migrate', 'up')).toMatch(/^applied {3}\d+_sizes\nfinished {2}public\.sizes\n$/)
    await isFresh()
  }
  // The one whose columns have other numbers than those that the files go by.
  await there.done('migrate', 'down')
  await there.isFresh()
  await there.done('migrate', 'up')
  await there.isFresh()
  await here.done('migrate', 'down', '--all')
  expect(await here.owner.query(`select from pg_namespace where nspname = 'millrace'`)).toEqual([])
})

test("what was not generated is noted only by its name, and another tool's migrations are told to be marked", async () => {
  const cwd = await projectFolder({ 'millrace.config.ts': declared('title') })
  const { done, refused, run } = await makeDatabase(cwd, SCHEMA)
  await done('migrate', 'up')
  await done('generate', 'baseline')
  await writeProjectFile(cwd, 'migrations/20200101000000_items.up.sql', 'create table items (id int)')
  expect(await refused('MIGRATION_UNKNOWN', 'migrate', 'adopt')).toContain('20200101000000_items')
  expect(await done('migrate', 'adopt', '20200101000000_items')).toMatch(
    /^adopted {2}20200101000000_items\nadopted {2}\d+_baseline\n$/,
  )
  expect(await done('migrate', 'up')).toBe('Nothing to do.\n')

  await writeProjectFile(
    cwd,
    'millrace.config.ts',
    declared('title', '', 'prisma').replace("'migrations'", "'prisma/migrations'"),
  )
  await done('generate', 'baseline')
  expect(await readdir(join(cwd, 'prisma/migrations'))).toHaveLength(3)
  expect(await done('migrate', 'adopt')).toContain('Now tell prisma that it has run them')
  expect(await run('migrate', 'up')).toMatchObject({ code: 0, stdout: 'Nothing to do.\n' })
})
