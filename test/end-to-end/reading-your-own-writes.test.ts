import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import type { Hono } from 'hono'
import { createJiti } from 'jiti'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import * as millrace from '../../src/index.ts'
import type { Queryable } from '../../src/index.ts'
import { compileModel } from '../../src/migrate/compile-model.ts'
import { install } from '../../src/migrate/install.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { blocksOf, psqlTable, type Block } from '../support/document.ts'
import { definitionOf } from '../support/models.ts'
import { ROLES } from '../support/roles.ts'

const ROOT = new URL('../../', import.meta.url)
const blocks = blocksOf(new URL('docs/reading-your-own-writes.md', ROOT))

const SCHEMA = `
  create table users (id int primary key, name text not null);
  create table projects (id int primary key, user_id int not null references users, title text not null);
  create table votes (project_id int references projects, user_id int references users, primary key (project_id, user_id));
  insert into users select i, 'user ' || i from generate_series(1, 40) as i;
  insert into projects values (1, 1, 'lantern'), (2, 2, 'compass');
  insert into votes values (1, 2), (1, 3), (2, 4);`

const FEED = {
  name: 'feed',
  key: 'id',
  query: `select p.id, p.title, u.name as author,
                 (select count(*) from votes v where v.project_id = p.id) as votes
          from projects p
          join users u on u.id = p.user_id`,
}

/** The page's names for the roles of the tests. The application both writes and reads. */
const RENAMED = { shop_app: ROLES.writer, millrace_owner: ROLES.owner } as const

/** The page's database with a worker at work, and its files ready to be imported. */
async function followPage() {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const compiled = await compileModel(owner, definitionOf(FEED))
  await install(owner, [compiled], { roles: { worker: ROLES.worker, reader: ROLES.writer } })

  const worker = millrace.startWorker({ database: database.url('worker') })
  const pool = new pg.Pool({ connectionString: database.url('writer'), max: 4 })
  onTestFinished(async () => {
    await Promise.all([worker.stop(), pool.end()])
  })
  return { database, pool, load: await writeFiles() }
}

async function writeFiles(): Promise<(name: string) => Promise<unknown>> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-page-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  for (const { language, text } of blocks) {
    const name = /^\/\/ (\S+)\n/.exec(text)?.[1]
    if ((language === 'ts' || language === 'js') && name !== undefined)
      await writeFile(join(directory, name), text)
  }
  const { resolve } = createRequire(import.meta.url)
  const alias = { hono: resolve('hono'), pg: resolve('pg') }
  // As it is loaded already: to load all of it once more would take longer than all the rest.
  const virtualModules = { millrace: { ...millrace } }
  const jiti = createJiti(import.meta.url, { alias, virtualModules, fsCache: false })
  return (name) => jiti.import(join(directory, name))
}

interface Writing {
  readonly vote: (pool: pg.Pool, project: number, user: number) => Promise<string | null>
}

interface Reading {
  readonly votesOf: (pool: pg.Pool, project: number, token: string | null) => Promise<number>
}

test('the functions of the page: who votes and waits always reads his vote', async () => {
  const { pool, load } = await followPage()
  const { vote } = (await load('vote.ts')) as Writing
  const { votesOf } = (await load('votes-of.ts')) as Reading

  for (let user = 5; user <= 40; user += 1) {
    const token = await vote(pool, 1, user)
    expect(token).toMatch(/^\d+\/\d+:\d+$/)
    expect(await votesOf(pool, 1, token)).toBe(user - 2)
  }
  await expect(vote(pool, 1, 5)).rejects.toThrow('duplicate key')
  expect(await votesOf(pool, 1, null)).toBe(38)
})

test('the two lines around another driver take the same token', async () => {
  const { pool, load } = await followPage()
  const { takeTokenOf } = (await load('prisma.ts')) as {
    readonly takeTokenOf: (tx: object) => Promise<string | null>
  }
  const client = await pool.connect()
  const tx: Queryable = client
  await client.query('begin; insert into votes values (1, 40)')
  const { rows } = await client.query<{ xid: string }>('select pg_current_xact_id()::text as xid')
  const token = await takeTokenOf({
    $queryRawUnsafe: async (text: string, ...values: unknown[]) =>
      ((await tx.query(text, values)) as { rows: unknown[] }).rows,
  })
  expect(token?.split(':')[1]).toBe(rows[0]?.xid)
  await client.query('rollback')
  client.release()
})

test('the SQL of the page shows what the page shows', async () => {
  const { database } = await followPage()
  let printed = ''
  let shown = 0
  for (const block of blocks) {
    if (block.language === 'sql') printed = await runSql(block, database)
    if (block.language !== 'text') continue
    expect(`${printed}\n`, `line ${String(block.line)}`).toBe(block.text)
    shown += 1
  }
  expect(shown).toBe(1)
})

/** The first line names the role. Returns the last statement's rows as psql shows them. */
async function runSql({ text }: Block, database: TestDatabase): Promise<string> {
  const role = /^-- (\w+)\n/.exec(text)?.[1] === 'millrace_owner' ? 'owner' : 'writer'
  const renamed = text.replaceAll(
    /\b(shop_app|millrace_owner)\b/g,
    (name) => RENAMED[name as keyof typeof RENAMED],
  )
  const { raw } = await database.connect(role)
  const results = (await raw.query(renamed)) as pg.QueryResult | pg.QueryResult[]
  const last = [results].flat().at(-1)
  return psqlTable(
    last?.fields.map(({ name }) => name) ?? [],
    (last?.rows ?? []) as Readonly<Record<string, string | boolean>>[],
  )
}

test('over HTTP: each read after a vote has it, by the header alone', async () => {
  const { pool, load } = await followPage()
  const { serverOf } = (await load('server.ts')) as { readonly serverOf: (pool: pg.Pool) => Hono }
  const { send } = (await load('tokens.js')) as { send: typeof fetch }
  const url = await listen(serverOf(pool))

  const first = await send(`${url}/feed`)
  expect(first.headers.has('Millrace-Fresh')).toBe(false)
  for (let user = 5; user <= 40; user += 1) {
    expect((await send(`${url}/projects/2/votes/${String(user)}`, { method: 'POST' })).status).toBe(204)
    const response = await send(`${url}/feed`)
    const rows = (await response.json()) as { id: number; votes: string }[]
    expect(response.headers.get('Millrace-Fresh')).toBe('true')
    expect(rows[1]).toEqual({ id: 2, votes: String(user - 3) })
  }
  const rested = await send(`${url}/feed`)
  expect(rested.headers.has('Millrace-Fresh')).toBe(false)
})

async function listen(app: Hono): Promise<string> {
  return await new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
      resolve(`http://127.0.0.1:${String(port)}`)
    })
    onTestFinished(() => {
      server.close()
    })
  })
}
