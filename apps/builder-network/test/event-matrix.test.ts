import { afterEach, beforeAll, expect, test } from 'vitest'
import type { Connection } from '../../../src/pg/client.ts'
import { drainAll } from '../../../src/work/drain-all.ts'
import { readModels, type InstalledModel } from '../../../src/work/model.ts'
import type { TestDatabase } from '../../../test/support/database.ts'
import { createCommunity, FEW } from './community.ts'
import { changingColumns, GROUND, happeningsOf, TABLES, TRIGGERS, type Happening } from './event-matrix.ts'

// Whatever happens to a row of a table that the plan had a trigger on: what the trigger served is then what its query says, and has
// really changed wherever the query reads what has changed.

let database: TestDatabase
let application: Connection
let worker: Connection
/** Reads rows as the application does. */
let reader: Connection
let models: ReadonlyMap<string, InstalledModel>
beforeAll(async () => {
  database = await createCommunity({ sizes: FEW })
  application = await database.connect('application')
  worker = await database.connect('worker')
  reader = await database.connect('writer')
  models = new Map((await readModels(worker)).map((it) => [it.name, it]))
})

afterEach(async () => {
  await application.query(`delete from users where username in ('ada', 'bob', 'cat', 'dora', 'elsa')`)
})

function servedBy(table: string): readonly InstalledModel[] {
  const names = Object.values(TRIGGERS).flatMap((it) => (it.table === table ? it.models : []))
  return [...new Set(names)].map(modelOf)
}

function modelOf(name: string): InstalledModel {
  const model = models.get(name)
  if (model === undefined) throw new Error(`there is no read model ${name}`)
  return model
}

interface Answers {
  readonly stored: string
  readonly wanted: string
}

/** What a read model has stored, and what its query says, in one snapshot. */
async function answersOf({ name, plan }: InstalledModel): Promise<Answers> {
  const columns = Object.keys(
    (await reader.query(`select * from (${plan.query}) as q limit 1`))[0] ?? { '*': 0 },
  )
  const digest = (rows: string) =>
    `(select count(*) || ' ' || coalesce(md5(string_agg(to_jsonb(r)::text, ',' order by to_jsonb(r)::text)), '') from (${rows}) as r)`
  const listed = columns.map((it) => (it === '*' ? it : `"${it}"`)).join(', ')
  const [answers] = await reader.query<Answers & object>(
    `select ${digest(`select ${listed} from ${name}`)} as stored, ${digest(plan.query)} as wanted`,
  )
  if (answers === undefined) throw new Error('no answer')
  return answers
}

/** One after the other, for there is one session. */
async function allAnswers(served: readonly InstalledModel[]): Promise<readonly Answers[]> {
  const answers: Answers[] = []
  for (const model of served) answers.push(await answersOf(model))
  return answers
}

function reads({ plan }: InstalledModel, { table, column }: Happening): boolean {
  if (column === undefined) return true
  return plan.sources.some(
    ({ relation, interests }) =>
      relation.name === table && interests.some(({ columns }) => columns.some(({ name }) => name === column)),
  )
}

/** Makes it happen, and drains; → what differs from the query, by read model, and which of them have another answer. */
async function happen(
  sql: string,
  served: readonly InstalledModel[],
): Promise<{
  readonly stale: readonly string[]
  readonly changed: readonly string[]
  readonly answers: readonly string[]
}> {
  const before = await allAnswers(served)
  await application.query(sql)
  const stale: string[] = []
  if (!/^truncate/.test(sql)) {
    for (const model of served.filter(({ plan }) => plan.immediate !== null)) {
      const { stored, wanted } = await answersOf(model)
      if (stored !== wanted) stale.push(`${model.name}, at the commit`)
    }
  }
  await drainAll(worker, served)
  const changed: string[] = []
  const answers: string[] = []
  for (const [i, model] of served.entries()) {
    const { stored, wanted } = await answersOf(model)
    answers.push(stored)
    if (stored !== wanted) stale.push(model.name)
    if (stored !== before[i]?.stored) changed.push(model.name)
  }
  return { stale, changed, answers }
}

test('the plan had 28 triggers, and each that reads a column has it changed', () => {
  expect(Object.keys(TRIGGERS)).toHaveLength(28)
  const untouched = Object.entries(TRIGGERS).flatMap(([trigger, { table, models: served }]) =>
    served.flatMap((name) => {
      const source = modelOf(name).plan.sources.find(({ relation }) => relation.name === table)
      const columns = new Set(
        source?.interests.flatMap((it) => it.columns.map((column) => column.name)) ?? [],
      )
      const changing = [...changingColumns(table), ...KEYS]
      return [...columns]
        .filter((column) => !changing.includes(column))
        .map((column) => `${trigger}: ${name}.${column}`)
    }),
  )
  expect(untouched).toEqual([])
})

/** They identify a row, or are always the same as what does: nothing changes them. */
const KEYS = ['id', 'post_id']

test.each(TABLES)('%s: insert, each update, delete, cascade, and what is undone', async (table) => {
  await application.query(GROUND)
  const served = servedBy(table)
  await drainAll(worker, [...models.values()])
  let before: readonly string[] = []
  for (const happening of happeningsOf(table)) {
    const what = `${happening.event} ${happening.column ?? ''} of ${table}`
    const start =
      happening.event === 'update' || happening.event === 'insert'
        ? (await allAnswers(served)).map(({ stored }) => stored)
        : before
    const { stale, changed, answers } = await happen(happening.sql, served)
    expect(stale, `stale after ${what}`).toEqual([])
    const wanted = served.filter((it) => reads(it, happening)).map(({ name }) => name)
    expect(
      changed.filter((it) => wanted.includes(it)),
      `changed by ${what}`,
    ).toEqual(wanted)
    if (happening.event === 'restore') expect(answers, `as before ${what}`).toEqual(before)
    before = start
  }
})

test('the matrix can fail: each event, with its capture disabled', async () => {
  await application.query(GROUND)
  await drainAll(worker, [...models.values()])
  const served = servedBy('upvotes')
  const steps = [
    [
      'insert',
      `insert into upvotes (user_id, project_id) select u.id, p.id from users u, projects p where username = 'ada' and title = 'ground'`,
    ],
    [
      'update',
      `update upvotes set is_upvote = not is_upvote where user_id = (select id from users where username = 'ada')`,
    ],
    ['delete', `delete from upvotes where user_id = (select id from users where username = 'ada')`],
    ['truncate', 'truncate upvotes'],
  ] as const
  for (const [event, sql] of steps) {
    await application.query(`alter table upvotes disable trigger "!millrace_${event}"`)
    expect((await happen(sql, served)).stale, event).toEqual(['mv_feed_projects'])
    await application.query(`alter table upvotes enable trigger "!millrace_${event}"`)
    // What was missed is made good: every project changes.
    await application.query("update projects set updated_at = updated_at + interval '1 second'")
    await drainAll(worker, [...models.values()])
  }
})

test('tables that are emptied, each before those that it refers to', async () => {
  for (const table of TABLES.toReversed()) {
    const { stale, changed } = await happen(`truncate ${table} cascade`, servedBy(table))
    expect(stale, table).toEqual([])
    // The test before has emptied one already.
    if (table !== 'upvotes') expect(changed.length, table).toBeGreaterThan(0)
  }
  await drainAll(worker, [...models.values()])
  for (const model of models.values()) {
    const { stored, wanted } = await answersOf(model)
    expect([model.name, stored]).toEqual([model.name, wanted])
  }
})
