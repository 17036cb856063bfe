import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { applyFiles } from '../../src/migrate/files/apply.ts'
import { readLedger } from '../../src/migrate/files/ledger.ts'
import { undoFiles } from '../../src/migrate/files/undo.ts'
import type { Client } from '../../src/pg/client.ts'
import { databaseState } from './database-state.ts'
import { documentOf, millrace, projectFolder, writeProjectFile } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'

const CONFIG = `import { defineConfig } from 'millrace'\nexport default defineConfig({ define: [] })`
const FIRST = '20260101000000_accounts'
const SECOND = '20260102000000_names'
const BETWEEN = '20260101120000_between'

const FILES: Readonly<Record<string, string>> = {
  'millrace.config.ts': CONFIG,
  [`migrations/${FIRST}.up.sql`]: `-- the accounts; and a semicolon\ncreate table accounts (id int primary key);\ninsert into accounts values (1), (2);\n`,
  [`migrations/${FIRST}.down.sql`]: 'drop table accounts;\n',
  [`migrations/${SECOND}.up.sql`]: `alter table accounts add column name text default 'ä;ö';
create function shout(text) returns text language sql as $$ select $1 || '!'; $$;
update accounts set name = shout(name) -- without a semicolon at the end`,
  [`migrations/${SECOND}.down.sql`]: 'drop function shout;\nalter table accounts drop column name;',
}

async function makeWorld(files = FILES) {
  const database = await createTestDatabase()
  const cwd = await projectFolder(files)
  const run = (...args: readonly string[]) =>
    millrace(args, { cwd, env: { DATABASE_URL: database.url('owner') } })
  return { database, cwd, run, owner: await database.connect('owner') }
}

test('up runs what waits, status tells of each, down undoes the last, those after one, or all', async () => {
  const { run, owner } = await makeWorld()
  const before = await databaseState(owner)
  const states = async () => {
    const { migrations } = documentOf(await run('migrate', 'status', '--json')) as {
      migrations: { name: string; state: string }[]
    }
    return migrations.map(({ name, state }) => `${state} ${name}`)
  }
  expect(await states()).toEqual([`pending ${FIRST}`, `pending ${SECOND}`])

  expect(await run('migrate', 'up')).toEqual({
    code: 0,
    stderr: '',
    stdout: `applied   ${FIRST}\napplied   ${SECOND}\n`,
  })
  expect(await owner.query('select name from accounts')).toEqual([{ name: 'ä;ö!' }, { name: 'ä;ö!' }])
  expect(await states()).toEqual([`applied ${FIRST}`, `applied ${SECOND}`])
  expect(documentOf(await run('migrate', 'up', '--json'))).toEqual({ applied: [], finished: [] })

  expect(documentOf(await run('migrate', 'down', '--json'))).toEqual({ undone: [SECOND] })
  expect(await states()).toEqual([`applied ${FIRST}`, `pending ${SECOND}`])
  await run('migrate', 'up')
  expect(documentOf(await run('migrate', 'down', '--to', FIRST, '--json'))).toEqual({ undone: [SECOND] })
  expect(await run('migrate', 'down', '--to', SECOND)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('MIGRATION_UNKNOWN') as string,
  })
  await run('migrate', 'up')
  expect(documentOf(await run('migrate', 'down', '--all', '--json'))).toEqual({ undone: [SECOND, FIRST] })
  expect(await databaseState(owner)).toBe(before)
  expect(await run('migrate', 'down', 'feed')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('BAD_USAGE') as string,
  })
})

test('a file that was changed, is gone, comes too late or fails stops everything, and nothing is done', async () => {
  const { run, owner, cwd } = await makeWorld()
  await run('migrate', 'up')
  const applied = await databaseState(owner)
  const refused = async (code: string, names: string, command = 'up') => {
    const { stderr, ...outcome } = await run('migrate', command)
    expect(outcome.code).toBe(1)
    expect(stderr).toContain(`(${code})`)
    expect(stderr).toContain(names)
    expect(await databaseState(owner)).toBe(applied)
  }
  const up = (name: string) => `migrations/${name}.up.sql`

  await writeProjectFile(cwd, up(SECOND), 'select 1')
  await refused('MIGRATION_EDITED', SECOND)
  await refused('MIGRATION_EDITED', SECOND, 'down')
  expect((await run('migrate', 'status')).stdout).toContain(`edited    ${SECOND}`)
  // Line ends are not what was run.
  await writeProjectFile(cwd, up(SECOND), (FILES[up(SECOND)] ?? '').replaceAll('\n', '\r\n'))
  expect((await run('migrate', 'status')).stdout).toContain(`applied   ${SECOND}`)

  await rm(join(cwd, up(SECOND)))
  await refused('MIGRATION_MISSING', SECOND)
  expect((await run('migrate', 'status')).stdout).toContain(`missing   ${SECOND}`)
  await writeProjectFile(cwd, up(SECOND), FILES[up(SECOND)] ?? '')

  await writeProjectFile(cwd, up(BETWEEN), 'select 1')
  await refused('MIGRATION_OUT_OF_ORDER', BETWEEN)
  expect((await run('migrate', 'status')).stdout).toContain(`late      ${BETWEEN}`)
  await rm(join(cwd, up(BETWEEN)))

  await rm(join(cwd, `migrations/${SECOND}.down.sql`))
  await refused('MIGRATION_MISSING', `${SECOND}.down.sql`, 'down')

  const last = '20260103000000_wrong'
  await writeProjectFile(cwd, up(last), 'create table half ();\n\nselect nothing\nfrom half;')
  await refused('MIGRATION_FAILED', `${up(last)}:3`)
  await writeProjectFile(cwd, up(last), 'select 1;\nselect from where')
  await refused('MIGRATION_FAILED', `${up(last)}:2`)
})

/** A connection that breaks off as the server has got its n-th statement, and before it has answered. */
function breaking(client: Client & { end(): Promise<void> }, n: number): Client {
  let count = 0
  const query: Client['query'] = async (text, values) => {
    count += 1
    if (count > n) throw new Error('the connection is gone')
    if (count === n) {
      await client.query(text, values)
      await client.end()
      throw new Error('the connection is gone')
    }
    return await client.query(text, values)
  }
  return { ...client, query }
}

test('whichever statement is the last that the server hears of, the next call goes on', async () => {
  const files = Object.fromEntries(Object.entries(FILES).filter(([name]) => !name.includes(SECOND)))
  const { database, owner, cwd } = await makeWorld(files)
  const directory = join(cwd, 'migrations')
  const before = await databaseState(owner)
  const options = { lock: { timeoutMs: 500, attempts: 3 }, version: '0.0.0' }
  const apply = (client: Client) => applyFiles(client, directory, options)
  const undo = (client: Client) => undoFiles(client, directory, { kind: 'all' }, options)

  // Seen to fail with the line of the ledger written after the commit.
  // Each statement is the last one once, on the way there and on the way back.
  for (const [there, back] of [[apply, undo] as const, [undo, apply] as const]) {
    for (let n = 1, isDone = false; !isDone; n += 1) {
      isDone = await endsBy(there(breaking(await database.connect('owner'), n)))
      // All or nothing, with its line of the ledger.
      const [row] = await owner.query<{ stands: boolean }>(
        `select to_regclass('accounts') is not null as stands`,
      )
      expect((await readLedger(owner)).length).toBe(row?.stands === true ? 1 : 0)
      await there(owner)
      if (!isDone) await back(owner)
    }
  }
  expect(await databaseState(owner)).toBe(before)
})

/** False where the connection broke. */
async function endsBy(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    expect(String(error)).toContain('the connection is gone')
    return false
  }
}

test('two at once: one runs the files, the other finds nothing to do', async () => {
  const { run } = await makeWorld()
  const both = await Promise.all([run('migrate', 'up', '--json'), run('migrate', 'up', '--json')])
  const applied = both.map((it) => (documentOf(it) as { applied: string[] }).applied)
  expect(applied.flat().sort()).toEqual([FIRST, SECOND])
  expect(applied.map((it) => it.length).sort()).toEqual([0, 2])
})

test('nobody queues behind a migration that waits for a long transaction', async () => {
  const { run, database, owner, cwd } = await makeWorld()
  await run('migrate', 'up')
  await writeProjectFile(
    cwd,
    'migrations/20260103000000_more.up.sql',
    'alter table accounts add column more int',
  )
  const reader = await database.connect('owner')
  await reader.query('begin; select from accounts')

  const waiting = run('migrate', 'up')
  await untilWaiting(owner)
  // Behind it in the queue of the lock until it gives up, and not until the reader has ended.
  await owner.query(`set lock_timeout = '20s'; select from accounts`)
  await reader.query('commit')
  expect(await waiting).toMatchObject({ code: 0 })
})

async function untilWaiting(client: Client): Promise<void> {
  for (;;) {
    const [row] = await client.query<{ waits: boolean }>(
      `select exists (select from pg_locks where not granted and relation = 'accounts'::regclass) as waits`,
    )
    if (row?.waits === true) return
  }
}
