import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { startWorker } from 'millrace'
import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../../../test/support/database.ts'
import { withClient } from '../src/database.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs what an npm script of the application runs. `whileItRuns` is given what Ctrl-C does. */
async function runScript(
  script: string,
  args: readonly string[],
  databaseUrl: string,
  whileItRuns: (stop: () => void) => Promise<void> = () => Promise.resolve(),
): Promise<Outcome> {
  const command = `apps/builder-network/src/commands/${script}.ts`
  const child = spawn(process.execPath, ['node_modules/jiti/lib/jiti-cli.mjs', command, ...args], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = () => {
    child.kill('SIGINT')
  }
  const outputs = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  await whileItRuns(stop)
  const [stdout, stderr] = await outputs
  return { code: child.exitCode, stdout, stderr }
}

/** Everything in a database that has a name, an owner or rights. */
async function catalog(url: string): Promise<unknown> {
  return await withClient(url, async (client) => {
    const { rows } = await client.query(`
      select 'relation' as kind, relnamespace::regnamespace::text as place, relname as name, relacl::text as rights
      from pg_class where relnamespace::regnamespace::text !~ '^pg_|^information_schema'
      union all
      select 'schema', '', nspname, nspacl::text from pg_namespace where nspname !~ '^pg_'
      union all
      select 'function', pronamespace::regnamespace::text, proname, proacl::text
      from pg_proc where pronamespace::regnamespace::text !~ '^pg_|^information_schema'
      union all
      select 'type', typnamespace::regnamespace::text, typname, typacl::text
      from pg_type where typnamespace::regnamespace::text !~ '^pg_|^information_schema'
      order by 1, 2, 3`)
    return rows as unknown
  })
}

test('up, seed, simulate, down: each does what it says, and nothing is left at the end', async () => {
  const database = await createTestDatabase()
  const url = database.url('owner')
  const before = await catalog(url)

  expect(await runScript('db-up', [], url)).toEqual({
    code: 0,
    stdout: '',
    stderr: 'tables: made\nread models: installed\n',
  })
  expect((await runScript('db-up', [], url)).stderr).toContain('tables: there already')
  expect(await runScript('db-seed', ['--scale', 'tiny', '--votes', '77'], url)).toMatchObject({ code: 0 })
  await withClient(url, async (client) => {
    const { rows } = await client.query(`
      select (select count(*)::int from upvotes) <= 77 and (select count(*) from upvotes) > 50 as voted,
             (select count(*) from mv_feed_projects)
               = (select count(*) from projects where not is_deleted) as followed,
             (select sum(upvote_count) from mv_feed_projects)
               = (select count(*) from upvotes v join projects p on p.id = v.project_id
                  where is_upvote and not is_deleted) as counted`)
    expect(rows).toEqual([{ voted: true, followed: true, counted: true }])
  })

  const worker = startWorker({ database: url })
  const simulated = await runScript(
    'simulate',
    ['--people', '2', '--seconds', '5', '--think', '5', '--json'],
    url,
  )
  await worker.stop()
  expect(simulated.code).toBe(0)
  expect(JSON.parse(simulated.stdout)).toMatchObject({
    ok: true,
    people: 2,
    errors: 0,
    writesPerSecond: expect.any(Number) as unknown,
    lagMs: { p50: expect.any(Number) as unknown },
  })

  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => {
    taken.close()
  })
  const { port } = taken.address() as AddressInfo
  const refused = await runScript('serve', ['--port', String(port)], url)
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/CANNOT_LISTEN[^]*in use/)])
  const served = await runScript('serve', ['--port', '0'], url, (stop) =>
    whenRunning(url, 'millrace.freshness', stop),
  )
  expect([served.code, served.stderr]).toEqual([
    0,
    expect.stringContaining('the builder network is at http://127.0.0.1:') as unknown,
  ])

  expect(await runScript('db-down', [], url)).toMatchObject({ code: 0 })
  expect(await catalog(url)).toEqual(before)
})

test('what cannot be done is told, with a way out, and changes nothing', async () => {
  const database = await createTestDatabase()
  const url = database.url('owner')
  const unknown = Object.assign(new URL(url), { pathname: '/nobody_made_it' }).href
  const wrongPassword = Object.assign(new URL(url), { password: 'secret' }).href
  const failures: readonly [string, readonly string[], string, RegExp][] = [
    ['db-up', [], '', /DATABASE_MISSING[\s\S]*hint: /],
    ['db-up', [], 'mysql://localhost/x', /BAD_DATABASE_URL[\s\S]*hint: /],
    ['db-up', [], 'postgresql://me:secret@localhost:1/x', /DATABASE_UNREACHABLE[\s\S]*hint: /],
    ['db-seed', [], url, /run db:up first/],
    ['db-seed', ['--users', '1'], url, /two users/],
    ['db-seed', ['--votes', 'many'], url, /whole number/],
    ['db-migrate', ['up', '--to', '9'], url, /there are 5 phases/i],
    ['simulate', [], url, /run db:up and db:seed first/],
    ['simulate', ['--poeple', '3'], url, /--people/],
    ['serve', [], url, /run db:up first/],
    ['serve', ['--port', '80x'], url, /whole number/],
    ['serve', ['--public-url', 'builders.example'], url, /as https:/],
    ['serve', ['--public-url', 'https://builders.example/feed'], url, /without a path/],
    ['load', [], unknown, /DATABASE_UNKNOWN[\s\S]*hint: /],
    ['accept', [], wrongPassword, /DATABASE_LOGIN_FAILED[\s\S]*hint: /],
    ['db-migrate', ['down'], url, /run db:up or db:migrate up first/],
  ]
  const before = await catalog(url)
  for (const [script, args, databaseUrl, message] of failures) {
    const { code, stdout, stderr } = await runScript(script, args, databaseUrl)
    expect([script, code, stdout]).toEqual([script, 1, ''])
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/secret|\n\s+at /)
  }
  expect(await catalog(url)).toEqual(before)
})

test('tables without read models are filled all the same: a community before the plan', async () => {
  const database = await createTestDatabase()
  const url = database.url('owner')
  expect(await runScript('db-migrate', ['up', '--to', '0'], url)).toMatchObject({ code: 0 })
  const seeded = await runScript('db-seed', ['--scale', 'tiny'], url)
  expect([seeded.code, seeded.stderr]).toEqual([0, 'tables: filled (seed 1)\nread models: none yet\n'])
})

test("somebody else's table of users is left alone", async () => {
  const database = await createTestDatabase('create table users (id int); insert into users values (1)')
  for (const script of ['db-up', 'db-seed', 'db-down']) {
    const { code, stderr } = await runScript(script, [], database.url('application'))
    expect([code, stderr]).toEqual([1, expect.stringContaining('not of this application') as unknown])
  }
  await withClient(database.url('application'), async (client) => {
    expect((await client.query('select * from users')).rows).toEqual([{ id: 1 }])
  })
})

test('Ctrl-C while the data is made leaves empty tables, and ends the simulation with its figures', async () => {
  const database = await createTestDatabase()
  const url = database.url('owner')
  await runScript('db-up', [], url)
  const seeded = await runScript('db-seed', ['--scale', 'plan'], url, (stop) =>
    whenRunning(url, 'insert into', stop),
  )
  expect([seeded.code, seeded.stderr]).toEqual([130, expect.stringContaining('stopped') as unknown])
  await withClient(url, async (client) => {
    expect((await client.query('select count(*)::int as rows from users')).rows).toEqual([{ rows: 0 }])
  })

  await runScript('db-seed', ['--scale', 'tiny'], url)
  const simulated = await runScript('simulate', ['--seconds', '600', '--json'], url, (stop) =>
    whenRunning(url, 'upvotes', stop),
  )
  expect([simulated.code, JSON.parse(simulated.stdout)]).toMatchObject([0, { ok: true, errors: 0 }])
})

/** Calls `then` as soon as the command is seen at work in the database. */
async function whenRunning(url: string, statement: string, then: () => void): Promise<void> {
  await withClient(url, async (client) => {
    for (;;) {
      const { rowCount } = await client.query(
        `select from pg_stat_activity, pg_sleep(0.01)
         where datname = current_database() and pid <> pg_backend_pid() and query like '%' || $1 || '%'`,
        [statement],
      )
      if (rowCount !== null && rowCount > 0) break
    }
    then()
  })
}
