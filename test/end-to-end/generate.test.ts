import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { documentOf, millrace, projectFolder, writeProjectFile } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'
import { databaseState } from './database-state.ts'

const configOf = (...models: readonly string[]) => `
import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({ define: [${models
  .map(
    (name) =>
      `readModel('${name}', { key: 'id', freshness: 'eventual', query: sql\`select id from items\` })`,
  )
  .join(', ')}] })`

async function makeWorld() {
  const database = await createTestDatabase('create table items (id int primary key)')
  const owner = await database.connect('superuser')
  const cwd = await projectFolder({ 'millrace.config.ts': configOf('one') })
  const run = (...args: readonly string[]) =>
    millrace(args, { cwd, env: { DATABASE_URL: database.url('superuser') } })
  const refused = async (code: string, ...args: readonly string[]) => {
    const { stderr, ...outcome } = await run(...args)
    expect(outcome.code).toBe(1)
    expect(stderr).toContain(`(${code})`)
    return stderr
  }
  const migrations = join(cwd, 'migrations')
  const newest = async () => {
    const files = (await readdir(migrations)).filter((name) => name.endsWith('.up.sql')).sort()
    return join(migrations, files.at(-1) ?? '')
  }
  return {
    cwd,
    owner,
    run,
    refused,
    migrations,
    newest,
    declare: (text: string) => writeProjectFile(cwd, 'millrace.config.ts', text),
  }
}

test('generating asks the database what the queries mean, changes nothing in it, and nothing the second time', async () => {
  const { run, owner, migrations, declare } = await makeWorld()
  const before = await databaseState(owner)
  expect(documentOf(await run('generate', 'one', '--json'))).toMatchObject({
    changes: [{ kind: 'create', model: 'public.one' }],
    migration: {
      files: [expect.stringMatching(/_one\.down\.sql$/), expect.stringMatching(/_one\.up\.sql$/)],
    },
  })
  expect(await databaseState(owner)).toBe(before)

  const written = await readdir(migrations)
  expect(documentOf(await run('generate', 'two', '--json'))).toEqual({
    changes: [],
    migration: null,
    findings: [],
  })
  expect(await readdir(migrations)).toEqual(written)
  expect(written.filter((name) => name.includes('unfinished'))).toEqual([])

  await declare(configOf('one', 'two'))
  expect(await run('generate', '--check')).toMatchObject({ code: 2, stdout: 'to create  public.two\n' })
  expect((await run('migrate', 'status')).stdout).toContain('to generate: create  public.two')
  expect(await readdir(migrations)).toEqual(written)
})

test('a file that was changed by hand, or is gone, is noticed and can be accepted', async () => {
  const { run, refused, newest, declare } = await makeWorld()
  await run('generate', 'one')
  const file = await newest()
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replaceAll('\n', '\r\n'))
  expect(await run('generate', 'again')).toMatchObject({ code: 0 })

  await writeFile(file, `${text}\n-- and more`)
  await declare(configOf('one', 'two'))
  expect(await refused('MIGRATION_EDITED', 'generate', 'two')).toContain('was changed by hand')
  expect(await run('generate', 'two', '--accept-edits')).toMatchObject({ code: 0 })
  expect(await run('generate', 'again')).toMatchObject({ code: 0 })

  await rm(file)
  expect(await refused('MIGRATION_EDITED', 'generate', 'three')).toContain('is not there')
})

test('branches that have generated from one state are noticed, whichever snapshot the merge has kept', async () => {
  const { cwd, run, refused, migrations, declare } = await makeWorld()
  await run('generate', 'one')
  const other = join(cwd, 'other')
  await cp(migrations, other, { recursive: true })
  await declare(configOf('one', 'two'))
  await run('generate', 'two')

  await declare(configOf('one', 'three').replace('define:', `migrations: { directory: 'other' }, define:`))
  await run('generate', 'three')
  const snapshot = '.millrace-snapshot.json'
  const [ours, theirs] = [join(migrations, snapshot), join(other, snapshot)]
  const both = [await readFile(ours, 'utf8'), await readFile(theirs, 'utf8')]
  await cp(other, migrations, { recursive: true })
  await declare(configOf('one', 'two', 'three'))
  for (const [kept, unknown] of [
    [both[0] ?? '', '_three.'],
    [both[1] ?? '', '_two.'],
  ] as const) {
    await writeFile(ours, kept)
    expect(await refused('MIGRATIONS_DIVERGED', 'generate', 'all')).toContain(unknown)
    expect(await refused('MIGRATIONS_DIVERGED', 'migrate', 'up')).toContain(unknown)
  }
  await writeFile(ours, `<<<<<<< ours\n${both[0] ?? ''}=======\n${both[1] ?? ''}>>>>>>> theirs\n`)
  await refused('MIGRATIONS_DIVERGED', 'generate', 'all')
  await writeFile(ours, 'nothing')
  await refused('SNAPSHOT_UNREADABLE', 'generate', 'all')

  // As the error says: one side stays, and what only the other has is generated again.
  await writeFile(ours, both[0] ?? '')
  for (const name of (await readdir(migrations)).filter((it) => it.includes('_three.')))
    await rm(join(migrations, name))
  expect(await run('generate', 'three again')).toMatchObject({ code: 0 })
  expect(await run('migrate', 'up')).toMatchObject({ code: 0 })
  expect(await run('verify')).toMatchObject({ code: 0 })
})

test("an upgrade of Millrace's own schema is the next migration, and the one after it knows of that", async () => {
  const { run, owner, migrations } = await makeWorld()
  await run('generate', 'one')
  await run('migrate', 'up')
  // As if an older program had done all this.
  const file = join(migrations, '.millrace-snapshot.json')
  const { schemaVersion, ...snapshot } = JSON.parse(await readFile(file, 'utf8')) as { schemaVersion: number }
  await writeFile(file, JSON.stringify({ ...snapshot, schemaVersion: schemaVersion - 1 }))
  await owner.query('delete from millrace.schema_version where version = $1', [schemaVersion])
  expect(await run('generate', '--check')).toMatchObject({ code: 2, stdout: 'to update  millrace\n' })

  const { files } = documentOf(await run('upgrade', '--write', '--json')) as { files: string[] }
  expect(await readFile(files.at(-1) ?? '', 'utf8')).toContain(
    `insert into millrace.schema_version (version) values (${String(schemaVersion)});`,
  )
  expect(await run('generate', '--check')).toMatchObject({ code: 0 })
})

test('after an uninstallation nothing is left of the ledger, and the migrations can be run again', async () => {
  const { run, owner } = await makeWorld()
  const before = await databaseState(owner)
  await run('generate', 'one')
  await run('migrate', 'up')
  expect(await run('uninstall', '--drop', '--yes')).toMatchObject({ code: 0 })
  expect(await databaseState(owner)).toBe(before)
  expect(await run('migrate', 'up')).toMatchObject({ code: 0 })
  expect(await run('verify')).toMatchObject({ code: 0 })
})
