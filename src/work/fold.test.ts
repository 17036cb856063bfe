import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { drainOnce } from './drain.ts'

const SCHEMA = `
  create table projects (id int primary key, title text not null);
  create table votes (id int primary key, project_id int not null, up boolean not null, weight numeric(6, 2));
  create index on votes (project_id);
  insert into projects select i, 'project ' || i from generate_series(1, 3) as i;
  insert into votes select i, 1 + i % 3, true, i from generate_series(1, 9) as i;`

const MODEL = {
  name: 'tally',
  key: 'id',
  query: `select p.id, 60 / (select count(*) from votes v where v.project_id = p.id) as share from projects p`,
}

test('a value that cannot be computed from the new counts sets its unit aside, and the others are kept', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  const worker = await database.connect('worker')
  const [model] = await installModels(owner, [MODEL])
  if (model === undefined) throw new Error('not installed')
  const { plan } = model
  expect(plan.folds).toMatchObject([{ column: 'share', foldable: true }])

  await writer.query(
    'delete from votes where project_id = 1; update votes set project_id = 3 where id % 3 = 1 and id < 5',
  )
  const result = await drainOnce(worker, plan)
  expect(result.failed).toEqual([{ unit: ['1'], error: 'division by zero' }])
  expect(result.pending).toBe(1)
  expect(await owner.query('select id, share::int from tally order by id')).toEqual([
    { id: 1, share: 20 },
    { id: 2, share: 60 },
    { id: 3, share: 12 },
  ])

  await writer.query('insert into votes values (20, 1, true, 1)')
  await owner.query('update millrace.pending_tally_v1 set retry_at = null')
  expect(await drainOnce(worker, plan)).toMatchObject({ failed: [], pending: 0 })
  expect(await owner.query('select share::int from tally where id = 1')).toEqual([{ share: 60 }])
})

test('a sum of amounts that came and went before their group did is kept as a sum over no rows is', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  const worker = await database.connect('worker')
  const query = 'select project_id, count(*) as votes, sum(weight) as weight from votes group by project_id'
  const [model] = await installModels(owner, [{ name: 'weights', key: 'project_id', query }])
  if (model === undefined) throw new Error('not installed')

  await writer.query('insert into votes values (20, 4, true, 1.50)')
  await writer.query('update votes set weight = null where id = 20')
  await drainOnce(worker, model.plan)
  expect(await owner.query(model.plan.statements.compare, [5])).toEqual([])
})
