import { expect, test } from 'vitest'
import { compareStrict } from '../../test/oracle/compare.ts'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { drainAll } from '../work/drain-all.ts'

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

test('of a key with many columns that may be null a strict read is exact, and joins what is queued a few times only', async () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  const list = names.join(', ')
  const database = await createTestDatabase(`
    create table votes (${names.map((name) => `${name} int`).join(', ')}, weight int not null);
    create index on votes (${list})`)
  const [owner, writer] = [await database.connect('owner'), await database.connect('writer')]
  const models = await installModels(owner, [
    {
      name: 'weights',
      key: names,
      query: `select ${list}, sum(weight) as weight, count(*) as n from votes group by ${list}`,
    },
  ])
  // Every pattern of nulls, and each with two values where it is not null.
  const values = names.map((_, i) => `nullif((g >> ${String(i)}) & 1, 1) + h`).join(', ')
  await writer.query(`
    insert into votes select ${values}, g + 1 from generate_series(0, 31) g, generate_series(1, 2) h`)
  await drainAll(await database.connect('worker'), models)

  const [model] = models
  if (model === undefined) throw new Error('nothing is installed')
  for (const change of [
    `update votes set weight = -weight where (a is null) <> (e is null)`,
    `delete from votes where c is null and d is null and coalesce(b, 1) = 1`,
    `update votes set e = case when e is null then 2 end where a is null`,
    `insert into votes values (null, null, null, null, null, 7)`,
  ]) {
    await writer.query(change)
    expect(await compareStrict(owner, model.plan)).toEqual([])
  }

  const planned = await owner.query<{ 'QUERY PLAN': string }>(`explain select * from weights_strict`)
  const scans = planned.filter((it) => it['QUERY PLAN'].includes('CTE Scan on millrace_dirty'))
  // Eight patterns of three columns, and once where the query itself is asked.
  expect(scans.length).toBeGreaterThan(0)
  expect(scans.length).toBeLessThan(20)
})
