import { expect, test } from 'vitest'
import { drainOnce } from '../../src/work/drain.ts'
import {
  createImmediateStage,
  expectApplied,
  expectStored,
  immediate,
  type ImmediateModel,
} from './immediate.ts'
import type { Stage } from './stage.ts'

const SCHEMA = `
  create table shops (id int primary key, name text not null);
  create table items (
    id int primary key, shop_id int not null references shops, price int not null, amount int not null, tip numeric(8, 2)
  );
  create index on items (shop_id);
  insert into shops values (1, 'mill'), (2, 'race');
  insert into items select i, 1 + i % 2, 10 * i, 1, i from generate_series(1, 5) as i;`

/** Divides by each item's amount, or by what a shop has. */
function models(onError: 'fail' | 'queue'): readonly ImmediateModel[] {
  return [
    immediate('fold', {
      name: 'each',
      key: 'id',
      onError,
      query: 'select id, price / amount as each from items',
    }),
    immediate('fold', {
      name: 'shops_mean',
      key: 'shop_id',
      onError,
      query: 'select shop_id, count(*) as n, sum(price) / sum(amount) as mean from items group by shop_id',
    }),
    immediate('recompute', {
      name: 'labels',
      key: 'id',
      onError,
      query: 'select i.id, s.name, i.price / i.amount as each from items i join shops s on s.id = i.shop_id',
    }),
  ]
}

const [EACH, MEAN, LABELS] = models('fail') as [ImmediateModel, ImmediateModel, ImmediateModel]

test.each([
  ['each', EACH, 'update items set amount = 0 where id = 3', '(id) = (3)'],
  ['shops_mean', MEAN, 'update items set amount = 0 where shop_id = 2', '(shop_id) = (2)'],
  ['labels', LABELS, 'update items set amount = 0 where id = 3', '(id) = (3)'],
])(
  '%s: the write fails with the same code, by name of model and key, and nothing else does',
  async (name, model, statement, key) => {
    const stage = await createImmediateStage([model], SCHEMA)
    const [writer, other] = [await stage.session(), await stage.session()]
    await other.query('begin')
    await other.query('update items set amount = 2 where id = 2')

    await writer.query('begin')
    await writer.query('update items set price = 7 where id = 5')
    await writer.query('savepoint a')
    const failing = writer.query(statement).then(() => writer.query('set constraints all immediate'))
    await expect(failing).rejects.toMatchObject({
      code: '22012',
      message: `read model public.${name} cannot be kept for ${key}: division by zero`,
    })
    await writer.query('rollback to savepoint a')
    await writer.query('commit')
    await other.query('commit')
    expect(await stage.owner.query('select count(*)::int as n from items where amount = 0')).toEqual([
      { n: 0 },
    ])
    await expectApplied(stage)
  },
)

async function expectRaises(stage: Stage, name: string, key: string): Promise<void> {
  await expect(stage.owner.query(`select * from ${name}_strict where ${key}`)).rejects.toMatchObject({
    code: '22012',
  })
}

test('with onError queue the write goes through, the strict read raises for that key, and a later write heals it', async () => {
  const stage = await createImmediateStage(models('queue'), SCHEMA)
  const writer = await stage.session()
  await writer.query('begin')
  await writer.query('update items set amount = 0 where id = 3')
  await writer.query('update items set price = 21, amount = 0 where shop_id = 2')
  await writer.query('update items set price = 40 where id = 4')
  await writer.query('commit')

  // All else is as the query says, in plain reads and strict ones.
  for (const [name, key] of [
    ['each', 'id = 3'],
    ['labels', 'id = 3'],
    ['shops_mean', 'shop_id = 2'],
  ] as const) {
    await expectRaises(stage, name, key)
    const others = await stage.owner.query(
      `select * from ${name}_strict where not ${key} and not (${key === 'shop_id = 2' ? 'false' : 'id in (1, 5)'}) order by 1`,
    )
    expect(others).toEqual(
      await stage.owner.query(
        `select * from ${name} where not ${key} and not (${key === 'shop_id = 2' ? 'false' : 'id in (1, 5)'}) order by 1`,
      ),
    )
    expect(await drainOnce(stage.worker, stage.model(name).plan)).toMatchObject({ status: 'drained' })
    await expectRaises(stage, name, key)
  }

  await writer.query('update items set amount = 5 where shop_id = 2')
  await stage.expectStrict(stage.owner)
  await expectStored(stage)
  await stage.superuser
    .query(`update millrace.pending_each_v1 set retry_at = now(); update millrace.pending_labels_v1 set retry_at = now();
                               update millrace.pending_shops_mean_v1 set retry_at = now()`)
  await stage.settle()
  await expectApplied(stage)
})

test('what cannot be computed when the model is made waits with its error, and its writers are told', async () => {
  const stage = await createImmediateStage([], `${SCHEMA} update items set amount = 0 where id = 3;`)
  const writer = await stage.session()
  await stage.install([EACH, LABELS])
  for (const { name, plan } of stage.models) {
    await expectRaises(stage, name, 'id = 3')
    expect(await stage.superuser.query(`select u1, error from millrace."${plan.pending.name}"`)).toEqual([
      { u1: 3, error: 'division by zero' },
    ])
  }
  await writer.query('update items set price = 33 where id = 4')
  await expect(writer.query('update items set price = 33 where id = 3')).rejects.toMatchObject({
    code: '22012',
  })
  await writer.query('update items set amount = 3 where id = 3')
  await stage.expectStrict(stage.owner)
  await stage.superuser.query(
    'update millrace.pending_each_v1 set retry_at = now(); update millrace.pending_labels_v1 set retry_at = now()',
  )
  await stage.settle()
  await expectApplied(stage)
})

const DEAREST = immediate('recompute', {
  name: 'dearest',
  key: 'shop_id',
  query: `
    select i.shop_id, s.name, i.id
    from items i join shops s on s.id = i.shop_id
    where i.price >= 40`,
})

test('two rows of one key: the commit fails as a unique index would have it', async () => {
  const stage = await createImmediateStage([DEAREST], SCHEMA)
  const [writer, other] = [await stage.session(), await stage.session()]
  await writer.query('begin')
  await writer.query('update items set price = 50 where id = 3')
  await other.query('update items set price = 60, amount = 2 where id = 4')
  await expect(writer.query('commit')).rejects.toMatchObject({
    code: '23505',
    message: expect.stringMatching(
      /^read model public\.dearest cannot be kept for \(shop_id\) = \(2\): more than one row has the key/,
    ) as unknown,
  })
  await expectApplied(stage)
})

const TIPS = immediate('fold', {
  name: 'tips',
  key: 'shop_id',
  query: 'select shop_id, count(tip) as tips, sum(tip) as tip from items group by shop_id',
})

test('NaN comes and goes: its sum waits for the worker each time, and others add to it meanwhile', async () => {
  const stage = await createImmediateStage([TIPS], SCHEMA)
  const [writer, other] = [await stage.session(), await stage.session()]
  await writer.query('begin')
  await writer.query(`update items set tip = 'NaN' where id in (1, 3)`)
  await writer.query(`update items set amount = 2, tip = 'NaN' where id = 3`)
  const write = await stage.startBlocked(other, () => other.query('update items set tip = 9 where id = 5'), [
    writer,
  ])
  await writer.query('commit')
  await write.result
  await stage.expectStrict(stage.owner)
  await expectStored(stage)
  expect(await stage.drain('tips')).toMatchObject({ status: 'drained', units: 1, pending: 0 })

  await writer.query(`update items set tip = 1 where tip = 'NaN'`)
  await other.query('delete from items where id = 5')
  await stage.expectStrict(stage.owner)
  await expectStored(stage)
  expect(await stage.drain('tips')).toMatchObject({ status: 'drained', units: 1 })
  await expectApplied(stage)
})
