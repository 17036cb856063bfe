import { beforeAll, expect, test } from 'vitest'
import { catalogTrace } from '../../test/faults/catalog-trace.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { definitionOf, installModels, type TestModel } from '../../test/support/models.ts'
import { installTestSchedule, refreshedOf, type TestRefreshed } from '../../test/support/scheduled.ts'
import type { MillraceError } from '../errors.ts'
import type { Connection } from '../pg/client.ts'
import { readAllPlans } from '../work/model.ts'
import { readScheduled } from '../work/schedule/installed.ts'
import { findAllChanges, type AllChanges } from './all-changes.ts'
import type { Change } from './changes.ts'
import { compileDeclared } from './compile-declared.ts'
import { install } from './install.ts'
import { rehearseChanges } from './rehearsal.ts'

const SCHEMA = `
  create table notes (id int primary key, topic text not null, size int not null);
  insert into notes select i, 'topic ' || i % 3, i from generate_series(1, 20) as i;`

const BEFORE: readonly TestModel[] = [
  { name: 'noted', key: 'id', query: 'select id, topic, size from notes' },
  { name: 'topics', key: 'topic', query: 'select topic, count(*) as n from noted group by topic' },
  {
    name: 'board',
    key: 'id',
    query: 'select id, size, topic from notes',
    leaderboard: { score: 'size desc', ties: [], within: [] },
  },
]

/** A column is gone, and a type is another. */
const AFTER: readonly TestModel[] = [
  { name: 'noted', key: 'id', query: 'select id, upper(topic) as heading, size::bigint as size from notes' },
  {
    name: 'topics',
    key: 'heading',
    query: 'select heading, count(*) as n, min(size) as least from noted group by heading',
  },
  {
    name: 'board',
    key: 'id',
    query: 'select id, size from notes',
    leaderboard: { score: 'size desc', ties: [], within: [] },
  },
]

/** Of one that is refreshed on a schedule. */
const LARGEST: TestRefreshed = {
  name: 'largest',
  key: 'id',
  query: 'select id, size from notes order by id limit 3',
}

let database: TestDatabase
let owner: Connection
let changes: readonly Change[]
let all: AllChanges

async function changesTo(models: readonly TestModel[], refreshed: TestRefreshed): Promise<AllChanges> {
  const declared = { models: models.map(definitionOf), refreshed: [refreshedOf(refreshed)], jobs: [] }
  const compiled = await compileDeclared(owner, declared)
  return findAllChanges(compiled, await readAllPlans(owner), await readScheduled(owner))
}

beforeAll(async () => {
  database = await createTestDatabase(SCHEMA)
  owner = await database.connect('owner')
  await installModels(owner, BEFORE)
  await installTestSchedule(owner, {
    refreshed: [{ ...LARGEST, query: 'select id, size, topic from notes' }],
  })
  all = await changesTo(AFTER, LARGEST)
  changes = all.changes
})

async function rehearse(): Promise<unknown> {
  return await rehearseChanges(owner, all, await readAllPlans(owner)).catch((error: unknown) => error)
}

test('all of them are replaced, beside', () => {
  const kinds = [...changes, ...all.onSchedule].map(({ kind }) => kind)
  expect(kinds).toEqual(['replace', 'replace', 'replace', 'replace'])
})

test.each([
  [
    'view',
    'create view theirs as select id, topic from noted',
    /^public\.theirs: column \S*topic"? does not exist/,
  ],
  [
    'view',
    'create view middle as select id, size from noted; create view theirs as select m.id, n.topic from middle m join noted n using (id)',
    /theirs: column n\.topic does not exist/,
  ],
  ['view', 'create view theirs as select size from noted union all select 1::int from notes', null],
  [
    'view',
    `create view theirs as select topic_of from (select max(topic) as topic_of from topics) t`,
    /theirs/,
  ],
  ['view', `create view theirs as select topic from board_top(3)`, /theirs/],
  ['view', `create view theirs as select id from noted_strict where topic <> ''`, /theirs/],
  ['view', 'create view theirs as select topic from largest', /theirs: column \S*topic"? does not exist/],
  ['materialized view', 'create materialized view theirs as select id from noted', /theirs/],
  [
    'function',
    `create function theirs() returns bigint language sql begin atomic select count(topic) from noted; end`,
    /function public\.theirs\(\) depends on/,
  ],
] as const)('a %s is found before anything is built: %s', async (kind, statement, told) => {
  await owner.query(statement)
  const before = await catalogTrace(database)
  const error = await rehearse()
  const after = await catalogTrace(database)
  await owner.query(`drop ${kind} theirs${kind === 'function' ? '()' : ''}; drop view if exists middle`)
  if (told === null) expect(error).toBeUndefined()
  else {
    expect(error).toMatchObject({ code: 'READER_IN_THE_WAY' })
    expect((error as MillraceError).detail).toMatch(told)
  }
  expect(after).toEqual(before)
})

test('what will have gone by then is in nobody’s way', async () => {
  await owner.query('create view theirs as select topic from noted')
  const first = async () => {
    await owner.query('drop view theirs')
  }
  const rehearsal = rehearseChanges(owner, all, await readAllPlans(owner), { first })
  await rehearsal.finally(() => owner.query('drop view theirs'))
})

test('a view of somebody who is asked first', async () => {
  const application = await database.connect('application')
  await owner.query('grant select on noted to public')
  await application.query('create view theirs as select id from noted')
  const error = await rehearse()
  await application.query('drop view theirs')
  expect(error).toMatchObject({ code: 'READER_IN_THE_WAY', detail: 'must be owner of view theirs' })
})

test('a runner that was told nothing before fills nothing either', async () => {
  await owner.query('create view theirs as select topic from noted')
  const error = await install(
    owner,
    changes.flatMap((it) => ('model' in it ? [it.model] : [])),
  ).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'READER_IN_THE_WAY' })
  const [filled] = await owner.query('select count(*)::int as rows from millrace.noted_v2')
  expect(filled).toEqual({ rows: 0 })
  await owner.query('drop view theirs')

  // And goes on, when it is out of the way.
  await install(
    owner,
    changes.flatMap((it) => ('model' in it ? [it.model] : [])),
  )
  expect(await owner.query('select count(heading)::int as rows from noted')).toEqual([{ rows: 20 }])
  expect((await changesTo(AFTER, LARGEST)).changes).toEqual([])
})
