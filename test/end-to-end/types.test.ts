import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { getViewSelectedFields } from 'drizzle-orm'
import type { PgColumn, PgView } from 'drizzle-orm/pg-core'
import pg from 'pg'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadModule } from '../../src/define/load-config.ts'
import { documentOf, millrace } from '../support/command-line.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { CLAIMS, since1 } from './types/claims.ts'
import { readByPrisma } from '../support/prisma-engine.ts'

const ROOT = new URL('../../', import.meta.url).pathname

/** Each with a value; `ARRAYS` has arrays of the same. */
const VALUES = {
  bool: 'true',
  int2: '1',
  int4: '2',
  int8: '9007199254740993',
  float4: '1.5',
  float8: '2.5',
  numeric: '12345678901234567890.25',
  text: 'text',
  'varchar(20)': 'v',
  'char(3)': 'c',
  uuid: '00000000-0000-0000-0000-000000000001',
  date: '2026-01-02',
  time: '10:11:12',
  timetz: '10:11:12+01',
  timestamp: '2026-01-02 03:04:05',
  timestamptz: '2026-01-02 03:04:05+00',
  interval: '1 day 2 hours',
  json: '{"a": 1}',
  jsonb: '[1, "b"]',
  bytea: String.raw`\x0102`,
  inet: '10.0.0.1',
  macaddr: '08:00:2b:01:02:03',
  point: '(1,2)',
  circle: '<(1,2),3>',
  money: '1.5',
  'bit(3)': '101',
  xml: '<a/>',
  tsvector: 'a b',
  int4range: '[1,5)',
  oid: '7',
  mood: 'fine',
  email: 'a@b',
  pair: '(1,b)',
} as const

const columns = Object.entries(VALUES).flatMap(([type, value], i) => [
  { name: `c${String(i)}`, type, value },
  { name: `a${String(i)}`, type: `${type}[]`, value: `{${JSON.stringify(value)},null}` },
])

const SCHEMA = `
  create type mood as enum ('fine', 'it''s "so" so');
  create domain email as text check (value like '%@%');
  create type pair as (a int, b text);
  create schema shop;
  grant usage, create on schema shop to public;
  grant usage on type mood, email, pair to public;
  create table everything (id int primary key, ${columns.map(({ name, type }) => `"${name}" ${type}`).join(', ')});
  insert into everything values (1, ${columns.map(({ value, type }) => `'${value.replaceAll("'", "''")}'::${type}`).join(', ')});
  insert into everything (id) values (2);
  create table users (id int primary key, name text not null, mood mood not null);
  create table posts (id int primary key, user_id int references users, title text);
  insert into users values (1, 'Ada', 'fine');
  insert into posts values (1, 1, 'one'), (2, null, null);`

const CONFIG = `
import { defineConfig, leaderboard, readModel, sql } from 'millrace'
export default defineConfig({ define: [[
  readModel('everything_read', { key: 'id', freshness: 'eventual', query: sql\`select * from everything\` }),
  readModel('proved', { key: 'post', schema: 'shop', freshness: 'eventual', query: sql\`
    select p.id as post, p.title, u.name, u.mood as "Mood",
           (select count(*) from users v where v.id = p.user_id) as n,
           (select coalesce(sum(v.id), 0) from users v where v.id = p.user_id) as total,
           (select max(v.id) from users v where v.id = p.user_id) as highest,
           coalesce(p.title, 'none') as shown, u.id is null as is_lonely,
           exists (select from users v where v.id = p.user_id) as has_user,
           case when p.title is null then 'a' else 'b' end as letter,
           jsonb_build_object('title', p.title, 'n', 9007199254740993) as object,
           coalesce((select jsonb_agg(jsonb_build_object('id', q.id, 'title', q.title) order by q.id) from posts q where q.user_id = p.user_id), '[]') as posts
    from posts p left join users u on u.id = p.user_id\` }),
  readModel('joined', { key: ['id', 'user_id'], freshness: { every: '1 hour' }, query: sql\`
    select p.id, u.id as user_id, u.name, count(*) over () as all_rows from posts p join users u on u.id = p.user_id\` }),
  leaderboard('board', { key: 'id', query: sql\`select id, name, mood from users\`, score: 'name', within: [['mood']] }),
]] })`

let folder: string
let database: TestDatabase
const run = async (...args: readonly string[]) =>
  await millrace(args, { cwd: folder, env: { DATABASE_URL: database.url('superuser') } })

beforeAll(async () => {
  database = await createTestDatabase()
  await (await database.connect('superuser')).query(SCHEMA)
  // Where the packages are found that the written files import.
  await mkdir(join(ROOT, 'node_modules/.cache'), { recursive: true })
  folder = await mkdtemp(join(ROOT, 'node_modules/.cache/types-'))
  await writeFile(join(folder, 'millrace.config.ts'), CONFIG)
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "dependencies": { "kysely": "*" } }')
  expect(await run('migrate', 'up')).toMatchObject({ code: 0 })
  for (const format of ['typescript', 'kysely', 'drizzle', 'prisma'])
    expect(await run('types', '--format', format, '--out', fileOf(format))).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

function fileOf(format: string): string {
  return format === 'prisma' ? 'prisma/millrace.prisma' : `${format}.types.ts`
}

describe('the command', () => {
  test('writes for the tool in package.json, says when nothing is to be done, and checks', async () => {
    expect(await run('types', '--check')).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('not up to date') as string,
    })
    expect(documentOf(await run('types', '--json'))).toEqual({
      format: 'kysely',
      file: 'millrace.types.ts',
      models: 4,
      isUpToDate: false,
      isWritten: true,
    })
    expect(await run('types', '--check')).toMatchObject({
      code: 0,
      stdout: 'millrace.types.ts is up to date.\n',
    })
    await writeFile(join(folder, 'millrace.types.ts'), '')
    expect(await run('types', '--check')).toMatchObject({ code: 2 })
    expect(await run('types', '--format', 'sql')).toMatchObject({ code: 1 })
  })
})

/** What the compiler has against files of claims about what was written. */
function complaints(names: readonly string[]): readonly string[] {
  const program = ts.createProgram(
    names.map((it) => join(folder, it)),
    {
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts'],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noUnusedLocals: true,
      skipLibCheck: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      paths: { 'millrace/client': [join(ROOT, 'src/client/index.ts')] },
    },
  )
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file?.text.slice(file.text.lastIndexOf('\n', start) + 1).split('\n')[0] ?? ''
    return `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}: ${line.trim()}`
  })
}

// Drizzle 1.0 has as many types as all the rest: it is left to the long size.
const CHECKED = Object.keys(CLAIMS).filter(
  (it) => !it.startsWith('since-1') || process.env['MILLRACE_GENERATED_FORMATS'] === 'all',
)

test(`the compiler finds nothing wrong with claims about what is written: ${CHECKED.join(', ')}`, async () => {
  await mkdir(join(folder, 'since-1'), { recursive: true })
  const views = await readFile(join(folder, 'drizzle.types.ts'), 'utf8')
  await writeFile(join(folder, 'since-1/drizzle.types.ts'), since1(views))
  for (const [name, text] of Object.entries(CLAIMS)) await writeFile(join(folder, name), text)
  await writeFile(join(folder, 'wrong.check.ts'), `export type { Nothing } from './typescript.types.ts'`)
  // It does look.
  expect(complaints([...CHECKED, 'wrong.check.ts'])).toEqual([
    expect.stringMatching(/wrong\.check\.ts: .*Nothing/),
  ])
})

describe('TypeScript', () => {
  test('says of every column what pg returns', async () => {
    const written = await readFile(join(folder, 'typescript.types.ts'), 'utf8')
    const body = /interface EverythingRead \{\n(?<body>.*?)\n\}/s.exec(written)?.groups?.['body'] ?? ''
    const types = new Map(
      [...body.matchAll(/^ {2}readonly (\w+): (.*)$/gm)].map(([, name = '', type = '']) => [name, type]),
    )
    expect(types.size).toBe(columns.length + 1)
    const client = new pg.Client({ connectionString: database.url('superuser') })
    await client.connect()
    const { rows } = await client.query<Record<string, unknown>>('select * from everything_read order by id')
    await client.end()
    const wrong = [...types].flatMap(([name, type]) =>
      rows
        .filter((row) => !fits(row[name], type))
        .map(
          (row) =>
            `${columns.find((it) => it.name === name)?.type ?? name}: ${type}, but ${JSON.stringify(row[name])}`,
        ),
    )
    expect(wrong).toEqual([])
    expect(fits('1', 'number | null')).toBe(false)
    expect(fits(null, 'number')).toBe(false)
    expect(fits(['1'], 'readonly (number | null)[]')).toBe(false)
  })
})

/** Whether a value has a type that was written. */
function fits(value: unknown, type: string): boolean {
  if (type === 'unknown') return true
  const list = /^readonly \((.*)\)\[\]( \| null)?$/.exec(type)
  if (list !== null) {
    const [, element = '', orNull] = list
    return value === null
      ? orNull !== undefined
      : Array.isArray(value) && value.every((it) => fits(it, element))
  }
  return type.split(' | ').some((it) => {
    if (it === 'null') return value === null
    if (it === 'Date') return value instanceof Date
    if (it === 'Buffer') return Buffer.isBuffer(value)
    if (it.startsWith('{'))
      return (
        typeof value === 'object' && value !== null && Object.keys(value).every((key) => it.includes(key))
      )
    return it.startsWith("'") ? it.includes(String(value)) : typeof value === it
  })
}

describe('Drizzle', () => {
  test('reads rows by them', async () => {
    const { everythingRead, shopProvedStrict } = (await loadModule(
      join(folder, 'drizzle.types.ts'),
      {},
    )) as Record<string, PgView>
    if (everythingRead === undefined || shopProvedStrict === undefined) throw new Error('no views')
    const pool = new pg.Pool({ connectionString: database.url('superuser'), max: 1 })
    const nameOf = (type: string) => columns.find((it) => it.type === type)?.name ?? ''
    // Drizzle cannot read a null in an array of bigints.
    const fields = Object.entries(getViewSelectedFields(everythingRead)) as [string, PgColumn][]
    const readable = Object.fromEntries(fields.filter(([name]) => name !== nameOf('int8[]')))
    const [row] = await drizzle(pool).select(readable).from(everythingRead)
    const proved = (await drizzle(pool).select().from(shopProvedStrict)) as unknown
    await pool.end()
    expect(['int8', 'numeric', 'date', 'mood', 'text[]'].map((it) => row?.[nameOf(it)])).toEqual([
      9007199254740993n,
      '12345678901234567890.25',
      '2026-01-02',
      'fine',
      ['text', null],
    ])
    expect(proved).toMatchObject([
      {
        post: 1,
        Mood: 'fine',
        n: 1n,
        object: { title: 'one', n: 9007199254740992 },
        posts: [{ id: 1, title: 'one' }],
      },
      { post: 2, Mood: null, n: 0n, object: { title: null }, posts: [] },
    ])
  })
})

describe('Prisma', () => {
  const BASE = `generator client {
  provider        = "prisma-client"
  previewFeatures = ["views"]
}

datasource db {
  provider = "postgresql"
  schemas  = ["public", "shop"]
}
`
  const read = async (base: string, views: string) =>
    await readByPrisma(database.url('superuser'), [
      { path: 'schema.prisma', content: base },
      { path: 'millrace.prisma', content: views },
    ])

  test('its own schema engine takes the views, and makes nothing but enums for them', async () => {
    const views = await readFile(join(folder, fileOf('prisma')), 'utf8')
    expect(views).toContain('  /// { readonly title: string | null; readonly n: number }\n  object Json\n')
    expect(views).toMatch(/^view EverythingRead \{\n {2}id Int @unique\n/m)
    const script = await read(BASE, views)
    expect(script).toContain('CREATE TYPE "mood"')
    expect(script).not.toMatch(/CREATE (TABLE|VIEW)/)
    await expect(read(BASE, views.replace('id Int', 'id Intt'))).rejects.toThrow(/Intt/)
  })

  test('an enum that the schema declares is not declared again', async () => {
    const own = '\nenum Feeling {\n  fine\n\n  @@map("mood")\n  @@schema("public")\n}\n'
    await writeFile(join(folder, 'prisma/schema.prisma'), BASE + own)
    expect(await run('types', '--format', 'prisma')).toMatchObject({ code: 0 })
    const views = await readFile(join(folder, fileOf('prisma')), 'utf8')
    expect(views).not.toMatch(/^enum /m)
    expect(views).toContain('Feeling?')
    expect(await read(BASE + own, views)).toContain('CREATE TYPE')
  })
})
