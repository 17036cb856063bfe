import type { TestModel } from '../support/models.ts'

/** Counters that only grow, so that a value tells which writes it contains; and a table that nobody reads. */
export const TOKEN_SCHEMA = `
  create table makers (id int primary key, version int not null default 0, note text);
  create table items (id int primary key, maker_id int not null references makers, version int not null default 0);
  create index on items (maker_id);
  create table events (item_id int not null references items);
  create index on events (item_id);
  create table diary (entry text);
  insert into makers select i from generate_series(1, 4) as i;
  insert into items select i, 1 + i % 4 from generate_series(1, 12) as i;
  insert into events select i from generate_series(1, 12) as i;`

export const ITEMS = 12
export const MAKERS = 4

/** A model, and which of its columns only grow. */
export interface CountingModel extends TestModel {
  readonly key: string
  readonly counters: readonly string[]
  /** Which of its keys a change touches, in SQL over the change's row: `$1`. */
  readonly keys: Readonly<Partial<Record<Change, string>>>
}

export type Change = 'item' | 'every item' | 'maker' | 'event'

const MAKER_OF_ITEM = 'select maker_id from items where id = $1'

export const COUNTING_MODELS: readonly CountingModel[] = [
  {
    name: 'item_list',
    key: 'id',
    query: `select i.id, i.version, m.version as maker_version,
                   (select count(*) from events e where e.item_id = i.id) as events
            from items i
            join makers m on m.id = i.maker_id`,
    counters: ['version', 'maker_version', 'events'],
    keys: {
      item: 'select $1::int',
      'every item': 'select id from items where $1::int > 0',
      maker: 'select id from items where maker_id = $1',
      event: 'select $1::int',
    },
  },
  {
    name: 'maker_totals',
    key: 'maker_id',
    query: 'select maker_id, count(*) as items, sum(version) as versions from items group by maker_id',
    counters: ['items', 'versions'],
    keys: { item: MAKER_OF_ITEM, 'every item': 'select id from makers where $1::int > 0' },
  },
  {
    name: 'maker_reach',
    key: 'id',
    query: `select m.id, m.version,
                   (select count(*) from events e join items i on i.id = e.item_id where i.maker_id = m.id) as events
            from makers m`,
    counters: ['version', 'events'],
    keys: { maker: 'select $1::int', event: MAKER_OF_ITEM },
  },
]
