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
  /** Its query over the tables alone, where it reads other models. */
  readonly whole?: string
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

/** The same with models that read them, two and three levels up. */
export const COUNTING_CHAINS: readonly CountingModel[] = [
  ...COUNTING_MODELS,
  {
    name: 'event_totals',
    key: 'maker_id',
    query: `select i.maker_id, sum(l.events) as events, sum(l.version) as versions
            from item_list l
            join items i on i.id = l.id
            group by i.maker_id`,
    whole: `select i.maker_id, sum(i.version) as versions,
                   sum((select count(*) from events e where e.item_id = i.id)) as events
            from items i
            group by i.maker_id`,
    counters: ['events', 'versions'],
    keys: {
      item: MAKER_OF_ITEM,
      'every item': 'select id from makers where $1::int > 0',
      event: MAKER_OF_ITEM,
    },
  },
  {
    // Three levels up, and beside what it reads the table that all begins with.
    name: 'maker_board',
    key: 'id',
    query: `select m.id, m.version, t.events, t.versions, s.versions as again
            from makers m
            join event_totals t on t.maker_id = m.id
            join maker_totals s on s.maker_id = m.id`,
    whole: `select m.id, m.version, sum(i.version) as versions, sum(i.version) as again,
                   sum((select count(*) from events e where e.item_id = i.id)) as events
            from makers m
            join items i on i.maker_id = m.id
            group by m.id, m.version`,
    counters: ['version', 'events', 'versions', 'again'],
    keys: {
      item: MAKER_OF_ITEM,
      'every item': 'select id from makers where $1::int > 0',
      maker: 'select $1::int',
      event: MAKER_OF_ITEM,
    },
  },
]
