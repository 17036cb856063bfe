import { expect, test } from 'vitest'
import { createStage } from './stage.ts'

const SCHEMA = `
  create table shelves (id int primary key, label text not null, items int not null default 0);
  create table items (
    id int primary key,
    shelf_id int references shelves on delete set null deferrable initially deferred,
    name text not null
  );
  create index on items (shelf_id);
  create function count_items() returns trigger language plpgsql as $$
  begin
    update shelves set items = items + 1, label = label || '+' where id = new.shelf_id;
    return null;
  end $$;
  create constraint trigger count_items after insert on items
    deferrable initially deferred for each row execute function count_items();
  insert into shelves (id, label) values (1, 'one'), (2, 'two');
  insert into items select i, 1 + i % 2, 'item ' || i from generate_series(1, 4) as i;`

const LABELLED = {
  name: 'labelled',
  key: 'id',
  query: 'select i.id, i.name, s.label from items i left join shelves s on s.id = i.shelf_id',
}
const FULLNESS = {
  name: 'fullness',
  key: 'id',
  query:
    'select s.id, s.items, (select count(*) from items i where i.shelf_id = s.id) as counted from shelves s',
}

test('a deferred constraint trigger writes another source when the transaction ends, after drains of others', async () => {
  const stage = await createStage({ schema: SCHEMA, models: [LABELLED, FULLNESS] })
  const [writer, other] = [await stage.session(), await stage.session()]
  await writer.query('begin')
  await writer.query(`insert into items values (10, 1, 'ten')`)
  await stage.expectStrict(writer)
  await other.query(`update shelves set label = 'TWO' where id = 2`)
  await stage.settle()
  await writer.query('commit')

  await stage.expectStrict(stage.owner)
  await stage.settle()
  expect(await stage.owner.query('select label from labelled where id = 10')).toEqual([{ label: 'one+++' }])
  await stage.expectExact()
})

test('a child comes before its parent, which the deferred reference allows', async () => {
  const stage = await createStage({ schema: SCHEMA, models: [LABELLED, FULLNESS] })
  const [writer, other] = [await stage.session(), await stage.session()]
  await writer.query('begin')
  await writer.query(`insert into items values (20, 9, 'early')`)
  await stage.expectStrict(writer)
  await other.query(`update items set name = 'other' where id = 1`)
  await stage.settle()
  await writer.query(`insert into shelves (id, label) values (9, 'nine')`)
  await stage.expectStrict(writer)
  await writer.query('commit')
  await stage.expectExact()
})

test('ON DELETE SET NULL writes the children of a parent that goes, in a transaction that commits late', async () => {
  const stage = await createStage({ schema: SCHEMA, models: [LABELLED, FULLNESS] })
  const [writer, other] = [await stage.session(), await stage.session()]
  await writer.query('begin')
  await writer.query('delete from shelves where id = 1')
  await stage.expectStrict(writer)
  await other.query(`update shelves set label = 'TWO' where id = 2`)
  await stage.settle()
  await writer.query('commit')
  await stage.expectStrict(stage.owner)
  await stage.settle()
  const orphans = await stage.owner.query('select from labelled where label is null')
  expect(orphans).toHaveLength(2)
  await stage.expectExact()
})
