import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { withTransaction, type Client } from '../pg/client.ts'
import { drainOnce } from './drain.ts'
import { FEW, KEEP_PLANS, queryByRows, RUNS_BY_VALUES, SLOW_MS } from './kept-plans.ts'

const SCHEMA = `
  create table projects (id int primary key, title text not null, owner text not null);
  create table votes (user_id int, project_id int references projects on delete cascade, primary key (user_id, project_id));
  create index on votes (project_id);
  insert into projects select i, 'project ' || i, 'owner ' || i % 7 from generate_series(1, 1000) as i;`

const MODEL = {
  name: 'tally',
  key: 'id',
  query: `select p.id, p.title, (select count(*) from votes v where v.project_id = p.id) as ups from projects p`,
}

/** How often a prepared statement was run, by its kept plan and by others. */
async function runs(client: Client, text: string): Promise<{ kept: number; byValues: number } | undefined> {
  const [found] = await client.query<{ kept: number; byValues: number }>(
    `select generic_plans::int as kept, custom_plans::int as "byValues" from pg_prepared_statements where statement = $1`,
    [text],
  )
  return found
}

test('a drain of few rows is planned once, one of many by its values', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  const worker = await database.connect('worker')
  const [model] = await installModels(owner, [MODEL])
  if (model === undefined) throw new Error('not installed')
  const drain = async (sql: string) => {
    await writer.query(sql)
    return await drainOnce(worker, model.plan)
  }
  const { window, resolve, recompute } = model.plan.statements
  const counts = async () => ({
    window: await runs(worker, window),
    resolve: await runs(worker, resolve),
    recompute: await runs(worker, recompute[0]?.sql ?? ''),
  })

  for (const id of [1, 2, 3])
    expect(await drain(`update projects set title = 'new' where id = ${String(id)}`)).toMatchObject({
      rowsChanged: 1,
    })
  const before = await counts()
  const kept = { kept: 3, byValues: 0 }
  expect(before).toEqual({ window: kept, resolve: kept, recompute: kept })

  const many = `update projects set title = 'newer' where id <= ${String(FEW + 1)}`
  expect(await drain(many)).toMatchObject({ rowsChanged: FEW + 1 })
  expect(await counts()).toEqual({ ...before, window: { kept: 4, byValues: 0 } })
  expect(await worker.query('show plan_cache_mode')).toEqual([{ plan_cache_mode: 'force_custom_plan' }])

  // What the kept plan was made for is another table now.
  const application = await database.connect('application')
  await application.query('alter table projects add column made int')
  expect(await drain(`update projects set title = 'newest' where id = 1`)).toMatchObject({ rowsChanged: 1 })
  expect(await owner.query('select title from tally where id = 1')).toEqual([{ title: 'newest' }])
})

test('a kept plan that was slow is given up, and made anew after runs that are planned by their values', async () => {
  const database = await createTestDatabase('')
  const client = await database.connect('worker')
  const text = 'select pg_sleep($1::float8) is null as slept'
  await withTransaction(client, {}, async () => {
    await client.query(KEEP_PLANS)
    // Each time another client of the same connection.
    const run = (seconds: number) => queryByRows({ ...client }, text, [seconds], { few: true })
    const names = async () => {
      const found = await client.query<{ name: string }>(
        'select name from pg_prepared_statements where statement = $1',
        [text],
      )
      return found.map(({ name }) => name)
    }
    await run(0)
    const [first] = await names()
    await run(SLOW_MS / 1_000 + 0.05)
    expect(await names()).toEqual([])
    for (let i = 0; i < RUNS_BY_VALUES; i += 1) await run(0)
    expect(await names()).toEqual([])
    await run(0)
    expect(await names()).toEqual([`${String(first)}_1`])
  })
})

test('a slow statement of a client that prepares nothing is no error', async () => {
  const database = await createTestDatabase('')
  const connection = await database.connect('worker')
  const nameless: Client = { query: async (text, values) => await connection.query(text, values) }
  await withTransaction(nameless, {}, async () => {
    const slow = queryByRows(nameless, 'select pg_sleep($1::float8) is null as slow', [0.15], { few: true })
    expect(await slow).toEqual([{ slow: false }])
  })
})
