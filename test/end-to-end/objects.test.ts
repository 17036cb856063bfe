import { expect, test } from 'vitest'
import { documentOf, millrace, projectFolder, writeProjectFile } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'

const SCHEMA = `
  create table posts (id int primary key, title text not null);
  insert into posts values (1, 'A b'), (2, 'C');`

function config(define: string): string {
  return `
import { defineConfig, readModel, sql, sqlObject } from 'millrace'
const slug = (body) => sqlObject('slug', {
  up: sql\`create or replace function slug(text) returns text language sql immutable return \${sql({ raw: [body] })}\`,
  down: sql\`drop function slug(text)\`,
})
const pages = readModel('pages', { key: 'id', freshness: 'eventual', query: sql\`select id, slug(title) as slug from posts\` })
const view = (columns, name = 'listed') => sqlObject(name, {
  up: sql\`create view \${sql({ raw: [name] })} as select \${sql({ raw: [columns] })} from pages\`,
  down: sql\`drop view \${sql({ raw: [name] })}\`,
  dependsOn: ['pages', 'slug'],
})
export default defineConfig({ define: [${define}] })`
}

interface Planned {
  readonly changes: readonly { readonly kind: string; readonly model: string }[]
  readonly steps: readonly { readonly about: string; readonly describe: string; readonly by: string }[]
}

async function project() {
  const database = await createTestDatabase(SCHEMA)
  const cwd = await projectFolder({})
  const env = { DATABASE_URL: database.url('superuser') }
  const run = (...args: string[]) => millrace(args, { cwd, env })
  const client = await database.connect('superuser')
  return {
    client,
    run,
    declare: (define: string) => writeProjectFile(cwd, 'millrace.config.ts', config(define)),
    plan: async () => documentOf(await run('plan', '--json')) as Planned,
    up: async () => {
      const outcome = await run('migrate', 'up')
      expect(outcome.stderr).toBe('')
      return outcome.stdout.trim().split('\n')
    },
    rows: async (sql: string) => (await client.query<{ row: unknown[] }>(sql)).map(({ row }) => row),
  }
}

test('objects and read models that use one another are planned, made, changed and removed in order', async () => {
  const { declare, plan, up, rows, run } = await project()
  await declare(`view('id, slug'), pages, slug('lower($1)')`)
  const planned = await plan()
  expect(planned.steps.map(({ about }) => about)).toEqual([
    'millrace',
    'object slug',
    'public.posts',
    'public.pages',
    'public.pages',
    'public.pages',
    'object listed',
  ])
  expect(planned.steps.filter(({ about }) => about.startsWith('object')).map(({ by }) => by)).toEqual([
    'migration',
    'migration',
  ])
  expect(await rows('select 1 as row from pg_proc where proname = $$slug$$')).toEqual([])
  await up()
  const LISTED = 'select json_build_array(id, slug) as row from listed order by id'
  expect(await rows(LISTED)).toEqual([
    [1, 'a b'],
    [2, 'c'],
  ])
  expect(await plan()).toMatchObject({ changes: [], steps: [] })

  // In its own place: the read model and the view over it stay.
  await declare(`view('id, slug'), pages, slug('upper($1)')`)
  expect((await plan()).changes).toEqual([
    {
      kind: 'update',
      model: 'object slug',
      consequence:
        'read models call it, and keep what it gave before until they are rebuilt: millrace rebuild public.pages',
    },
  ])
  expect(await up()).toEqual(['updated  object slug'])
  expect(await run('rebuild', 'pages')).toMatchObject({ code: 0 })
  expect(await rows(LISTED)).toEqual([
    [1, 'A B'],
    [2, 'C'],
  ])

  // A view with other columns is another one.
  await declare(`view('slug, id'), pages, slug('upper($1)')`)
  expect((await plan()).changes).toEqual([{ kind: 'replace', model: 'object listed', consequence: null }])
  expect(await up()).toEqual(['replaced  object listed'])

  await declare('')
  expect((await plan()).steps.map(({ about, describe }) => `${about}: ${describe}`)).toEqual([
    'object listed: take it away',
    'public.pages: remove it',
    'public.posts: stop capturing its changes',
    'object slug: take it away',
    'millrace: remove the schema, now that nothing is left in it',
  ])
  await up()
  expect(
    await rows(`
      select json_build_array(proname) as row from pg_proc where pronamespace = 'public'::regnamespace
      union all select json_build_array(relname) from pg_class where relkind = 'v' and relnamespace = 'public'::regnamespace
      union all select json_build_array(nspname) from pg_namespace where nspname = 'millrace'`),
  ).toEqual([])
})

test('an object that PostgreSQL refuses is told with its place; those before it stand, and the next run goes on', async () => {
  const { declare, run, up, rows } = await project()
  await declare(`slug('lower($1)'), pages, view('id, nothing'), view('id', 'other')`)
  const refused = await run('migrate', 'up', '--json')
  expect(refused.code).toBe(1)
  expect(documentOf(refused)).toMatchObject({
    errors: [
      {
        code: 'OBJECT_REFUSED',
        detail: 'object listed: column "nothing" does not exist',
        sql: { text: 'create view listed as select id, nothing from pages', column: 34 },
      },
    ],
  })
  expect(await rows('select json_build_array(name) as row from millrace.object')).toEqual([['slug']])
  await declare(`slug('lower($1)'), pages, view('id, slug'), view('id', 'other')`)
  expect(await up()).toEqual(['created  object listed', 'created  object other'])
})

test('declarations that cannot be ordered are refused before anything is done', async () => {
  const { declare, run } = await project()
  const detail = async (define: string) => {
    await declare(define)
    const { errors } = documentOf(await run('plan', '--json')) as {
      readonly errors: readonly { readonly code: string; readonly detail: string; readonly hint: string }[]
    }
    return errors.map((it) => `${it.code}: ${it.detail}`)
  }
  const object = (name: string, dependsOn: string) =>
    `sqlObject('${name}', { up: sql\`select 1\`, down: sql\`select 1\`, dependsOn: [${dependsOn}] })`
  expect(await detail(`${object('a', `'b'`)}, ${object('b', `'c'`)}, ${object('c', `'b'`)}`)).toEqual([
    'BAD_OBJECT: objects depend on one another in a circle: b, c, b',
  ])
  expect(await detail(object('a', `'nobody'`))).toEqual([
    'BAD_OBJECT: a: "dependsOn" names "nobody", which is neither an object nor a read model',
  ])
  expect(await detail(`${object('a', '')}, ${object('a', '')}`)).toEqual([
    expect.stringMatching(
      /^NAME_DECLARED_TWICE: the object a is declared here and in .+millrace.config.ts:\d+$/,
    ),
  ])
  expect(await detail('sqlObject("a", { up: sql`selec 1` })')).toEqual([
    'BAD_OBJECT: a: "up": syntax error at or near "selec"',
    'BAD_OBJECT: a: "down" is missing',
  ])
})

test('an object that cannot stand on a changed read model is named by plan, and changes with it', async () => {
  const { declare, plan, up, run, rows } = await project()
  const define = (column: string, listed: string) =>
    `view('id, ${listed}'), slug('lower($1)'),
     readModel('pages', { key: 'id', freshness: 'eventual', query: sql\`select id, slug(title) as ${column} from posts\` })`
  await declare(define('slug', 'slug'))
  await up()

  await declare(define('name', 'slug'))
  for (const command of [['plan'], ['migrate', 'up']]) {
    const { code, stdout } = await run(...command, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      errors: [{ code: 'READER_IN_THE_WAY', detail: 'public.listed: column "slug" does not exist' }],
    })
    expect(code).toBe(1)
  }
  expect(await rows('select to_json(id) as row from listed order by id')).toEqual([1, 2])

  await declare(define('name', 'name'))
  expect((await plan()).changes.map(({ kind }) => kind)).toEqual(['replace', 'replace'])
  expect(await up()).toEqual(['replaced  object listed', 'replaced  public.pages'])
  expect(await rows('select to_json(name) as row from listed order by id')).toEqual(['a b', 'c'])
})
