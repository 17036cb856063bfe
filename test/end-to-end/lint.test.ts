import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { documentOf, millrace, projectFolder, type Outcome } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'

const ROOT = new URL('../../', import.meta.url).pathname
const BIN = join(ROOT, 'node_modules/.bin')

const CONFIG = `
import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({
  lint: { keep: ['audit_log'], ignore: ['require-lock-timeout', 'require-statement-timeout'] },
  define: [
    readModel('feed', { key: 'id', freshness: 'eventual', query: sql\`select id, title from posts\` }),
    readModel('daily', { key: 'id', freshness: { every: '1 day' }, query: sql\`select id, mood from moods\` }),
  ],
})`

interface Report {
  readonly files: number
  readonly fixed: number
  readonly squawk: string
  readonly unread: readonly unknown[]
  readonly findings: readonly Readonly<Record<string, unknown>>[]
}

async function lint(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const outcome = await millrace(['lint', ...args, '--json'], { cwd, env })
  return { ...outcome, report: documentOf(outcome) as Report }
}

function rules({ report }: { readonly report: Report }): readonly string[] {
  return report.findings.map(({ file, line, rule }) => `${String(file)}:${String(line)} ${String(rule)}`)
}

test('files, folders and patterns are read, and read models are those of the configuration', async () => {
  const cwd = await projectFolder({
    'millrace.config.ts': CONFIG,
    'migrations/1.sql': 'create table e (at timestamptz) partition by range (at);',
    'migrations/deep/3.sql': 'alter table posts drop column title; alter table moods drop column mood;',
    'migrations/2.sql': `create index on e (at);\ndelete from audit_log;\nalter table posts drop column body;`,
    'migrations/notes.md': 'truncate posts;',
  })
  const found = [
    'migrations/2.sql:1 index-on-partitioned-table',
    'migrations/2.sql:2 drop-money',
    'migrations/deep/3.sql:1 change-used-column',
    'migrations/deep/3.sql:1 change-used-column',
  ]
  const folder = await lint(cwd, ['migrations', '--no-squawk'])
  expect(rules(folder)).toEqual(found)
  expect(folder).toMatchObject({ code: 1, report: { files: 3, squawk: 'left out' } })
  expect(rules(await lint(cwd, ['migrations/**/*.sql', 'migrations/1.sql', '--no-squawk']))).toEqual(found)
  expect(await lint(cwd, ['migrations/1.sql', '--no-squawk'])).toMatchObject({ code: 0 })
  expect(await lint(cwd, ['nowhere.sql'])).toMatchObject({
    code: 1,
    report: { errors: [{ code: 'BAD_USAGE', detail: 'there is no file nowhere.sql' }] },
  })
})

test('what is piped in is read, and shown with the place', async () => {
  const cwd = await projectFolder({ 'millrace.config.ts': CONFIG })
  const stdin = 'select 1;\n  truncate posts;'
  const { code, stdout } = await millrace(['lint', '-', '--no-squawk'], { cwd, stdin })
  expect(code).toBe(1)
  expect(stdout)
    .toBe(`(stdin):2:12 warning: TRUNCATE of posts makes read model feed compute all rows anew (truncate-source)
2 |   truncate posts;
  |            ^
  help: Delete the rows in batches: each is followed to what it affects. Of a table that is not read any more, remove the read model first.
  docs/lint/truncate-source.md

0 errors and 1 warning in 1 file
`)
  const github = await millrace(['lint', '-', '--no-squawk', '--github'], { cwd, stdin })
  expect(github.stdout).toBe(
    '::warning file=(stdin),line=2,col=12,title=truncate-source::TRUNCATE of posts makes read model feed compute all ' +
      'rows anew%0ADelete the rows in batches: each is followed to what it affects. Of a table that is not read any more, ' +
      'remove the read model first.\n',
  )
  expect(await millrace(['lint', '-', '--fix'], { cwd, stdin })).toMatchObject({ code: 1, stdout: '' })
})

test('--fix rewrites files in place, and finds nothing then', async () => {
  const before = '-- days\r\ncreate index on posts (date(made)); -- é\r\n'
  const cwd = await projectFolder({
    '1.sql': 'create table posts (made timestamptz);',
    '2.sql': before,
  })
  expect(await lint(cwd, ['.', '--no-squawk'])).toMatchObject({
    code: 1,
    report: { findings: [{ rule: 'non-immutable-index', canFix: true }] },
  })
  expect(await readFile(join(cwd, '2.sql'), 'utf8')).toBe(before)
  expect(await lint(cwd, ['.', '--no-squawk', '--fix'])).toMatchObject({
    code: 0,
    report: { fixed: 1, findings: [] },
  })
  expect(await readFile(join(cwd, '2.sql'), 'utf8')).toBe(
    `-- days\r\ncreate index on posts (date((made at time zone 'UTC'))); -- é\r\n`,
  )
  expect(await readFile(join(cwd, '1.sql'), 'utf8')).toBe('create table posts (made timestamptz);')
})

test('the database tells of tables, functions and installed models', async () => {
  const database = await createTestDatabase(`
    create table posts (id int primary key, "userId" int, title varchar(80), made timestamptz) partition by range (id);
    create table posts_1 partition of posts for values from (minvalue) to (maxvalue);
    create table notes (id int primary key, body text, tags text[]);
    create function slug(text) returns text language sql return lower($1);`)
  const owner = await database.connect('owner')
  await installModels(owner, [{ name: 'feed', key: 'id', query: 'select id, body from notes' }])
  const cwd = await projectFolder({
    'a.sql': `update posts set userId = 1;
create index posts_made on posts (date(made));
create index on notes (tags);
create index on notes (slug(body));
alter table notes alter column body type varchar(9);
alter table notes drop column tags;
create index on posts_1 (id) include (title);`,
  })
  const outcome = await lint(cwd, ['a.sql', '--no-squawk'], { DATABASE_URL: database.url('owner') })
  expect(rules(outcome)).toEqual([
    'a.sql:1 unquoted-camel-case',
    'a.sql:2 index-on-partitioned-table',
    'a.sql:2 non-immutable-index',
    'a.sql:3 btree-on-unbounded-value',
    'a.sql:4 non-immutable-index',
    'a.sql:5 change-used-column',
  ])
  const fixed = await lint(cwd, ['a.sql', '--no-squawk', '--fix', '--database', database.url('owner')])
  // The index becomes two, and then each of them names the zone.
  expect(fixed.report.fixed).toBe(4)
  const [statement, ...rest] = (await readFile(join(cwd, 'a.sql'), 'utf8')).split(';\n')
  expect([statement, ...rest.slice(0, 3)]).toEqual([
    'update posts set "userId" = 1',
    `create index posts_made on only posts (date((made at time zone 'UTC')))`,
    `create index concurrently "posts_made_posts_1" on "public"."posts_1" (date((made at time zone 'UTC')))`,
    'alter index "posts_made" attach partition "posts_made_posts_1"',
  ])
  // The rewritten statements are ones that the server takes.
  const admin = await database.connect('superuser')
  for (const sql of [statement ?? '', ...rest.slice(0, 3)]) await admin.query(sql)
  const [index] = await admin.query<{ valid: boolean }>(
    `select indisvalid as valid from pg_index where indexrelid = 'posts_made'::regclass`,
  )
  expect(index).toEqual({ valid: true })
})

test('a database that does not answer is said, and must answer where it was named', async () => {
  const cwd = await projectFolder({ 'a.sql': 'select 1;' })
  const url = 'postgresql://nobody@127.0.0.1:1/none'
  const env = { DATABASE_URL: url }
  expect(await millrace(['lint', 'a.sql', '--no-squawk'], { cwd, env })).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('the database is not asked') as string,
  })
  expect(await lint(cwd, ['a.sql', '--database', url])).toMatchObject({ code: 1 })
})

test('what generate writes is linted, and its files do not complain of what is its own', async () => {
  const database = await createTestDatabase(
    'create table posts (id int primary key, title text); create table payments (id int)',
  )
  const cwd = await projectFolder({
    'millrace.config.ts': `
import { defineConfig, readModel, sql, sqlObject } from 'millrace'
export default defineConfig({
  define: [
    readModel('feed', { key: 'id', freshness: 'eventual', query: sql\`select id, title from posts\` }),
    sqlObject('tidy', {
      up: sql\`create function tidy() returns void language sql as 'delete from payments'\`,
      down: sql\`drop function tidy()\`,
    }),
  ],
})`,
  })
  const env = { DATABASE_URL: database.url('superuser') }
  const generated = documentOf(await millrace(['generate', 'feed', '--json'], { cwd, env }))
  expect(generated).toMatchObject({ findings: [{ rule: 'drop-money', file: 'up' }] })
  const { report } = await lint(cwd, ['migrations', '--no-squawk'], env)
  expect(report.findings.map(({ rule }) => rule)).toEqual(['drop-money'])
})

const SCRIPT = `begin;
create index concurrently posts_title on posts (title); -- é
-- millrace-lint-ignore ban-drop-column: nobody reads it
alter table posts drop column mood;
alter table posts drop column title;
/* é */ alter table posts drop column body;
commit;`

test("Squawk's findings are in the same report, where ours do not say more", async () => {
  const cwd = await projectFolder({ 'millrace.config.ts': CONFIG, 'a.sql': SCRIPT })
  const { report, code } = await lint(cwd, ['a.sql'], { PATH: `${BIN}:${process.env['PATH'] ?? ''}` })
  expect(code).toBe(1)
  expect(report.squawk).toBe('ran')
  const told = report.findings.map(
    ({ line, column, from, rule }) => `${String(line)}:${String(column)} ${String(from)} ${String(rule)}`,
  )
  expect(told).toEqual([
    '2:1 millrace not-in-a-transaction',
    '2:1 squawk prefer-robust-stmts',
    '5:1 millrace change-used-column',
    '6:27 squawk ban-drop-column',
  ])
  expect(report.findings.at(-1)).toMatchObject({ url: 'https://squawkhq.com/docs/ban-drop-column' })
})

test('without Squawk the report says so once; one that fails keeps nobody from the rest', async () => {
  const cwd = await projectFolder({ 'millrace.config.ts': CONFIG, 'a.sql': SCRIPT, 'b.sql': SCRIPT })
  const nowhere = await lint(cwd, ['a.sql', 'b.sql'], { PATH: '' })
  expect(nowhere.report).toMatchObject({ squawk: 'not installed' })
  expect(told(nowhere)).toBe(1)

  await mkdir(join(cwd, 'node_modules/.bin'), { recursive: true })
  const program = join(cwd, 'node_modules/.bin/squawk')
  await writeFile(program, '#!/bin/sh\necho it is broken >&2\nexit 3\n')
  await chmod(program, 0o755)
  const broken = await lint(cwd, ['a.sql', 'b.sql'], { PATH: '/bin:/usr/bin' })
  expect(broken.report).toMatchObject({ squawk: 'failed' })
  expect(broken.stderr).toContain('it is broken')
  expect(rules(broken)).toEqual(rules(nowhere))
  expect(rules(broken)).toContain('b.sql:5 change-used-column')
})

function told({ stderr }: Outcome): number {
  return stderr.split('squawk is not installed').length - 1
}

test('the SQL within scripts is looked at, and told of where it stands; what cannot be known is said', async () => {
  const cwd = await projectFolder({
    'millrace.config.ts': CONFIG,
    'migrations/1_first.sql': 'create table e (at timestamptz) partition by range (at);',
    'migrations/2_knex.ts': `import type { Knex } from 'knex'
const KEPT = 'audit_log'
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('posts', (t) => t.timestamp('at').defaultTo(knex.raw('now()')))
  await knex.raw(\`delete from \${KEPT} where at < now()\`)
  // millrace-lint-ignore change-used-column: the model goes first
  await knex.raw('alter table posts drop column title')
  await knex.raw(\`
    alter table posts
      drop column \\"title\\"\`)
}`,
    'migrations/3_pgm.js': `exports.up = (pgm) => {
  pgm.sql('create index on e (at)')
  pgm.sql(\`truncate \${pgm.table}\`)
  pgm.sql(read('more.sql'))
}`,
    'migrations/4_kysely.mts': `export const up = (db) => sql\`alter table moods drop column mood\`.execute(db)`,
    'migrations/helpers.ts': `export const drop = (knex) => knex.raw('alter table posts drop column title')`,
    'migrations/broken.ts': 'export const up =',
  })
  const outcome = await lint(cwd, ['migrations', '--no-squawk', '--fix'])
  expect(rules(outcome)).toEqual([
    'migrations/2_knex.ts:5 drop-money',
    'migrations/2_knex.ts:9 change-used-column',
    'migrations/3_pgm.js:2 index-on-partitioned-table',
    'migrations/4_kysely.mts:1 change-used-column',
  ])
  expect(outcome.report.findings[1]).toMatchObject({
    column: 5,
    text: '    alter table posts',
    canFix: false,
  })
  expect(outcome.report).toMatchObject({
    files: 5,
    unread: [
      { file: 'migrations/3_pgm.js', line: 3, column: 23, because: 'nobody knows what is put in here' },
      { file: 'migrations/3_pgm.js', line: 4, column: 3, because: 'its SQL is not written in the script' },
      { file: 'migrations/broken.ts', line: 1 },
    ],
  })
  expect(outcome.stderr).toContain(
    'not looked at: migrations/3_pgm.js:4:3: its SQL is not written in the script\n',
  )
  // Named itself, it is read though it is no migration.
  expect(rules(await lint(cwd, ['migrations/helpers.ts', '--no-squawk']))).toEqual([
    'migrations/helpers.ts:1 change-used-column',
  ])
})

/** Knex escapes what others do not; the long size has the rest. */
const SCRIPTS =
  process.env['MILLRACE_GENERATED_FORMATS'] === 'all' ? ['knex', 'kysely', 'node-pg-migrate'] : ['knex']

test('what generate writes as scripts has nothing to find in it', async () => {
  const database = await createTestDatabase('create table posts (id int primary key, title text not null)')
  const env = { DATABASE_URL: database.url('superuser') }
  for (const format of SCRIPTS) {
    const cwd = await projectFolder({
      'tsconfig.json': '{}',
      'millrace.config.ts': `
import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({ migrations: { format: '${format}', directory: 'm' }, define: [
  readModel('feed', { key: 'id', freshness: 'eventual', query: sql\`select id, title from posts\` }) ] })`,
    })
    expect(await millrace(['generate', 'feed'], { cwd, env })).toMatchObject({ code: 0 })
    const { report } = await lint(cwd, ['m', '--no-squawk'], env)
    expect(report).toMatchObject({ files: 1, findings: [], unread: [] })
  }
})
