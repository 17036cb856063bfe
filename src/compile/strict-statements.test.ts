import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'

test('a strict view stands on no column of a queue that only another model reads: that can be given another type without it', async () => {
  const database = await createTestDatabase(`
    create table projects (id int primary key);
    create table votes (id int primary key, project_id int not null references projects, weight int not null);
    create index on votes (project_id)`)
  const owner = await database.connect('owner')
  const rows = (column: string) => `select p.id, ${column} from projects p`
  const own = 'from votes v where v.project_id = p.id'
  await installModels(owner, [
    { name: 'weights', key: 'id', query: rows(`(select sum(v.weight) ${own}) as weight`) },
  ])
  await installModels(owner, [{ name: 'counts', key: 'id', query: rows(`(select count(*) ${own}) as n`) }])

  const views = await owner.query<{ view: string; columns: string[] }>(`
    select r.ev_class::regclass::text as view, array_agg(distinct a.attname::text) as columns
    from pg_depend d
    join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
    join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where d.refobjid = 'millrace.queue_votes'::regclass and a.attname like any (array['old%', 'new%'])
    group by 1
    order by 1`)
  // Folds read the weights, strict reads only whose they are.
  const columns = ['new_project_id', 'old_project_id']
  expect(views).toEqual([
    { view: 'counts_strict', columns },
    { view: 'weights_strict', columns },
  ])
})
