import { expect, test } from 'vitest'
import { applyNow, createImmediateStage, expectApplied, immediate } from './immediate.ts'

/** More than the server could keep locks for. */
const KEYS = 20_000

const SCHEMA = `
  create table places (id int primary key, name text not null);
  create table things (id int primary key, place_id int not null, n int not null);
  create index on things (place_id);
  insert into places values (1, 'here'), (2, 'there');
  insert into things select i, 1, 0 from generate_series(1, ${String(KEYS)}) as i;
  insert into things values (0, 2, 0);`

const LISTED = immediate('recompute', {
  name: 'listed',
  key: 'id',
  query: 'select t.id, t.n, p.name from things t join places p on p.id = t.place_id',
})

test('one lock of the model in place of one for each key, and everybody else waits for it', async () => {
  const stage = await createImmediateStage([LISTED], SCHEMA)
  const [writer, other] = [await stage.session(), await stage.session()]
  await writer.query('begin')
  await writer.query('update things set n = 1 where place_id = 1')
  await applyNow(writer)

  const locks = await stage.superuser.query(
    `select locktype, count(*)::int as n, bool_or(mode = 'ExclusiveLock' and relation = 'millrace.listed_v1'::regclass) as model
     from pg_locks
     where pid = $1 and locktype in ('advisory', 'relation')
     group by locktype`,
    [writer.pid],
  )
  expect(locks).toEqual([expect.objectContaining({ locktype: 'relation', model: true })])

  const rename = await stage.startBlocked(
    other,
    () => other.query(`update places set name = 'where' where id = 2`),
    [writer],
  )
  await writer.query('commit')
  await rename.result
  expect(
    await stage.owner.query('select n, count(*)::int as rows from listed group by n order by n'),
  ).toEqual([
    { n: 0, rows: 1 },
    { n: 1, rows: KEYS },
  ])
  await expectApplied(stage)
})
