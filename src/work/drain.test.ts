import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { drainOnce } from './drain.ts'

const SCHEMA = `
  create table projects (id int primary key, title text not null);
  create table votes (user_id int, project_id int references projects on delete cascade, up boolean not null,
                      primary key (user_id, project_id));
  create index on votes (project_id);
  insert into projects select i, 'project ' || i from generate_series(1, 20) as i;`

const MODEL = {
  name: 'tally',
  key: 'id',
  query: `select p.id, p.title, (select count(*) from votes v where v.project_id = p.id and v.up) as ups from projects p`,
}

test('a drain applies what was committed, under roles that own nothing of the other', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  const worker = await database.connect('worker')
  const reader = await database.connect('reader')
  const [model] = await installModels(owner, [MODEL])
  if (model === undefined) throw new Error('not installed')

  await writer.query('insert into votes select i, 3, i % 2 = 0 from generate_series(1, 10) as i')
  expect(await reader.query('select ups from tally where id = 3')).toEqual([{ ups: '0' }])
  expect(await reader.query('select ups from tally_strict where id = 3')).toEqual([{ ups: '5' }])

  expect(await drainOnce(worker, model.plan)).toMatchObject({ status: 'drained', units: 1, rowsChanged: 1 })
  expect(await reader.query('select ups from tally where id = 3')).toEqual([{ ups: '5' }])
  expect(await drainOnce(worker, model.plan)).toMatchObject({ status: 'idle' })
})
