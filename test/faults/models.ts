import type { TestModel } from '../support/models.ts'

/** Sources, and the journal: one row for each transaction, by which a commit whose answer was lost can be looked up. */
export const SCHEMA = `
  create table journal (n int primary key);
  create table owners (id int primary key, name text not null, region text);
  create table items (id int primary key, owner_id int, category text, price int not null);
  create table votes (item_id int, user_id int, weight int not null, primary key (item_id, user_id));
  create table remarks (id int primary key, text text not null);
  create index on owners (region);
  create index on items (owner_id);
  create index on items (category);`

/**
 * Shapes that are kept in different ways: a join that is entered from both sides, counts over a join, a key that may be
 * null, groups that fold, counters that fold beside columns that do not, and a copy of the table that is truncated. Workers drain them in the order of their names:
 * first those where a window that is applied twice is not healed by the next recompute.
 */
export const MODELS: readonly TestModel[] = [
  {
    name: 'margin',
    key: 'id',
    query: 'select id, upper(text) as text from remarks',
  },
  {
    name: 'shelf',
    key: 'id',
    query: `select i.id, i.price, i.category, o.name as owner, o.region
            from items i left join owners o on o.id = i.owner_id`,
  },
  {
    name: 'regions',
    key: 'region',
    query: `select o.region, count(*) as items, max(i.price) as dearest
            from owners o join items i on i.owner_id = o.id
            group by o.region`,
  },
  {
    name: 'categories',
    key: 'category',
    query: `select category, count(*) as items, sum(price) as total, max(price) as highest,
              count(*) filter (where price > 50) as dear
            from items
            group by category`,
  },
  {
    name: 'backers',
    key: 'user_id',
    query: `select user_id, count(*) as votes, sum(weight) as weight
            from votes
            group by user_id`,
  },
  {
    name: 'ballots',
    key: 'id',
    query: `select i.id, i.category,
              (select count(*) from votes v where v.item_id = i.id) as votes,
              (select sum(v.weight) from votes v where v.item_id = i.id) as score,
              (select count(*) from votes v where v.item_id = i.id and v.weight > 0) as liked
            from items i`,
  },
  // Kept by the writer, in the statement and at the commit: an installer that is killed must leave neither half done.
  {
    name: 'supporters',
    key: 'user_id',
    freshness: 'immediate',
    query: `select user_id, count(*) as votes, sum(weight) as weight
            from votes
            group by user_id`,
  },
  {
    name: 'holdings',
    key: 'id',
    freshness: 'immediate',
    query: `select o.id, o.name, (select max(i.price) from items i where i.owner_id = o.id) as dearest
            from owners o`,
  },
]

/** The same models as a configuration file. It names no database: DATABASE_URL does. */
export function configurationOf(models: readonly TestModel[], roles: object): string {
  const declared = models.map(
    ({ name, key, query, freshness = 'eventual' }) =>
      `readModel('${name}', { key: ${JSON.stringify(key)}, freshness: '${freshness}', query: sql\`${query}\` })`,
  )
  return `import { defineConfig, readModel, sql } from 'millrace'

export default defineConfig({ roles: ${JSON.stringify(roles)}, define: [${declared.join(',\n')}] })
`
}
