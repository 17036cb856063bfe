import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import { loadModule } from '../../src/define/load-config.ts'
import * as clientModule from '../../src/client/index.ts'
import * as millrace from '../../src/index.ts'
import { millrace as runMillrace } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'
import { blocksOf, examplesOf, isShown, psqlTable, type Block } from '../support/document.ts'

const ROOT = new URL('../../', import.meta.url)

/** Where a page's examples happen. */
interface Place {
  readonly directory: string
  /** The URL of a role as the page names it; the page's first role without a name. */
  readonly url: (role?: string) => string
  /** The page's names for what must have other names here. */
  readonly renamed: (text: string) => string
}

/** Does what a page says, block by block, and compares what it shows. Returns how many blocks were run. */
async function follow(page: string, place: Place): Promise<Readonly<Record<string, number>>> {
  const ran: Record<string, number> = {}
  let printed = ''
  for (const block of blocksOf(new URL(page, ROOT))) {
    const where = `${page}, line ${String(block.line)}`
    if (block.language === 'ts') await writeExample(block, place)
    else if (block.language === 'sql') printed = await runSql(block, place)
    else if (block.language === 'text') expect(`${printed}\n`, where).toBe(block.text)
    else if (block.language === 'console') await runExamples(block, where, place)
    else continue
    ran[block.language] = (ran[block.language] ?? 0) + 1
  }
  return ran
}

/** The first line names the file. */
async function writeExample({ text }: Block, { directory, renamed }: Place): Promise<void> {
  const name = /^\/\/ (\S+)\n/.exec(text)?.[1]
  if (name === undefined) throw new Error(`an example without the name of its file:\n${text}`)
  await mkdir(dirname(join(directory, name)), { recursive: true })
  await writeFile(join(directory, name), renamed(text))
}

/** The first line may name the role. Returns the last statement's rows as psql shows them. */
async function runSql({ text }: Block, { url, renamed }: Place): Promise<string> {
  const role = /^-- (?:an )?(\w+)\n/.exec(text)?.[1]
  const client = new pg.Client({ connectionString: url(role) })
  await client.connect()
  try {
    const results = (await client.query(renamed(text))) as pg.QueryResult | pg.QueryResult[]
    const last = [results].flat().at(-1)
    return psqlTable(
      last?.fields.map(({ name }) => name) ?? [],
      (last?.rows ?? []) as Readonly<Record<string, string | number>>[],
    )
  } finally {
    await client.end()
  }
}

async function runExamples(block: Block, where: string, { directory, url }: Place): Promise<void> {
  for (const { command, output } of examplesOf(block)) {
    const [, role, args] =
      /^(?:DATABASE_URL=postgresql:\/\/(\w+):\S+ )?npx millrace (.*)$/.exec(command) ?? []
    if (args === undefined) throw new Error(`${where}: "${command}" cannot be run here`)
    const ran = await runMillrace(args.split(' '), { cwd: directory, env: { DATABASE_URL: url(role) } })
    const printed = ran.stdout + ran.stderr
    expect(isShown(output, printed), `${where}: ${command} printed\n${printed}`).toBe(true)
  }
}

async function projectDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-docs-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** Pages that one user follows in one database; of each, the blocks that are run. */
const PAGES: readonly (readonly [page: string, does: string, blocks: Readonly<Record<string, number>>])[] = [
  ['README.md', "the README's tour does what it shows", { sql: 5, ts: 2, console: 4, text: 3 }],
  [
    'docs/versions.md',
    'a change takes the place of what was, and back, as it shows',
    { sql: 4, ts: 2, console: 4, text: 2 },
  ],
  [
    'docs/choosing-a-freshness.md',
    'what it shows of immediate models happens',
    { sql: 2, ts: 1, console: 2, text: 1 },
  ],
  [
    'docs/time-zones-and-settings.md',
    'every session gets the answer that it shows',
    { sql: 3, ts: 1, console: 2, text: 1 },
  ],
  [
    'docs/refreshing-on-a-schedule.md',
    'models are refreshed and jobs are run as it says',
    { sql: 5, ts: 2, console: 3, text: 3 },
  ],
  [
    'docs/functions-that-read-tables.md',
    'what a function reads is followed',
    { sql: 2, ts: 1, console: 2, text: 1 },
  ],
  [
    'docs/ranking-by-decay.md',
    'scores decay, and pages come in their order',
    { sql: 5, ts: 2, console: 2, text: 4 },
  ],
  [
    'docs/models-on-models.md',
    'upper models follow lower ones as it shows',
    { sql: 3, ts: 1, console: 2, text: 2 },
  ],
  [
    'docs/sql-objects.md',
    'objects are made, used and taken away as it says',
    { sql: 6, ts: 2, console: 4, text: 4 },
  ],
]

test.each(PAGES)('%s: %s', async (page, _, blocks) => {
  const database = await createTestDatabase()
  const ran = await follow(page, {
    directory: await projectDirectory(),
    url: () => database.url('superuser'),
    renamed: (text) => text,
  })
  expect(ran).toEqual(blocks)
})

test('the roles, grants and queries of docs/operating.md work as it says', async () => {
  const database = await createTestDatabase()
  const own = `docs_${randomBytes(4).toString('hex')}`
  const renamed = (text: string) =>
    text
      .replaceAll(/\b(millrace|shop)_(owner|worker|reader|app)\b/g, `${own}_$1_$2`)
      .replaceAll(/(?<=on database )shop\b/g, database.name)
      .replaceAll(/password '[^']*'/g, `password 'test'`)
  const url = (role = 'administrator') => {
    const address = new URL(database.url('superuser'))
    if (role !== 'administrator') Object.assign(address, { username: renamed(role), password: 'test' })
    return address.href
  }
  await asSuperuser(
    database.name,
    renamed(`
      create role shop_owner login password 'test';
      create role shop_app login password 'test';
      grant connect on database shop to shop_owner, shop_app;
      alter schema public owner to shop_owner;
      grant usage on schema public to shop_app;
      set role shop_owner;
      create table orders (id int generated always as identity primary key, customer_id int not null, amount int not null);
      grant select, insert on orders to shop_app;
      insert into orders (customer_id, amount) values (1, 10), (1, 20), (2, 7)`),
  )
  try {
    const ran = await follow('docs/operating.md', { directory: await projectDirectory(), url, renamed })
    expect(ran).toEqual({ sql: 12, ts: 3, console: 4, text: 2 })
    // Nothing of Millrace is left, and the roles could be dropped: the last block did it.
    const left = await asSuperuser(
      database.name,
      `select rolname from pg_roles where rolname like '${own}_millrace%'
       union all select nspname from pg_namespace where nspname = 'millrace'
       union all select tgname from pg_trigger where not tgisinternal`,
    )
    expect(left).toEqual([])
  } finally {
    await asSuperuser(
      database.name,
      renamed('drop owned by shop_owner, shop_app cascade; drop role shop_owner, shop_app'),
    )
  }
})

test('docs/row-level-security.md: who reads and who may not is as it says', async () => {
  const database = await createTestDatabase()
  const own = `docs_${randomBytes(4).toString('hex')}`
  const renamed = (text: string) =>
    text.replaceAll(/\b(clinic_owner|front_desk|millrace_worker)\b/g, `${own}_$1`)
  const url = (role = '') => {
    const address = new URL(database.url('superuser'))
    if (/^(clinic|front)_/.test(role)) Object.assign(address, { username: renamed(role), password: 'test' })
    return address.href
  }
  await asSuperuser(
    database.name,
    renamed(`
      create role clinic_owner login password 'test';
      create role front_desk login password 'test';
      create role millrace_worker;
      grant connect, create, temporary on database ${database.name} to clinic_owner;
      grant connect on database ${database.name} to front_desk;
      alter schema public owner to clinic_owner;
      grant usage on schema public to front_desk`),
  )
  try {
    const ran = await follow('docs/row-level-security.md', {
      directory: await projectDirectory(),
      url,
      renamed,
    })
    expect(ran).toEqual({ sql: 5, ts: 1, console: 1, text: 1 })
  } finally {
    const roles = renamed('clinic_owner, front_desk, millrace_worker')
    await asSuperuser(database.name, `drop owned by ${roles} cascade; drop role ${roles}`)
  }
})

async function asSuperuser(database: string, text: string): Promise<readonly unknown[]> {
  const address = new URL(inject('serverUrl'))
  address.pathname = `/${database}`
  const client = new pg.Client({ connectionString: address.href })
  await client.connect()
  try {
    const results = (await client.query(text)) as pg.QueryResult | pg.QueryResult[]
    return ([results].flat().at(-1)?.rows ?? []) as readonly unknown[]
  } finally {
    await client.end()
  }
}

test('the comparison with a page can fail', () => {
  expect(isShown('a\n…\nd 1 ms\n', 'a\nb\nc\nd 25.5 ms \n')).toBe(true)
  expect(isShown('a\n…\nd\n', 'a\nb\nc\n')).toBe(false)
  expect(isShown('2 rows\n', '3 rows\n')).toBe(false)
  expect(isShown('…\nb\n', 'a\nb\nc\n')).toBe(false)
  expect(psqlTable(['id', 'title'], [{ id: 1, title: 'compass' }])).toBe(
    ' id |  title\n----+---------\n  1 | compass',
  )
})

test('docs/taking-over.md: what is kept by hand is taken over, and comes back, as it shows', async () => {
  const database = await createTestDatabase()
  const directory = await projectDirectory()
  const ran = await follow('docs/taking-over.md', {
    directory,
    url: () => database.url('superuser'),
    renamed: (text) => text,
  })
  expect(ran).toEqual({ sql: 4, console: 3, text: 3 })
  const [, shown] =
    /^```js\n\/\/ models\/user-stats\.ts\n(.*?)^```$/ms.exec(
      readFileSync(new URL('docs/taking-over.md', ROOT), 'utf8'),
    ) ?? []
  expect(readFileSync(join(directory, 'models/user-stats.ts'), 'utf8')).toBe(shown)
})

test('docs/leaderboards.md: every answer that it shows is given', async () => {
  const database = await createTestDatabase()
  const directory = await projectDirectory()
  const ran = await follow('docs/leaderboards.md', {
    directory,
    url: () => database.url('superuser'),
    renamed: (text) => text,
  })
  expect(ran).toEqual({ sql: 11, ts: 3, console: 3, text: 9 })

  const { page } = (await loadModule(join(directory, 'page.ts'), { millrace, client: clientModule })) as {
    readonly page: (client: unknown, me: number, friends: readonly number[]) => Promise<unknown>
  }
  const client = await database.connect('superuser')
  expect(await page(client.raw, 1, [2, 3])).toMatchObject({
    first: [{ username: 'dora' }, { username: 'ben' }, { username: 'chen' }],
    here: [
      { rank: 1, username: 'dora' },
      { rank: 2, username: 'chen' },
    ],
    mine: 5,
    inMyCountry: 2,
    friends: [
      { rank: 1, username: 'ben' },
      { rank: 2, username: 'chen' },
      { rank: 2, username: 'ada' },
    ],
  })
})

test('docs/debugging-lag.md: each command tells what it says', async () => {
  const database = await createTestDatabase()
  const ran = await follow('docs/debugging-lag.md', {
    directory: await projectDirectory(),
    url: () => database.url('superuser'),
    renamed: (text) => text,
  })
  expect(ran).toEqual({ sql: 7, ts: 1, console: 5, text: 2 })
})
