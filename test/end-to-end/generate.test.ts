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

const SERVER = `extensions: ['pg_trgm'],
  settings: { work_mem: '33MB', search_path: 'app, public', max_connections: 4321, 'app.name': "it's $set$" },`

test('extensions and settings are in the migration, but for what takes a superuser or a restart, which is said', async () => {
  const { run, owner, newest, declare } = await makeWorld()
  await owner.query('create schema app; alter table items add column title text')
  const wanted = configOf('one')
    .replace('define:', `${SERVER} define:`)
    .replace('select id from items', `select id from items where similarity(title, 'a') > 0.5`)
  await declare(wanted)
  const generated = await run('generate', 'server')
  const notDone =
    'not done: setting max_connections to 4321: it takes a superuser, and a restart of the server'
  expect(generated).toMatchObject({ code: 0, stderr: `${notDone}\n` })
  expect(generated.stdout).toContain('create  extension pg_trgm\nupdate  setting work_mem\n')
  const text = await readFile(await newest(), 'utf8')
  expect(text).toContain('-- Not done by it, nor by Millrace:\n-- - setting max_connections to 4321')
  expect(text).toContain(`--   alter system set "max_connections" = '4321';`)
  expect((await run('generate', 'again')).stdout).toContain('Nothing to generate')

  expect(await run('migrate', 'up')).toMatchObject({ code: 0, stderr: `${notDone}\n` })
  const settings = `select unnest(setconfig) as it from pg_db_role_setting
    where setdatabase = (select oid from pg_database where datname = current_database()) and setrole = 0`
  const made = [`app.name=it's $set$`, 'search_path=app, public', 'work_mem=33MB']
  const now = async () => (await owner.query<{ it: string }>(settings)).map(({ it }) => it).sort()
  expect(await now()).toEqual(made)
  expect(await run('verify')).toMatchObject({ code: 0 })

  await declare(wanted.replace('33MB', '34MB').replace('pg_trgm', "citext', 'pg_trgm"))
  expect((await run('migrate', 'status')).stdout).toContain(
    'to generate: create  extension citext\nto generate: update  setting work_mem\n',
  )
  await run('generate', 'more')
  await run('migrate', 'up')
  expect(await now()).toContain('work_mem=34MB')
  // A former value comes back; what was not there before stays.
  expect(await run('migrate', 'down')).toMatchObject({ code: 0 })
  expect(await now()).toEqual(made)
  expect(await run('migrate', 'down')).toMatchObject({ code: 0 })
  expect(await now()).toEqual(made)
  expect(
    await owner.query(`select extname from pg_extension where extname in ('citext', 'pg_trgm') order by 1`),
  ).toEqual([{ extname: 'citext' }, { extname: 'pg_trgm' }])
})

test('the database against which something is generated may lack all read models, or number its columns otherwise', async () => {
  const { cwd, owner, run, declare } = await makeWorld()
  await owner.query('alter table items add column title text, add column size int')
  const both = (other: string) =>
    configOf('one').replace('select id from items', `select id, title${other}, size from items`)
  await declare(both(''))
  await run('generate', 'one')

  // Numbers 3 to 5 in another order, and nothing installed.
  const database = await createTestDatabase(
    'create table items (gone int, size int, id int primary key, title text); alter table items drop column gone',
  )
  const there = (...args: readonly string[]) =>
    millrace(args, { cwd, env: { DATABASE_URL: database.url('superuser') } })
  expect(await there('generate', '--check')).toMatchObject({ code: 0 })
  await declare(
    both(` || '!' as title`).replace(
      '] })',
      `, readModel('sizes', { key: 'id', freshness: 'eventual', query: sql\`select id, size from items\` })] })`,
    ),
  )
  expect(documentOf(await there('generate', 'two', '--json'))).toMatchObject({
    changes: [
      { kind: 'replace', model: 'public.one' },
      { kind: 'create', model: 'public.sizes' },
    ],
  })
  // Capture, made for all of them, and each of them agree on which bit tells of which column.
  expect(await run('migrate', 'up')).toMatchObject({ code: 0 })
  await owner.query(`insert into items values (1, 'a', 1), (2, 'b', 2)`)
  await run('drain')
  for (const statement of [
    'update items set size = 3 where id = 1',
    `update items set title = 'c' where id = 2`,
    'update items set id = 9 where id = 1',
  ]) {
    await owner.query(statement)
    await run('drain')
    expect(await run('verify')).toMatchObject({ code: 0 })
  }
})

test('a version before is kept fresh as long as there is a way back to it, and is gone when the next file captures without it', async () => {
  const { run, owner, declare } = await makeWorld()
  await owner.query(`alter table items add column title text; insert into items values (1, 'a'), (2, 'b')`)
  const others = ['two', 'three']
  const declared = (query: string, ...names: readonly string[]) =>
    configOf('one', ...names).replace('select id from items', query)
  const made = async (name: string) => {
    expect(await run('generate', name)).toMatchObject({ code: 0 })
    expect(await run('migrate', 'up')).toMatchObject({ code: 0, stderr: '' })
  }
  const isFresh = async () => {
    await owner.query(
      `update items set title = title || '!'; insert into items select max(id) + 1, 'n' from items`,
    )
    expect(await run('drain')).toMatchObject({ code: 0 })
    expect(await run('verify')).toMatchObject({ code: 0 })
    return (await run('migrate', 'status')).stdout
  }
  await declare(declared('select id, title from items'))
  await made('first')
  await declare(declared('select id from items'))
  await made('second')
  expect(await isFresh()).toContain('former    public.one')
  expect((await run('migrate', 'back')).stdout).toContain('restored  public.one, version 1')
  await isFresh()
  expect((await run('migrate', 'back')).stdout).toContain('restored  public.one, version 2')

  // Its capture knows nothing of titles.
  await declare(declared('select id from items', ...others))
  await made('third')
  expect(await isFresh()).not.toContain('former')
  expect((await run('migrate', 'back')).stdout).toContain('no read model has a version before')
  expect(await run('migrate', 'down')).toMatchObject({ code: 0 })
  expect(await run('migrate', 'down')).toMatchObject({ code: 0 })
  await isFresh()
  expect(await owner.query('select title from one except select title from items')).toEqual([])
  expect(await run('migrate', 'down')).toMatchObject({ code: 0 })
  expect(await owner.query(`select from pg_namespace where nspname = 'millrace'`)).toEqual([])
})

test('leaderboards and refreshed models go forth and back by files, beside their versions of before', async () => {
  const { run, owner, declare } = await makeWorld()
  await owner.query('insert into items select i from generate_series(1, 5) as i')
  const declared = (more: string) => `
    import { defineConfig, readModel, sql } from 'millrace'
    export default defineConfig({ migrations: { format: 'sql' }, define: [
      readModel('board', { key: 'id', freshness: 'eventual', query: sql\`select id${more} from items\`, leaderboard: { score: 'id desc', ties: [], within: [] } }),
      readModel('largest', { key: 'id', freshness: { every: '1 hour' }, query: sql\`select id${more} from items order by id desc limit 3\` }),
    ] })`
  const columns = async () =>
    (
      await owner.query<{ column: string }>(
        `select table_name || '.' || column_name as column from information_schema.columns
         where table_name in ('board', 'largest') and column_name <> 'id' order by 1`,
      )
    ).map(({ column }) => column)
  const made = async (name: string, more: string) => {
    await declare(declared(more))
    expect(await run('generate', name)).toMatchObject({ code: 0, stderr: '' })
    expect(await run('migrate', 'up')).toMatchObject({ code: 0, stderr: '' })
  }
  await made('first', '')
  await made('second', ', 1 as more')
  expect(await columns()).toEqual(['board.more', 'largest.more'])
  expect((await run('migrate', 'status')).stdout).toContain('former    public.largest')

  for (let round = 0; round < 2; round += 1) {
    expect(await run('migrate', 'down')).toMatchObject({ code: 0, stderr: '' })
    expect(await columns()).toEqual([])
    expect(await owner.query('select id from board_top(1)')).toEqual([{ id: 5 }])
    expect(await run('migrate', 'up')).toMatchObject({ code: 0, stderr: '' })
    expect(await columns()).toEqual(['board.more', 'largest.more'])
    expect(await run('verify')).toMatchObject({ code: 0 })
  }
  expect(await run('migrate', 'down', '--all')).toMatchObject({ code: 0, stderr: '' })
  expect(await owner.query(`select from pg_namespace where nspname = 'millrace'`)).toEqual([])
  expect(await run('migrate', 'up')).toMatchObject({ code: 0, stderr: '' })
  expect(await columns()).toEqual(['board.more', 'largest.more'])
})
