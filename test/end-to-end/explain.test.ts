import { beforeAll, expect, test } from 'vitest'
import type { RefreshedDescription } from '../../src/explain/describe-refreshed.ts'
import type { Description } from '../../src/explain/description.ts'
import { loadParser, parseStatements } from '../../src/sql/parse.ts'
import { documentOf, millrace, projectFolder } from '../support/command-line.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const SCHEMA = `
  create table people (id int primary key, boss int references people, name text not null);
  create table tasks (id int primary key, person int not null references people, hours int not null, done boolean not null);
  insert into people select i, nullif(i / 10, 0), 'person ' || i from generate_series(1, 200) as i;
  insert into tasks select i, 1 + i % 200, i % 7, i % 2 = 0 from generate_series(1, 4000) as i;
  analyze people, tasks;`

const CONFIG = `import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({ define: [
  readModel('load', {
    key: 'id',
    freshness: 'eventual',
    query: sql\`select p.id, b.name as boss,
      (select sum(t.hours) from tasks t where t.person = p.id and not t.done) as hours
      from people p left join people b on b.id = p.boss\`,
  }),
  readModel('open', {
    key: 'person',
    freshness: 'immediate',
    query: sql\`select person, count(*) as n from tasks where not done group by person\`,
  }),
  readModel('places', {
    key: 'id',
    freshness: { every: '5 minutes' },
    query: sql\`select id, rank() over (order by name) as place from people\`,
  }),
  readModel('names', { key: 'id', freshness: { every: '1 hour' }, query: sql\`select id, name from people\` }),
] })
`

let database: TestDatabase
let folder: string
beforeAll(async () => {
  await loadParser()
  database = await createTestDatabase(SCHEMA)
  folder = await projectFolder({ 'millrace.config.ts': CONFIG })
})

async function explain(...args: readonly string[]): Promise<unknown> {
  const env = { DATABASE_URL: database.url('owner') }
  const outcome = await millrace(['explain', ...args, '--json'], { cwd: folder, env })
  expect(outcome).toMatchObject({ code: 0, stderr: '' })
  return documentOf(outcome)
}

test('each appearance of a table has what counts as a change of it, its path, and what a change costs', async () => {
  const { sources, columns, writers } = (await explain('load')) as Description
  const described = sources.flatMap(({ table, occurrences }) =>
    occurrences.map(({ alias, columns: counted, filter, strategy, paths }) => {
      const [path] = paths
      return [table, alias, counted.join(), filter, strategy, path?.kind, path?.fanOut.average]
    }),
  )
  expect(described).toEqual([
    ['public.people', 'p', 'id,boss', null, 'recompute', 'direct', 1],
    ['public.people', 'b', 'id,name', null, 'recompute', 'indirect', expect.closeTo(9.55, 1)],
    ['public.tasks', 't', 'person,hours,done', 'NOT (done)', 'fold', 'direct', 1],
  ])
  for (const { paths } of sources.flatMap(({ occurrences }) => occurrences))
    for (const { cost, because } of paths) {
      expect(cost).toBeGreaterThan(0)
      expect(because).not.toBe('')
    }
  expect(columns.map(({ name, strategy }) => [name, strategy])).toEqual([
    ['id', 'recompute'],
    ['boss', 'recompute'],
    ['hours', 'fold'],
  ])
  expect(columns.every(({ because }) => because !== '')).toBe(true)
  expect(writers).toBeNull()
})

test('the indexes that are missing are those by which tables are read as a whole', async () => {
  const { indexes, sources, recompute } = (await explain('load')) as Description
  const missing = indexes.filter(({ existing }) => existing === null)
  expect(missing.map(({ statement }) => statement)).toEqual([
    'create index concurrently on "public"."tasks" ("person")',
    'create index concurrently on "public"."people" ("boss")',
  ])
  // 4,000 tasks are many, 200 people are read at once.
  expect(recompute?.wholeTables).toEqual([{ table: 'public.tasks', rows: 4000 }])
  expect(
    sources.flatMap(({ occurrences }) =>
      occurrences.flatMap(({ paths }) => paths.flatMap(({ find }) => find?.wholeTables)),
    ),
  ).toEqual([])
})

test('all SQL is there, and is SQL', async () => {
  for (const name of ['load', 'open', 'places']) {
    const { statements } = (await explain(name)) as Description
    expect(statements.length).toBeGreaterThan(1)
    for (const it of statements) expect(parseStatements(it.sql).kind, it.name).toBe('statements')
  }
})

test('of an immediate read model it tells what its writers do', async () => {
  const { freshness, immediate, writers } = (await explain('open')) as Description
  expect({ freshness, kind: immediate.kind }).toEqual({ freshness: 'immediate', kind: 'fold' })
  expect(writers).toMatchObject({ kind: 'fold', locks: [expect.stringContaining('person')] })
})

test('of a scheduled one why its changes cannot be followed, or that they could', async () => {
  const places = (await explain('places')) as RefreshedDescription
  expect(places).toMatchObject({ freshness: { every: '5 minutes', timeZone: 'UTC' }, whole: { rows: 200 } })
  expect(places.because).toEqual([expect.stringContaining('rank')])
  expect(((await explain('names')) as RefreshedDescription).because).toEqual([])

  const env = { DATABASE_URL: database.url('owner') }
  const { stdout } = await millrace(['explain', 'names'], { cwd: folder, env })
  expect(stdout).toContain("could be followed: with freshness: 'eventual'")
})
